/** Node's timers know no longer wait; nobody runs a simulator for 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The simulator's one clock. Azure's service times, agent periods and boot stages are given in *guest seconds*;
 * a guest second lasts `1 / scale` wall seconds. Timestamps, SAS and token lifetimes stay on wall time.
 */
export class Clock {
  readonly scale: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  /** @param scale how many times faster than reality services and guests are; 20 means 20 x faster. */
  constructor(scale: number) {
    if (!(Number.isFinite(scale) && scale > 0)) throw new RangeError(`timeScale: a number above 0 is needed, not ${scale}`);
    this.scale = scale;
  }

  now(): Date {
    return new Date();
  }

  /** Guest seconds that have passed since a wall time. */
  since(time: Date): number {
    return ((Date.now() - time.getTime()) / 1000) * this.scale;
  }

  /** The wall time a number of guest seconds after another. */
  plus(time: Date, seconds: number): Date {
    return new Date(time.getTime() + (seconds * 1000) / this.scale);
  }

  /** Does something after so many guest seconds, unless cancelled or closed. An action that fails is a bug: it takes the simulator down. */
  after(seconds: number, action: () => unknown): () => void {
    if (this.#closed) return () => {};
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        action();
      },
      Math.min(LONGEST_TIMER_MS, Math.max(0, (seconds * 1000) / this.scale)),
    );
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** A wait in guest seconds as a `Retry-After` header: whole wall seconds, at least 1. */
  retryAfter(seconds: number): string {
    return String(Math.max(1, Math.ceil(seconds / this.scale)));
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
