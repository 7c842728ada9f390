/** Azure's own view of a VM: the health of its host, and who started and stopped it. Nice to have: what cannot be read is told, and stops nothing. */
import type { LoggedPowerEvent } from '../../azure/activityLog.ts';
import { toFault } from '../../azure/errors.ts';
import type { HostHealth, HostState, PowerEvent } from './contract.ts';
import { type Seen, seenJson } from './evidence.ts';
import type { Tools } from './tools.ts';

export interface HostLook {
  health: HostHealth | null;
  /** Newest first; null = the activity log cannot be read. */
  log: LoggedPowerEvent[] | null;
  unread: string[];
}

const lookBackDays = 7;
const mostEvents = 10;

export async function lookAtHost(vmId: string, tools: Tools): Promise<HostLook> {
  const [health, log] = await Promise.all([
    orWhy('Azure Resource Health', tools.azure.health.read(vmId), tools),
    readPowerLog(vmId, tools),
  ]);
  return { health: health.value, log: log.value, unread: [...health.unread, ...log.unread] };
}

/** @param fresh false: what the same repair has read some minutes ago will do */
export function readPowerLog(vmId: string, tools: Tools, fresh = false) {
  const now = tools.clock.now();
  const from = new Date(now.getTime() - lookBackDays * 86_400_000);
  return orWhy('the activity log', tools.azure.activityLog.powerEvents(vmId, from, now, fresh), tools);
}

/** Whatever Azure refuses or cannot do (no permission, provider not registered, throttled) is a reason, and no fault. */
async function orWhy<T>(what: string, reading: Promise<T>, { log }: Tools): Promise<{ value: T | null; unread: string[] }> {
  try {
    return { value: await reading, unread: [] };
  } catch (error) {
    const fault = toFault(error);
    if (fault.code === 'internal') throw error;
    log.warn({ fault }, `${what} cannot be read`);
    return { value: null, unread: [`${what} (${fault.code}: ${fault.message.slice(0, 200)})`] };
  }
}

/** What is over, without names: it goes through the durable history. The host's own account adds what the log may not show yet. */
export function powerEventsOf({ log, health }: Pick<HostLook, 'log' | 'health'>): PowerEvent[] | null {
  if (log === null && health === null) return null;
  const logged = (log ?? []).filter(({ state }) => state === 'done').map(({ at, what, by }): PowerEvent => ({ at, what, by }));
  const events = [...logged, ...(health ? downtimesIn(health) : [])];
  return events.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, mostEvents);
}

/** When Azure took the VM down, and when it was back. */
function downtimesIn({ now, before }: HostHealth): PowerEvent[] {
  const states = [now, ...before];
  const isDown = (state: HostState | undefined) => state?.state === 'unavailable' && state.by === 'platform';
  const turns = states.filter((state, n) => isDown(state) || isDown(states[n + 1]));
  return turns.flatMap(({ since }): PowerEvent[] => (since === null ? [] : [{ at: since, what: 'restart', by: 'platform' }]));
}

export function underWayIn(log: LoggedPowerEvent[] | null): PowerEvent | undefined {
  const found = log?.find(({ state }) => state === 'under-way');
  return found && { at: found.at, what: found.what, by: found.by };
}

/** Names of callers are in the blob only. */
export function hostEvidence({ health, log }: HostLook, at: string, since: string | null): Seen[] {
  const nameless = log?.map(({ caller: _, ...event }) => event);
  return [
    ...(health ? [seenJson('resource-health', health, at, since, health.now)] : []),
    ...(log ? [seenJson('activity-log', log, at, since, nameless?.slice(0, 5))] : []),
  ];
}
