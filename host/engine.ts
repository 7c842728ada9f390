/** Drives everything durable: wakes instances, entities, tasks and timers, at start from what the data folder holds. */
import type { DatabaseSync } from 'node:sqlite';
import { ActivityRunner } from './activities.ts';
import { EntityStore, serveEntity } from './entities.ts';
import type { Invoker } from './invoke.ts';
import { errorText, type Logger } from './logger.ts';
import { takeTurn } from './orchestrations.ts';
import type { Registry } from './registry.ts';
import { Store } from './store.ts';
import { KeyedWorker } from './worker.ts';

export interface EngineOptions {
  database: DatabaseSync;
  registry: Registry;
  invoker: Invoker;
  logger: Logger;
  maxConcurrentActivities: number;
  maxConcurrentOrchestrators: number;
  maxConcurrentEntities: number;
}

/** How long a stopping host waits for running activities. */
const STOP_GRACE_MS = 3000;
/** setTimeout's own limit is 24.8 days. */
const LONGEST_SLEEP_MS = 86_400_000;

export class Engine {
  readonly store: Store;
  readonly entities: EntityStore;
  readonly #logger: Logger;
  readonly #activities: ActivityRunner;
  readonly #instanceWorker: KeyedWorker;
  readonly #entityWorker: KeyedWorker;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EngineOptions) {
    const { database, registry, invoker, logger } = options;
    this.#logger = logger;
    this.store = new Store(database);
    this.entities = new EntityStore(database);
    const shared = { store: this.store, registry, invoker, logger, wakeInstance: (id: string) => this.wakeInstance(id) };
    this.#activities = new ActivityRunner(shared, options.maxConcurrentActivities);
    const woken = new Set<string>();
    const turns = {
      ...shared,
      sendToEntity: (id: string, request: Parameters<EntityStore['enqueue']>[1]) => {
        this.entities.enqueue(id, request);
        woken.add(id);
      },
      scheduled: () => {
        for (const id of woken) this.wakeEntity(id);
        woken.clear();
        this.#activities.pump();
        this.#sleepUntilNextTimer();
      },
    };
    const serving = { ...shared, entities: this.entities, wakeEntity: (id: string) => this.wakeEntity(id) };
    this.#instanceWorker = new KeyedWorker(options.maxConcurrentOrchestrators, id => this.#guarded(id, () => takeTurn(turns, id)));
    this.#entityWorker = new KeyedWorker(options.maxConcurrentEntities, id => this.#guarded(id, () => serveEntity(serving, id)));
  }

  /** Goes on where the data folder's last host stopped. */
  start(): void {
    for (const id of this.store.runnableInstances()) this.wakeInstance(id);
    for (const id of this.entities.busy()) this.wakeEntity(id);
    this.#activities.pump();
    this.#sleepUntilNextTimer();
  }

  wakeInstance(id: string): void {
    this.#instanceWorker.wake(id);
  }

  wakeEntity(id: string): void {
    this.#entityWorker.wake(id);
  }

  /** Finishes the turns that run, waits a little for activities, starts nothing new. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#activities.close(STOP_GRACE_MS), this.#instanceWorker.close(), this.#entityWorker.close()]);
  }

  /** Stops as a crash does: whatever runs is forgotten, its result is not stored. */
  abandon(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#activities.abandon();
    void this.#instanceWorker.close();
    void this.#entityWorker.close();
  }

  #sleepUntilNextTimer(): void {
    clearTimeout(this.#timer);
    const next = this.#closed ? undefined : this.store.nextTimer();
    if (next === undefined) return;
    const delay = Math.min(Math.max(next - Date.now(), 0), LONGEST_SLEEP_MS);
    this.#timer = setTimeout(() => {
      for (const id of this.store.transaction(() => this.store.fireTimers(Date.now()))) this.wakeInstance(id);
      this.#sleepUntilNextTimer();
    }, delay);
  }

  /** A failure here is the host's own; the key rests until something wakes it again. */
  async #guarded(key: string, work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      if (this.#closed) return false;
      const stack = error instanceof Error ? error.stack : undefined;
      this.#logger.error({ key, reason: errorText(error), stack }, 'internal error of the embedded host');
      return false;
    }
  }
}
