/**
 * A burst: many VMs with the same finding within a window are one incident. One of them goes first, whichever asks first; before it is
 * proven to be well no other is touched. Where it fails the next is tried, and where some have failed none is any more. Nobody has to wait
 * for the window to see whether more will come: who comes second waits. A pure reducer; the durable entity around it is in functions/runbooks.ts.
 */
import type { Limits } from '../functions/activities/contract.ts';

export interface Member {
  repairId: string;
  /** When it began, or ended (ISO). */
  at: string;
  /** `neither`: it ended without showing whether the repair helps; `held`: it was not begun, because Azure itself has a fault there. */
  state: 'at-work' | 'waiting' | 'well' | 'failed' | 'neither' | 'held';
}

/** Finding (its stop code, else its id) -> VM id (lower case) -> its newest repair within the window. */
export type Incidents = Record<string, Record<string, Member>>;

export interface IncidentQuestion {
  finding: string;
  vmId: string;
  repairId: string;
  at: string;
  limits: Pick<Limits, 'burstVms' | 'burstSeconds'>;
  /** Only asks: nothing is noted. */
  peek?: boolean;
}

/** `vms`: that fail alike, with this one; not those that are well again. Absent in answers of earlier versions. */
export type Turn =
  | { turn: 'go'; vms?: number }
  /** Repairs of which one has to end first. */
  | { turn: 'wait'; behind: string[]; vms: number }
  | { turn: 'stop'; failed: string[]; vms: number };

/** Of requests of earlier versions. */
const usual = { burstVms: 3, burstSeconds: 3600 };
/** One whose orchestration was killed never tells its end; a repair takes no longer. */
const deadSeconds = 24 * 3600;

/** Asking twice with the same repair id gives the same answer, as long as nothing else has ended. */
export function takeTurn(before: Incidents, question: IncidentQuestion): { state: Incidents; answer: Turn } {
  const { finding, repairId, at } = question;
  const vm = question.vmId.toLowerCase();
  const { burstVms = usual.burstVms } = question.limits;
  const state = withoutOld(before, question);
  const { [vm]: own, ...others } = state[finding] ?? {};
  const inState = (wanted: Member['state']) => Object.values(others).filter(member => member.state === wanted);
  const [atWork, failed] = [inState('at-work'), inState('failed')];
  const vms = Object.values(others).filter(({ state }) => state !== 'well').length + 1;
  const become = (member: Member['state'], answer: Turn) => ({
    state: question.peek ? before : { ...state, [finding]: { ...others, [vm]: { repairId, at, state: member } } },
    answer,
  });
  const isOn = own?.repairId === repairId && own.state === 'at-work';
  const isProven = inState('well').length > 0;
  const hasRoom = atWork.length < Math.max(1, burstVms - 2) && atWork.length + failed.length < burstVms - 1;
  if (isOn || isProven || hasRoom) return become('at-work', { turn: 'go', vms });
  if (atWork.length > 0) return become('waiting', { turn: 'wait', behind: atWork.map(member => member.repairId), vms });
  return { state: question.peek ? before : state, answer: { turn: 'stop', failed: failed.map(member => member.repairId), vms } };
}

export type Result = 'well' | 'failed' | 'neither' | 'held';

/** Told twice, counted once. A repair that was never let go leaves no trace, unless Azure's own fault held it: who goes first learns of the burst by that. */
export function noteTurn(
  state: Incidents,
  { finding, vmId, repairId, result, at }: { finding: string; vmId: string; repairId: string; result: Result; at: string },
): Incidents {
  const vm = vmId.toLowerCase();
  const { [vm]: own, ...others } = state[finding] ?? {};
  if (own?.repairId !== repairId || (own.state !== 'at-work' && own.state !== 'waiting')) return state;
  const members = own.state === 'waiting' && result !== 'held' ? others : { ...others, [vm]: { repairId, at, state: result } };
  return Object.keys(members).length > 0 ? { ...state, [finding]: members } : without(state, finding);
}

/** A repair whose orchestration was killed never tells its end: it has shown nothing. */
export function forget(state: Incidents, { vmId, repairId }: { vmId: string; repairId: string }): Incidents {
  const vm = vmId.toLowerCase();
  const isDead = (members: Incidents[string]) => members[vm]?.repairId === repairId && ['at-work', 'waiting'].includes(members[vm].state);
  const left = Object.entries(state).map(([finding, members]) => [finding, isDead(members) ? without(members, vm) : members] as const);
  return Object.fromEntries(left.filter(([, members]) => Object.keys(members).length > 0));
}

/** What ended before the window tells nothing of now. */
function withoutOld(state: Incidents, { at, limits: { burstSeconds = usual.burstSeconds } }: IncidentQuestion): Incidents {
  const isNew = ({ at: then, state: is }: Member) => {
    const age = (Date.parse(at) - Date.parse(then)) / 1000;
    return age < (is === 'at-work' || is === 'waiting' ? deadSeconds : burstSeconds);
  };
  const kept = Object.entries(state).map(
    ([finding, members]) => [finding, Object.fromEntries(Object.entries(members).filter(([, member]) => isNew(member)))] as const,
  );
  return Object.fromEntries(kept.filter(([, members]) => Object.keys(members).length > 0));
}

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}
