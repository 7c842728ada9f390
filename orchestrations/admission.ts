/** Who may start now. A pure reducer; the durable entity around it is a few lines (functions/runbooks.ts). */
import type { Limits, Scope } from '../functions/activities/contract.ts';
import { type Given, giveStart, pace } from './startPace.ts';

export interface Running {
  repairId: string;
  since: string;
  /** Ids of the scopes that it counts in. Absent in entries of earlier versions. */
  scopes?: string[];
  /** It waits for others of its incident: the VM is its own, its place is free. */
  parked?: boolean;
}

export interface Waiting {
  vmId: string;
  /** When it asked first, and last (ISO). */
  since: string;
  askedAt: string;
  why: string;
  /** Repairs of which one has to end first; none = it waits for its time to begin. */
  waitsFor: string[];
  /** When it may begin, once there is a place for it; the clock of `AdmissionRequest`. */
  startsAt?: number;
}

export interface AdmissionState {
  /** VM id (lower case) -> the repair that has it. */
  running: Record<string, Running>;
  /** Repair -> what it waits for. */
  waiting: Record<string, Waiting>;
  /** VM id (lower case) -> when repairs of it were admitted within the last day (ISO). */
  starts: Record<string, string[]>;
  /** VM id (lower case) -> when we restarted it for trouble that is not over (ISO): never twice for one incident. */
  restarts: Record<string, string>;
  /** Finding (its stop code, else its id) -> repairs for it that failed one after the other, and when the last of them did (ISO). */
  failures: Record<string, { inARow: number; at: string; lastRepairId: string }>;
  /** Who begins when, if many do (`startPace.ts`); the clock of `AdmissionRequest`. */
  starting: Given;
}

export interface AdmissionRequest {
  vmId: string;
  repairId: string;
  at: string;
  limits: Limits;
  /** What the VM lies in, with its size. Absent in requests of earlier versions. */
  scopes?: Scope[];
  /** The repair's clock, service seconds. Absent in requests of earlier versions, which begin at once. */
  clock?: number;
}

export type Admission =
  | { decision: 'admitted'; restartedAt: string | null }
  | { decision: 'joined'; repairId: string }
  /** `afterSeconds`: its time to begin comes then, service seconds. */
  | { decision: 'queued'; why: string; waitsFor: string[]; afterSeconds?: number }
  | { decision: 'refused'; why: string };

const day = 24 * 60 * 60 * 1000;
/** Of requests of earlier versions. */
const usual = { breakerFailures: 3, breakerSeconds: 6 * 3600, scopePercent: 20 };
export const nobody: AdmissionState = { running: {}, waiting: {}, starts: {}, restarts: {}, failures: {}, starting: {} };

/** Asking twice with the same repair id gives the same answer: a crash between asking and hearing costs nothing. */
export function admit(state: AdmissionState, request: AdmissionRequest): { state: AdmissionState; answer: Admission } {
  const vm = request.vmId.toLowerCase();
  const holder = state.running[vm];
  const restarts = youngerThan(request.limits.keepDays * day, state.restarts, request.at);
  const admitted: Admission = { decision: 'admitted', restartedAt: restarts[vm] ?? null };
  if (holder?.repairId === request.repairId && !holder.parked) return { state, answer: admitted };
  const left = { ...state, waiting: without(state.waiting, request.repairId) };
  const other = holder && holder.repairId !== request.repairId ? holder.repairId : queuedBefore(state, request);
  if (other !== undefined) return { state: left, answer: { decision: 'joined', repairId: other } };

  const recent = (state.starts[vm] ?? []).filter(start => Date.parse(request.at) - Date.parse(start) < day);
  const { repairsPerVmAndDay } = request.limits;
  if (!holder && recent.length >= repairsPerVmAndDay) {
    const why = `this VM was repaired ${recent.length} times within a day, and ${repairsPerVmAndDay} are allowed`;
    return { state: left, answer: { decision: 'refused', why } };
  }
  const before = state.waiting[request.repairId];
  const queued = (why: string, waitsFor: string[], startsAt = before?.startsAt): Waiting => {
    const since = before?.since ?? request.at;
    return { vmId: request.vmId, since, askedAt: request.at, why, waitsFor, ...(startsAt === undefined ? {} : { startsAt }) };
  };
  const waiting = (entry: Waiting) => ({ ...state.waiting, [request.repairId]: entry });
  const full = fullPlaces(state, request)[0];
  if (full) return { state: { ...state, waiting: waiting(queued(full.why, full.waitsFor)) }, answer: { decision: 'queued', ...full } };
  const { startsAt, given } = startOf(state, request);
  const afterSeconds = startsAt - (request.clock ?? 0);
  if (afterSeconds > 0) {
    const why = `${pace.atOnce} repairs began shortly before it, and more would wait for each other at Azure’s limits`;
    const next = { ...state, waiting: waiting(queued(why, [], startsAt)), starting: given };
    return { state: next, answer: { decision: 'queued', why, waitsFor: [], afterSeconds } };
  }

  const scopes = (request.scopes ?? []).map(({ id }) => id);
  return {
    state: {
      ...left,
      restarts,
      starting: given,
      running: { ...state.running, [vm]: { repairId: request.repairId, since: request.at, scopes } },
      starts: { ...withoutOld(state.starts, request.at), [vm]: holder ? recent : [...recent, request.at] },
    },
    answer: admitted,
  };
}

