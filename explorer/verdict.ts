/** What a worker says of a schedule, and what is said in its place where it could say nothing. */
export interface Verdict {
  schedule: string;
  outcome: string;
  violations: { invariant: number; what: string }[];
  ms: number;
  virtualSeconds: number;
  calls: number;
  activities: number;
  deaths: number;
  /** Requests that Azure answered with 429, ordered ones among them. */
  throttled: number;
  /** How often something that was ordered came about: a fault at a call that can have it, a death at an activity. */
  hit: number;
  /** Whether anything went by the rule that was flipped; absent where none was. */
  met?: boolean;
  /** Events of the schedule that came about. */
  came: string[];
}

/** Said every few seconds while a schedule runs: what takes long on a busy machine is told from what hangs. */
export interface SignOfLife {
  alive: true;
}

/** Of a schedule that came to no end: that breaks invariant 0. */
export const nothing = (schedule: string, what: string, ms: number): Verdict => ({
  ...{ schedule, outcome: 'none', violations: [{ invariant: 0, what }], ms },
  ...{ virtualSeconds: 0, calls: 0, activities: 0, deaths: 0, throttled: 0, hit: 0, came: [] },
});
