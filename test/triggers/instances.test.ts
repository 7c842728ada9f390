/** Which repairs Durable Functions is asked for, by a store that answers a filter as it does. */
import { describe, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import { instanceList } from '../../functions/triggers/instances.ts';
import { allItems } from '../../functions/triggers/listRepairs.ts';
import { itemOf } from '../../functions/triggers/views.ts';
import type { Records, Summary } from '../../records/index.ts';
import fc from '../fastCheck.ts';
import { summary } from '../records/sample.ts';

const HOUR = 3_600_000;
const BEGIN = Date.parse('2026-03-01T00:00:00Z');
const ended = ['Completed', 'Failed', 'Terminated'] as const;
type Ending = (typeof ended)[number];
interface Stored {
  name?: string;
  instanceId: string;
  created: number;
  endsAt: number;
  ending: Ending;
}
interface Filter {
  runtimeStatus: string[];
  createdTimeFrom?: Date;
}

function durable(stored: Stored[], now: () => number) {
  const statusOf = ({ endsAt, ending }: Stored) => (now() >= endsAt ? ending : 'Running');
  const answered: number[] = [];
  const getStatusBy = async ({ runtimeStatus, createdTimeFrom }: Filter) => {
    const found = stored.filter(each => {
      const there = each.created <= now() && each.created >= (createdTimeFrom?.getTime() ?? 0);
      return there && runtimeStatus.includes(statusOf(each));
    });
    answered.push(found.length);
    return found.map(each => ({
      ...{ name: each.name ?? 'repairVm', instanceId: each.instanceId, runtimeStatus: statusOf(each) },
      ...{ createdTime: new Date(each.created), lastUpdatedTime: new Date(Math.min(each.endsAt, now())) },
    }));
  };
  return { client: { getStatusBy } as unknown as DurableClient, answered, statusOf };
}

const repair = (n: number, created: number, endsAt: number, ending: Ending = 'Completed'): Stored => ({
  ...{ instanceId: `r-${n}`, created, endsAt, ending },
});
const none = { recentSummaries: async () => [] as Summary[] } as unknown as Records;

describe('the list of repairs', () => {
  test('whatever begins and ends when, whatever is under way, failed, or completed within a day is told, and as it is', async () => {
    const time = fc.integer({ min: 0, max: 72 * HOUR });
    const one = fc.record({ created: time, lasts: fc.integer({ min: 1, max: 40 * HOUR }), ending: fc.constantFrom(...ended) });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 12 }), fc.array(time, { minLength: 1, maxLength: 12 }), async (repairs, looks) => {
        let at = BEGIN;
        const all = repairs.map(({ created, lasts, ending }, n) => repair(n, BEGIN + created, BEGIN + created + lasts, ending));
        const { client, statusOf } = durable(all, () => at);
        const list = instanceList(() => at);
        for (const look of looks.toSorted((a, b) => a - b)) {
          at = BEGIN + look;
          const told = new Map((await list(client)).map(({ id, runtimeStatus }) => [id, runtimeStatus]));
          const due = all.filter(each => each.created <= at && !(statusOf(each) === 'Completed' && each.endsAt < at - 24 * HOUR));
          expect(told).toEqual(new Map(due.map(each => [each.instanceId, statusOf(each)])));
        }
      }),
    );
  });

  test('is asked for what completed once, however many there are', async () => {
    let at = BEGIN + HOUR;
    const many = Array.from({ length: 1000 }, (_, n) => repair(n, BEGIN, BEGIN + 1));
    const { client, answered } = durable([...many, repair(1001, at - 1, at + HOUR)], () => at);
    const list = instanceList(() => at);
    expect(await list(client)).toHaveLength(1001);
    at += 1000;
    expect(await list(client)).toHaveLength(1001);
    expect(answered).toEqual([1, 1000, 1, 0]);
  });

  test('leaves out what is no repair, and tells one that completed without a summary', async () => {
    const now = Date.now();
    const { client } = durable([repair(1, now - HOUR, now - 1), { ...repair(2, now - HOUR, now + HOUR), name: 'sweep' }], () => now);
    const records = { ...none };
    expect((await allItems(client, records)).map(({ id, state }) => [id, state])).toEqual([['r-1', 'ended']]);
    expect(await allItems(client, records)).toHaveLength(1);
  });

  test('a summary that says “running” of a repair that has ended is not believed', () => {
    const times = { createdTime: '2026-03-01T03:00:00.000Z', lastUpdatedTime: '2026-03-01T04:00:00.000Z' };
    const customStatus = { state: 'running', phase: 'swap', step: '', awaiting: '', since: null, finding: '', planHash: '' } as const;
    const instance = {
      ...times,
      name: 'repairVm',
      id: summary.id,
      runtimeStatus: 'Failed',
      ended: true,
      input: null,
      customStatus,
      output: null,
    };
    expect(itemOf(instance, { ...summary, state: 'running', outcome: null })).toMatchObject({ state: 'ended', outcome: 'unknown' });
    expect(itemOf(instance, summary)).toMatchObject({ state: 'ended', outcome: summary.outcome });
  });
});
