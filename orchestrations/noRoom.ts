/** Three reasons why there is no repair VM, told apart: each is somebody else's to put right. */
import type { Fault, Refusal } from '../functions/activities/contract.ts';

/** Codes of a region that has run out of machines, for now: the subscription may have them. */
const capacity = /Allocation(Failed|Request)$/;

/** Null = it is another fault. @param tried sizes that were asked for, one after the other */
export function noRoom(fault: Fault, tried: string[] = []): Refusal | null {
  const all = tried.length > 0 ? ` Tried, one after the other: ${tried.join(', ')}.` : '';
  const message = `${fault.message.replace(/\.?$/, '.')}${all}`;
  if (fault.kind === 'quota') {
    const remedy =
      'Ask for more quota in that region (Azure portal, Quotas), or delete VMs that are not needed: deallocated ones count too.';
    return { code: 'no-quota', message, remedy };
  }
  if (fault.kind !== 'skuUnavailable') return null;
  if (capacity.test(fault.code)) {
    return {
      code: 'no-capacity',
      message,
      remedy: 'Start the repair again later: Azure has no such machine free in that region and zone just now.',
    };
  }
  const remedy =
    'Ask Azure support to open one of the sizes in that region and zone to this subscription (resource SKUs show what is restricted).';
  return { code: 'no-size', message, remedy };
}
