/** Writes docs/fidelity.md from a run: what is proven by which instrument, what is assumed, what only a real subscription can show. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Conformance, Finding, Table } from './report.ts';
import { experimentTable } from './rules.ts';

const INSTRUMENTS: Record<string, string> = {
  recordings:
    'The simulator answers the requests of Microsoft’s own recorded tests as Azure did: status, headers of long operations, every property and value. Ids, times and signed addresses are compared by their relations only.',
  contract:
    'Every exchange of what the product is for (`explorer/flows.ts`: the fault explorer’s fault-free repairs, an estate at once, observe, probe and approval, rejection, cancel, operations that fail, many by one call, sweeps), and with `--exchanges` of all end-to-end tests, is as Microsoft’s OpenAPI specifications have it, in both directions, by Microsoft’s validator `oav`; the status of an operation is as the types that all services share have it. A refusal that a specification does not declare passes only with a status and a code that are known from Azure. The SDK’s newer versions are mapped to those of the specifications; of headers it sees only that a long operation has one to follow it by, and it is blind to what a GET owes to the PUT before it.',
  flipped:
    'No invariant of a repair rests on a guess: with each guessed rule turned round, one at a time, none is broken in the fault explorer’s repairs without a fault, nor in a sample with one.',
  host: 'The embedded Functions host decides turn by turn what the real host with the real Durable extension decided, answers as it did, and refuses by name what it does not have.',
  errors: 'What the product makes of an error is what the code and message of that error call for; where each is known from is told below.',
  rules: 'Each rule of the simulator says where it comes from; each guess has its experiment.',
  sdk: 'The Azure SDK for JavaScript works on the simulator alone: lists page by page, pollers to their end, errors by their type.',
  az: 'Debian’s Azure CLI works on the simulator alone, signed in by its managed identity.',
};

const ASSUMED = `## What is assumed

- A recording shows one subscription on one day in 2024. What Azure does at other times, in other regions, under load or under policies is not in it.
- The recordings hold almost no refusals (a few 404s): the simulator's conflicts, quotas and throttles come from documentation, as the rules' tags say.
- The recorded VMs run Linux, and a replayed guest reports and prints what the recording says it did; how a Windows guest boots, stops and repairs itself is the simulator's own model, held only against the sources named in \`simulator/guests/\`.
- The embedded host is compatible with the protocol between the Functions host and \`durable-functions\`; it is not the Functions runtime.
- Service times are drawn from recorded quantiles without the tail beyond p90.
`;

/** @param folder of the documents */
export function writeFidelity({ checks, failures, instruments }: Conformance, folder: string): void {
  const path = `${folder}/fidelity.md`;
  const proven = instruments.map(
    ({ instrument, checks: n, failures: failed, explained = [], exempt = {}, skipped }) =>
      `| ${instrument} | ${INSTRUMENTS[instrument] ?? ''} | ${skipped === undefined ? n : `not in this run: ${skipped}`} | ${failed.length} | ${total(explained.map(one => one.count))} | ${total(Object.values(exempt))} |`,
  );
  const by = (name: string) => instruments.find(({ instrument }) => instrument === name);
  const text = [
    '# How true the simulator and the embedded host are',
    '',
    `Written by \`npm run conformance -- --write\`: ${checks} checks, ${failures.length} failures. No Azure is reachable from where this is built; what follows says how far that has been made up for.`,
    '',
    '## What is proven, and by what',
    '',
    '| instrument | what it shows | checks | failures | explained | left out |',
    '|---|---|---|---|---|---|',
    ...proven,
    '',
    ...recordingParts(by('recordings')),
    ...contractParts(by('contract')),
    ...errorParts(by('errors')),
    ASSUMED,
    '## What only a real subscription can show',
    '',
    `The guesses of the simulator, each with its experiment; then its tag in \`simulator/arm/rules.ts\` can be changed. ${flippedWords(by('flipped'))}`,
    '',
    ...tableOf(by('rules')?.tables?.[1]),
    ...tableOf(by('flipped')?.tables?.[0]),
    ...tableOf(by('rules')?.tables?.[0]),
  ].join('\n');
  writeFileSync(path, text);
  writeExperiments(`${folder}/first-deployment.md`);
}

function flippedWords(finding: Finding | undefined): string {
  if (finding === undefined || finding.skipped !== undefined)
    return 'No invariant of a repair is meant to rest on one; each has an opposite in `simulator/arm/guesses.ts`, and `npm run faults -- --flip all` tries them: not in this run.';
  const rows = finding.tables?.[0]?.rows ?? [];
  const sum = (column: number) => total(rows.map(row => Number(row[column])));
  const idle = rows.filter(row => row[4] === 0).map(([rule]) => `\`${rule}\``);
  const inVain =
    idle.length === 0 ? '' : ` Nothing in them went by ${idle.join(', ')}: of these it shows only that a repair like theirs does without.`;
  return `No invariant of a repair may rest on one: the fault explorer has tried the opposite of each, one at a time (\`npm run faults -- --flip all\`), in ${sum(2)} repairs without a fault and with one; ${sum(3)} of the invariants were broken.${inVain}`;
}

/** The experiments' place in the check-list. */
const PLACE = /(<!-- guesses -->\n).*(<!-- \/guesses -->)/s;

function writeExperiments(path: string): void {
  const table = tableOf(experimentTable()).join('\n');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(PLACE, (_, begin: string, end: string) => `${begin}${table}${end}`),
  );
}

function recordingParts(finding: Finding | undefined): string[] {
  if (finding === undefined || finding.skipped !== undefined) return [];
  const explained = (finding.explained ?? []).map(({ rule, count, why }) => `| ${rule} | ${count} | ${why} |`);
  const exempt = Object.entries(finding.exempt ?? {}).map(([what, count]) => `| ${what} | ${count} |`);
  return [
    ...tableOf(finding.tables?.[0]),
    ...['Differences with a reason:', '', '| rule | count | why |', '|---|---|---|', ...explained, ''],
    ...['Left out of the replay (not served, and no repair needs it):', '', '| call | count |', '|---|---|', ...exempt, ''],
  ];
}

function contractParts(
  { exempt = {}, explained = [], skipped }: Finding = { instrument: '', checks: 0, failures: [], skipped: '' },
): string[] {
  if (skipped !== undefined) return [];
  const left = Object.entries(exempt).map(([what, count]) => `| ${what} | ${count} |`);
  const excused = explained.map(({ rule, count, why }) => `| ${rule} | ${count} | ${why} |`);
  return [
    ...['Exchanges left out of the contract:', '', '| what | count |', '|---|---|', ...left, ''],
    ...['What the validator says although it is as on Azure:', '', '| what | count | why |', '|---|---|---|', ...excused, ''],
  ];
}

function errorParts(finding: Finding | undefined): string[] {
  const table = finding?.tables?.[0];
  return table === undefined
    ? []
    : [
        'Error bodies, by what is known of them (*met*: no page has it; a thread that is named in `conformance/errors/bodies.json` shows it):',
        '',
        ...tableOf(table),
      ];
}

function tableOf(table: Table | undefined): string[] {
  if (table === undefined) return [];
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(table.head), `|${table.head.map(() => '---|').join('')}`, ...table.rows.map(line), ''];
}

function total(counts: number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
