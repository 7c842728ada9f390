/** What a turn's replay waits for. */
export interface Awaitable {
  isDone(): boolean;
}

export class Leaf implements Awaitable {
  done = false;
  isDone(): boolean {
    return this.done;
  }
}

export const DONE: Awaitable = { isDone: () => true };

/** External events: an event that nobody waits for is kept until somebody does; of several waits the latest is served first. */
export class ExternalEvents {
  readonly #waiting = new Map<string, Leaf[]>();
  readonly #buffered = new Map<string, number>();

  wait(name: string): Awaitable {
    const buffered = this.#buffered.get(name) ?? 0;
    if (buffered > 0) {
      this.#buffered.set(name, buffered - 1);
      return DONE;
    }
    const leaf = new Leaf();
    this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), leaf]);
    return leaf;
  }

  raise(name: string): void {
    const leaf = this.#waiting.get(name)?.pop();
    if (leaf) leaf.done = true;
    else this.#buffered.set(name, (this.#buffered.get(name) ?? 0) + 1);
  }

  isAwaited(): boolean {
    return [...this.#waiting.values()].some(leaves => leaves.length > 0);
  }
}
