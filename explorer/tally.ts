/**
 * What the runs add up to. Kept as one JSON line a schedule, appended as soon as it is known: whatever kills the explorer, what was done is
 * done, and `--resume` goes on behind it.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { reckoned } from './came.ts';
import type { Answer } from './crew.ts';
import type { FaultFree } from './plan.ts';
import { type Event, eventText, parseSchedule } from './schedule.ts';

/** A schedule that was run. */
export interface Line {
  part: 'exhaustive' | 'random';
  schedule: string;
  /** Where its events came: `c17 PUT /…/disks/…`, as the calls of the fault-free run of the same VM have it. */
  call: string;
  outcome: string;
  violations: { invariant: number; what: string }[];
  ms: number;
  virtualSeconds: number;
  /** Calls beyond those of the fault-free run. */
  retries: number;
  throttled: number;
  deaths: number;
  /** Its events that came about; absent in lines of earlier runs. */
  came?: string[];
  /** Whether anything went by the rule that was flipped. */
  met?: boolean;
  /** Of the process that ran it: when it began (ms since 1970), and the seconds since. */
  session: number;
  elapsed: number;
}

/** A schedule with fewer events that violates the same. */
interface Shortened {
  schedule: string;
  invariant: number;
  shortened: string;
}

export interface Violation {
  seed: string;
  call: string;
  /** The events, as they are written in a schedule: call or activity, and fault. */
  fault: string;
  invariant: number;
  what: string;
  reproduce: string;
}

/** Violations are all that were seen; all else counts what was run with the simulator's rules as they are. */
export interface Tally {
  scenarios: number;
  /** Without any event. */
  faultFree: number;
  exhaustive: number;
  random: number;
  nextSeed: number;
  violations: Violation[];
  byInvariant: Record<string, number>;
  outcomes: Record<string, number>;
  /** Events by their kind, as they were ordered. */
  byFault: Record<string, number>;
  /** Those of them that came about: that met a call that can have them. Where nobody noted it, reckoned by the run without a fault. */
  came: Record<string, number>;
  /** Schedules in which nothing came about of what was ordered, and those of which that is reckoned. */
  idle: number;
  reckoned: number;
  slowest: { schedule: string; ms: number }[];
  longest: { schedule: string; virtualSeconds: number } | null;
  retries: number;
  throttled: number;
  deaths: number;
  wallSeconds: number;
  /** What was run with a guessed rule flipped, by rule; `met`: schedules in which anything went by it. */
  flipped: Record<string, { scenarios: number; met: number; violations: number; outcomes: Record<string, number> }>;
}

const kept = 5;

export class Ledger {
  readonly #file: string | undefined;
  readonly #lines: Line[] = [];
  readonly #shortened: Shortened[] = [];
  readonly #done = new Set<string>();
  readonly #session = Date.now();

  /** @throws Error where the file holds something else */
  constructor(file: string | undefined) {
    this.#file = file;
    const text = file && existsSync(file) ? readFileSync(file, 'utf8') : '';
    // The last line may have been cut off; what follows it begins on a line of its own.
    if (file && text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
    for (const [n, line] of text.split('\n').entries()) if (line !== '') this.#read(line, n === text.split('\n').length - 1);
  }

  #read(line: string, isLast: boolean): void {
    const parsed = parse(line);
    if (parsed === undefined && (isLast || line.startsWith('{"part":'))) return;
    if (parsed === undefined) throw new Error(`--resume: this is no file of the explorer's: ${line.slice(0, 80)}`);
    if ('shortened' in parsed) this.#shortened.push(parsed);
    else this.#take(parsed);
  }

