import { expect, test } from '@jest/globals';
import { activityLog } from '../../azure/activityLog.ts';
import { correlationId } from '../../azure/call.ts';
import fc from '../fastCheck.ts';
import { fakeArm } from './fakeArm.ts';

const vm = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v';
const from = new Date('2026-03-01T00:00:00Z');
const to = new Date('2026-03-02T00:00:00Z');
const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 3, minute)).toISOString();

interface Logged {
  operationId?: string;
  correlationId?: string;
  caller?: string;
  properties?: object;
  resourceId?: string;
}
const entry = (operation: string, status: string, minute: number, more: Logged = {}) => ({
  operationName: { value: operation, localizedValue: 'whatever' },
  status: { value: status },
  eventTimestamp: at(minute),
  operationId: 'one',
  correlationId: 'c0ffee00-0000-4000-8000-000000000000',
  caller: 'ops@contoso.example',
  claims: { name: 'A Person' },
  resourceId: vm.toUpperCase(),
  ...more,
});
const start = 'Microsoft.Compute/virtualMachines/start/action';
const path = '/subscriptions/s/providers/Microsoft.Insights/eventtypes/management/values';
const read = (entries: unknown[], id = vm) => {
  const arm = fakeArm({ [path]: entries });
  return { arm, events: activityLog(arm).powerEvents(id, from, to) };
};

test('an operation of several entries is one event, at the time it had been done', async () => {
  const entries = [entry(start, 'Succeeded', 5), entry(start, 'Accepted', 3), entry(start, 'Started', 2)];
  expect(await read(entries).events).toEqual([{ at: at(5), what: 'start', by: 'person', state: 'done', caller: 'ops@contoso.example' }]);
  expect(await read(entries.slice(1)).events).toMatchObject([{ at: at(2), state: 'under-way' }]);
});

test('what failed changed no power; what is none of ours to know is left out; what is damaged hides nothing', async () => {
  const failed = [entry(start, 'Failed', 5), entry(start, 'Started', 4)];
  const others = [
    entry('Microsoft.Compute/virtualMachines/write', 'Succeeded', 7),
    entry(start, 'Succeeded', 8, { resourceId: `${vm}2` }),
    { ...entry(start, 'Succeeded', 9), eventTimestamp: 'soon' },
    null,
    'x',
  ];
  const good = entry('microsoft.compute/VIRTUALMACHINES/powerOff/action', 'Succeeded', 6, { operationId: 'two' });
  expect((await read([...others, ...failed, good]).events).map(({ what }) => what)).toEqual(['power-off']);
});

test.each([
  [correlationId('r-abcdefghijkl'), 'ops@contoso.example', 'us'],
  ['c0ffee00-0000-4000-8000-000000000000', 'ops@contoso.example', 'person'],
  ['c0ffee00-0000-4000-8000-000000000000', '1111-app', 'person'],
  ['c0ffee00-0000-4000-8000-000000000000', undefined, 'platform'],
])('with correlation id %s a start by %s is done by %s', async (correlation, caller, by) => {
  expect(await read([entry(start, 'Succeeded', 5, { correlationId: correlation, caller })]).events).toMatchObject([{ by }]);
});

test('a downtime of the host is the platform’s doing; one that a person asked for is told by the operation itself', async () => {
  const health = (cause: string, status: string, minute: number) =>
    entry('Microsoft.Resourcehealth/healthevent/Activated/action', status, minute, {
      caller: undefined,
      properties: { cause, type: 'Downtime' },
    });
  const entries = [
    health('PlatformInitiated', 'Resolved', 8),
    health('PlatformInitiated', 'Active', 6),
    health('UserInitiated', 'Active', 7),
  ];
  expect(await read(entries).events).toMatchObject([
    { at: at(8), what: 'restart', by: 'platform' },
    { at: at(6), what: 'restart', by: 'platform' },
  ]);
});

test('the filter names the time and the VM, and a quote in a name ends nothing', async () => {
  const { arm } = read([], vm);
  const filter = (address: string | undefined) => new URL(address ?? '', 'https://x').searchParams.get('$filter');
  expect(filter(arm.asked[0])).toBe(
    `eventTimestamp ge '${from.toISOString()}' and eventTimestamp le '${to.toISOString()}' and resourceUri eq '${vm}'`,
  );
  expect(filter(read([], `${vm}'x`).arm.asked[0])).toContain(`/v''x'`);
});

test('whatever comes, events are in order and nothing is thrown', async () => {
  const operations = fc.constantFrom(start, start.replace('start', 'redeploy'), 'Microsoft.Resourcehealth/healthevent/Updated/action', 'x');
  const entries = fc.array(
    fc
      .record({
        operation: operations,
        status: fc.constantFrom('Succeeded', 'Started', 'Failed', ''),
        minute: fc.nat(59),
        id: fc.constantFrom('a', 'b'),
      })
      .map(({ operation, status, minute, id }) => entry(operation, status, minute, { operationId: id })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.anything(), entries)), async list => {
      const times = (await read(list.flat()).events).map(event => event.at);
      expect(times).toEqual(times.toSorted().toReversed());
    }),
    { numRuns: 100 },
  );
});
