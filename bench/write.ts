/** docs/performance.md: what this run has measured, and of what it has not (long runs are not made each time) what an earlier one had. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { type Figure, figureIds } from './figures.ts';

const file = new URL('../docs/performance.md', import.meta.url);

export function writeReport(figures: Figure[]): void {
  const [load = 0] = loadavg();
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), load ${load.toFixed(1)}, Node ${process.version}`;
  const today = new Date().toISOString().slice(0, 10);
  const rows = new Map([...rowsOf(readFileSync(file, 'utf8')), ...figures.map(each => [each.id, rowOf(each, today)] as const)]);
  writeFileSync(
    file,
    `# How fast it is

Written by \`npm run bench -- --write\`; do not edit. ${machine}, ${today}; what that run did not measure is of the day told.

| figure | value | goal | ÷ limit | measured | what |
|---|---|---|---|---|---|
${figureIds.flatMap(id => rows.get(id) ?? []).join('\n')}

Figures that depend on how long Azure takes run in virtual time, in one process with the simulator, whose service times are the recorded
ones (\`simulator/durations.json\`): each its median, or drawn with the seeds 1 to 6. Time is jumped, not scaled, so the scale has no
error. Times of the guest (a boot, an SFC) are guesses, told apart in \`npx bootmedic simulator --rules\`. Calls are requests to Azure
Resource Manager and for its tokens; those to our own storage are not counted. The calls of one repair are those of the second repair of a
process; the first makes the region's network and reads its sizes.

No wait is left that no rule demands, but one: the repair VM is begun only when the screenshot has been read, because only the diagnosis says
whether one is needed. That is the time of one picture (\`screenshot\`), against a VM made and deleted for each machine that
needs none. The swap is one look and one write; the first look at an operation comes when a tenth of those recorded were over; the report is
written before the repair VM is deleted.

\`az vm repair\` is not run: it is computed from the same operations by what was recorded of it, a look every 30 s and 11 s for the copy of a
disk. Each script counts there as a run of its own, also the two that nobody sends by hand: what makes the repair VM safe, and the probe (31 s
each). The figures of this machine (cold start, overhead, picture, log) grow with whatever else it does; a cold start is the least of seven.
`,
  );
}

function rowOf({ id, value, unit, goal, ratio, met, what }: Figure, day: string): string {
  return `| ${id} | ${met ? '' : '**'}${`${value} ${unit}`.trim()}${met ? '' : '**'} | ${goal} | ${ratio} | ${day} | ${what} |`;
}

/** By figure. */
function rowsOf(report: string): [string, string][] {
  return [...report.matchAll(/^\| ([\w-]+) \|(?: [^|\n]+ \|){3} \d{4}-\d\d-\d\d \|.*$/gm)].map(([row, id = '']) => [id, row]);
}
