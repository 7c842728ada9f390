import { describe, expect, test } from '@jest/globals';
import { inCall } from '../../azure/call.ts';
import type { Clock } from '../../azure/clock.ts';
import { withRecentLooks } from '../../azure/recent.ts';
import type { VirtualMachines, Vm } from '../../azure/vms.ts';

/** A VM of which only the number of looks matters. */
function estate() {
  const seen = { looks: 0, seconds: 0, there: true };
  const clock = {
    now: () => new Date(seen.seconds * 1000),
    since: (iso: string) => seen.seconds - Date.parse(iso) / 1000,
  } as unknown as Clock;
  const inner = {
    get: async (id: string) => {
      seen.looks++;
      return seen.there ? ({ id } as unknown as Vm) : undefined;
    },
    start: async () => ({ operationUrl: null, retryAfterSeconds: null }),
  } as unknown as VirtualMachines;
  return { seen, vms: withRecentLooks(inner, clock) };
}

const as =
  (repairId: string) =>
  <T>(work: () => Promise<T>) =>
    inCall({ repairId, phase: 'p', step: 's' }, work);

describe('a look at a VM', () => {
  test('holds for some seconds, for the same repair', async () => {
    const { seen, vms } = estate();
    await as('r-a')(() => vms.get('/VM'));
    await as('r-a')(() => vms.get('/vm'));
    expect(seen.looks).toBe(1);
    await as('r-b')(() => vms.get('/vm'));
    expect(seen.looks).toBe(2);
    seen.seconds = 3;
    await as('r-a')(() => vms.get('/vm'));
    expect(seen.looks).toBe(3);
  });

  test('does not hold when we have written since, nor when there was nothing', async () => {
    const { seen, vms } = estate();
    await as('r-a')(() => vms.get('/vm'));
    await as('r-a')(() => vms.start('/vm'));
    await as('r-a')(() => vms.get('/vm'));
    expect(seen.looks).toBe(2);
    seen.there = false;
    seen.seconds = 9;
    await as('r-a')(() => vms.get('/vm'));
    await as('r-a')(() => vms.get('/vm'));
    expect(seen.looks).toBe(4);
  });

  test('that was under way while we wrote is not kept', async () => {
    const { seen, vms } = estate();
    await as('r-a')(async () => {
      const look = vms.get('/vm');
      await vms.start('/vm');
      await look;
      await vms.get('/vm');
    });
    expect(seen.looks).toBe(2);
  });
});
