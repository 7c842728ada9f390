/** An alert is delivered at least once, now and then much later: whatever fails on the way, each of its machines gets exactly one repair. */
import { describe, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import type { Given } from '../../functions/activities/activity.ts';
import type { AlertRequest } from '../../functions/activities/contract.ts';
import { startAlertRepairs } from '../../functions/activities/startAlertRepairs.ts';
import { ALERT } from '../../functions/names.ts';
import { loadSettings } from '../../functions/settings.ts';
import { receiveAlert } from '../../functions/triggers/alerts.ts';
import type { Services } from '../../functions/triggers/route.ts';
import { availability, vm } from './alertSamples.ts';
import { appHeader, desk, problemOf } from './callers.ts';

const monitor = appHeader('461e8683-5575-4561-ac7f-899cc907d62a', ['ActionGroupsSecureWebhook']);

/** Durable Functions and the records with a memory; the n-th call of what is named fails once. */
function house(fails: Partial<Record<string, number>> = {}) {
  const started: { id: string; vmId: string }[] = [];
  /** By the orchestration that starts an alert's repairs. */
  const taken: (AlertRequest & { id: string })[] = [];
  const over = new Set<string>();
  const running: Record<string, { repairId: string; since: string; parked?: boolean }> = {};
  const claims = new Map<string, string>();
  const calls = new Map<string, number>();
  const starting = { now: 0, most: 0 };
  const at = <A extends unknown[], R>(name: string, work: (...args: A) => R) => {
    return async (...args: A): Promise<R> => {
      const n = (calls.get(name) ?? 0) + 1;
      calls.set(name, n);
      if (fails[name] === n) throw new Error(`HTTP 500 response: ${name} is out of order`);
      return work(...args);
    };
  };
  const status = (id: string) => ({
    ...{ name: 'repairVm', instanceId: id, runtimeStatus: over.has(id) ? 'Completed' : 'Running' },
    ...{ createdTime: new Date(), lastUpdatedTime: new Date(), input: null, customStatus: { state: 'running' }, output: null },
  });
  const client = {
    getStatus: at('getStatus', (id: string) => {
      if (![...started, ...taken].some(each => each.id === id) && !id.startsWith('r-other')) throw new Error('HTTP 404 response');
      return status(id);
    }),
    getStatusBy: async () => [],
    readEntityState: at('readEntityState', () => ({ entityState: { running } })),
    signalEntity: async () => {},
    startNew: at(
      'startNew',
      async (name: string, { instanceId: id, input }: { instanceId: string; input: { vmId: string } & AlertRequest }) => {
        if (name === ALERT) {
          // One that is over may be begun anew.
          if (taken.some(each => each.id === id) && !over.has(id)) throw new Error('HTTP 409 response');
          taken.push({ ...input, id });
          return;
        }
        starting.most = Math.max(starting.most, ++starting.now);
        await new Promise(resolve => setImmediate(resolve));
        starting.now--;
        started.push({ id, vmId: input.vmId });
      },
    ),
  } as unknown as DurableClient;
  const records = {
    readSummary: async () => undefined,
    claim: at('claim', (id: string) => !claims.has(id) && claims.set(id, '').size > 0),
    noteJoined: async (id: string, other: string) => void claims.set(id, other),
    joinedBefore: async (id: string) => claims.get(id) || undefined,
  };
  const table = desk({}, { records } as unknown as Partial<Services>, null, client);
  const given = { client, records, settings: loadSettings({ BOOTMEDIC_BLOB_ENDPOINT: 'https://x' }) } as unknown as Given;
  return {
    ...{ started, taken, over, running, starting, calls },
    deliver: (body: object) => table.ask(receiveAlert, { by: monitor, body }),
    work: (alert: AlertRequest) => startAlertRepairs(alert, given),
  };
}

describe('an alert while Durable Functions or the storage is away', () => {
  test.each(['startNew', 'getStatus', 'readEntityState', 'claim'])(
    '%s fails once: Azure is asked to deliver it again, and that starts exactly one repair',
    async what => {
      const { started, deliver } = house({ [what]: 1 });
      const first = await deliver(availability());
      expect([problemOf(first).status, first.headers]).toEqual([503, expect.objectContaining({ 'retry-after': expect.any(String) })]);
      expect(started).toEqual([]);
      expect((await deliver(availability())).status).toBe(202);
      expect((await deliver(availability())).status).toBe(200);
      expect(started).toHaveLength(1);
    },
  );

  test('the machines behind the one that failed are not kept waiting for the next delivery', async () => {
    const { started, deliver } = house({ startNew: 1 });
    const alert = availability({ target: [vm('a'), vm('b')] });
    expect((await deliver(alert)).status).toBe(503);
    expect(started.map(({ vmId }) => vmId.split('/').at(-1))).toEqual(['b']);
    expect((await deliver(alert)).status).toBe(202);
    expect(started.map(({ vmId }) => vmId.split('/').at(-1))).toEqual(['b', 'a']);
  });
});

test('an alert that has joined a repair starts none when it is delivered again after that repair is over', async () => {
  const { started, running, over, deliver } = house();
  const alert = availability();
  running[vm('stays-till').toLowerCase()] = { repairId: 'r-otherrepair', since: '2026-01-01T00:00:00Z' };
  expect((await deliver(alert)).status).toBe(200);
  for (const key of Object.keys(running)) delete running[key];
  over.add('r-otherrepair');
  const again = await deliver(alert);
  expect([again.status, JSON.parse(String(again.body)).repairs]).toEqual([
    200,
    [expect.objectContaining({ id: 'r-otherrepair', state: 'ended', joined: true })],
  ]);
  expect(started).toEqual([]);
});

test('an alert in a burst looks for the dead among those that hold a place, not among the hundreds that have given theirs to others', async () => {
  const { calls, running, deliver } = house();
  for (let n = 0; n < 300; n++)
    running[vm(`till-${n}`).toLowerCase()] = { repairId: `r-other${n}`, since: '2026-01-01T00:00:00Z', parked: n > 4 };
  expect((await deliver(availability())).status).toBe(202);
  // The five, and whether the alert's own is there.
  expect(calls.get('getStatus')).toBe(6);
});

describe('an alert about a thousand machines', () => {
  const names = Array.from({ length: 1000 }, (_, n) => `till-${n}`);
  const alert = availability({ target: names.map(vm) });
  const repairsIn = ({ body }: { body?: unknown }) =>
    (JSON.parse(String(body)) as { repairs: { id: string; vmId: string; state: string; joined: boolean }[] }).repairs;

  test('is put down as one piece of work and answered at once: what it costs does not grow with the machines', async () => {
    const { taken, started, calls, running, over, deliver } = house();
    running[vm('till-7').toLowerCase()] = { repairId: 'r-otherrepair', since: '2026-01-01T00:00:00Z' };
    const first = await deliver(alert);
    const repairs = repairsIn(first);
    expect([first.status, repairs.map(({ vmId }) => vmId.split('/').at(-1))]).toEqual([202, names]);
    expect(repairs.filter(({ joined }) => joined)).toEqual([expect.objectContaining({ id: 'r-otherrepair', state: 'running' })]);
    expect([taken.length, started.length, taken[0]?.vmIds.length]).toEqual([1, 0, 1000]);
    expect([...calls]).toEqual([
      ['getStatus', 1],
      ['startNew', 1],
      ['readEntityState', 1],
    ]);
    over.add(taken[0]?.id ?? '');
    const again = await deliver(alert);
    expect([again.status, taken.length, repairsIn(again)]).toEqual([200, 1, repairs.map(each => ({ ...each, joined: true }))]);
  });

  test('that is resolved costs no more: only of those that are under repair anything is asked', async () => {
    const { calls, deliver } = house();
    expect((await deliver(availability({ target: names.map(vm), condition: 'Resolved' }))).status).toBe(200);
    expect([...calls]).toEqual([['readEntityState', 1]]);
  });

  test('that cannot be put down is asked for again, and then it is', async () => {
    const { taken, deliver } = house({ startNew: 1 });
    expect((await deliver(alert)).status).toBe(503);
    expect([(await deliver(alert)).status, taken.length]).toEqual([202, 1]);
  });

  test('two of its deliveries at once put down one', async () => {
    const { taken, deliver } = house();
    const answers = await Promise.all([deliver(alert), deliver(alert)]);
    expect([answers.map(({ status }) => status).toSorted(), taken.length]).toEqual([[200, 202], 1]);
  });

  test('the work starts each once, under the id that was told, some at a time; tried again it starts none anew', async () => {
    const { taken, started, starting, deliver, work } = house({ startNew: 500 });
    const told = repairsIn(await deliver(alert));
    const [input] = taken;
    if (!input) throw new Error('it was not put down');
    await expect(work(input)).rejects.toThrow('out of order');
    expect(started.length).toBe(999);
    expect(await work(input)).toEqual({ begun: 1000 });
    expect(new Set(started.map(({ id }) => id))).toEqual(new Set(told.map(({ id }) => id)));
    expect([started.length, starting.most]).toEqual([1000, 16]);
  });
});
