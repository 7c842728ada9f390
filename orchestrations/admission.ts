/** Who may start now. A pure reducer; the durable entity around it is a few lines (functions/runbooks.ts). */
import type { Limits } from '../functions/activities/contract.ts';

export interface AdmissionState {
  /** VM id (lower case) -> the repair that has it. */
  running: Record<string, { repairId: string; since: string }>;
  /** VM id (lower case) -> when repairs of it were admitted within the last day (ISO). */
  starts: Record<string, string[]>;
  /** VM id (lower case) -> when we restarted it for trouble that is not over (ISO): never twice for one incident. */
  restarts: Record<string, string>;
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
export const nobody: AdmissionState = { running: {}, starts: {}, restarts: {} };

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
