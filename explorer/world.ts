/** One process that holds everything: host, Azure, storage and the time. Scenarios follow one another in it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inMemory } from './inMemory.ts';
import { breathe, jump, nextScenario, settle } from './time.ts';

// Pictures are read on a thread that no timer waits for: the explorer has to know.
registerHooks({
  resolve(specifier, context, next) {
    const inner = context.parentURL?.includes('/explorer/') ?? false;
    return specifier.endsWith('/ocr/index.ts') && !inner
      ? next('./ocr.ts', { ...context, parentURL: import.meta.url })
      : next(specifier, context);
  },
});

const { createTools } = await import('../functions/activities/tools.ts');
const { loadHost } = await import('../host/index.ts');
const { guests } = await import('../simulator/guests/index.ts');
const { openSimulator } = await import('../simulator/index.ts');
const { startStorage } = await import('./storage.ts');
const { stage } = await import('./stage.ts');
const { Wire } = await import('./wire.ts');
const { shared } = await import('./ocr.ts');

import type { Server } from 'node:https';
import type { HostLife, LoadedHost } from '../host/index.ts';
import type { Guests } from '../simulator/guests/contract.ts';
import type { OpenSimulator } from '../simulator/index.ts';
import type { Life } from './stage.ts';
import type { ExplorerStorage } from './storage.ts';
import type { Service } from './wire.ts';

const root = new URL('..', import.meta.url).pathname;
/** A database of a schedule's length needs no disk; what a dead host has stored is what the next one finds. */
const memory = '/dev/shm';
/** A repair that has not ended after so much time (hours), or so many timers, will not end. */
const longest = { hours: 72, timers: 60_000 };

export interface WorldOptions {
  settings: unknown;
  guests?: (real: Guests) => Guests;
}

export class World {
  readonly wire = new Wire();
  readonly log: string[] = [];
  simulator!: OpenSimulator;
  host: HostLife | undefined;
  /** How often the host was started anew. */
  deaths = 0;
  /** Called when all is quiet, before time jumps. */
  onQuiet: () => void = () => {};
  readonly #folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'bootmedic-faults-'));
  #loaded!: LoadedHost;
  #life: Life | undefined;
  #lives = 0;
  #scenarios = 0;
  #dataDir = '';
  #storage: ExplorerStorage | undefined;

