/** Bodies of Azure that lack a field, or have another in its place: the activity answers a value or a fault, and never throws or writes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Bench } from '../activities/rig.ts';
import { request } from '../activities/samples.ts';
import fc from '../fastCheck.ts';
import { call, diskId, estate, onVm, type Rig, rig } from '../simulator/support/estate.ts';
import { isUnpolluted, mutated } from './odd.ts';

let azure: Rig;
let bench: Bench;
beforeAll(async () => {
  azure = await rig(estate(), 400);
  bench = new Bench(azure.simulator);
}, 30_000);
afterAll(() => azure?.simulator.close());

const watched = { vmId: request.vmId, disks: { original: diskId('broken-os'), copy: null }, since: null, compare: 'all' as const };

test('a VM, its disk, and what stands in the way of it', async () => {
  const vm = (await onVm(azure, 'GET', 'broken', '?$expand=instanceView')).body;
  const disk = (await call(azure, 'GET', `${diskId('broken-os')}?api-version=2026-03-02`)).body;
  const lock = { value: [{ id: `${request.vmId}/providers/Microsoft.Authorization/locks/l`, properties: { level: 'CanNotDelete' } }] };
  const role = { value: [{ actions: ['*'], notActions: [] }] };
  const denial = {
    value: [{ properties: { denyAssignmentName: 'd', scope: request.vmId, permissions: [{ actions: ['x'] }], excludePrincipals: [] } }],
  };
  const cases = fc.oneof(
    mutated(vm).map(body => ({ path: 'virtualMachines/broken\\?', body })),
    mutated(disk).map(body => ({ path: 'disks/broken-os\\?', body })),
    mutated(lock).map(body => ({ path: 'Microsoft.Authorization/locks\\?', body })),
    mutated(role).map(body => ({ path: 'Microsoft.Authorization/permissions\\?', body })),
    mutated(denial).map(body => ({ path: 'Microsoft.Authorization/denyAssignments\\?', body })),
  );
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ path, body }) => {
      await bench.inject({ match: { method: 'GET', path }, times: 4, answer: { status: 200, body: body ?? null } });
      for (const reply of [await bench.act('inspectVm', { request }), await bench.act('watchVm', watched)]) {
        if (reply.ok) continue;
        refused++;
        expect(reply.fault.message.length).toBeGreaterThan(5);
        // No programming error in disguise.
        expect([path, JSON.stringify(body).slice(0, 300), reply.fault.code, reply.fault.message]).not.toContain('internal');
      }
      await fetch(`${azure.simulator.adminUrl}/faults`, { method: 'DELETE' });
      expect(isUnpolluted()).toBe(true);
    }),
    { numRuns: 40 },
  );
  expect(refused).toBeGreaterThan(0);
  expect((await bench.state()).writes).toEqual([]);
});

test.each([
  ['no id at all', (vm: Vm) => ({ ...vm, id: 'broken' })],
  ['another VM', (vm: Vm) => ({ ...vm, id: `${vm.id}2` })],
  [
    'an OS disk without an id',
    (vm: Vm) => ({
      ...vm,
      properties: { ...vm.properties, storageProfile: { osDisk: { ...vm.properties.storageProfile.osDisk, managedDisk: { id: '😀' } } } },
    }),
  ],
])('an answer about %s is said to be wrong, and is not kept for the next activity', async (_, change) => {
  const { body } = (await onVm(azure, 'GET', 'broken', '?$expand=instanceView')) as { body: Vm };
  await bench.inject({
    match: { method: 'GET', path: 'virtualMachines/broken\\?' },
    times: 1,
    answer: { status: 200, body: change(body) },
  });
  const reply = await bench.act('inspectVm', { request });
  expect(reply).toMatchObject({
    ok: false,
    fault: { kind: 'fatal', code: 'unexpectedBody', message: expect.stringContaining(request.vmId) },
  });
  expect(await bench.act('inspectVm', { request })).toMatchObject({ ok: true });
});

interface Vm {
  id: string;
  properties: { storageProfile: { osDisk: object } };
}
