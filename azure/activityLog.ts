/**
 * Azure's activity log, as far as it tells of a VM's power: who started, stopped or moved it, and when. Events come minutes late: that
 * none is there proves nothing. Shapes: learn.microsoft.com/azure/azure-monitor/essentials/activity-log-schema (REST, 2015-04-01).
 */
import { z } from 'zod';
import type { Arm } from './arm.ts';
import { isOfRepair } from './call.ts';
import { parseId, sameId } from './ids.ts';

export interface PowerEvent {
  /** ISO time at which it had been done; where that is not known, at which it began. */
  at: string;
  what: 'start' | 'restart' | 'power-off' | 'deallocate' | 'redeploy';
  /** `person`: somebody with the right to it, or a program of theirs; `us`: one of our repairs. */
  by: 'person' | 'platform' | 'us';
}
export interface LoggedPowerEvent extends PowerEvent {
  state: 'done' | 'under-way';
  /** Name of a user, or id of a program: personal data, for the evidence blob only. */
  caller: string | null;
}

export interface ActivityLog {
  /** What changed a VM's power between two times (90 days are kept), newest first; what failed is left out. */
  powerEvents(vmId: string, from: Date, to: Date, fresh?: boolean): Promise<LoggedPowerEvent[]>;
}

const named = z.object({ value: z.string().nullish() }).nullish();
const entry = z.object({
  operationName: z.object({ value: z.string() }),
  status: named,
  caller: z.string().nullish(),
  eventTimestamp: z.string().refine(time => !Number.isNaN(Date.parse(time))),
  correlationId: z.string().nullish(),
  operationId: z.string().nullish(),
  resourceId: z.string().nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});
type Entry = z.infer<typeof entry>;

/** Newest events come first: what is beyond so many pages is old. */
const pages = 5;

const operations: { [operation: string]: PowerEvent['what'] } = {
  'microsoft.compute/virtualmachines/start/action': 'start',
  'microsoft.compute/virtualmachines/restart/action': 'restart',
  'microsoft.compute/virtualmachines/poweroff/action': 'power-off',
  'microsoft.compute/virtualmachines/deallocate/action': 'deallocate',
  'microsoft.compute/virtualmachines/redeploy/action': 'redeploy',
};

export function activityLog(arm: Arm): ActivityLog {
  return {
    async powerEvents(vmId, from, to) {
      const { subscriptionId } = parseId(vmId);
      const time = `eventTimestamp ge '${from.toISOString()}' and eventTimestamp le '${to.toISOString()}'`;
      const filter = `${time} and resourceUri eq '${vmId.replaceAll("'", "''")}'`;
      const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values`;
      const entries = await arm.list(`${path}?$filter=${encodeURIComponent(filter)}`, '2015-04-01', entry, pages);
      const ofVm = entries.filter(({ resourceId }) => !resourceId || sameId(resourceId, vmId));
      const events = [...together(ofVm)].flatMap(each => eventOf(each) ?? []);
      return events.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
    },
  };
}

/** An operation is told by several entries: started, accepted, succeeded or failed. A host's downtime is told by each entry alone. */
function together(entries: Entry[]): Iterable<Entry[]> {
  const key = (each: Entry, n: number) =>
    isOfHost(each) ? String(n) : `${each.operationName.value} ${each.operationId || each.correlationId}`;
  return Map.groupBy(entries, key).values();
}

const isOfHost = ({ operationName }: Entry) => /^microsoft\.resourcehealth\/healthevent\//i.test(operationName.value);

function eventOf(entries: Entry[]): LoggedPowerEvent | undefined {
  const [first] = entries;
  if (first === undefined) return undefined;
  if (isOfHost(first)) return hostEvent(first);
  const what = operations[first.operationName.value.toLowerCase()];
  return what && operationEvent(entries, what);
}

const timeOf = ({ eventTimestamp }: Entry) => new Date(eventTimestamp).toISOString();
const times = (entries: Entry[]) => entries.map(timeOf).toSorted();
const withStatus = (entries: Entry[], ...words: string[]) =>
  entries.filter(({ status }) => words.includes(status?.value?.toLowerCase() ?? ''));

function operationEvent(entries: Entry[], what: PowerEvent['what']): LoggedPowerEvent | undefined {
  if (withStatus(entries, 'failed', 'canceled', 'cancelled').length > 0) return undefined;
  const done = times(withStatus(entries, 'succeeded')).at(-1);
  const caller = entries.find(each => each.caller)?.caller ?? null;
  const ours = entries.some(({ correlationId }) => isOfRepair(correlationId ?? ''));
  const by = ours ? 'us' : caller === null ? 'platform' : 'person';
  return { at: done ?? times(entries)[0] ?? '', what, by, state: done === undefined ? 'under-way' : 'done', caller };
}

/** The host went down, or came back, and the VM with it. What a person asked for is told by the operation itself. */
function hostEvent(each: Entry): LoggedPowerEvent | undefined {
  const { cause, type = 'Downtime' } = each.properties ?? {};
  if (cause !== 'PlatformInitiated' || type !== 'Downtime') return undefined;
  return { at: timeOf(each), what: 'restart', by: 'platform', state: 'done', caller: null };
}
