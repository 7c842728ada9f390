/** Time as a recording has it: it stands still between requests, and operations last as long as they did on Azure. */
import { setImmediate as breath } from 'node:timers/promises';
import { Clock } from '../../simulator/clock.ts';
import { Durations } from '../../simulator/durations.ts';
import { Random } from '../../simulator/random.ts';

interface Timer {
  at: number;
  action: () => unknown;
}

/** A clock that somebody else moves. */
export class RecordedClock extends Clock {
  #now = 0;
  #timers: Timer[] = [];

  constructor() {
    super(1);
  }

  override now(): Date {
    return new Date(this.#now);
  }

  override since(time: Date): number {
    return (this.#now - time.getTime()) / 1000;
  }

  override after(seconds: number, action: () => unknown): () => void {
    const timer = { at: this.#now + Math.max(0, seconds * 1000), action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer);
    };
  }

  override close(): void {
    super.close();
    this.#timers = [];
  }

  /** Moves on, never back, and does on the way what is due. */
  async advance(to: number): Promise<void> {
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= to).toSorted((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter(other => other !== due);
      this.#now = Math.max(this.#now, due.at);
      await due.action();
      await breath();
    }
    this.#now = Math.max(this.#now, to);
  }
}

/** Draws what the recording says; what it does not say, from the simulator's own table. */
export class RecordedDurations extends Durations {
  /** Of the operation that the next request begins, in seconds; taken once. */
  next: number | undefined;

  constructor() {
    super(new Random('conformance'));
  }

  override sample(name: Parameters<Durations['sample']>[0]): number {
    const seconds = this.next ?? super.sample(name);
    this.next = undefined;
    return seconds;
  }
}

export interface RecordedTime {
  clock: RecordedClock;
  durations: RecordedDurations;
}
