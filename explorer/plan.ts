/** Which schedules there are: every fault at every call of a fault-free run, and random ones without end. */
import fc from 'fast-check';
import { canHave } from './mishaps.ts';
import { activityFaults, acts, type Base, bases, type CallFault, callFaults, type Event, type Schedule } from './schedule.ts';
import type { Call } from './wire.ts';

export interface FaultFree {
  base: Base;
  calls: Call[];
  activities: number;
}

/** What is the same before and after Azure has acted, where nothing is acted upon. */
const onlyForWrites: CallFault[] = ['reset-after', 'late-after', 'die', '412'];
/** Once and then always; the rest goes by. */
const lasting: CallFault[] = ['403', '404', '409', '429-wait', '500', 'fails', 'endless'];

const reads = ({ method }: Call) => method === 'GET' || method === 'HEAD';
const signature = ({ service, method, path }: Call) => `${service} ${method} ${path}`;

/** Polling asks the same over and over: of each question the first, the second and the last time; all of them with `every`. */
function positions(calls: Call[], every: boolean): Call[] {
  if (every) return calls;
  const groups = Map.groupBy(calls, signature);
  const kept = [...groups.values()].flatMap(group => (group.length <= 3 ? group : [...group.slice(0, 2), ...group.slice(-1)]));
  return kept.toSorted((a, b) => a.n - b.n);
}

export function exhaustive({ base, calls, activities }: FaultFree, seed: string, every: boolean): Schedule[] {
  const schedule = (event: Event): Schedule => ({ base, seed, events: [event] });
  const once = positions(calls, every).flatMap(call =>
    callFaults
      .filter(fault => canHave(call, fault) && !(reads(call) && onlyForWrites.includes(fault)))
      .map(fault => schedule({ on: 'call', n: call.n, fault, lasting: false })),
  );
  const firsts = [...Map.groupBy(calls, signature).values()].flatMap(([first]) => (first ? [first] : []));
  const always = firsts.flatMap(call =>
    lasting.filter(fault => canHave(call, fault)).map(fault => schedule({ on: 'call', n: call.n, fault, lasting: true })),
  );
  const deaths = Array.from({ length: activities }, (_, n) => n + 1).flatMap(n =>
    activityFaults.map(fault => schedule({ on: 'activity', n, fault })),
  );
  return [...once, ...always, ...deaths];
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

function schedules(run: FaultFree | undefined, base: Base, seed: string): fc.Arbitrary<Schedule> {
  const calls = fc.integer({ min: 1, max: Math.max(1, run?.calls.length ?? 1) });
  const activities = fc.integer({ min: 1, max: Math.max(1, run?.activities ?? 1) });
  const call = fc
    .tuple(calls, fc.constantFrom(...callFaults), fc.boolean(), fc.nat(9))
    .map(([n, fault, , odds]): Event => ({ on: 'call', n, fault, lasting: odds === 0 && lasting.includes(fault) }));
  const death = fc.tuple(activities, fc.constantFrom(...activityFaults)).map(([n, fault]): Event => ({ on: 'activity', n, fault }));
  const person = fc.tuple(calls, fc.constantFrom(...acts)).map(([n, act]): Event => ({ on: 'person', n, act }));
  const again = calls.map((n): Event => ({ on: 'again', n }));
  const cancel = calls.map((n): Event => ({ on: 'cancel', n }));
  const weighted: [number, fc.Arbitrary<Event>][] = [
    [6, call],
    [2, death],
    [2, person],
    [1, again],
    [1, cancel],
  ];
  const any = fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
  return fc.array(any, { minLength: 1, maxLength: 5 }).map(events => ({ base, seed, events }));
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

export { bases };
