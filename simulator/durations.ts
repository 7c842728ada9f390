import { z } from 'zod';
import table from './durations.json' with { type: 'json' };
import type { Random } from './random.ts';

export type DurationName = keyof typeof table;

const Entry = z.strictObject({
  p10: z.number().nonnegative(),
  p50: z.number().nonnegative(),
  p90: z.number().nonnegative(),
  tag: z.enum(['recorded', 'documented', 'guessed']),
  note: z.string().optional(),
});
export type DurationEntry = z.infer<typeof Entry>;

/** Every duration of the simulator in guest seconds, with where it comes from. */
export function listDurations(): Record<string, DurationEntry> {
  return z.record(z.string(), Entry).parse(table);
}

/** Draws durations (guest seconds) from `durations.json`: straight lines between the recorded quantiles, no tail beyond p90. */
export class Durations {
  readonly #entries = listDurations();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  sample(name: DurationName): number {
    const { p10, p50, p90 } = this.#entry(name);
    const u = this.#random.next();
    if (u <= 0.1) return p10;
    if (u <= 0.5) return p10 + ((u - 0.1) / 0.4) * (p50 - p10);
    return p50 + Math.min(1, (u - 0.5) / 0.4) * (p90 - p50);
  }

  /** The middle, for what is a fixed period rather than a service time. */
  typical(name: DurationName): number {
    return this.#entry(name).p50;
  }

  #entry(name: DurationName): DurationEntry {
    const entry = this.#entries[name];
    if (entry === undefined) throw new Error(`durations.json has no entry ${name}`);
    return entry;
  }
}
