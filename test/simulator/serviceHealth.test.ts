/** Azure Service Health by the product's one query: what is under way for virtual machines in a region, told by the simulator as Azure's table has it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceHealth } from '../../azure/serviceHealth.ts';
import { Bench } from '../activities/rig.ts';
import { call, estate, LOCATION, type Rig, rig, SUBSCRIPTION, vmId } from './support/estate.ts';

const CLOSED = '88888888-2222-4333-8444-555555555555';
const ELSEWHERE = '99999999-2222-4333-8444-555555555555';
const event = (trackingId: string, more: object = {}) => ({
  ...{ trackingId, title: `Trouble ${trackingId}`, minutesAgo: 30 },
  impact: [{ service: 'Virtual Machines', regions: ['North Europe', 'West Europe'] }],
  ...more,
});
const of = (service: string, ...regions: string[]) => ({ impact: [{ service, regions }] });
const serviceEvents = [
  event('OURS-1'),
  event('DISKS-1', of('Azure Managed Disks', 'West Europe')),
  event('WIDE-1', of('Virtual Machines', 'Global')),
  event('OVER-1', { status: 'Resolved' }),
  event('SQL-1', of('SQL Database', 'West Europe')),
  event('FAR-1', of('Virtual Machines', 'West Europe 2', 'Europe')),
  event('TIP-1', { type: 'HealthAdvisory' }),
  event('WORK-1', { type: 'PlannedMaintenance', endsInMinutes: 60 }),
  event('SOON-1', { type: 'PlannedMaintenance', minutesAgo: -60, endsInMinutes: 120 }),
  event('PAST-1', { type: 'PlannedMaintenance', endsInMinutes: -5 }),
  event('THEIRS-1', { subscription: ELSEWHERE }),
  event('HIDDEN-1', { subscription: CLOSED }),
];
const found = ['DISKS-1', 'OURS-1', 'WIDE-1', 'WORK-1'];

const subscriptions = [SUBSCRIPTION, ELSEWHERE, CLOSED].map(id => ({ id }));
const actions = ['Microsoft.ResourceHealth/events/read', 'Microsoft.ResourceGraph/resources/read'];
const grants = [SUBSCRIPTION, ELSEWHERE].map(id => ({ scope: `/subscriptions/${id}`, actions }));

let azure: Rig;
beforeAll(async () => {
  azure = await rig(estate({ serviceEvents, subscriptions, grants }), 400);
}, 30_000);
afterAll(() => azure?.simulator.close());

test('what is under way is told of this region and these services alone, however the region is written, by one question for all that ask', async () => {
  const bench = new Bench(azure.simulator);
  const { serviceHealth: health } = bench.tools.azure;
  const questions = async () => (await bench.state()).calls['POST Microsoft.ResourceGraph/:resources'] ?? 0;
  const before = await questions();
  const all = await Promise.all(['westeurope', 'West Europe', 'WESTEUROPE'].map(location => health.read(SUBSCRIPTION, location)));
  for (const issues of all) expect(issues.map(({ trackingId }) => trackingId)).toEqual(found);
  expect((await questions()) - before).toBe(1);
  expect(all[0]?.find(({ trackingId }) => trackingId === 'WORK-1')).toEqual({
    ...{ trackingId: 'WORK-1', kind: 'planned maintenance', title: 'Trouble WORK-1', service: 'Virtual Machines' },
  });
  expect((await health.read(SUBSCRIPTION, 'japaneast')).map(({ trackingId }) => trackingId)).toEqual(['WIDE-1']);
  expect((await health.read(ELSEWHERE, LOCATION)).map(({ trackingId }) => trackingId)).toEqual(['THEIRS-1']);
  expect((await bench.state()).writes).toEqual([]);
});

test('the members of an event are spelled as Microsoft’s queries spell them: in another case there is nothing', async () => {
  const ask = (query: string) => call(azure, 'POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', { query });
  const { body } = await ask("servicehealthresources | where properties.Status =~ 'resolved' | project id, kind = properties.EventType");
  expect(body.data).toEqual([
    { id: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ResourceHealth/events/OVER-1`, kind: 'ServiceIssue' },
  ]);
  expect((await ask("servicehealthresources | where properties.status =~ 'resolved' | project id")).body.data).toEqual([]);
});

test('whoever may not read the events of a subscription is told nothing', async () => {
  const bench = new Bench(azure.simulator);
  const inSubscription = (id: string) => ({ vmId: vmId('v').replace(SUBSCRIPTION, id), location: LOCATION });
  expect(await bench.value('readServiceHealth', inSubscription(CLOSED))).toEqual({ issues: [], unread: '' });
  expect((await bench.value('readServiceHealth', inSubscription(ELSEWHERE))).issues).toHaveLength(1);
});

test('Azure’s refusal is a reason, told once to each that asks, and the next one asks again', async () => {
  let asked = 0;
  const arm = {
    async ask(): Promise<never> {
      asked++;
      throw new Error('HTTP 500');
    },
  };
  const health = serviceHealth(arm, { now: () => new Date(), since: () => 0 });
  await expect(Promise.all([health.read('s', 'l'), health.read('s', 'l')])).rejects.toThrow('HTTP 500');
  await expect(health.read('s', 'l')).rejects.toThrow('HTTP 500');
  expect(asked).toBe(2);
});

test('times are read as ISO and as ticks; maintenance whose beginning cannot be read is not held to be under way, and a hostile title is one bounded line', async () => {
  const ticks = (iso: string) => String(BigInt(Date.parse(iso)) * 10_000n + 621_355_968_000_000_000n);
  const row = (name: string, begins: string, ends = '', title = 't') => ({
    ...{ id: `/e/${name}`, name, kind: 'PlannedMaintenance', title, begins, ends },
    impact: [{ ImpactedService: 'Virtual Machines', ImpactedRegions: [{ ImpactedRegion: 'West Europe', Status: 'Active' }] }],
  });
  const data = [
    row('iso', '2026-03-01T00:00:00Z', '2026-03-03T00:00:00Z'),
    row('ticks', ticks('2026-03-01T00:00:00Z'), ticks('2026-03-03T00:00:00Z')),
    row('ticks-over', ticks('2026-02-01T00:00:00Z'), ticks('2026-03-01T00:00:00Z')),
    row('never', '', '2026-03-03T00:00:00Z'),
    row('soon', '2026-03-02T00:00:01Z', ''),
    row('long', '2026-03-01T00:00:00Z', '', `x\u0000\u202e\n${'y'.repeat(5000)}`),
    {
      ...row('resolved-here', '2026-03-01T00:00:00Z'),
      impact: [{ ImpactedService: 'Virtual Machines', ImpactedRegions: [{ ImpactedRegion: 'West Europe', Status: 'Resolved' }] }],
    },
    { ...row('odd', ''), impact: 'everything' },
  ];
  const arm = { ask: async (_: string, __: string, ___: unknown, schema: { parse(body: unknown): unknown }) => schema.parse({ data }) };
  const health = serviceHealth(arm as never, { now: () => new Date('2026-03-02T00:00:00Z'), since: () => 0 });
  const issues = await health.read('s', 'westeurope');
  expect(issues.map(({ trackingId }) => trackingId)).toEqual(['iso', 'ticks', 'long']);
  expect(issues.at(-1)?.title).toMatch(/^x {3}y{196}$/);
});
