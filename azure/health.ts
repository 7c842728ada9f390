/**
 * Azure Resource Health: what the host says of a VM. It sees the machine, never the guest: a VM with a blue screen is *Available*.
 * Shapes: the specification of Microsoft.ResourceHealth 2022-10-01; words: learn.microsoft.com/azure/service-health/resource-health-vm-annotation.
 */
import { z } from 'zod';
import type { Arm } from './arm.ts';

export interface HostState {
  state: 'available' | 'unavailable' | 'degraded' | 'unknown';
  /** Who brought it there: Azure itself, an authorized user or program, or the guest (it crashed, or shut down). */
  by: 'platform' | 'person' | 'guest' | 'unknown';
  /** Maintenance that was announced; only where the platform did it. */
  planned: boolean;
  /** Azure's own words, at most 300 characters each. */
  title: string;
  summary: string;
  /** ISO time since which it is so. */
  since: string | null;
}
export interface HostHealth {
  now: HostState;
  /** The states before, newest first, at most 10. */
  before: HostState[];
}

export interface Health {
  read(vmId: string): Promise<HostHealth>;
}

const version = '2022-10-01';
const text = z.string().nullish();
/** The specification spells `occuredTime`; later versions of the service put the second r in. */
const status = z.object({
  name: text,
  properties: z.object({
    availabilityState: text,
    title: text,
    summary: text,
    reasonType: text,
    context: text,
    category: text,
    healthEventCause: text,
    healthEventCategory: text,
    occuredTime: text,
    occurredTime: text,
  }),
});
type Status = z.infer<typeof status>;

export function resourceHealth(arm: Arm): Health {
  return {
    async read(vmId) {
      const statuses = `${vmId}/providers/Microsoft.ResourceHealth/availabilityStatuses`;
      const all = await arm.list(statuses, version, status, 1);
      // The list begins with the present state, by this name; where it does not, that is asked for by itself.
      const now = stateOf(all.find(each => each.name === 'current') ?? (await arm.read(`${statuses}/current`, version, status)));
      const before = all.filter(each => each.name !== 'current').map(stateOf);
      return { now, before: before.toSorted((a, b) => (b.since ?? '').localeCompare(a.since ?? '')).slice(0, 10) };
    },
  };
}

const states = ['available', 'unavailable', 'degraded'] as const;

function stateOf({ properties }: Status): HostState {
  const { availabilityState, title, summary, occuredTime, occurredTime } = properties;
  const by = byWhom(properties);
  const time = Date.parse(occuredTime ?? occurredTime ?? '');
  return {
    state: states.find(each => each === availabilityState?.toLowerCase()) ?? 'unknown',
    by,
    planned:
      by === 'platform' && [properties.category, properties.healthEventCategory, properties.reasonType].map(plain).includes('planned'),
    title: (title ?? '').slice(0, 300),
    summary: (summary ?? '').slice(0, 300),
    since: Number.isNaN(time) ? null : new Date(time).toISOString(),
  };
}

/** `Platform Initiated` and `PlatformInitiated` are the same word. */
const plain = (word: string | null | undefined) => (word ?? '').replaceAll(/[^a-z]/gi, '').toLowerCase();

const causes: { [word: string]: HostState['by'] } = {
  platforminitiated: 'platform',
  unplanned: 'platform',
  planned: 'platform',
  userinitiated: 'person',
  customerinitiated: 'person',
  vminitiated: 'guest',
};

/** The context is the telling field: a guest that crashes by itself is nobody's plan either, and not the platform's doing. */
function byWhom({ context, healthEventCause, reasonType }: Status['properties']): HostState['by'] {
  return causeIn(context, healthEventCause, reasonType);
}

/** The first of Azure's words that tells who it was. */
export function causeIn(...words: (string | null | undefined)[]): HostState['by'] {
  const told = words.map(plain).find(word => word in causes);
  return told === undefined ? 'unknown' : (causes[told] ?? 'unknown');
}
