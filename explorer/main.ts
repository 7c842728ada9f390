/** `npm run faults`: the fault explorer's command line. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Answer, Crew } from './crew.ts';
import { faultFree } from './faultFree.ts';
import { exploreFlipped, rulesNamed } from './flips.ts';
import { exhaustive, type FaultFree, random, sample, spread } from './plan.ts';
import { bases, type Event, parseSchedule, textOf } from './schedule.ts';
import { Ledger, type Tally } from './tally.ts';
import { writeReport } from './write.ts';

const usage = `npm run faults -- [--base NAME]… [--kind KIND]… [--runs N] [--seed S] [--limit N] [--every] [--slice] [--only SCHEDULE] [--flip RULE]… [--resume FILE] [--workers N] [--json] [--write]
  without --runs: the exhaustive part: every fault at every call of the first base, and of each further one at every call in a situation (what is
  asked, and what was changed last before it) that none before it had (of in-review only what it asks that no other does); the host's death before and after each activity. With --runs N: N random schedules from seed S on
  --kind      of the exhaustive part only what happens at a call, an activity (deaths of the host), by a person, again, cancel, stop, …
  --limit N   so many of the exhaustive part, drawn by the seed      --every   every call of every base
  --slice     a quick look at both parts                              --only    one schedule again: base/seed/event,event
  --flip      with a guessed rule of the simulator turned round, or each of them in turn (all): FLIPPED schedules a rule, or --limit N
  --resume    goes on behind what FILE holds, and adds to it          --write   docs/reliability.md from what has been added up`;

const options = {
  base: { type: 'string', multiple: true },
  kind: { type: 'string', multiple: true },
  runs: { type: 'string' },
  seed: { type: 'string' },
  limit: { type: 'string' },
  every: { type: 'boolean', default: false },
  slice: { type: 'boolean', default: false },
  only: { type: 'string' },
  flip: { type: 'string', multiple: true },
  resume: { type: 'string' },
  workers: { type: 'string' },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** For each flipped rule, beside the runs without a fault. */
const flippedLimit = 20;
/** Of each part, in a slice: some 100 seconds on two cores. */
const slice = { exhaustive: 60, random: 15 };

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(usage.replace('FLIPPED', String(flippedLimit)));
    return 0;
  }
  const crew = new Crew(whole('workers', values.workers) ?? Math.min(4, availableParallelism()));
  const say = (text: string) => values.json || console.error(text);
  try {
    if (values.only) return await again(crew, values.only, values.json);
    const ledger = new Ledger(values.resume);
    await explore(crew, ledger, values, say);
    const tally = ledger.tally();
    if (values.write) writeReport(tally, await coverage(crew, ledger));
    if (values.json) console.log(JSON.stringify(tally, null, 2));
    else for (const { invariant, what, reproduce } of tally.violations) console.log(`invariant ${invariant}: ${what}\n  ${reproduce}`);
    say(summary(tally));
    return tally.violations.length === 0 ? 0 : 1;
  } finally {
    crew.close();
  }
}

/** Of the exhaustive part over all bases: how many schedules it has, and how many of them have been run. */
async function coverage(crew: Crew, ledger: Ledger): Promise<{ all: number; run: number }> {
  const schedules = exhaustive(await faultFree(crew, ledger, bases), '1', false).map(textOf);
  return { all: schedules.length, run: schedules.filter(schedule => ledger.has(schedule)).length };
}

const summary = ({ scenarios, violations, retries, throttled, deaths }: Tally) =>
  `${scenarios} scenarios, ${violations.length} violations, ${retries} calls beyond the usual, ${throttled} throttled, ${deaths} deaths of the host`;

/** @throws Error that names the option */
function whole(option: string, text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d{1,9}$/.test(text)) throw new Error(`--${option}: '${text}' is no whole number`);
  return text === undefined ? undefined : Number(text);
}

