/**
 * How fast repairs may begin. Each asks ARM for some 60 reads and 20 writes within about twenty minutes, and ARM lets 25 and 10 a second
 * through for a subscription (learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling). So many may begin
 * at once; if a thousand did, they would wait for each other at each step, the VMs off, until all end together. The others begin about as
 * fast as ARM can serve them (a little faster: most of a repair is waiting), and each goes through quickly.
 */

export const pace = { atOnce: 150, everySeconds: 1.75 };

/** Subscription -> until when its starts are given away, service seconds. */
export type Given = Record<string, number>;

/** Gives the next start of the VM's subscription away. @param clock service seconds @returns when that is */
export function giveStart(given: Given, vmId: string, clock: number): { startsAt: number; given: Given } {
  const subscription = vmId.toLowerCase().split('/')[2] ?? '';
  const next = Math.max(clock, Object.hasOwn(given, subscription) ? (given[subscription] ?? 0) : 0);
  const startsAt = Math.max(clock, next - (pace.atOnce - 1) * pace.everySeconds);
  const coming = Object.entries(given).filter(([, until]) => until > clock);
  return { startsAt, given: { ...Object.fromEntries(coming), [subscription]: next + pace.everySeconds } };
}
