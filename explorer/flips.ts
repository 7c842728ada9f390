/** The same invariants with a guessed rule of the simulator turned round, one at a time: each base without a fault, and a sample with one. */
import { Guesses, OPPOSITES } from '../simulator/arm/guesses.ts';
import type { Answer, Crew } from './crew.ts';
import { faultFree } from './faultFree.ts';
import { exhaustive, spread } from './plan.ts';
import { type Base, textOf } from './schedule.ts';
import type { Ledger } from './tally.ts';

/** @param names of rules, or `all` @throws FlipError for what is no guessed rule */
export function rulesNamed(names: string[]): string[] {
  if (names.includes('all')) return Object.keys(OPPOSITES);
  return new Guesses(names).flipped;
}

interface Plan {
  rules: string[];
  chosen: readonly Base[];
  /** Schedules with one fault, for each rule. */
  limit: number;
  seed: number;
}

export async function exploreFlipped(crew: Crew, ledger: Ledger, plan: Plan, then: (answer: Answer) => void): Promise<void> {
  for (const [n, flip] of plan.rules.entries()) {
    const runs = await faultFree(crew, ledger, plan.chosen, flip);
    const all = exhaustive(runs, '1', false);
    // Other faults for each rule, the same ones for the same seed.
    const picked = spread(all, plan.limit, plan.seed + n).map(schedule => textOf({ ...schedule, flip }));
    await crew.runAll(
      picked.filter(schedule => !ledger.has(schedule)),
      answer => {
        ledger.add('exhaustive', answer, runs);
        then(answer);
      },
    );
  }
}