  static async start(options: WorldOptions): Promise<World> {
    const world = new World();
    shared.track = work => world.wire.track(work);
    const pictures = new Map<string, Promise<Uint8Array>>();
    const tracked: Guests = {
      ...guests,
      renderScreen: screen => {
        const key = JSON.stringify(screen);
        const picture = pictures.get(key) ?? world.wire.track(() => guests.renderScreen(screen));
        pictures.set(key, picture);
        return world.wire.track(() => picture);
      },
    };
    const serviceOf = (path: string) => (path.startsWith('/msi/') ? 'identity' : 'arm');
    const tap = (server: Server, of: (path: string) => Service) => {
      inMemory(server);
      world.wire.tap(server, of);
    };
    const opening = openSimulator({
      scenario: {
        subscriptions: [{ id: '6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601' }],
        resourceGroups: [{ name: 'rg', location: 'westeurope' }],
        virtualMachines: [],
      },
      guests: options.guests?.(tracked) ?? tracked,
      runDir: join(world.#folder, 'azure'),
      startStorage: async storage => {
        world.#storage = await startStorage(storage, server => tap(server, () => 'blob'));
        return world.#storage;
      },
      onServer: server => tap(server, serviceOf),
    });
    world.simulator = await world.#patiently(opening);
    const { info } = world.simulator;
    Object.assign(process.env, {
      BOOTMEDIC_ARM_ENDPOINT: info.armEndpoint,
      BOOTMEDIC_BLOB_ENDPOINT: info.blobEndpoint,
      IDENTITY_ENDPOINT: info.identityEndpoint,
      IDENTITY_HEADER: info.identityHeader,
      BOOTMEDIC_SETTINGS: JSON.stringify(options.settings),
      // Tools that happen to be installed here (az, pwsh) are no credentials of a deployed app, and know nothing of virtual time.
      AZURE_TOKEN_CREDENTIALS: 'prod',
    });
    delete process.env.BOOTMEDIC_TIME_SCALE;
    const line = (level: string) => (fields: Record<string, unknown>, message: string) =>
      void world.log.push(JSON.stringify({ level, ...fields, message }));
    const logger = { info: line('info'), warn: line('warn'), error: line('error') };
    world.#loaded = await world.#patiently(loadHost({ appRoot: root, entry: 'explorer/app.ts', logger }));
    return world;
  }

  /** Of the host. */
  get dataDir(): string {
    return this.#dataDir;
  }

  /** Another estate, an empty data folder, the first moment again. */
  async begin(scenario: unknown, seed: string, flip?: string): Promise<void> {
    await this.end();
    nextScenario();
    this.wire.clear();
    this.log.length = 0;
    this.deaths = 0;
    this.#dataDir = join(this.#folder, `host-${++this.#scenarios}`);
    mkdirSync(this.#dataDir);
    this.#storage?.empty();
    // Where a connection fails, its client comes again by a timer.
    await this.drive(this.simulator.reload(scenario, seed, flip === undefined ? [] : [flip]));
    await this.startHost();
  }

  async startHost(): Promise<void> {
    const tools = createTools(process.env, { write: text => void this.log.push(text) });
    const life = { number: ++this.#lives, dead: false, tools };
    this.#life = life;
    stage.life = life;
    this.wire.life = life;
    this.host = await this.#loaded.run(this.#dataDir);
  }

  /** The host dies now: nothing of it is stored or sent any more. It is started again when all is quiet. */
  kill(): void {
    const life = this.#life;
    if (!life || life.dead) return;
    life.dead = true;
    this.deaths++;
    this.host?.abandon();
    this.host = undefined;
    this.wire.cut(life);
  }

  /** The host is stopped as a deployment stops it: what runs may end. It is started again when it has. */
  async stop(): Promise<void> {
    const { host } = this;
    const life = this.#life;
    if (!host || !life || life.dead) return;
    await host.close().catch(() => {});
    if (life.dead) return;
    life.dead = true;
    this.host = undefined;
    this.wire.cut(life);
  }

  /** Lets things happen and time pass until the promise is kept. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let open = true;
    const close = () => {
      open = false;
    };
    promise.then(close, close);
    for (let n = 0; ; n++) {
      await settle(this.wire);
      if (!open) return promise;
      if (n > longest.timers) throw new Error(`it does not end: ${this.wire.describe()}`);
      jump();
    }
  }

  /** As drive, for what reads files and makes keys too. */
  async #patiently<T>(promise: Promise<T>): Promise<T> {
    let open = true;
    const close = () => {
      open = false;
    };
    promise.then(close, close);
    while (open) {
      await breathe();
      jump();
    }
    return promise;
  }

  /** Lets things happen until it is so. @param repairs how many are awaited. @returns false when it never comes to that */
  async until(done: () => boolean, repairs = 1): Promise<boolean> {
    const begun = Date.now();
    for (let timers = 0; timers < longest.timers * repairs && Date.now() - begun < longest.hours * 3_600_000; timers++) {
      await settle(this.wire);
      if (this.host === undefined) {
        await this.startHost();
        continue;
      }
      this.onQuiet();
      if (done()) return true;
      jump();
    }
    return false;
  }

  async end(): Promise<void> {
    this.onQuiet = () => {};
    this.wire.observer = undefined;
    this.kill();
    await settle(this.wire);
    if (this.#dataDir) rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** For a person: everything that was logged. */
  writeLog(file: string): void {
    writeFileSync(file, this.log.map(line => (line.endsWith('\n') ? line : `${line}\n`)).join(''));
  }
}
