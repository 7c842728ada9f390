/** What somebody else does to a VM, seen through the real clients on the simulator. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { VmChange, VmMark } from '../../functions/activities/contract.ts';
import { diskId, estate, GROUP, type Rig, rig } from '../simulator/support/estate.ts';
import { Bench } from './rig.ts';
import { request } from './samples.ts';

const disks = { original: diskId('broken-os'), copy: diskId('copy') };

describe('a VM that was marked', () => {
  let azure: Rig;
  let bench: Bench;
  let mark: VmMark | null = null;
  beforeAll(async () => {
    azure = await rig(estate(), 400);
    bench = new Bench(azure.simulator);
  }, 30_000);
  afterAll(() => azure?.simulator.close());

  const vms = () => azure.compute.virtualMachines;
  const look = (since: VmMark | null, compare: 'all' | 'identity' = 'all', more = {}) =>
    bench.ensure('watchVm', { vmId: request.vmId, disks: { ...disks, ...more }, since, compare });
  const remark = async () => {
    ({ mark } = await look(null, 'identity'));
  };
  const codes = (changes: VmChange[]) => changes.map(({ code, means }) => `${code} ${means}`);
  const changed = async () => codes((await look(mark)).changes);

  test('is unchanged while nobody does anything, also from the first look of the repair on', async () => {
    ({ mark } = await bench.value('inspectVm', { request }));
    expect(await changed()).toEqual([]);
    await vms().beginPowerOffAndWait(GROUP, 'broken', { skipShutdown: true, updateIntervalInMs: 20 });
    expect(await changed()).toEqual(['vm-stopped hands-off']);
    await remark();
    expect(await changed()).toEqual([]);
  });

  test('was started, or started and stopped again, which leaves no other trace in it', async () => {
    await vms().beginStartAndWait(GROUP, 'broken', { updateIntervalInMs: 20 });
    expect(await changed()).toEqual(['vm-started hands-off']);
    await vms().beginPowerOffAndWait(GROUP, 'broken', { skipShutdown: true, updateIntervalInMs: 20 });
    const { changes } = await look(mark);
    expect(codes(changes)).toEqual(['vm-was-operated hands-off']);
    expect(changes[0]?.what).toMatch(/started and stopped/);
    expect((await look(mark, 'identity')).changes).toEqual([]);
  });

  test('was powered off or started by the repair itself, later than it thought: nobody else’s act', async () => {
    await remark();
    const stopped = mark;
    await bench.ensure('ensureStarted', { vmId: request.vmId });
    const late = await look(stopped);
    expect([codes(late.changes), late.changes[0]?.what]).toEqual([['vm-started give-back'], 'a start of this repair came late to broken']);
    await remark();
    await bench.ensure('ensurePoweredOff', { vmId: request.vmId, skipShutdown: true, expectedOsDiskId: disks.original });
    expect(await changed()).toEqual(['vm-stopped nothing']);
    // Somebody else has acted since, too: it is theirs.
    await vms().beginStartAndWait(GROUP, 'broken', { updateIntervalInMs: 20 });
    expect(codes((await look(stopped)).changes)).toEqual(['vm-started hands-off']);
    await vms().beginPowerOffAndWait(GROUP, 'broken', { skipShutdown: true, updateIntervalInMs: 20 });
  });

  test('got other tags, which is harmless; and data disks, which is not', async () => {
    await remark();
    await vms().beginUpdateAndWait(GROUP, 'broken', { tags: { app: 'other' } }, { updateIntervalInMs: 20 });
    expect(await changed()).toEqual(['vm-retagged nothing']);
    await azure.compute.disks.beginCreateOrUpdateAndWait(
      GROUP,
      'data',
      { location: 'westeurope', zones: ['1'], diskSizeGB: 4, sku: { name: 'StandardSSD_LRS' }, creationData: { createOption: 'Empty' } },
      { updateIntervalInMs: 20 },
    );
    const attach = { dataDisksToAttach: [{ diskId: diskId('data'), lun: 3 }] };
    await vms().beginAttachDetachDataDisksAndWait(GROUP, 'broken', attach, { updateIntervalInMs: 20 });
    expect(await changed()).toEqual(['data-disks-changed give-back', 'vm-retagged nothing']);
  });

  test('was opted out, or its mode made stricter than what was begun: told where it is asked, and only there', async () => {
    const tag = (tags: object) => vms().beginUpdateAndWait(GROUP, 'broken', { tags: { ...tags } }, { updateIntervalInMs: 20 });
    const asked = async (least: 'auto' | 'review', settings: object = { defaults: { mode: 'auto' } }) => {
      const other = new Bench(azure.simulator, settings);
      const wanted = { request, least };
      const { changes } = await other.ensure('watchVm', { vmId: request.vmId, disks, since: null, compare: 'identity', wanted });
      return codes(changes);
    };
    expect(await asked('auto')).toEqual([]);
    expect(await asked('auto', { defaults: { mode: 'review' } })).toEqual(['mode-stricter give-back']);
    expect(await asked('review', { defaults: { mode: 'review' } })).toEqual([]);
    expect(await asked('review', { defaults: { mode: 'observe' } })).toEqual(['mode-stricter give-back']);
    await tag({ 'Bootmedic-Mode': ' Off ' });
    expect(await asked('review')).toEqual(['opted-out give-back']);
    expect(codes((await look(null, 'identity')).changes)).toEqual([]);
    await tag({});
    await remark();
  });

  test('is on a disk that is neither its own nor our copy', async () => {
    expect(codes((await look(mark, 'identity', { original: diskId('else') })).changes)).toEqual(['os-disk-changed hands-off']);
  });

  test('is on our copy, and its own disk is gone', async () => {
    const { changes } = await look(mark, 'identity', { original: diskId('gone'), copy: disks.original });
    expect(codes(changes)).toEqual(['original-disk-gone hands-off']);
  });

  test('is another VM of the same name', async () => {
    const { changes } = await look(mark && { ...mark, uniqueId: 'another' }, 'identity');
    expect(codes(changes)).toEqual(['vm-recreated hands-off']);
  });

  test('is gone, alone or with its resource group', async () => {
    await vms().beginDeleteAndWait(GROUP, 'broken', { updateIntervalInMs: 20 });
    const { mark: none, changes } = await look(mark);
    expect([none, codes(changes)]).toEqual([null, ['vm-gone hands-off']]);
    await azure.resources.resourceGroups.beginDeleteAndWait(GROUP, { updateIntervalInMs: 20 });
    expect(codes((await look(mark)).changes)).toEqual(['group-being-deleted hands-off']);
  });
});
