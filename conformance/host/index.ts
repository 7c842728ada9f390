/** Instrument "host": the embedded Functions host against turns and answers recorded on the real one. */
import { isDeepStrictEqual } from 'node:util';
import { cleanUp, HostProcess, makeApp } from '../../test/host/hostProcess.ts';
import { type Finding, Ledger } from '../report.ts';
import { HOST_JSON, replayLive, SCENARIOS, sourcesOf } from './live.ts';
import { compareRandom } from './random.ts';
import { type Recording, readRecordings } from './recordings.ts';
import { type Compared, compareEnds, compareRefusals, compareTurns, UNSUPPORTED } from './turns.ts';

const INSTRUMENT = 'host';

/** All scenarios: turn by turn, and live on a host of our own; and workflows that nobody has recorded. */
export async function checkHost(slice: boolean): Promise<Finding> {
  const recordings = readRecordings();
  if (recordings.length === 0)
    return { instrument: INSTRUMENT, checks: 0, failures: [], skipped: 'no recordings of the Functions host here' };
  const ledger = new Ledger(INSTRUMENT);
  const live = await runLive(recordings, ledger);
  const killed = await runRandom(slice, ledger);
  const rows = recordings.map(recording => {
    const { name } = recording;
    const supported = !UNSUPPORTED.includes(name);
    const turns = supported ? tell(`${name}: a turn's decisions`, compareTurns(recording), ledger) : 0;
    const ends = supported ? tell(`${name}: how an instance ends`, compareEnds(recording), ledger) : 0;
    const refused = tell(`${name}: an action refused by name`, compareRefusals(recording), ledger);
    if (!supported) ledger.leaveOut(`scenario ${name}: about what this host refuses`);
    return [name, turns, ends, refused, live.get(name) ?? 'not run'];
  });
  return ledger.finding([
    { title: 'Random workflows over kill -9', head: ['seed', 'workflows', 'kills'], rows: [killed] },
    { title: 'Embedded host', head: ['scenario', 'turns', 'ends', 'refusals', 'answers live'], rows },
  ]);
}

/** Random workflows against their reference, over a host that dies. */
async function runRandom(slice: boolean, ledger: Ledger): Promise<(string | number)[]> {
  const [seed, workflows, kills] = [String(Date.now() % 1_000_000), slice ? 25 : 100, slice ? 4 : 12];
  try {
    tell('a random workflow over kill -9', await compareRandom(seed, workflows, kills), ledger);
  } finally {
    await cleanUp();
  }
  return [seed, workflows, kills];
}

function tell(check: string, compared: Compared[], ledger: Ledger): number {
  for (const { told, expected, actual } of compared) ledger.check(check, told, expected, actual, isDeepStrictEqual(expected, actual));
  return compared.length;
}

/** The scenarios once more on this host. @returns how many answers were compared in each */
async function runLive(recordings: Recording[], ledger: Ledger): Promise<Map<string, number>> {
  const wanted = recordings.filter(({ name }) => name in SCENARIOS);
  const first = await liveAtOnce(wanted);
  // They go by the recorded times: on a machine that has other things to do, one may come late. It may try once more with less beside it.
  const late = wanted.filter(({ name }) => !isDeepStrictEqual(first.get(name)?.received, first.get(name)?.recorded));
  const answers = new Map([...first, ...(late.length > 0 ? await liveAtOnce(late) : [])]);
  return new Map(
    [...answers].map(([name, { received, recorded }]) => {
      for (const [index, expected] of recorded.entries())
        ledger.check(`${name}: an answer`, `request ${index + 1}`, expected, received[index], isDeepStrictEqual(expected, received[index]));
      return [name, recorded.length];
    }),
  );
}

async function liveAtOnce(wanted: Recording[]): Promise<Map<string, Awaited<ReturnType<typeof replayLive>>>> {
  try {
    const host = await HostProcess.start(await makeApp(sourcesOf(wanted), HOST_JSON));
    const answers = await Promise.all(wanted.map(async recording => [recording.name, await replayLive(host, recording)] as const));
    await host.stop();
    return new Map(answers);
  } finally {
    await cleanUp();
  }
}
