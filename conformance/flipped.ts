/** Instrument "flipped": the fault explorer's invariants with each guessed rule turned round, one at a time. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { OPPOSITES } from '../simulator/index.ts';
import { type Finding, Ledger } from './report.ts';

/** For each rule, beside a repair of each VM without a fault; many more come from a tally. */
const SCHEDULES = 3;
const root = new URL('..', import.meta.url).pathname;

/** What `npm run faults -- --flip all` adds up to; only what is needed of it. */
const Tally = z.object({
  flipped: z.record(
    z.string(),
    z.object({ scenarios: z.int(), met: z.int().optional(), violations: z.int(), outcomes: z.record(z.string(), z.int()) }),
  ),
  violations: z.array(z.object({ what: z.string(), reproduce: z.string() })),
});
type Tally = z.infer<typeof Tally>;

/** @param tallyFile what `npm run faults -- --flip all --json` has printed, in place of a run of its own */
export async function checkFlipped(tallyFile: string | undefined): Promise<Finding> {
  return judgeFlipped(Tally.parse(JSON.parse(tallyFile === undefined ? await explore() : await readFile(tallyFile, 'utf8'))));
}

/** A schedule is a check: none of the nine invariants may be broken in it. */
export function judgeFlipped({ flipped, violations }: Tally): Finding {
  const ledger = new Ledger('flipped');
  for (const rule of Object.keys(OPPOSITES)) {
    const ran = flipped[rule]?.scenarios ?? 0;
    ledger.check(`${rule}: has been tried`, 'npm run faults -- --flip all', 'some schedules', ran, ran > 0);
    ledger.checks += ran;
  }
  for (const { what, reproduce } of violations) ledger.fail(what, reproduce, 'the invariant holds', 'it does not');
  const rows = Object.entries(OPPOSITES).map(([rule, opposite]) => {
    const { scenarios = 0, met, violations: broken = 0, outcomes = {} } = flipped[rule] ?? {};
    const ends = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
    return [rule, opposite, scenarios, broken, met ?? 'not noted', ends.join(', ')];
  });
  return ledger.finding([
    { title: 'Guesses turned round', head: ['rule', 'turned round', 'schedules', 'violations', 'went by it', 'outcomes'], rows },
  ]);
}

/** The explorer is a program of its own: its time is virtual. @returns its tally as text */
function explore(): Promise<string> {
  const args = ['--disable-warning=ExperimentalWarning', 'explorer/main.ts', '--flip', 'all', '--limit', String(SCHEDULES), '--json'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  return text(child.stdout);
}
