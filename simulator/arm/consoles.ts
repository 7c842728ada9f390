import { BlobSASPermissions, BlobServiceClient, generateBlobSASQueryParameters, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { BlobAccount } from '../azurite.ts';
import type { Clock } from '../clock.ts';
import type { Durations } from '../durations.ts';
import type { Guests, Screen } from '../guests/contract.ts';
import type { Cloud } from './cloud.ts';
import type { Guesses } from './guesses.ts';
import type { Machines } from './machines.ts';
import type { Vm } from './model.ts';
import { consoleBlobs, ownConsole } from './resources/vmView.ts';

interface Shown {
  poweredOnAt: number;
  stages: number;
  capturedAt: Date;
  /** What COM1 said on it, and before it where the log goes on over a start. */
  serial: string;
  earlier: string;
}

interface Capture {
  screen: Screen;
  /** Absent when the log has not changed. */
  serial?: string;
}

/** Boot diagnostics in managed storage: what a VM's console showed, as blobs in an account of Azure's own. */
export class Consoles {
  #service: BlobServiceClient | undefined;
  readonly #credential: StorageSharedKeyCredential;
  readonly #clock: Clock;
  readonly #durations: Durations;
  readonly #rules: Guesses;
  readonly #guests: Guests;
  readonly #machines: Machines;
  readonly #shown = new Map<string, Shown>();
  readonly #pictures = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  /** Uploads of one VM follow one another. */
  readonly #queues = new Map<string, Promise<void>>();
  readonly #containers = new Set<string>();
  #closed = false;

  constructor(
    account: BlobAccount,
    { clock, durations, rules }: Pick<Cloud, 'clock' | 'durations' | 'rules'>,
    guests: Guests,
    machines: Machines,
  ) {
    this.#credential = new StorageSharedKeyCredential(account.name, account.key);
    this.#clock = clock;
    this.#durations = durations;
    this.#rules = rules;
    this.#guests = guests;
    this.#machines = machines;
  }

  /** Nothing is uploaded before the storage is there. @param endpoint of the account */
  connect(endpoint: string): void {
    this.#service = new BlobServiceClient(endpoint, this.#credential);
  }

  /**
   * Brings a VM's blobs up to what its console showed a moment ago. A VM that is off, or without boot diagnostics, keeps what it has.
   * What is shown is decided at once; the promise ends when it is uploaded.
   */
  refresh(vm: Vm): Promise<void> {
    const service = this.#service;
    const previous = this.#queues.get(vm.vmId) ?? Promise.resolve();
    const capture = service && this.#capture(vm);
    if (service === undefined || capture === undefined) return previous;
    const next = previous.then(() => this.#upload(service, vm, capture));
    this.#queues.set(vm.vmId, next);
    return next;
  }

  /** URLs of both blobs, signed for so many minutes of wall time. Undefined before anything was captured. */
  async urls(vm: Vm, minutes: number): Promise<{ consoleScreenshotBlobUri: string; serialConsoleLogBlobUri: string } | undefined> {
    await this.refresh(vm);
    await this.#clear(vm);
    const base = this.#service?.url.replace(/\/$/, '');
    const [screenshotName, logName] = this.#blobs(vm);
    // An account of the owner's, of which the simulator has none: an address, signed by nobody.
    const { consoleScreenshotBlobUri, serialConsoleLogBlobUri } = ownConsole(vm);
    if (consoleScreenshotBlobUri !== undefined)
      return {
        consoleScreenshotBlobUri: `${consoleScreenshotBlobUri}?sig=none`,
        serialConsoleLogBlobUri: `${serialConsoleLogBlobUri}?sig=none`,
      };
    if (base === undefined || !this.#shown.has(vm.vmId)) return undefined;
    const expiresOn = new Date(Date.now() + minutes * 60_000);
    const sign = (blobName: string) => {
      const containerName = this.#container(vm);
      const permissions = BlobSASPermissions.parse('r');
      const query = generateBlobSASQueryParameters({ containerName, blobName, permissions, expiresOn }, this.#credential);
      return `${base}/${containerName}/${blobName}?${query}`;
    };
    return { consoleScreenshotBlobUri: sign(screenshotName), serialConsoleLogBlobUri: sign(logName) };
  }

  /** Waits for uploads under way, and begins no other. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#queues.values());
  }

  /** What there is to upload; undefined when the blobs are as they should be. */
  #capture(vm: Vm): Capture | undefined {
    const { session } = vm;
    const lag = this.#durations.typical('console.lag');
    if (this.#closed || session === undefined || vm.bootDiagnostics?.enabled !== true) return undefined;
    if (this.#clock.since(session.poweredOnAt) < lag) return undefined;
    const reached = this.#machines.reached(session, lag);
    const shown = this.#shown.get(vm.vmId);
    const changed = shown?.poweredOnAt !== session.poweredOnAt.getTime() || shown.stages !== reached.length;
    const old = shown === undefined || this.#clock.since(shown.capturedAt) >= this.#durations.typical('console.screenshotPeriod');
    if (!changed && !old) return undefined;
    const poweredOnAt = session.poweredOnAt.getTime();
    const earlier = shown?.poweredOnAt === poweredOnAt ? shown.earlier : this.#earlierLog(shown);
    // The screenshot is of the present state; what COM1 had said before anybody listened is lost.
    const listened = vm.diagnosticsSince === undefined || vm.diagnosticsSince <= session.poweredOnAt;
    const serial = listened ? reached.map(stage => stage.serial).join('') : '';
    this.#shown.set(vm.vmId, { poweredOnAt, stages: reached.length, capturedAt: this.#clock.now(), serial, earlier });
    const screen = reached.at(-1)?.screen ?? { kind: 'black' };
    return { screen, ...(changed && listened && { serial: earlier + serial }) };
  }

  /** What the log still holds of earlier sessions when another begins. */
  #earlierLog(shown: Shown | undefined): string {
    return shown === undefined || this.#rules.holds('boot-diagnostics-overwritten') ? '' : shown.earlier + shown.serial;
  }

  /** Takes the screenshot of a VM that is off away, where it is not kept. */
  async #clear(vm: Vm): Promise<void> {
    if (vm.session !== undefined || !this.#shown.has(vm.vmId) || this.#rules.holds('boot-diagnostics-overwritten')) return;
    const [screenshot] = this.#blobs(vm);
    await this.#service?.getContainerClient(this.#container(vm)).getBlockBlobClient(screenshot).deleteIfExists();
  }

  async #upload(service: BlobServiceClient, vm: Vm, { screen, serial }: Capture): Promise<void> {
    const name = this.#container(vm);
    const container = service.getContainerClient(name);
    if (!this.#containers.has(name)) await container.createIfNotExists();
    this.#containers.add(name);
    const [screenshot, log] = this.#blobs(vm);
    await container
      .getBlockBlobClient(screenshot)
      .uploadData(await this.#draw(screen), { blobHTTPHeaders: { blobContentType: 'image/png' } });
    if (serial === undefined) return;
    await container.getBlockBlobClient(log).uploadData(Buffer.from(serial), { blobHTTPHeaders: { blobContentType: 'text/plain' } });
  }

  /** Drawing takes longer than anything else here, and machines show the same screens again and again. */
  async #draw(screen: Screen): Promise<Uint8Array<ArrayBuffer>> {
    const key = JSON.stringify(screen);
    const picture = this.#pictures.get(key) ?? this.#guests.renderScreen(screen).then(bytes => Uint8Array.from(bytes));
    this.#pictures.set(key, picture);
    return picture;
  }

  #container(vm: Vm): string {
    return vm.vmId;
  }

  /** The picture is a PNG whatever its name says. */
  #blobs(vm: Vm): [screenshot: string, log: string] {
    const { screenshot, log } = consoleBlobs(vm);
    return [screenshot, log];
  }
}
