/** `npm run faults`: the fault explorer's command line. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Answer, Crew } from './crew.ts';
import { bases, exhaustive, type FaultFree, random, sample } from './plan.ts';
import { type Base, parseSchedule, textOf } from './schedule.ts';
import { add, load, save, type Tally } from './tally.ts';
import { writeReport } from './write.ts';

const usage = `npm run faults -- [--base NAME]… [--runs N] [--seed S] [--limit N] [--every] [--slice] [--only SCHEDULE] [--resume FILE] [--workers N] [--json] [--write]
  without --runs: the exhaustive part (every fault at every call); with --runs N: N random schedules from seed S on
  --limit N   so many of the exhaustive part, drawn by the seed      --every   each poll of the same question too
  --slice     a quick look at both parts                              --only    one schedule again: base/seed/event,event
  --resume    adds up over runs                                       --write   docs/reliability.md from what has been added up`;

const options = {
  base: { type: 'string', multiple: true },
  runs: { type: 'string' },
  seed: { type: 'string' },
  limit: { type: 'string' },
  every: { type: 'boolean', default: false },
  slice: { type: 'boolean', default: false },
  only: { type: 'string' },
  resume: { type: 'string' },
  workers: { type: 'string' },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Of each part, in a slice: some 100 seconds on two cores. */
const slice = { exhaustive: 45, random: 15 };

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const crew = new Crew(Number(values.workers ?? Math.min(4, availableParallelism())));
  const say = (text: string) => values.json || console.error(text);
  try {
    if (values.only) return await again(crew, values.only, values.json);
    const tally = load(values.resume);
    await explore(crew, tally, values, say);
    save(values.resume, tally);
    if (values.write) writeReport(tally);
    const { violations } = tally;
    if (values.json) console.log(JSON.stringify(tally, null, 2));
    else for (const { invariant, what, reproduce } of violations) console.log(`invariant ${invariant}: ${what}\n  ${reproduce}`);
    say(
      `${tally.scenarios} scenarios, ${violations.length} violations, ${tally.retries} calls beyond the usual, ${tally.throttled} throttled, ${tally.deaths} deaths of the host`,
    );
    return violations.length === 0 ? 0 : 1;
  } finally {
    crew.close();
  }
}

async function again(crew: Crew, schedule: string, json: boolean): Promise<number> {
  const answer = await crew.run(textOf(parseSchedule(schedule)));
  console.log(json ? JSON.stringify(answer, null, 2) : describe(answer));
  return answer.violations.length === 0 ? 0 : 1;
}

function describe({ schedule, outcome, violations, ms, virtualSeconds, calls, deaths }: Answer): string {
  const lines = violations.map(({ invariant, what }) => `  invariant ${invariant}: ${what}`);
  return [`${schedule}: ${outcome}, ${calls} calls, ${deaths} deaths, ${Math.round(virtualSeconds)} s in ${ms} ms`, ...lines].join('\n');
}

type Values = { base?: string[]; runs?: string; seed?: string; limit?: string; every: boolean; slice: boolean; resume?: string };

async function explore(crew: Crew, tally: Tally, values: Values, say: (text: string) => unknown): Promise<void> {
  const chosen = bases.filter(base => values.base === undefined || values.base.includes(base));
  if (chosen.length === 0) throw new Error(`--base: one of ${bases.join(', ')}`);
  const begun = performance.now();
  const runs = await faultFree(crew, tally, chosen);
  const seed = Number(values.seed ?? tally.nextSeed);
  const progress = (answer: Answer) => {
    for (const { invariant, what } of answer.violations) say(`${answer.schedule}: invariant ${invariant}: ${what}`);
    if (tally.scenarios % 50 === 0)
      say(`${tally.scenarios} scenarios, ${tally.violations.length} violations, ${Math.round((performance.now() - begun) / 1000)} s`);
  };
  if (values.slice || values.runs === undefined) {
    const all = runs.flatMap(run => exhaustive(run, '1', values.every));
    const count = values.slice ? slice.exhaustive : Number(values.limit ?? all.length);
    const picked = count < all.length ? sample(all, count, seed) : all;
    say(`${all.length} schedules in the exhaustive part, ${picked.length} of them now`);
    await crew.runAll(picked.map(textOf), answer => {
      add(tally, answer, runs, false);
      progress(answer);
      save(values.resume, tally);
    });
  }
  const wanted = values.slice ? slice.random : Number(values.runs ?? 0);
  const seeds = Array.from({ length: wanted }, (_, n) => seed + n);
  await crew.runAll(
    seeds.map(each => textOf(random(runs, chosen, each))),
    answer => {
      add(tally, answer, runs, true);
      progress(answer);
      save(values.resume, tally);
    },
  );
  tally.nextSeed = Math.max(tally.nextSeed, seed + wanted);
  await shorten(crew, tally);
  tally.wallSeconds += Math.round((performance.now() - begun) / 1000);
}

async function faultFree(crew: Crew, tally: Tally, chosen: readonly Base[]): Promise<FaultFree[]> {
  const runs: FaultFree[] = [];
  await crew.runAll(
    chosen.map(base => `${base}/1/`),
    answer => {
      const base = parseSchedule(answer.schedule).base;
      runs.push({ base, calls: answer.list ?? [], activities: answer.activities });
      if (answer.violations.length > 0) add(tally, answer, [], false);
    },
  );
  return runs;
}

/** Of several events those that are needed: each is left out in turn, as long as the violation stays. */
async function shorten(crew: Crew, tally: Tally): Promise<void> {
  for (const violation of tally.violations) {
    let schedule = parseSchedule(/'(.+)'/.exec(violation.reproduce)?.[1] ?? '');
    for (let n = schedule.events.length - 1; n >= 0 && schedule.events.length > 1; n--) {
      const fewer = { ...schedule, events: schedule.events.toSpliced(n, 1) };
      const answer = await crew.run(textOf(fewer));
      if (answer.violations.some(({ invariant }) => invariant === violation.invariant)) schedule = fewer;
    }
    violation.reproduce = `npm run faults -- --only '${textOf(schedule)}'`;
    violation.fault = textOf(schedule).split('/')[2] ?? '';
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error, `\n${usage}`);
  return 2;
});
