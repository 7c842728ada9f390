/** docs/reliability.md, from what the runs add up to. */
import { writeFileSync } from 'node:fs';
import { listDurations, listRules } from '../simulator/index.ts';
import { invariants } from './invariants.ts';
import type { Tally } from './tally.ts';

const file = new URL('../docs/reliability.md', import.meta.url);
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: string[], rows: (string | number)[][]) =>
  [head, head.map(() => '---'), ...rows].map(row => `| ${row.map(value => cell(String(value))).join(' | ')} |`).join('\n');

export function writeReport(tally: Tally): void {
  writeFileSync(file, textOf(tally));
}

function textOf(tally: Tally): string {
  const counts = (of: Record<string, number>) => Object.entries(of).toSorted(([, a], [, b]) => b - a);
  const rules = listRules();
  return `# Whatever fails, nothing is lost

Written by \`npm run faults -- --write\`; do not edit. The real runbook on the real embedded host against the simulated Azure, all in one process whose
time is virtual; after each schedule the nine invariants are judged by the simulator's own state and request log, not by what the product says.
What a person did explains a breach only where the request log shows that Azure accepted it, and that it was the cause.

| | |
|---|---|
| schedules | ${tally.scenarios} (${tally.exhaustive} with at most one fault, at one call or activity, ${tally.random} random ones with several) |
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

${table(['event', 'times'], counts(tally.byFault))}

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
