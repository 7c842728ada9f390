/** The runs in which nothing goes wrong: what a repair asks, and so where something can. */
import type { Crew } from './crew.ts';
import type { FaultFree } from './plan.ts';
import { type Base, parseSchedule, textOf } from './schedule.ts';
import type { Ledger } from './tally.ts';

/** @param flip a guessed rule that is turned round in them */
export async function faultFree(crew: Crew, ledger: Ledger, chosen: readonly Base[], flip?: string): Promise<FaultFree[]> {
  const runs: FaultFree[] = [];
  await crew.runAll(
    chosen.map(base => textOf({ base, seed: '1', events: [], ...(flip && { flip }) })),
    answer => {
      const { base } = parseSchedule(answer.schedule);
      runs.push({ base, calls: answer.list ?? [], activities: answer.activities });
      if (!ledger.has(answer.schedule)) ledger.add('exhaustive', answer, []);
    },
  );
  return runs.toSorted((a, b) => chosen.indexOf(a.base) - chosen.indexOf(b.base));
}
