import { BlobSASPermissions, BlobServiceClient, generateBlobSASQueryParameters, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { BlobAccount } from '../azurite.ts';
import type { Clock } from '../clock.ts';
import type { Durations } from '../durations.ts';
import type { Guests, Screen } from '../guests/contract.ts';
import type { Machines } from './machines.ts';
import type { Vm } from './model.ts';

interface Shown {
  poweredOnAt: number;
  stages: number;
  capturedAt: Date;
}

/** Boot diagnostics in managed storage: what a VM's console showed, as blobs in an account of Azure's own. */
export class Consoles {
  readonly #service: BlobServiceClient;
  readonly #credential: StorageSharedKeyCredential;
  readonly #clock: Clock;
  readonly #durations: Durations;
  readonly #guests: Guests;
  readonly #machines: Machines;
  readonly #shown = new Map<string, Shown>();
  /** Uploads of one VM follow one another. */
  readonly #queues = new Map<string, Promise<void>>();
  #closed = false;

  constructor(endpoint: string, account: BlobAccount, clock: Clock, durations: Durations, guests: Guests, machines: Machines) {
    this.#credential = new StorageSharedKeyCredential(account.name, account.key);
    this.#service = new BlobServiceClient(endpoint, this.#credential);
    this.#clock = clock;
    this.#durations = durations;
    this.#guests = guests;
    this.#machines = machines;
  }

  /** Brings a VM's blobs up to what its console showed a moment ago. A VM that is off, or without boot diagnostics, keeps what it has. */
  async refresh(vm: Vm): Promise<void> {
    const previous = this.#queues.get(vm.vmId) ?? Promise.resolve();
    const next = previous.then(() => this.#capture(vm));
    this.#queues.set(vm.vmId, next);
    await next;
  }

  /** URLs of both blobs, signed for so many minutes of wall time. Undefined before anything was captured. */
  async urls(vm: Vm, minutes: number): Promise<{ consoleScreenshotBlobUri: string; serialConsoleLogBlobUri: string } | undefined> {
    await this.refresh(vm);
    if (!this.#shown.has(vm.vmId)) return undefined;
    const expiresOn = new Date(Date.now() + minutes * 60_000);
    const sign = (blobName: string) => {
      const containerName = this.#container(vm);
      const permissions = BlobSASPermissions.parse('r');
      const query = generateBlobSASQueryParameters({ containerName, blobName, permissions, expiresOn }, this.#credential);
      return `${this.#service.url.replace(/\/$/, '')}/${containerName}/${blobName}?${query}`;
    };
    const [screenshot, log] = this.#blobs(vm);
    return { consoleScreenshotBlobUri: sign(screenshot), serialConsoleLogBlobUri: sign(log) };
  }

  /** Waits for uploads under way, and begins no other. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#queues.values());
  }

  async #capture(vm: Vm): Promise<void> {
    const { session } = vm;
    if (this.#closed || session === undefined || vm.bootDiagnostics?.enabled !== true) return;
    const lag = this.#durations.typical('console.lag');
    if (this.#clock.since(session.poweredOnAt) < lag) return;
    const reached = this.#machines.reached(session, lag);
    const shown = this.#shown.get(vm.vmId);
    const changed = shown?.poweredOnAt !== session.poweredOnAt.getTime() || shown.stages !== reached.length;
    const old = shown === undefined || this.#clock.since(shown.capturedAt) >= this.#durations.typical('console.screenshotPeriod');
    if (!changed && !old) return;
    await this.#upload(vm, reached.at(-1)?.screen ?? { kind: 'black' }, changed ? reached.map(stage => stage.serial).join('') : undefined);
    this.#shown.set(vm.vmId, { poweredOnAt: session.poweredOnAt.getTime(), stages: reached.length, capturedAt: this.#clock.now() });
  }

  async #upload(vm: Vm, screen: Screen, serial: string | undefined): Promise<void> {
    const container = this.#service.getContainerClient(this.#container(vm));
    await container.createIfNotExists();
    const [screenshot, log] = this.#blobs(vm);
    const picture = Buffer.from(await this.#guests.renderScreen(screen));
    await container.getBlockBlobClient(screenshot).uploadData(picture, { blobHTTPHeaders: { blobContentType: 'image/png' } });
    if (serial === undefined) return;
    await container.getBlockBlobClient(log).uploadData(Buffer.from(serial), { blobHTTPHeaders: { blobContentType: 'text/plain' } });
  }

  #container(vm: Vm): string {
    return vm.vmId;
  }

  /** Names as recorded (`test_vm_boot_diagnostics`); the picture is a PNG whatever its name says. */
  #blobs(vm: Vm): [screenshot: string, log: string] {
    return [`${vm.name}.${vm.vmId}.screenshot.bmp`, `${vm.name}.${vm.vmId}.serialconsole.log`];
  }
}
