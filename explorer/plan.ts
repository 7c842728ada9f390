/** Which schedules there are: every fault at every call of a fault-free run, and random ones without end. */
import fc from 'fast-check';
import { canHave } from './mishaps.ts';
import {
  activityFaults,
  acts,
  type Base,
  bases,
  type CallFault,
  callFaults,
  type Event,
  type Moment,
  moments,
  type Schedule,
  textOf,
} from './schedule.ts';
import type { Call } from './wire.ts';

export interface FaultFree {
  base: Base;
  calls: Call[];
  activities: number;
}

/** What is the same before and after Azure has acted, where nothing is acted upon. */
const onlyForWrites: CallFault[] = ['reset-after', 'late-after', 'die', '412'];
/** Once and then always; the rest goes by. */
const lasting: CallFault[] = ['403', '404', '409', '429-wait', '500', 'fails', 'endless', 'mute', 'garbage'];

const changes = (call: Call) =>
  !reads(call) &&
  (call.service === 'arm' || call.service === 'host') &&
  !/(retrieveBootDiagnosticsData|checkPolicyRestrictions|ResourceGraph\/resources)$/.test(call.path);
const reads = ({ method }: Call) => method === 'GET' || method === 'HEAD';
/** While the host waits for a person it asks nothing: it dies when the person reads what it waits with. */
const pointless = (call: Call, fault: CallFault) =>
  reads(call) && onlyForWrites.includes(fault) && !(call.service === 'host' && fault === 'die');
/** Evidence is named by its contents: each is another file, and the same question. */
const signature = ({ service, method, path }: Call) => `${service} ${method} ${path.replace(/-[0-9a-f]{12}(?=\.\w+$)/, '')}`;

const anyName = new RegExp(bases.join('|'), 'g');

/** Of these only what is theirs alone: the calls to Azure and to the host that no repair before had or that follow one, and what goes with them. */
const narrow: readonly Base[] = ['in-review'];

interface Situation {
  asked: string;
  /** What had been changed before. */
  last: string;
}

/**
 * Where a call stands in a repair: what it asks, whatever the VM, its group and the script's number, and what had been changed last before
 * it. What goes wrong there goes wrong in the same way in every repair.
 */
function situationsOf({ calls }: FaultFree): Map<Call, Situation> {
  let last = '';
  const situations = new Map<Call, Situation>();
  for (const call of calls) {
    const what = signature(call)
      .replace(anyName, '{vm}')
      .replace(/resourcegroups\/rg-(office|shop|directory)/gi, '{group}');
    const asked = what.replace(/(script-|\/)\d(?=-)/, '$1');
    situations.set(call, { asked, last });
    if (changes(call)) last = asked;
  }
  return situations;
}

/** The first run whole, call by call; of each further one the calls in a situation that none before it had. All of them with `every`. */
function newIn(runs: readonly FaultFree[], every: boolean): Map<FaultFree, Call[]> {
  const known = new Set<string>();
  const questions = new Set(['']);
  const kept = new Map<FaultFree, Call[]>();
  for (const [n, run] of runs.entries()) {
    const fresh: Call[] = [];
    const situations = situationsOf(run);
    for (const [call, { asked, last }] of situations) {
      const situation = `${asked} after ${last}`;
      if (known.has(situation)) continue;
      known.add(situation);
      const isOwn = call.service !== 'blob' && !(questions.has(asked) && questions.has(last));
      if (isOwn || !narrow.includes(run.base)) fresh.push(call);
    }
    for (const { asked } of situations.values()) questions.add(asked);
    kept.set(run, every || n === 0 ? run.calls : fresh);
  }
  return kept;
}

/** One fault each. The order of the runs counts: what an earlier one has is left out of a later one, unless `every` is wanted. */
export function exhaustive(runs: readonly FaultFree[], seed: string, every: boolean): Schedule[] {
  return [...newIn(runs, every)].flatMap(([run, calls]) => schedulesOf(run, calls, seed, every || run === runs[0]));
}

function schedulesOf({ base, activities }: FaultFree, calls: Call[], seed: string, whole: boolean): Schedule[] {
  const schedule = (event: Event): Schedule => ({ base, seed, events: [event] });
  const brief = !whole && narrow.includes(base);
  const once = calls.flatMap(call =>
    callFaults
      .filter(fault => canHave(call, fault) && !pointless(call, fault))
      .map(fault => schedule({ on: 'call', n: call.n, fault, lasting: false })),
  );
  const firsts = [...Map.groupBy(calls, signature).values()].flatMap(([first]) => (first ? [first] : []));
  const always = firsts
    .filter(call => !brief || changes(call))
    .flatMap(call => lasting.filter(fault => canHave(call, fault)).map(fault => schedule({ on: 'call', n: call.n, fault, lasting: true })));
  // Where no call is new, no activity is.
  const all = Array.from({ length: whole || calls.length > 0 ? activities : 0 }, (_, n) => n + 1);
  const deaths = all
    .filter(n => !brief || calls.some(({ activity }) => activity === n))
    .flatMap(n => activityFaults.map(fault => schedule({ on: 'activity', n, fault })));
  const { acting, turns } = placesOf(calls, brief);
  const people = acting.flatMap(n => acts.map(act => schedule({ on: 'person', n, act })));
  const meanwhile = turns.flatMap(n => moments.filter(on => on !== 'next').map(on => schedule({ on, n })));
  return [...once, ...always, ...deaths, ...people, ...meanwhile, schedule({ on: 'next', n: 3 })];
}