async function again(crew: Crew, schedule: string, json: boolean): Promise<number> {
  const answer = await crew.run(textOf(parseSchedule(schedule)));
  const ledger = new Ledger(undefined);
  ledger.add('exhaustive', answer, []);
  console.log(json ? JSON.stringify(ledger.tally(), null, 2) : describe(answer));
  return answer.violations.length === 0 ? 0 : 1;
}

function describe({ schedule, outcome, violations, ms, virtualSeconds, calls, deaths }: Answer): string {
  const lines = violations.map(({ invariant, what }) => `  invariant ${invariant}: ${what}`);
  return [`${schedule}: ${outcome}, ${calls} calls, ${deaths} deaths, ${Math.round(virtualSeconds)} s in ${ms} ms`, ...lines].join('\n');
}

interface Values {
  base?: string[];
  kind?: string[];
  runs?: string;
  seed?: string;
  limit?: string;
  every: boolean;
  slice: boolean;
  flip?: string[];
}

async function explore(crew: Crew, ledger: Ledger, values: Values, say: (text: string) => unknown): Promise<void> {
  const chosen = bases.filter(base => values.base === undefined || values.base.includes(base));
  if (chosen.length === 0) throw new Error(`--base: one of ${bases.join(', ')}`);
  const seed = whole('seed', values.seed) ?? ledger.tally().nextSeed;
  if (values.flip !== undefined) {
    const plan = { rules: rulesNamed(values.flip), chosen, limit: whole('limit', values.limit) ?? flippedLimit, seed };
    await exploreFlipped(crew, ledger, plan, answer => progress(ledger, answer, say));
    return shorten(crew, ledger);
  }
  const wanted = values.slice ? slice.random : (whole('runs', values.runs) ?? 0);
  const runs = await faultFree(crew, ledger, chosen);
  const part = async (name: 'exhaustive' | 'random', schedules: string[]) => {
    const left = schedules.filter(schedule => !ledger.has(schedule));
    if (schedules.length > 0) say(`${name}: ${schedules.length} schedules, ${left.length} of them to be run`);
    await crew.runAll(left, answer => {
      ledger.add(name, answer, runs);
      progress(ledger, answer, say);
    });
  };
  if (values.slice || values.runs === undefined) await part('exhaustive', picked(runs, values, seed).map(textOf));
  const seeds = Array.from({ length: wanted }, (_, n) => seed + n);
  await part(
    'random',
    seeds.map(each => textOf(random(runs, chosen, each))),
  );
  await shorten(crew, ledger);
}

function picked(runs: FaultFree[], { kind, every, slice: isSlice, limit }: Values, seed: number) {
  const fits = ({ events: [event] }: { events: Event[] }) => kind === undefined || kind.includes(event?.on ?? '');
  const all = exhaustive(runs, '1', every).filter(fits);
  if (isSlice) return spread(all, slice.exhaustive, seed);
  const count = whole('limit', limit) ?? all.length;
  return count < all.length ? sample(all, count, seed) : all;
}

let said = 0;
const begun = performance.now();
function progress(ledger: Ledger, answer: Answer, say: (text: string) => unknown): void {
  for (const { invariant, what } of answer.violations) say(`${answer.schedule}: invariant ${invariant}: ${what}`);
  if (++said % 50 !== 0) return;
  const { scenarios, violations } = ledger.tally();
  say(`${scenarios} scenarios, ${violations.length} violations, ${Math.round((performance.now() - begun) / 1000)} s`);
}

/** Of several events those that are needed: each is left out in turn, as long as the violation stays. */
async function shorten(crew: Crew, ledger: Ledger): Promise<void> {
  for (const { schedule: text, invariant } of ledger.unexplained) {
    let schedule = parseSchedule(text);
    for (let n = schedule.events.length - 1; n >= 0 && schedule.events.length > 0; n--) {
      const fewer = { ...schedule, events: schedule.events.toSpliced(n, 1) };
      const answer = await crew.run(textOf(fewer));
      if (answer.violations.some(each => each.invariant === invariant)) schedule = fewer;
    }
    ledger.shorten(text, invariant, textOf(schedule));
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error, `\n${usage}`);
  return 2;
});
