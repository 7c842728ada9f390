import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { diskId, estate, LOCATION, type Rig, rig, SUBSCRIPTION, vmId } from '../simulator/support/estate.ts';
import { Bench, repairId } from './rig.ts';
import { expires, inRepairGroup, names, request, spec } from './samples.ts';

const subscription = {
  id: SUBSCRIPTION,
  quotas: [{ location: LOCATION, name: 'standardESv5Family', limit: 0 }],
  restrictions: [{ size: 'Standard_D2as_v5', location: LOCATION }],
  exhausted: [{ size: 'Standard_B2ms', location: LOCATION }],
};
const off = { vmId: vmId('broken'), skipShutdown: true, expectedOsDiskId: diskId('broken-os') };

describe('when Azure fails', () => {
  let azure: Rig;
  let bench: Bench;
  beforeAll(async () => {
    azure = await rig(estate({ subscriptions: [subscription] }), 400);
    bench = new Bench(azure.simulator);
    await bench.value('ensureRepairGroup', { spec });
    await bench.ensure('ensureRepairNetwork', { spec });
  }, 30_000);
  beforeEach(() => {
    bench.faults = [];
  });
  afterAll(() => azure?.simulator.close());

  test('a failed operation tells why, once, and the next try succeeds', async () => {
    await bench.inject({
      match: { method: 'POST', path: '/powerOff' },
      failOperation: { code: 'InternalExecutionError', message: 'An internal execution error occurred.' },
    });
    await bench.ensure('ensurePoweredOff', off);
    expect(bench.faults).toEqual([{ kind: 'transient', code: 'InternalExecutionError', message: 'An internal execution error occurred.' }]);
    await bench.ensure('ensureStarted', { vmId: off.vmId });
  });

  test('a refused write is a fault with what Azure said, and with its Retry-After in service seconds', async () => {
    const body = { error: { code: 'TooManyRequests', message: 'slow down' } };
    await bench.inject({ match: { method: 'POST', path: '/powerOff' }, answer: { status: 429, headers: { 'Retry-After': '2' }, body } });
    const reply = await bench.act('ensurePoweredOff', off);
    expect(reply).toMatchObject({
      ok: false,
      fault: { kind: 'throttled', code: 'TooManyRequests', message: 'slow down', retryAfterSeconds: 800 },
    });
  });

  test('a write whose answer was lost is found and not repeated', async () => {
    await bench.inject({ match: { method: 'POST', path: '/powerOff' }, drop: 'after' });
    const asked = async () =>
      (await bench.state()).writes.filter((write: { url: string }) => JSON.stringify(write).includes('/powerOff')).length;
    const before = await asked();
    await bench.ensure('ensurePoweredOff', off);
    expect(bench.faults.map(fault => fault.kind)).toEqual(['transient']);
    expect(await asked()).toBe(before + 1);
    const audit = await bench.tools.records.readWrites(repairId);
    expect(audit.filter(entry => entry.resource.endsWith('/powerOff')).at(-1)?.status).toBe(0);
    await bench.ensure('ensureStarted', { vmId: off.vmId });
  });

  test('a disk that it has made, and that Azure says for good is not there, is deleted all the same; where there is none, nothing happens', async () => {
    const snapshotId = inRepairGroup('Microsoft.Compute/snapshots', names.snapshot);
    const copy = diskId(names.disk);
    const { vm } = await bench.value('inspectVm', { request: { ...request, vmId: off.vmId } });
    if (vm === null) throw new Error('the VM was not read');
    await bench.ensure('ensurePoweredOff', off);
    await bench.ensure('ensureSnapshot', { snapshotId, diskId: diskId('broken-os'), location: LOCATION, expires });
    await bench.ensure('ensureRepairDisk', { diskId: copy, snapshotId, vm, expires });
    const exists = async () => (await bench.state()).disks.some(({ id }: { id: string }) => id === copy);
    expect(await exists()).toBe(true);
    const body = { error: { code: 'ResourceNotFound', message: 'm' } };
    await bench.inject({ match: { method: 'GET', path: `/disks/${names.disk}` }, answer: { status: 404, body }, times: 100 });
    await bench.ensure('ensureDiskDeleted', { diskId: copy });
    await bench.clearFaults();
    expect(await exists()).toBe(false);
    await bench.ensure('ensureDiskDeleted', { diskId: copy });
    expect(bench.faults).toEqual([]);
    await bench.ensure('ensureStarted', { vmId: off.vmId });
  });

  test('reads that break are repeated below the activity', async () => {
    await bench.inject({ match: { method: 'GET', path: '/virtualMachines/broken' }, drop: 'before', times: 2 });
    await bench.ensure('ensureStarted', { vmId: off.vmId });
    expect(bench.faults).toEqual([]);
  });

  test.each([
    ['Standard_E2s_v5', 'quota'],
    ['Standard_D2as_v5', 'skuUnavailable'],
    ['Standard_B2ms', 'skuUnavailable'],
  ])('a repair VM of size %s cannot be had: %s; the next size can, once the wreck is gone', async (size, kind) => {
    const reply = async () => {
      for (;;) {
        const answer = await bench.act('ensureRepairVm', { spec, size });
        if (!answer.ok) return answer.fault;
        if (answer.value.done) return 'done';
      }
    };
    expect(await reply()).toMatchObject({ kind });
    await bench.ensure('ensureRepairVmDeleted', { vmId: spec.id });
    expect((await bench.state()).disks.map((disk: { id: string }) => disk.id)).not.toContain(
      inRepairGroup('Microsoft.Compute/disks', names.osDisk),
    );
  });

  test('a wreck of a repair VM is replaced when its failure has been told', async () => {
    await bench.inject({
      match: { method: 'PUT', path: `virtualMachines/${names.vm}` },
      failOperation: { code: 'InternalExecutionError', message: 'broke' },
    });
    await bench.ensure('ensureRepairVm', { spec, size: 'Standard_D2s_v5' });
    expect(bench.faults.map(fault => fault.code)).toEqual(['InternalExecutionError']);
    await bench.ensure('ensureRepairVmDeleted', { vmId: spec.id });
  });

  test('a disk that was swapped in by somebody else in between is not overwritten', async () => {
    await bench.ensure('ensurePoweredOff', off);
    await bench.inject({
      match: { method: 'PATCH', path: '/virtualMachines/broken' },
      answer: { status: 412, body: { error: { code: 'PreconditionFailed', message: 'changed' } } },
    });
    const swap = { vmId: off.vmId, from: { id: diskId('broken-os'), name: 'broken-os' }, to: { id: diskId('nowhere'), name: 'nowhere' } };
    expect(await bench.act('ensureOsDisk', swap)).toMatchObject({ ok: false, fault: { kind: 'conflict' } });
  });

  test('what is not there is said so', async () => {
    for (const [name, input] of [
      ['ensureStarted', { vmId: vmId('nobody') }],
      ['ensurePoweredOff', { ...off, vmId: vmId('nobody') }],
    ] as const)
      expect(await bench.act(name, input)).toMatchObject({ ok: false, fault: { kind: 'notFound' } });
    expect(await bench.ensure('ensureDetached', { vmId: vmId('nobody'), diskId: diskId('broken-os') })).toEqual({});
  });
});