/** What others do is worth a try where something is about to change, or has just changed; and while the repair waits for one of them. */
function placesOf(calls: Call[], brief: boolean): { acting: number[]; turns: number[] } {
  const asked = calls.filter(({ service }) => service === 'host');
  const turns = calls.filter(call => changes(call) || asked.includes(call));
  const after = (brief ? asked : turns).filter(changes).map(({ n }) => n + 1);
  return { acting: [...asked.map(({ n }) => n), ...after], turns: turns.map(({ n }) => n) };
}

/** The random schedule of a seed: some faults, deaths, people and cancellations at once. */
export function random(runs: FaultFree[], chosen: readonly Base[], seed: number): Schedule {
  const anyBase = fc.constantFrom(...chosen);
  const [drawn] = fc.sample(
    anyBase.chain(base =>
      schedules(
        runs.find(run => run.base === base),
        base,
        String(seed),
      ),
    ),
    { seed, numRuns: 1 },
  );
  if (drawn === undefined) throw new Error('nothing was drawn');
  return drawn;
}

/** What goes wrong makes a repair longer: its way back lies behind the end of the one without faults. */
const longer = (n: number | undefined) => Math.max(1, Math.ceil((n ?? 1) * 1.2));
/** Two at once in one schedule, at most: each is a whole repair more. */
const elsewhere: Moment[] = ['again', 'other', 'neighbour', 'sweep', 'next'];

/** A fault that few calls can have would hardly ever come about where any call is drawn for it: it moves to one of those few. */
function placeFor(run: FaultFree | undefined, n: number, fault: CallFault): number {
  const drawn = run?.calls[n - 1];
  if (run === undefined || drawn === undefined || canHave(drawn, fault)) return n;
  const able = run.calls.filter(call => canHave(call, fault));
  return able[n % able.length]?.n ?? n;
}

function schedules(run: FaultFree | undefined, base: Base, seed: string): fc.Arbitrary<Schedule> {
  const calls = fc.integer({ min: 1, max: longer(run?.calls.length) });
  const activities = fc.integer({ min: 1, max: longer(run?.activities) });
  // What `fc.boolean()` draws is not used any more; without it each seed would draw another schedule than the ones that were run.
  const call = fc
    .tuple(calls, fc.constantFrom(...callFaults), fc.boolean(), fc.nat(9))
    .map(
      ([n, fault, , odds]): Event => ({ on: 'call', n: placeFor(run, n, fault), fault, lasting: odds === 0 && lasting.includes(fault) }),
    );
  const death = fc.tuple(activities, fc.constantFrom(...activityFaults)).map(([n, fault]): Event => ({ on: 'activity', n, fault }));
  const person = fc.tuple(calls, fc.constantFrom(...acts)).map(([n, act]): Event => ({ on: 'person', n, act }));
  const moment = (on: Moment) => calls.map((n): Event => ({ on, n: on === 'next' ? 1 + (n % 2) : n }));
  const weighted: [number, fc.Arbitrary<Event>][] = [
    [6, call],
    [2, death],
    [2, person],
    [1, moment('cancel')],
    [1, moment('stop')],
  ];
  const any = fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
  const others = fc.array(fc.constantFrom(...elsewhere).chain(moment), { maxLength: 2 });
  const rarely = fc.oneof({ weight: 2, arbitrary: fc.constant<Event[]>([]) }, { weight: 1, arbitrary: others });
  return fc
    .tuple(fc.array(any, { minLength: 1, maxLength: 5 }), rarely)
    .map(([events, more]) => ({ base, seed, events: [...events, ...more] }));
}

/** Evenly over the list, the same ones for the same seed. */
export function sample(schedules: Schedule[], count: number, seed: number): Schedule[] {
  const order =
    fc.sample(
      fc.shuffledSubarray(
        schedules.map((_, n) => n),
        { minLength: Math.min(count, schedules.length), maxLength: Math.min(count, schedules.length) },
      ),
      { seed, numRuns: 1 },
    )[0] ?? [];
  return order.flatMap(n => schedules[n] ?? []);
}

/** Of each kind of trouble about as many, each at another call: the rare ones are not lost among the many. */
export function spread(schedules: Schedule[], count: number, seed: number): Schedule[] {
  const kindOf = ({ events: [event] }: Schedule) => textOf({ base: 'web-en-02', seed: '', events: event ? [{ ...event, n: 0 }] : [] });
  const kinds = [...Map.groupBy(schedules, kindOf).values()].map((group, n) => sample(group, Math.ceil(count / 10), seed + n));
  const rounds = Array.from({ length: Math.ceil(count / 10) }, (_, n) => kinds.flatMap(group => group[n] ?? []));
  return rounds.flat().slice(0, count);
}