/** When it may begin, given once, in the order of asking. Who has only given its place away has begun long ago. */
function startOf({ waiting, starting, running }: AdmissionState, { vmId, repairId, clock }: AdmissionRequest) {
  if (clock === undefined || running[vmId.toLowerCase()]) return { startsAt: 0, given: starting };
  const startsAt = waiting[repairId]?.startsAt;
  return startsAt === undefined ? giveStart(starting, vmId, clock) : { startsAt, given: starting };
}

/** Who waits asks again every few minutes; whoever has not for so long is dead, and nobody waits with the dead. */
const silence = 15 * 60 * 1000;

/** Another repair that waits for a place for this very VM, and was there first. */
function queuedBefore({ waiting }: AdmissionState, { vmId, repairId, at }: AdmissionRequest): string | undefined {
  if (Object.hasOwn(waiting, repairId)) return undefined;
  const waits = ([, entry]: [string, Waiting]) =>
    entry.vmId.toLowerCase() === vmId.toLowerCase() && Date.parse(at) - Date.parse(entry.askedAt) < silence;
  return Object.entries(waiting).find(waits)?.[0];
}

/** At most so many of a scope at once: its percentage, rounded down, but one in any case. A scope whose size is not known counts as small. */
export function mostOf({ size }: Pick<Scope, 'size'>, { scopePercent = usual.scopePercent }: Pick<Limits, 'scopePercent'>): number {
  return Math.max(1, Math.floor(((size ?? 0) * scopePercent) / 100));
}

/** Every reason why no further repair may begin now. */
function fullPlaces({ running }: AdmissionState, { limits, scopes = [] }: AdmissionRequest): { why: string; waitsFor: string[] }[] {
  const everybody = Object.values(running).filter(({ parked }) => !parked);
  const places = [
    { inIt: everybody, most: limits.repairsAtOnce, where: 'in all' },
    ...scopes.map(scope => ({
      inIt: everybody.filter(each => each.scopes?.includes(scope.id)),
      most: mostOf(scope, limits),
      where: `in ${scope.what}${scope.size === null ? ', whose size cannot be read' : ` (${scope.size} VMs)`}`,
    })),
  ];
  return places.flatMap(({ inIt, most, where }) => {
    if (inIt.length < most) return [];
    const why = `${inIt.length} repair(s) are at work ${where}, and at most ${most} may be at once`;
    return [{ why, waitsFor: inIt.map(({ repairId }) => repairId) }];
  });
}

/** Keeps the VM and gives the place to others; `admit` asks for one again, and does not count as another repair. */
export function park(state: AdmissionState, { vmId, repairId }: { vmId: string; repairId: string }): AdmissionState {
  const vm = vmId.toLowerCase();
  const holder = state.running[vm];
  if (holder?.repairId !== repairId) return state;
  return { ...state, running: { ...state.running, [vm]: { ...holder, parked: true } } };
}

