/** docs/reliability.md, from what the runs add up to. */
import { writeFileSync } from 'node:fs';
import { listDurations, listRules } from '../simulator/index.ts';
import { invariants } from './invariants.ts';
import type { Tally } from './tally.ts';

const file = new URL('../docs/reliability.md', import.meta.url);
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: string[], rows: (string | number)[][]) =>
  [head, head.map(() => '---'), ...rows].map(row => `| ${row.map(value => cell(String(value))).join(' | ')} |`).join('\n');

/** Of the exhaustive part: schedules, and those of them that have been run. */
interface Coverage {
  all: number;
  run: number;
}

export function writeReport(tally: Tally, coverage: Coverage): void {
  writeFileSync(file, textOf(tally, coverage));
}

function textOf(tally: Tally, { all, run }: Coverage): string {
  const counts = (of: Record<string, number>) => Object.entries(of).toSorted(([, a], [, b]) => b - a);
  const rules = listRules();
  return `# Whatever fails, nothing is lost

Written by \`npm run faults -- --write\`; do not edit. The real runbook on the real embedded host against the simulated Azure, all in one process whose
time is virtual; after each schedule the nine invariants are judged by the simulator's own state and request log, not by what the product says.
What a person did explains a breach only where the request log shows that Azure accepted it, and that it was the cause.

The exhaustive part has one trouble a schedule: at every call of the first VM's repair, and of each further VM's at every call in a situation that
no repair before it had: what is asked, and what had been changed last. The host dies before and after each activity. Of the repair that a person
approves (mode \`review\`) it has what is that one's alone: the probe on a copy, the wait, the approval, and what is asked right after them. It has ${all} schedules, of
which ${run} have been run${run === all ? ': it is whole' : ''}; the random part has ${tally.random} so far.

| | |
|---|---|
| schedules | ${tally.scenarios} (${tally.faultFree} without a fault, ${tally.exhaustive} with one, at one call or activity, ${tally.random} random ones with several) |
| violations | ${tally.violations.length} |
| calls beyond those of a repair without faults | ${tally.retries} |
| answers 429 | ${tally.throttled} |
| deaths of the host | ${tally.deaths} |
| slowest schedule | ${tally.slowest[0] ? `${tally.slowest[0].ms} ms (\`${tally.slowest[0].schedule}\`)` : ''} |
| longest repair | ${tally.longest ? `${Math.round(tally.longest.virtualSeconds / 60)} virtual minutes (\`${tally.longest.schedule}\`)` : ''} |
| took | ${tally.wallSeconds} s |

## What must never happen

${table(
  ['#', 'invariant', 'violations'],
  [...Map.groupBy(invariants, ({ number }) => number)].map(([number, all]) => [
    number,
    all.map(({ words }) => words).join(' '),
    tally.byInvariant[number] ?? 0,
  ]),
)}

${
  tally.violations.length === 0
    ? ''
    : `## Violations\n\n${table(
        ['#', 'what', 'again'],
        tally.violations.slice(0, 40).map(({ invariant, what, reproduce }) => [invariant, what, `\`${reproduce}\``]),
      )}\n`
}
## How the repairs ended

${table(['outcome', 'schedules'], counts(tally.outcomes))}

## What went wrong in them

An order comes about where it meets a call that can have it: nothing but a script can print garbage, nothing but a long operation can fail
late. In ${tally.idle} schedules nothing did.${tally.reckoned === 0 ? '' : ` Of ${tally.reckoned} nobody noted it: theirs is reckoned by the calls of the run without a fault.`}

${table(
  ['event', 'ordered', 'came about'],
  counts(tally.byFault).map(([event, ordered]) => [event, ordered, tally.came[event] ?? 0]),
)}

## Azure's behaviour that this rests on

${table(
  ['rule', 'known by', 'source', 'behaviour'],
  rules.map(({ id, tag, source, text }) => [id, tag, source, text]),
)}

${table(
  ['service time', 'p10 / p50 / p90 s', 'known by'],
  Object.entries(listDurations()).map(([name, { p10, p50, p90, tag, note }]) => [
    name,
    `${p10} / ${p50} / ${p90}`,
    note ? `${tag}: ${note}` : tag,
  ]),
)}
`;
}
