/** What the runs add up to. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Answer } from './crew.ts';
import type { FaultFree } from './plan.ts';

export interface Violation {
  seed: string;
  /** The event, as it is written in a schedule: call or activity, and fault. */
  fault: string;
  invariant: number;
  what: string;
  reproduce: string;
}

export interface Tally {
  scenarios: number;
  exhaustive: number;
  random: number;
  nextSeed: number;
  violations: Violation[];
  byInvariant: Record<string, number>;
  outcomes: Record<string, number>;
  byFault: Record<string, number>;
  slowest: { schedule: string; ms: number }[];
  longest: { schedule: string; virtualSeconds: number } | null;
  /** Calls beyond those of the fault-free run of the same VM. */
  retries: number;
  throttled: number;
  deaths: number;
  wallSeconds: number;
}

const nothing = (): Tally => ({
  ...{ scenarios: 0, exhaustive: 0, random: 0, nextSeed: 1, violations: [], byInvariant: {}, outcomes: {}, byFault: {} },
  ...{ slowest: [], longest: null, retries: 0, throttled: 0, deaths: 0, wallSeconds: 0 },
});

const kept = 5;

export function add(tally: Tally, answer: Answer, faultFree: FaultFree[], isRandom: boolean): void {
  const [base = '', seed = '', events = ''] = answer.schedule.split('/');
  tally.scenarios++;
  tally[isRandom ? 'random' : 'exhaustive']++;
  count(tally.outcomes, answer.outcome);
  for (const event of events.split(',')) count(tally.byFault, event.split('=')[1] ?? event.split('@')[0] ?? '');
  const usual = faultFree.find(run => run.base === base)?.calls.length ?? answer.calls;
  tally.retries += Math.max(0, answer.calls - usual);
  tally.throttled += answer.throttled;
  tally.deaths += answer.deaths;
  tally.slowest = [...tally.slowest, { schedule: answer.schedule, ms: answer.ms }].sort((a, b) => b.ms - a.ms).slice(0, kept);
  if (answer.virtualSeconds > (tally.longest?.virtualSeconds ?? 0))
    tally.longest = { schedule: answer.schedule, virtualSeconds: answer.virtualSeconds };
  for (const { invariant, what } of answer.violations) {
    count(tally.byInvariant, String(invariant));
    tally.violations.push({ seed, fault: events, invariant, what, reproduce: `npm run faults -- --only '${answer.schedule}'` });
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

export function load(file: string | undefined): Tally {
  try {
    return { ...nothing(), ...JSON.parse(readFileSync(file ?? '', 'utf8')) };
  } catch {
    return nothing();
  }
}

export function save(file: string | undefined, tally: Tally): void {
  if (file) writeFileSync(file, `${JSON.stringify(tally, null, 2)}\n`);
}
