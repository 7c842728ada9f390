/** An alert is delivered at least once, now and then much later: whatever fails on the way, each of its machines gets exactly one repair. */
import { describe, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import { receiveAlert } from '../../functions/triggers/alerts.ts';
import type { Services } from '../../functions/triggers/route.ts';
import { availability, vm } from './alertSamples.ts';
import { appHeader, desk, problemOf } from './callers.ts';

const monitor = appHeader('461e8683-5575-4561-ac7f-899cc907d62a', ['ActionGroupsSecureWebhook']);

/** Durable Functions and the records with a memory; the n-th call of what is named fails once. */
function house(fails: Partial<Record<string, number>> = {}) {
  const started: { id: string; vmId: string }[] = [];
  const over = new Set<string>();
  const running: Record<string, { repairId: string; since: string }> = {};
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
      if (!started.some(each => each.id === id) && !id.startsWith('r-other')) throw new Error('HTTP 404 response');
      return status(id);
    }),
    getStatusBy: async () => [],
    readEntityState: at('readEntityState', () => ({ entityState: { running } })),
    signalEntity: async () => {},
    startNew: at('startNew', async (_: string, { instanceId, input }: { instanceId: string; input: { vmId: string } }) => {
      starting.most = Math.max(starting.most, ++starting.now);
      await new Promise(resolve => setImmediate(resolve));
      starting.now--;
      started.push({ id: instanceId, vmId: input.vmId });
    }),
  } as unknown as DurableClient;
  const records = {
    readSummary: async () => undefined,
    claim: at('claim', (id: string) => !claims.has(id) && claims.set(id, '').size > 0),
    noteJoined: async (id: string, other: string) => void claims.set(id, other),
    joinedBefore: async (id: string) => claims.get(id) || undefined,
  };
  const table = desk({}, { records } as unknown as Partial<Services>, null, client);
  return { started, over, running, starting, deliver: (body: object) => table.ask(receiveAlert, { by: monitor, body }) };
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

test('an alert about a thousand machines starts each once, some at a time, and tells them in the alert’s order', async () => {
  const { started, starting, deliver } = house();
  const names = Array.from({ length: 1000 }, (_, n) => `till-${n}`);
  const alert = availability({ target: names.map(vm) });
  const { status, body } = await deliver(alert);
  const { repairs } = JSON.parse(String(body)) as { repairs: { id: string; vmId: string }[] };
  expect([status, repairs.map(({ vmId }) => vmId.split('/').at(-1))]).toEqual([202, names]);
  expect(new Set(started.map(({ id }) => id))).toEqual(new Set(repairs.map(({ id }) => id)));
  expect([started.length, starting.most]).toEqual([1000, 16]);
  expect([(await deliver(alert)).status, started.length]).toEqual([200, 1000]);
});
