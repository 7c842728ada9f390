import { describe, expect, test } from '@jest/globals';
import type { ActivityLog } from '../../azure/activityLog.ts';
import { inCall } from '../../azure/call.ts';
import type { Clock } from '../../azure/clock.ts';
import type { Governance } from '../../azure/governance.ts';
import type { Network } from '../../azure/network.ts';
import { withKnownNetwork, withKnownPermissions, withRecentLog, withRecentLooks } from '../../azure/recent.ts';
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
    delete: async () => ({ operationUrl: null, retryAfterSeconds: null }),
  } as unknown as VirtualMachines;
  return { seen, clock, vms: withRecentLooks(inner, clock) };
}

const as =
  (repairId: string) =>
  <T>(work: () => Promise<T>) =>
    inCall({ repairId, phase: 'p', step: 's' }, work);

describe('a list of VMs', () => {
  /** The first reading fails. */
  const listing = () => {
    const asked = { times: 0, seconds: 0 };
    const clock = {
      now: () => new Date(asked.seconds * 1000),
      since: (iso: string) => asked.seconds - Date.parse(iso) / 1000,
    } as unknown as Clock;
    const list = async () => {
      if (++asked.times === 1) throw new Error('throttled');
      return [{ id: `/vm${asked.times}`, availabilitySetId: null, tags: {} }];
    };
    return { asked, vms: withRecentLooks({ list } as unknown as VirtualMachines, clock) };
  };

  test('is read once for all repairs that ask at the same time and for some minutes, never after a failure', async () => {
    const { asked, vms } = listing();
    await expect(vms.list('s', 'g')).rejects.toThrow('throttled');
    const many = await Promise.all(Array.from({ length: 50 }, (_, n) => as(`r-${n}`)(() => vms.list('S', 'G'))));
    expect([asked.times, new Set(many.map(([vm]) => vm?.id)).size]).toEqual([2, 1]);
    await vms.list('s', 'other');
    await vms.list('s');
    expect(asked.times).toBe(4);
    asked.seconds = 299;
    await vms.list('s', 'g');
    expect(asked.times).toBe(4);
    expect(await vms.list('s', 'g', true)).toMatchObject([{ id: '/vm5' }]);
    expect(await vms.list('s', 'g')).toMatchObject([{ id: '/vm5' }]);
    asked.seconds = 599;
    expect(await vms.list('s', 'g')).toMatchObject([{ id: '/vm6' }]);
  });
});

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

  test('what does not change while a VM lives is asked once, until we delete it', async () => {
    const { seen, vms } = estate();
    await as('r-a')(() => vms.identity('/vm'));
    seen.seconds = 4000;
    await as('r-a')(() => vms.start('/vm'));
    await as('r-a')(() => vms.identity('/vm'));
    expect(seen.looks).toBe(1);
    await as('r-a')(() => vms.delete('/vm'));
    await as('r-a')(() => vms.identity('/vm'));
    expect(seen.looks).toBe(2);
  });
});

test('the activity log is read once in some minutes, unless it is asked for anew', async () => {
  const { seen, clock } = estate();
  let reads = 0;
  const inner: ActivityLog = {
    async powerEvents() {
      reads++;
      return [];
    },
  };
  const log = withRecentLog(inner, clock);
  const read = (fresh?: boolean) => as('r-a')(() => log.powerEvents('/vm', new Date(0), new Date(1), fresh));
  await read();
  seen.seconds = 299;
  await read();
  expect(reads).toBe(1);
  await read(true);
  expect(reads).toBe(2);
  seen.seconds = 301;
  await read();
  expect(reads).toBe(3);
});

describe('what all repairs share', () => {
  test('a network that stands is not asked for by each repair, one that does not is', async () => {
    const { seen, clock } = estate();
    let [state, asked] = ['no-resource', 0];
    const ask = async () => {
      asked++;
      return state;
    };
    const network = withKnownNetwork({ state: ask, stateOrGroup: ask } as unknown as Network, clock);
    for (const next of ['Updating', 'Succeeded', 'gone']) {
      await network.stateOrGroup('/VNET');
      state = next;
    }
    expect(asked).toBe(3);
    expect(await as('r-a')(() => network.stateOrGroup('/vnet'))).toBe('Succeeded');
    expect(asked).toBe(3);
    expect(await as('r-b')(() => network.stateOrGroup('/vnet'))).toBe('Succeeded');
    expect(asked).toBe(3);
    state = 'Succeeded';
    await network.state('/just-made');
    await network.stateOrGroup('/just-made');
    expect(asked).toBe(4);
    seen.seconds = 1800;
    await network.stateOrGroup('/vnet');
    expect(asked).toBe(5);
  });

  test('what is permitted in a resource group is asked once, what is missing or is about one resource each time', async () => {
    const { seen, clock } = estate();
    let [missing, asked] = [['write'], 0];
    const ask = async () => {
      asked++;
      return missing;
    };
    const { missingActions } = withKnownPermissions({ missingActions: ask } as unknown as Governance, clock);
    expect(await missingActions('/rg', ['read', 'write'])).toEqual(['write']);
    missing = [];
    expect(await missingActions('/rg', ['read', 'write'])).toEqual([]);
    expect(await missingActions('/RG', ['write'])).toEqual([]);
    expect(asked).toBe(2);
    missing = ['delete'];
    expect(await missingActions('/rg', ['delete'])).toEqual(['delete']);
    expect(await missingActions('/rg/providers/M/vms/a', ['read'])).toEqual(['delete']);
    expect(await missingActions('/rg/providers/M/vms/a', ['read'])).toEqual(['delete']);
    expect(asked).toBe(5);
    seen.seconds = 1800;
    expect(await missingActions('/rg', ['write'])).toEqual(['delete']);
  });
});
