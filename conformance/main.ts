/** `npm run conformance`: how far the simulator and the embedded host are what they stand for. */
import { parseArgs } from 'node:util';
import { checkAz, checkSdk } from './clients/index.ts';
import { checkContract } from './contract/index.ts';
import { checkErrors } from './errors/index.ts';
import { writeFidelity } from './fidelity.ts';
import { checkFlipped } from './flipped.ts';
import { checkHost } from './host/index.ts';
import { readRecordings } from './recordings/exchanges.ts';
import { replayRecordings } from './recordings/index.ts';
import { type Finding, reportText, summarize } from './report.ts';
import { checkRules } from './rules.ts';

const usage = `npm run conformance -- [--only INSTRUMENT]… [--recordings DIR] [--exchanges DIR] [--flips FILE] [--slice] [--json] [--write]
  --only        one of: INSTRUMENTS
  --recordings  another folder of recorded exchanges, *.jsonl, to be replayed
  --exchanges   what the end-to-end tests have left in BOOTMEDIC_EXCHANGES_DIR, judged by the contract too
  --flips       what npm run faults -- --flip all --json has printed, in place of a short run
  --slice       what fits into three minutes
  --write       docs/fidelity.md, and the guesses in docs/first-deployment.md, from this run`;

const reference = new URL('../shared/reference/', new URL('..', import.meta.url)).pathname;

const options = {
  only: { type: 'string', multiple: true },
  recordings: { type: 'string' },
  exchanges: { type: 'string' },
  flips: { type: 'string' },
  slice: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  // What rules and errors say of their sources is said of these; another folder is replayed only.
  const known = `${reference}arm/recordings`;
  const recordings = recordingsIn(values.recordings) ?? known;
  const instruments: Record<string, () => Promise<Finding>> = {
    recordings: () => replayRecordings(recordings),
    contract: () => checkContract({ openapi: `${reference}arm/openapi`, recordings: known, left: values.exchanges }),
    errors: async () => checkErrors(known),
    rules: async () => checkRules(known),
    flipped: () =>
      values.slice && values.flips === undefined ? leftOut('flipped', 'it takes minutes: not in a slice') : checkFlipped(values.flips),
    host: () => checkHost(values.slice),
    sdk: checkSdk,
    az: () => (values.slice ? leftOut('az', 'it takes minutes: not in a slice') : checkAz()),
  };
  if (values.help) {
    console.log(usage.replace('INSTRUMENTS', Object.keys(instruments).join(', ')));
    return 0;
  }
  const findings: Finding[] = [];
  for (const [name, run] of Object.entries(instruments)) {
    if (values.only !== undefined && !values.only.includes(name)) continue;
    const begun = performance.now();
    const finding = await run();
    findings.push({ ...finding, seconds: (performance.now() - begun) / 1000 });
    if (finding.skipped !== undefined) console.error(`NOTICE: ${name} was SKIPPED: ${finding.skipped}`);
  }
  const result = summarize(findings);
  if (values.write) writeFidelity(result, new URL('../docs', import.meta.url).pathname);
  console.log(values.json ? JSON.stringify(result, null, 2) : reportText(result));
  return result.failures.length === 0 && result.checks > 0 ? 0 : 1;
}

/** A folder that somebody names and that holds none is a mistake, not a reason to replay nothing. @throws Error that says so */
function recordingsIn(folder: string | undefined): string | undefined {
  if (folder !== undefined && !readRecordings(folder)?.length) throw new Error(`--recordings: ${folder} holds no *.jsonl`);
  return folder;
}

/** An instrument that this run does without. */
async function leftOut(instrument: string, skipped: string): Promise<Finding> {
  return { instrument, checks: 0, failures: [], skipped };
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error);
  return 2;
});
