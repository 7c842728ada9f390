/** Runs pieces of work named by a key: several keys at once up to a limit, but never the same key twice at a time. */
export class KeyedWorker {
  readonly #limit: number;
  /** Does one piece; true when the key has more to do. */
  readonly #work: (key: string) => Promise<boolean>;
  readonly #waiting = new Set<string>();
  readonly #busy = new Set<string>();
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(limit: number, work: (key: string) => Promise<boolean>) {
    this.#limit = limit;
    this.#work = work;
  }

  /** Says that the key has something to do. */
  wake(key: string): void {
    this.#waiting.add(key);
    // A pause between two pieces lets HTTP requests in.
    setImmediate(() => this.#pump());
  }

  /** Starts nothing any more and waits for what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#busy.size > 0) await new Promise<void>(resolve => this.#idle.push(resolve));
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#closed || this.#busy.size >= this.#limit) return;
      if (this.#busy.has(key)) continue;
      this.#waiting.delete(key);
      this.#busy.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    const hasMore = await this.#work(key);
    this.#busy.delete(key);
    if (hasMore) this.#waiting.add(key);
    if (this.#busy.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    setImmediate(() => this.#pump());
  }
}
