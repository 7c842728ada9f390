/** Instrument "recordings": what Azure answered in Microsoft's own recorded tests, against the simulator over https. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSimulator } from '../../simulator/index.ts';
import { type Finding, Ledger } from '../report.ts';
import { Identities } from './compare.ts';
import { type Recording, readRecordings } from './exchanges.ts';
import { RecordedGuests } from './guests.ts';
import { judge } from './judge.ts';
import { replay, SCENARIO, type Stage } from './replay.ts';
import { RecordedClock, RecordedDurations, type RecordedTime } from './time.ts';

const INSTRUMENT = 'recordings';

/** @param folder of `*.jsonl` */
export async function replayRecordings(folder: string): Promise<Finding> {
  const recordings = readRecordings(folder);
  if (recordings === undefined || recordings.length === 0)
    return { instrument: INSTRUMENT, checks: 0, failures: [], skipped: `${folder} holds no recordings` };
  const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-conformance-'));
  const guests = new RecordedGuests();
  const makeTime = (): RecordedTime => ({ clock: new RecordedClock(), durations: new RecordedDurations() });
  let time = makeTime();
  const simulator = await openSimulator({ scenario: SCENARIO, guests, runDir, makeTime: () => (time = makeTime()) });
  try {
    const ledger = new Ledger(INSTRUMENT);
    const rows: (string | number)[][] = [];
    for (const recording of recordings) rows.push(await one({ simulator, guests, time: () => time }, recording, ledger));
    const head = ['recording', 'exchanges', 'replayed', 'left out', 'seeded', 'checks', 'differences', 'explained'];
    return ledger.finding([{ title: 'Recordings', head, rows }]);
  } finally {
    await simulator.close();
    await rm(runDir, { recursive: true, force: true });
  }
}

async function one(stage: Stage, recording: Recording, ledger: Ledger): Promise<(string | number)[]> {
  const identities = new Identities();
  const steps = replay(stage, recording, identities);
  const total = { checks: 0, differences: 0, explained: 0, leftOut: 0 };
  let next = await steps.next();
  for (; !next.done; next = await steps.next()) {
    const step = next.value;
    if ('leftOut' in step) {
      total.leftOut++;
      ledger.leaveOut(step.leftOut);
      continue;
    }
    const verdict = judge({ ...step, source: `${recording.name}:${step.exchange.n}` }, identities, ledger);
    total.checks += verdict.checks;
    total.differences += verdict.differences;
    total.explained += verdict.explained;
  }
  const { exchanges, name } = recording;
  return [
    name,
    exchanges.length,
    exchanges.length - total.leftOut,
    total.leftOut,
    next.value,
    total.checks,
    total.differences,
    total.explained,
  ];
}
