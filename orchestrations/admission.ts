/** Who may start now. A pure reducer; the durable entity around it is a few lines (functions/runbooks.ts). */
import type { Limits } from '../functions/activities/contract.ts';

export interface AdmissionState {
  /** VM id (lower case) -> the repair that has it. */
  running: Record<string, { repairId: string; since: string }>;
  /** VM id (lower case) -> when repairs of it were admitted within the last day (ISO). */
  starts: Record<string, string[]>;
  /** VM id (lower case) -> when we restarted it for trouble that is not over (ISO): never twice for one incident. */
  restarts: Record<string, string>;
  /** Finding (its stop code, else its id) -> repairs for it that failed one after the other, and when the last of them did (ISO). */
  failures: Record<string, { inARow: number; at: string; lastRepairId: string }>;
}

export interface AdmissionRequest {
  vmId: string;
  repairId: string;
  at: string;
  limits: Limits;
}

export type Admission =
  | { decision: 'admitted'; restartedAt: string | null }
  | { decision: 'joined'; repairId: string }
  | { decision: 'queued'; ahead: number }
  | { decision: 'refused'; why: string };

const day = 24 * 60 * 60 * 1000;
/** Of requests of earlier versions. */
const usual = { breakerFailures: 3, breakerSeconds: 6 * 3600 };
export const nobody: AdmissionState = { running: {}, starts: {}, restarts: {}, failures: {} };

/** Asking twice with the same repair id gives the same answer: a crash between asking and hearing costs nothing. */
export function admit(state: AdmissionState, request: AdmissionRequest): { state: AdmissionState; answer: Admission } {
  const vm = request.vmId.toLowerCase();
  const holder = state.running[vm];
  const restarts = youngerThan(request.limits.keepDays * day, state.restarts, request.at);
  const admitted: Admission = { decision: 'admitted', restartedAt: restarts[vm] ?? null };
  if (holder?.repairId === request.repairId) return { state, answer: admitted };
  if (holder) return { state, answer: { decision: 'joined', repairId: holder.repairId } };

  const recent = (state.starts[vm] ?? []).filter(start => Date.parse(request.at) - Date.parse(start) < day);
  const { repairsPerVmAndDay, repairsAtOnce } = request.limits;
  if (recent.length >= repairsPerVmAndDay) {
    const why = `this VM was repaired ${recent.length} times within a day, and ${repairsPerVmAndDay} are allowed`;
    return { state, answer: { decision: 'refused', why } };
  }
  const atWork = Object.keys(state.running).length;
  if (atWork >= repairsAtOnce) return { state, answer: { decision: 'queued', ahead: atWork - repairsAtOnce + 1 } };

  return {
    state: {
      ...state,
      restarts,
      running: { ...state.running, [vm]: { repairId: request.repairId, since: request.at } },
      starts: { ...withoutOld(state.starts, request.at), [vm]: [...recent, request.at] },
    },
    answer: admitted,
  };
}

/** Gives the VM free again; harmless when somebody else has it. `well`: its incident is over. */
export function release(state: AdmissionState, request: { vmId: string; repairId: string; well?: boolean }): AdmissionState {
  const vm = request.vmId.toLowerCase();
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
