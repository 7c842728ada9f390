/** What was asked lately, whichever repair asked it: in a burst every repair asks the same. In memory only; what failed is asked again. */
import type { Clock } from './clock.ts';

export class Shared<T> {
  readonly #asked = new Map<string, { at: string; answer: Promise<T> }>();
  readonly #clock: Pick<Clock, 'now' | 'since'>;
  readonly #holds: number;

  /** @param holds service seconds */
  constructor(clock: Pick<Clock, 'now' | 'since'>, holds: number) {
    this.#clock = clock;
    this.#holds = holds;
  }

  /** @param fresh as of now, whatever is remembered */
  get(what: string, read: () => Promise<T>, fresh = false): Promise<T> {
    for (const [each, { at }] of this.#asked) if (this.#clock.since(at) >= this.#holds) this.#asked.delete(each);
    const known = fresh ? undefined : this.#asked.get(what);
    if (known) return known.answer;
    const entry = { at: this.#clock.now().toISOString(), answer: read() };
    this.#asked.set(what, entry);
    entry.answer.catch(() => {
      if (this.#asked.get(what) === entry) this.#asked.delete(what);
    });
    return entry.answer;
  }
}