/** Gives the VM, or the place in the queue, free again; harmless when somebody else has it. `well`: its incident is over. */
export function release(before: AdmissionState, request: { vmId: string; repairId: string; well?: boolean }): AdmissionState {
  const vm = request.vmId.toLowerCase();
  const queues = Object.hasOwn(before.waiting, request.repairId);
  const state = queues ? { ...before, waiting: without(before.waiting, request.repairId) } : before;
  if (state.running[vm]?.repairId !== request.repairId) return state;
  return { ...state, running: without(state.running, vm), restarts: request.well ? without(state.restarts, vm) : state.restarts };
}

/** Remembers the one restart of an incident. */
export function noteRestart(state: AdmissionState, { vmId, at }: { vmId: string; at: string }): AdmissionState {
  return { ...state, restarts: { ...state.restarts, [vmId.toLowerCase()]: at } };
}

export interface BreakerQuestion {
  finding: string;
  at: string;
  limits: Limits;
}

/** Whether a finding is still repaired: after so many failures in a row it is not, for a time. One more failure after that, and again it is not. */
export function askBreaker(
  { failures }: AdmissionState,
  { finding, at, limits }: BreakerQuestion,
): { open: boolean; why: string; until: string } {
  const { breakerFailures = usual.breakerFailures, breakerSeconds = usual.breakerSeconds } = limits;
  const row = failures[finding];
  const until = row === undefined ? at : new Date(Date.parse(row.at) + breakerSeconds * 1000).toISOString();
  const open = row !== undefined && row.inARow >= breakerFailures && Date.parse(at) < Date.parse(until);
  const why = open ? `the last ${row.inARow} repairs for ${finding} failed, the last of them ${row.lastRepairId}` : '';
  return { open, why, until };
}

/** Remembers how a repair for a finding ended. */
export function noteEnd(
  state: AdmissionState,
  { finding, repairId, failed, at }: { finding: string; repairId: string; failed: boolean; at: string },
): AdmissionState {
  const before = state.failures[finding];
  if (!failed) return before === undefined ? state : { ...state, failures: without(state.failures, finding) };
  // Told twice, counted once: a crash between telling and hearing.
  if (before?.lastRepairId === repairId) return state;
  return { ...state, failures: { ...state.failures, [finding]: { inARow: (before?.inARow ?? 0) + 1, at, lastRepairId: repairId } } };
}

/** A person has looked into it: the finding is repaired again. */
export function resetBreaker(state: AdmissionState, { finding }: { finding: string }): AdmissionState {
  return { ...state, failures: without(state.failures, finding) };
}

export interface Breaker {
  finding: string;
  failuresInARow: number;
  lastRepairId: string;
  lastFailedAt: string;
  /** False: it has not failed often enough, or long ago. */
  open: boolean;
  /** When it closes by itself; null = it is not open. */
  until: string | null;
}

export interface Overview {
  running: (Running & { vmId: string })[];
  waiting: (Waiting & { repairId: string })[];
  breakers: Breaker[];
}

/** What a person sees of it: who works, who waits for whom and why, what is not repaired for now. */
export function overview(state: AdmissionState, limits: Limits, at: string): Overview {
  const bySince = (a: { since: string }, b: { since: string }) => a.since.localeCompare(b.since);
  return {
    running: Object.entries(state.running)
      .map(([vmId, entry]) => ({ vmId, ...entry }))
      .toSorted(bySince),
    waiting: Object.entries(state.waiting)
      .map(([repairId, entry]) => ({ repairId, ...entry }))
      .toSorted(bySince),
    breakers: Object.entries(state.failures).map(([finding, { inARow, at: lastFailedAt, lastRepairId }]) => {
      const { open, until } = askBreaker(state, { finding, at, limits });
      return { finding, failuresInARow: inARow, lastRepairId, lastFailedAt, open, until: open ? until : null };
    }),
  };
}

function youngerThan(ms: number, times: Record<string, string>, at: string): Record<string, string> {
  return Object.fromEntries(Object.entries(times).filter(([, time]) => Date.parse(at) - Date.parse(time) < ms));
}

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}

function withoutOld(starts: AdmissionState['starts'], at: string): AdmissionState['starts'] {
  const young = Object.entries(starts).map(([vm, times]) => [vm, times.filter(time => Date.parse(at) - Date.parse(time) < day)] as const);
  return Object.fromEntries(young.filter(([, times]) => times.length > 0));
}
