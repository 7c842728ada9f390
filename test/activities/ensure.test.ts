import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { diskId, estate, LOCATION, type Rig, rig, vmId } from '../simulator/support/estate.ts';
import { Bench, repairId } from './rig.ts';
import { expires, inRepairGroup, names, request, spec } from './samples.ts';

const snapshotId = inRepairGroup('Microsoft.Compute/snapshots', names.snapshot);
const repairDiskId = diskId(names.disk);
const original = { id: diskId('broken-os'), name: 'broken-os' };
const repairDisk = { id: repairDiskId, name: names.disk };

describe('a whole repair, step by step, each step asked twice', () => {
  let azure: Rig;
  let bench: Bench;
  beforeAll(async () => {
    azure = await rig(estate(), 400);
    bench = new Bench(azure.simulator);
  }, 30_000);
  afterAll(() => azure?.simulator.close());

  /** Runs it to its end, then once more: the second time nothing is written. */
  const twice: Bench['ensure'] = async (name, input) => {
    const value = await bench.ensure(name, input);
    const before = (await bench.state()).writes.length;
    expect(await bench.ensure(name, input)).toEqual(value);
    expect((await bench.state()).writes.length).toBe(before);
    return value;
  };
  const vmOf = async (id: string) => (await bench.state()).vms.find((vm: { id: string }) => vm.id.toLowerCase() === id.toLowerCase());

  test('inspects', async () => {
    const { vm, refusals, policy } = await bench.value('inspectVm', { request });
    expect(refusals).toEqual([]);
    expect(policy.mode).toBe('auto');
    expect(vm).toMatchObject({
      name: 'broken',
      zone: '1',
      memoryMb: 8192,
      generation: 'V2',
      power: 'running',
      osDisk: { ...original, sizeGb: 127 },
    });
  });

  test('makes the network', async () => {
    expect(await bench.value('ensureRepairGroup', { spec })).toEqual({});
    expect(await bench.value('ensureRepairGroup', { spec })).toEqual({});
    expect(await twice('ensureRepairNetwork', { spec })).toEqual({ subnetId: spec.subnetId });
  });

  test('makes the repair VM, and is done when its agent is ready', async () => {
    expect(await twice('ensureRepairVm', { spec, size: 'Standard_D2s_v5' })).toEqual({ vmId: spec.id, size: 'Standard_D2s_v5' });
    expect((await vmOf(spec.id)).tags).toEqual({ 'bootmedic-repair': repairId, 'bootmedic-expires': expires });
  });

  test('powers off', async () => {
    const input = { vmId: request.vmId, skipShutdown: true, expectedOsDiskId: original.id };
    await bench.ensure('ensurePoweredOff', input);
    const before = (await bench.state()).writes.length;
    await bench.ensure('ensurePoweredOff', input);
    expect((await bench.state()).writes.length).toBe(before);
    expect((await vmOf(request.vmId)).power).toBe('stopped');
  });

  test('snapshots and copies', async () => {
    const { vm } = await bench.value('inspectVm', { request });
    if (vm === null) throw new Error('no vm');
    await twice('ensureSnapshot', { snapshotId, diskId: original.id, location: LOCATION, expires });
    await twice('ensureRepairDisk', { diskId: repairDiskId, snapshotId, vm, expires });
  });

  test('attaches, and never the original', async () => {
    await twice('ensureAttached', { vmId: spec.id, diskId: repairDiskId, lun: 0 });
    const reply = await bench.act('ensureAttached', { vmId: spec.id, diskId: original.id, lun: 1 });
    expect(reply).toMatchObject({ ok: false, fault: { kind: 'fatal', code: 'notOurs' } });
    expect((await vmOf(spec.id)).dataDisks).toEqual([{ lun: 0, diskId: repairDiskId }]);
  });

  test('cuts the power of a VM of its own, whatever it is on, and of no other; started, it waits for the agent', async () => {
    const off = { skipShutdown: true, expectedOsDiskId: null };
    const theirs = await bench.act('ensurePoweredOff', { ...off, vmId: vmId('helper', 'rg-office') });
    expect(theirs).toMatchObject({ ok: false, fault: { kind: 'fatal', code: 'notOurs' } });
    await bench.ensure('ensurePoweredOff', { ...off, vmId: spec.id });
    expect((await vmOf(spec.id)).power).toBe('stopped');
    await bench.ensure('ensureStarted', { vmId: spec.id, withAgent: true });
    expect(await bench.tools.azure.vms.get(spec.id)).toMatchObject({ power: 'running', agent: { status: 'ready' } });
    const run = { repairVmId: spec.id, run: '9-make-safe', script: 'make-safe', mode: 'Detect', lun: null, timeoutSeconds: 60 } as const;
    // Refused while the agent does not run.
    await bench.ensure('ensureScript', { ...run, parameters: {}, uploadDump: false });
    expect(bench.faults).toEqual([]);
  });

  test('detaches', async () => {
    await twice('ensureDetached', { vmId: spec.id, diskId: repairDiskId });
    expect((await vmOf(spec.id)).dataDisks).toEqual([]);
  });

  test('swaps there, back and there again', async () => {
    const there = { vmId: request.vmId, from: original, to: repairDisk };
    const back = { vmId: request.vmId, from: repairDisk, to: original };
    await twice('ensureOsDisk', there);
    await twice('ensureOsDisk', back);
    expect((await vmOf(request.vmId)).osDiskId).toBe(original.id);
    await twice('ensureOsDisk', there);
    expect((await vmOf(request.vmId)).osDiskId).toBe(repairDiskId);
  });

  test('refuses to swap a disk that it does not know, and to power a VM off that is on another disk', async () => {
    const swap = await bench.act('ensureOsDisk', { vmId: request.vmId, from: { id: diskId('other'), name: 'other' }, to: original });
    expect(swap).toMatchObject({ ok: false, fault: { kind: 'fatal', code: 'osDiskChanged' } });
    const off = await bench.act('ensurePoweredOff', { vmId: request.vmId, skipShutdown: true, expectedOsDiskId: original.id });
    expect(off).toMatchObject({ ok: false, fault: { code: 'osDiskChanged' } });
  });

  test('starts, and swaps no running VM', async () => {
    const asked = Date.now();
    const { at } = await bench.ensure('ensureStarted', { vmId: request.vmId });
    expect(Math.abs(Date.parse(at) - asked)).toBeLessThan(2500);
    const before = (await bench.state()).writes.length;
    await bench.ensure('ensureStarted', { vmId: request.vmId });
    expect((await bench.state()).writes.length).toBe(before);
    const swap = await bench.act('ensureOsDisk', { vmId: request.vmId, from: repairDisk, to: original });
    expect(swap).toMatchObject({ ok: false, fault: { code: 'vmNotStopped' } });
  });

  test('tags what stays, beside the tags that are there', async () => {
    await bench.value('tagLeftover', { resourceId: original.id, expires });
    await bench.value('tagLeftover', { resourceId: original.id, expires });
    const { disks } = await bench.state();
    expect(disks.find((disk: { id: string }) => disk.id === original.id).tags).toMatchObject({
      'bootmedic-repair': repairId,
      'bootmedic-expires': expires,
    });
  });

  test('deletes what it made, and nothing else', async () => {
    await twice('ensureRepairVmDeleted', { vmId: spec.id });
    await twice('ensureSnapshotDeleted', { snapshotId });
    for (const id of [original.id, diskId('helper-os', 'rg-office')])
      expect(await bench.act('ensureDiskDeleted', { diskId: id })).toMatchObject({ ok: false, fault: { code: 'notOurs' } });
    expect(await bench.act('ensureRepairVmDeleted', { vmId: vmId('helper', 'rg-office') })).toMatchObject({
      ok: false,
      fault: { code: 'notOurs' },
    });
    const state = await bench.state();
    expect(state.disks.map((disk: { id: string }) => disk.id).sort()).toEqual(
      [diskId('helper-os', 'rg-office'), original.id, repairDiskId].sort(),
    );
    expect(state.breaches).toEqual([]);
  });

  test('every write that Azure saw is in the audit, with the repair’s correlation id', async () => {
    const { writes } = await bench.state();
    const audit = await bench.tools.records.readWrites(repairId);
    expect(audit.length).toBe(writes.length);
    expect(new Set(audit.map(entry => entry.correlationId)).size).toBe(1);
    expect(audit.find(entry => entry.after === repairDiskId)).toMatchObject({ method: 'PATCH', before: original.id, step: 'ensureOsDisk' });
    expect(JSON.stringify(audit)).not.toMatch(/sig=|password/i);
    const timeline = await bench.tools.records.readTimeline(repairId);
    expect(timeline.map(entry => entry.what)).toContain(`power broken off`);
  });
});
