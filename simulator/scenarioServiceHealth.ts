/** What Azure reports of itself in a scenario: events of Service Health. */
import { z } from 'zod';
import type { Cloud } from './arm/cloud.ts';

export const ServiceEvent = z
  .strictObject({
    trackingId: z.string().regex(/^[A-Z0-9_-]+$/),
    /** Id of the subscription that is told; the first one when absent. */
    subscription: z.uuid().optional(),
    type: z.enum(['ServiceIssue', 'PlannedMaintenance', 'HealthAdvisory', 'SecurityAdvisory']).default('ServiceIssue'),
    status: z.enum(['Active', 'Resolved']).default('Active'),
    title: z.string().min(1),
    /** Wall minutes since it began; below 0 = it is announced. */
    minutesAgo: z.number(),
    /** Wall minutes from now to its end; below 0 = it is over. */
    endsInMinutes: z.number().optional(),
    /** Names as Azure's portal shows them: `Virtual Machines`, `West Europe`. */
    impact: z.array(z.strictObject({ service: z.string().min(1), regions: z.array(z.string().min(1)).min(1) })).min(1),
  })
  .refine(({ type, endsInMinutes }) => type !== 'PlannedMaintenance' || endsInMinutes !== undefined, { error: 'maintenance has an end' });

export function addServiceEvent(cloud: Cloud, home: string, event: z.infer<typeof ServiceEvent>): void {
  const { trackingId, subscription = home, type, status, title, impact } = event;
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);
  cloud.estate.serviceEvents.push({
    ...{ id: `/subscriptions/${subscription}/providers/Microsoft.ResourceHealth/events/${trackingId}`, trackingId },
    ...{ type, status, title, impact, from: inMinutes(-event.minutesAgo) },
    ...(event.endsInMinutes !== undefined && { until: inMinutes(event.endsInMinutes) }),
  });
}
