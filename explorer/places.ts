/** Invariant 4: how many repairs there may be, by the writes that reached Azure. */
import { settings } from './base.ts';
import type { Facts } from './facts.ts';
import { groupOf } from './people.ts';
import { sameId } from './watch.ts';

const day = 24 * 3_600_000;
const { repairsAtOnce, scopePercent, repairsPerVmAndDay } = settings.defaults.limits;

export function oneAtATime({ writes, watch, repairs }: Facts): string[] {
  const wrong: string[] = [];
  const onVm = writes.filter(({ path, status }) => path.toLowerCase().startsWith(watch.vmId.toLowerCase()) && status < 300);
  const order = onVm.map(({ repairId }) => repairId).filter((id, n, all) => id !== all[n - 1]);
  if (new Set(order).size !== order.length) wrong.push(`the writes of ${order.join(', ')} are mixed`);
  const joined = repairs.filter(({ outcome }) => outcome === 'joined');
  for (const { id } of joined)
    if (writes.some(({ repairId }) => repairId === id)) wrong.push(`${id} joined another repair and wrote all the same`);
  return wrong;
}

interface Span {
  id: string;
  vmId: string;
  from: number;
  to: number;
}

/** From a repair's first write to its last. */
function spansOf({ writes, watch }: Facts): Span[] {
  const spans = Map.groupBy(
    writes.filter(({ status }) => status < 300),
    ({ repairId }) => repairId,
  );
  return [...spans].map(([id, own]) => {
    const times = own.map(({ at }) => Date.parse(at));
    return { id, vmId: watch.vmId, from: Math.min(...times), to: Math.max(...times) };
  });
}

/** The words of the invariant are reckoned here once more: the product's own sum (orchestrations/admission.ts) cannot be what it is judged by. */
export function places(facts: Facts): string[] {
  const vms = [facts, ...facts.others];
  const all = vms.flatMap(spansOf);
  const wrong: string[] = [];
  for (const { id, vmId, from } of all) {
    const atOnce = all.filter(other => other.from <= from && from <= other.to);
    if (atOnce.length > repairsAtOnce) wrong.push(`${atOnce.length} repairs were at work when ${id} began`);
    const inGroup = atOnce.filter(other => sameId(groupOf(other.vmId), groupOf(vmId)));
    const size = vms.filter(({ watch }) => sameId(groupOf(watch.vmId), groupOf(vmId))).length;
    if (inGroup.length > Math.max(1, Math.floor((size * scopePercent) / 100)))
      wrong.push(`${inGroup.length} of ${size} VMs of a resource group were repaired at once when ${id} began`);
    const sameDay = all.filter(other => sameId(other.vmId, vmId) && other.from <= from && from - other.from < day);
    if (sameDay.length > repairsPerVmAndDay) wrong.push(`${id} is the ${sameDay.length}th repair of its VM within a day`);
  }
  return wrong;
}