  #take(line: Line): void {
    this.#lines.push(line);
    this.#done.add(line.schedule);
  }

  has(schedule: string): boolean {
    return this.#done.has(schedule);
  }

  add(part: Line['part'], answer: Answer, faultFree: readonly FaultFree[]): void {
    const { schedule, outcome, violations, ms, virtualSeconds, throttled, deaths, came, met } = answer;
    const { base, events } = parseSchedule(schedule);
    const usual = faultFree.find(run => run.base === base);
    const retries = Math.max(0, answer.calls - (usual?.calls.length ?? answer.calls));
    const call = events.map(event => whereOf(event, usual)).join(', ');
    const elapsed = Math.round((Date.now() - this.#session) / 1000);
    const known = {
      part,
      schedule,
      call,
      outcome,
      violations,
      ms,
      virtualSeconds,
      retries,
      throttled,
      deaths,
      came,
      ...(met !== undefined && { met }),
    };
    this.#append({ ...known, session: this.#session, elapsed });
  }

  shorten(schedule: string, invariant: number, shortened: string): void {
    this.#append({ schedule, invariant, shortened });
  }

  #append(entry: Line | Shortened): void {
    if ('shortened' in entry) this.#shortened.push(entry);
    else this.#take(entry);
    if (this.#file) appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  /** The schedules that violated something, with what they violated and were not yet shortened for. */
  get unexplained(): { schedule: string; invariant: number }[] {
    return this.#lines.flatMap(({ schedule, violations }) =>
      violations
        .filter(({ invariant }) => !this.#shortened.some(each => each.schedule === schedule && each.invariant === invariant))
        .map(({ invariant }) => ({ schedule, invariant })),
    );
  }

  tally(): Tally {
    const tally: Tally = {
      ...{ scenarios: 0, faultFree: 0, exhaustive: 0, random: 0, nextSeed: 1, violations: [], byInvariant: {}, outcomes: {}, byFault: {} },
      ...{ came: {}, idle: 0, reckoned: 0 },
      ...{ slowest: [], longest: null, retries: 0, throttled: 0, deaths: 0, wallSeconds: 0, flipped: {} },
    };
    const sessions = new Map<number, number>();
    for (const line of this.#lines) {
      this.#count(tally, line);
      sessions.set(line.session, Math.max(sessions.get(line.session) ?? 0, line.elapsed));
    }
    tally.slowest = this.#lines
      .map(({ schedule, ms }) => ({ schedule, ms }))
      .sort((a, b) => b.ms - a.ms)
      .slice(0, kept);
    tally.wallSeconds = [...sessions.values()].reduce((sum, seconds) => sum + seconds, 0);
    return tally;
  }

  #count(tally: Tally, line: Line): void {
    const [, seed = '', events = '', flip] = line.schedule.split('/');
    this.#countViolations(tally, line, seed);
    if (flip !== undefined) {
      countFlipped(tally, flip, line);
      return;
    }
    tally.scenarios++;
    const part = events === '' ? 'faultFree' : line.part;
    tally[part]++;
    if (part === 'random') tally.nextSeed = Math.max(tally.nextSeed, Number(seed) + 1);
    count(tally.outcomes, line.outcome);
    countEvents(tally, line);
    tally.retries += line.retries;
    tally.throttled += line.throttled;
    tally.deaths += line.deaths;
    const { schedule, virtualSeconds } = line;
    if (virtualSeconds > (tally.longest?.virtualSeconds ?? 0)) tally.longest = { schedule, virtualSeconds };
  }

  #countViolations(tally: Tally, line: Line, seed: string): void {
    const { schedule } = line;
    for (const { invariant, what } of line.violations) {
      count(tally.byInvariant, String(invariant));
      const short = this.#shortened.find(each => each.schedule === schedule && each.invariant === invariant)?.shortened ?? schedule;
      const fault = short.split('/')[2] ?? '';
      tally.violations.push({ seed, call: line.call, fault, invariant, what, reproduce: reproduce(short) });
    }
  }
}

const reproduce = (schedule: string) => `npm run faults -- --only '${schedule}'`;

function parse(line: string): Line | Shortened | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('schedule' in value)) return undefined;
    return 'shortened' in value || 'part' in value ? (value as Line | Shortened) : undefined;
  } catch {
    return undefined;
  }
}

function whereOf(event: Event, run: FaultFree | undefined): string {
  const call = event.on === 'activity' ? undefined : run?.calls[event.n - 1];
  const letter = event.on === 'activity' ? 'a' : 'c';
  return [`${letter}${event.n}`, ...(call ? [call.method, call.path] : [])].join(' ');
}

const kindOf = (event: string) => event.split('=')[1] ?? event.split('@')[0] ?? '';

function countEvents(tally: Tally, { schedule, call, deaths, came }: Line): void {
  const { events } = parseSchedule(schedule);
  if (events.length === 0) return;
  for (const event of events) count(tally.byFault, kindOf(eventText(event)));
  const met = came ?? reckoned(events, call, deaths);
  for (const event of met) count(tally.came, kindOf(event));
  if (met.length === 0) tally.idle++;
  if (came === undefined) tally.reckoned++;
}

function countFlipped({ flipped }: Tally, rule: string, { outcome, violations, met }: Line): void {
  const known = flipped[rule] ?? { scenarios: 0, met: 0, violations: 0, outcomes: {} };
  flipped[rule] = known;
  known.scenarios++;
  if (met) known.met++;
  known.violations += violations.length;
  count(known.outcomes, outcome);
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
