/**
 * Azure Service Health: what Azure itself reports of a region, by one query of Resource Graph. Columns and their case:
 * learn.microsoft.com/azure/service-health/resource-graph-samples; meanings: the specification of Microsoft.ResourceHealth 2022-10-01
 * (`event`, `impact`, `impactedServiceRegion`). What is not tied to a subscription ("emerging issues") is not in that table.
 */
import { z } from 'zod';
import type { Arm } from './arm.ts';
import type { Clock } from './clock.ts';
import { askGraph, text } from './graph.ts';
import { Shared } from './shared.ts';

export interface ServiceIssue {
  /** By which Azure's support and the portal know it. */
  trackingId: string;
  kind: 'a service issue' | 'planned maintenance';
  /** Azure's own words, at most 200 characters each. */
  title: string;
  service: string;
}

export interface ServiceHealth {
  /** What is under way now that touches virtual machines or their disks in a region. @param location in any writing: `westeurope`, `West Europe` */
  read(subscriptionId: string, location: string): Promise<ServiceIssue[]>;
}

const query = `servicehealthresources
| where type =~ 'microsoft.resourcehealth/events'
| where properties.EventType in~ ('ServiceIssue', 'PlannedMaintenance')
| where properties.Status =~ 'Active' or properties.EventType =~ 'PlannedMaintenance'
| project id, name, kind = tostring(properties.EventType), title = tostring(properties.Title), begins = tostring(properties.ImpactStartTime), ends = tostring(properties.ImpactMitigationTime), impact = properties.Impact
| order by id asc`;

const region = z.object({ ImpactedRegion: text, RegionName: text, Status: text });
const row = z.object({
  ...{ id: z.string(), name: z.string(), kind: text, title: text, begins: text, ends: text },
  impact: z.array(z.object({ ImpactedService: text, ImpactedRegions: z.array(region).nullish() })),
});
type Row = z.infer<typeof row>;

/** Events of one subscription: more than these are of no use to anybody. */
const most = 1000;
/** Wall milliseconds: a repair that waits its turn in a burst can wait so long. */
const patience = 5000;
/** Service seconds: of a burst every repair asks the same, and Azure says itself that the table is some minutes behind. */
const holds = 60;

export function serviceHealth(arm: Pick<Arm, 'ask'>, clock: Pick<Clock, 'now' | 'since'>): ServiceHealth {
  const recent = new Shared<Row[]>(clock, holds);
  const eventsOf = (subscriptionId: string) => {
    const question = { query, subscriptions: [subscriptionId], most, timeoutMs: patience };
    return recent.get(subscriptionId.toLowerCase(), async () => (await askGraph(arm, question, row)).rows);
  };
  return {
    async read(subscriptionId, location) {
      const now = clock.now().getTime();
      return (await eventsOf(subscriptionId)).flatMap(event => (isUnderWay(event, now) ? issuesIn(event, location) : []));
    },
  };
}

/** Maintenance is announced weeks before; one whose times cannot be read is not known to be under way. */
function isUnderWay({ kind, begins, ends }: Row, now: number): boolean {
  if (!isMaintenance(kind)) return true;
  const [from, until] = [timeOf(begins), timeOf(ends)];
  return from !== null && from <= now && (until === null || now < until);
}

const isMaintenance = (kind: string) => kind.toLowerCase() === 'plannedmaintenance';

function issuesIn({ name, kind, title, impact }: Row, location: string): ServiceIssue[] {
  const touches = (regions: z.infer<typeof region>[]) =>
    regions.some(
      ({ ImpactedRegion, RegionName, Status }) =>
        ['global', plain(location)].includes(plain(ImpactedRegion || RegionName)) && plain(Status) !== 'resolved',
    );
  const found = impact.find(({ ImpactedService: service, ImpactedRegions }) => isOfMachines(service) && touches(ImpactedRegions ?? []));
  if (found === undefined) return [];
  const word = (words: string) => words.replaceAll(/\p{C}/gu, ' ').slice(0, 200);
  return [
    {
      ...{ trackingId: word(name), title: word(title), service: word(found.ImpactedService) },
      kind: isMaintenance(kind) ? 'planned maintenance' : 'a service issue',
    },
  ];
}

/** A VM whose disk Azure cannot reach stops too. Taken widely: what is held by mistake a person lets go. */
const isOfMachines = (service: string) => /virtual ?machine|\bdisks?\b/i.test(service);

/** `West Europe` and `westeurope` are the same region. */
const plain = (word: string) => word.replaceAll(/[^a-z0-9]/gi, '').toLowerCase();

const ticksAt1970 = 621_355_968_000_000_000n;

/** An ISO time, or (Microsoft's samples convert both) the ticks of .NET: 100 ns since the year 1. Null = neither. */
function timeOf(told: string): number | null {
  const time = /^\d{18}$/.test(told) ? Number((BigInt(told) - ticksAt1970) / 10_000n) : Date.parse(told);
  return Number.isNaN(time) ? null : time;
}
