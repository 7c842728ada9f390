/** What the sweep's activities see of a simulated Azure, and what they make of it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DurableClient, OrchestrationFilter } from 'durable-functions';
import type { Given } from '../../functions/activities/activity.ts';
import { judge, whyNot } from '../../functions/activities/findSuspects.ts';
import { namesFor } from '../../functions/activities/names.ts';
import { purgeHistory } from '../../functions/activities/purgeHistory.ts';
import { leftToPerson, startRepairs } from '../../functions/activities/startRepairs.ts';
import { writeReport } from '../../functions/activities/writeReport.ts';
import { loadSettings } from '../../functions/settings.ts';
import type { Summary } from '../../records/index.ts';
import { record, summary } from '../records/sample.ts';
import { estate, GROUP, idOf, LOCATION, OTHER, type Rig, rig, vmId } from '../simulator/support/estate.ts';
import { toy } from '../simulator/support/guests.ts';
import { Bench, repairId } from './rig.ts';

const sweep = (changes: object = {}) =>
  loadSettings({ BOOTMEDIC_BLOB_ENDPOINT: 'https://x', BOOTMEDIC_SETTINGS: JSON.stringify({ sweep: changes }) }).sweep;
const seen = {
  ...{ id: vmId('till'), name: 'till', tags: { Tier: 'Gold' }, windows: true, power: 'running', computerName: 'TILL' },
  ...{ createdAt: null, host: { state: 'available' as const, by: 'unknown' as const } },
};

describe('which VMs are asked', () => {
  test.each([
    [{}, {}, null],
    [{ power: '' }, {}, null],
    [{ host: null }, {}, null],
    [{ power: 'deallocated' }, {}, /whoever stopped it/],
    [{ power: 'stopped' }, {}, /whoever stopped it/],
    [{ windows: false }, {}, /not Windows/],
    [{ host: { state: 'unavailable', by: 'platform' } }, {}, /Azure itself/],
    [{ host: { state: 'unavailable', by: 'guest' } }, {}, null],
    [{ tags: { 'bootmedic-mode': 'OFF' } }, {}, /opted out/],
    [{ name: 'bootmedic-abcdefghijkl-vm', tags: { 'bootmedic-repair': repairId } }, {}, /repair VM/],
    [{}, { resourceGroups: ['RG-SHOP'] }, null],
    [{}, { resourceGroups: ['rg-office'] }, /another resource group/],
    [{}, { optIn: [{ name: 'tier', value: 'gold' }] }, null],
    [{}, { optIn: [{ name: 'tier' }] }, null],
    [{}, { optIn: [{ name: 'tier', value: 'silver' }, { name: 'x' }] }, /not opted in/],
    [{}, { optOut: [{ name: 'TIER', value: 'GOLD' }] }, /opted out/],
    [{}, { optIn: [{ name: 'tier' }], optOut: [{ name: 'tier' }] }, /opted out/],
  ])('%j with %j: %s', (vm, changes, why) => {
    const answer = whyNot({ ...seen, ...(vm as object) }, sweep(changes));
    if (why === null) expect(answer).toBeNull();
    else expect(answer).toMatch(why);
  });

  test.each([
    [{ agent: { status: 'ready', at: '60' } }, 'counted'],
    [{ agent: { status: 'ready', at: '1000' } }, 'suspect'],
    [{ agent: { status: 'not-ready', at: '0' } }, 'suspect'],
    [{ agent: { status: 'none', at: null } }, 'suspect'],
    [{ agent: { status: 'not-ready', at: '0' }, powerChangedAt: '100' }, 'counted'],
    [{ agent: { status: 'not-ready', at: '0' }, power: 'deallocated' }, 'counted'],
    [{ agent: { status: 'not-ready', at: '0' }, provisioning: 'busy' }, 'counted'],
  ])('%j is %s', (change, kind) => {
    // Times here are ages in seconds.
    const vm = { id: 'v', power: 'running', provisioning: 'succeeded', powerChangedAt: '5000', ...change } as Parameters<typeof judge>[0];
    expect(Object.keys(judge(vm, { since: Number }, 900))).toEqual([kind]);
  });
});

test('a VM whose repair did not help is left to a person, for a time, unless something else is wrong with it now', () => {
  const ended = {
    ...summary,
    state: 'ended' as const,
    outcome: 'rolled-back' as const,
    endedAt: '2026-03-01T04:00:00Z',
    stopCode: '0x000000EF',
  };
  const vm = { vmId: summary.vmId.toUpperCase(), finding: '0x000000EF' };
  expect(leftToPerson([ended], vm, () => true)?.id).toBe(ended.id);
  expect(leftToPerson([{ ...ended, outcome: 'observed' }], vm, () => true)?.id).toBe(ended.id);
  expect(leftToPerson([{ ...ended, stopCode: null }], vm, () => true)?.id).toBe(ended.id);
  expect(leftToPerson([ended], vm, () => false)).toBeUndefined();
  expect(leftToPerson([ended], { ...vm, finding: '0x0000007B' }, () => true)).toBeUndefined();
  expect(leftToPerson([ended], { ...vm, vmId: '/other' }, () => true)).toBeUndefined();
  for (const outcome of ['repaired', 'healthy', 'joined', null] as const)
    expect(leftToPerson([{ ...ended, outcome }], vm, () => true)).toBeUndefined();
});

describe('a VM that an outage of Azure has held', () => {
  const held = {
    ...summary,
    state: 'ended' as const,
    outcome: 'refused' as const,
    endedAt: '2026-03-01T04:00:00Z',
    refusals: ['service-issue'],
  };
  const ill = { vmId: summary.vmId, finding: '0x000000EF', why: 'silent' };
  const issue = { trackingId: 'VT2K-7B8', kind: 'a service issue', title: 't', service: 'Virtual Machines' };

  async function swept(
    before: Partial<Summary>[],
    serviceHealth: () => Promise<object[]>,
    vm: object | undefined = { location: LOCATION },
  ) {
    const started: string[] = [];
    const client = {
      ...{ getStatusBy: async () => [], readEntityState: async () => ({ entityState: { running: {} } }) },
      getStatus: async () => Promise.reject(new Error('HTTP 404 response')),
      startNew: async (_: string, { input }: { input: { vmId: string } }) => void started.push(input.vmId),
    };
    const records = {
      ...{ listSummaries: async () => before.map(each => ({ ...held, ...each })), readSummary: async () => undefined },
      claim: async () => true,
    };
    const azure = { vms: { get: async () => vm }, serviceHealth: { read: serviceHealth } };
    const settings = loadSettings({ BOOTMEDIC_BLOB_ENDPOINT: 'https://x' });
    const given = { client, records, settings, azure, clock: { since: () => 3600 } } as unknown as Given;
    const { decided } = await startRepairs({ requestedBy: 'sweep s-1', vms: [ill] }, given);
    return { started: started.length, why: decided[0]?.why ?? '' };
  }
  const none = async () => [];

  test('waits while Azure reports it, and while that cannot be read', async () => {
    expect(await swept([{}], async () => [issue])).toEqual({
      started: 0,
      why: expect.stringMatching(/outage of Azure, VT2K-7B8, .+not over\. silent/),
    });
    const broken = () => Promise.reject(new Error('no answer'));
    expect(await swept([{}], broken)).toEqual({ started: 0, why: expect.stringContaining('could not be read') });
  });

  test('is tried again once it is over, and no person is asked for', async () => {
    expect(await swept([{}], none)).toEqual({ started: 1, why: 'silent' });
    expect(await swept([{ refusals: ['platform-cause'] }], async () => [issue])).toEqual({ started: 1, why: 'silent' });
  });

  test.each([
    ['an earlier repair has not helped', [{}, { outcome: 'rolled-back' as const, refusals: [] }]],
    ['it was refused for more than that', [{ refusals: ['service-issue', 'locked'] }]],
    ['an earlier version did not say for what', [{ refusals: undefined }]],
    ['it was cancelled', [{ outcome: 'cancelled' as const }]],
  ])('is left to a person where %s', async (_, before) => {
    expect(await swept(before, none)).toEqual({ started: 0, why: expect.stringContaining('a person has to look') });
  });

  test('the codes of a refusal are in what the list keeps of a repair', async () => {
    const refusals = [{ code: 'service-issue', message: 'm', remedy: 'r' }];
    const kept: Summary[] = [];
    const records = { readTimeline: none, readWrites: none, putRecord: none, putSummary: async (one: Summary) => void kept.push(one) };
    const given = { records, repairId, log: { info: () => {} } } as unknown as Given;
    await writeReport({ story: { ...record.story, outcome: 'refused', refusals }, state: 'ended' }, given);
    expect(kept).toMatchObject([{ outcome: 'refused', refusals: ['service-issue'] }]);
  });
});

test('only orchestrations that have ended, and began longer ago than the settings say, are forgotten', async () => {
  const asked: OrchestrationFilter[] = [];
  const client = {
    purgeInstanceHistoryBy: async (filter: OrchestrationFilter) => {
      asked.push(filter);
      return { instancesDeleted: 4 };
    },
  } as unknown as DurableClient;
  const settings = { sweep: sweep({ historyDays: 10 }) };
  const given = { client, settings, clock: { now: () => new Date('2026-06-11T00:00:00Z') } } as unknown as Given;
  expect(await purgeHistory({}, given)).toEqual({ purged: 4 });
  expect(asked).toEqual([
    {
      createdTimeFrom: new Date(0),
      createdTimeTo: new Date('2026-06-01T00:00:00Z'),
      runtimeStatus: ['Completed', 'Failed', 'Terminated', 'Canceled'],
    },
  ]);
});

describe('in a simulated Azure', () => {
  const machine = (name: string, boots: boolean, changes: object = {}) => ({
    ...{ name, resourceGroup: GROUP, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V2', runningForMinutes: 600 },
    osDisk: { name: `${name}-os`, sizeGb: 127, contents: toy(name, boots) },
    ...changes,
  });
  const virtualMachines = [
    machine('ill', false),
    machine('resting', false, { power: 'deallocated' }),
    machine('elsewhere', false, { resourceGroup: OTHER }),
    machine('down', false, { platformEvent: { cause: 'host-fault', minutesAgo: 5 } }),
  ];
  let azure: Rig;
  let bench: Bench;
  beforeAll(async () => {
    azure = await rig(estate({ virtualMachines }), 100);
    bench = new Bench(azure.simulator, { defaults: { mode: 'auto' }, sweep: { resourceGroups: [GROUP] } });
  }, 30_000);
  afterAll(() => azure?.simulator.close());

  test('a running VM whose agent is silent is a suspect; the others are counted by reason', async () => {
    const answer = await bench.value('findSuspects', { token: null });
    expect(answer.suspects.map(({ vmId: id }) => id)).toEqual([vmId('ill')]);
    expect(answer).toMatchObject({ looked: 4, passed: [], next: null });
    expect(Object.values(answer.counts)).toEqual([1, 1, 1]);
    expect((await bench.state()).writes).toEqual([]);
  });

  test('a leftover is found, priced and deleted when it is due; one that is not is left', async () => {
    const names = namesFor(repairId);
    const snapshot = (name: string) => idOf('Microsoft.Compute/snapshots', name);
    const expires = '2026-01-01T00:00:00.000Z';
    const diskId = idOf('Microsoft.Compute/disks', 'ill-os');
    for (const name of [names.snapshot, names.firstSnapshot])
      await bench.ensure('ensureSnapshot', { snapshotId: snapshot(name), diskId, location: LOCATION, expires });
    const leftover = { resourceId: snapshot(names.snapshot), reason: 'r', expires, removeWith: 'x' };
    const story = {
      ...record.story,
      repairId,
      outcome: 'rolled-back' as const,
      leftovers: [leftover],
      request: { ...record.story.request, vmId: vmId('ill') },
    };
    await bench.tools.records.putRecord({ ...record, story });

    const { leftovers } = await bench.value('findLeftovers', { token: null });
    expect(leftovers.map(({ resourceId, due, monthlyUsd: usd }) => [resourceId, due, usd])).toEqual([
      [snapshot(names.firstSnapshot), false, 6.35],
      [snapshot(names.snapshot), true, 6.35],
    ]);
    const remove = (name: string) => bench.ensure('ensureLeftoverDeleted', { resourceId: snapshot(name) });
    expect(await remove(names.firstSnapshot)).toMatchObject({ deleted: false, why: expect.stringContaining('does not name it') });
    expect(await remove(names.snapshot)).toMatchObject({ deleted: true, why: expect.stringContaining('2026-01-01') });
    expect(await remove('not-there')).toMatchObject({ deleted: true });
    const { snapshots } = await bench.state();
    expect(snapshots.map(({ id }: { id: string }) => id)).toEqual([snapshot(names.firstSnapshot)]);
  });
});
