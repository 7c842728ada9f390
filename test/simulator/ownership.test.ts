import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from '../fastCheck.ts';
import { diskId, estate, GROUP, LOCATION, onDisk, onVm, type Rig, rig, settled, stateOf } from './support/estate.ts';
import { toy } from './support/guests.ts';

const VMS = ['vm0', 'vm1'] as const;
const DISKS = ['vm0-os', 'vm1-os', 'd0', 'd1', 'd2'] as const;

let azure: Rig;
beforeAll(async () => {
  const machine = (name: string) => ({
    name,
    resourceGroup: GROUP,
    location: LOCATION,
    size: 'Standard_D2s_v5',
    generation: 'V2',
    power: 'deallocated',
    osDisk: { name: `${name}-os`, sizeGb: 127, contents: toy(name) },
  });
  azure = await rig(estate({ virtualMachines: VMS.map(machine) }), 100_000);
  for (const name of ['d0', 'd1', 'd2']) {
    const properties = { creationData: { createOption: 'Copy', sourceResourceId: diskId('vm0-os') } };
    await settled(azure, await onDisk(azure, 'PUT', name, { location: LOCATION, properties }));
  }
});
afterAll(() => azure?.simulator.close());

const vm = fc.constantFrom(...VMS);
const disk = fc.constantFrom(...DISKS);
const Step = fc.oneof(
  fc.record({ kind: fc.constant('attach' as const), vm, disk, lun: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ kind: fc.constant('detach' as const), vm, disk }),
  fc.record({ kind: fc.constant('swap' as const), vm, disk }),
  fc.record({ kind: fc.constant('power' as const), vm, action: fc.constantFrom('start', 'powerOff', 'deallocate', 'restart') }),
  fc.record({ kind: fc.constant('delete' as const), disk: fc.constantFrom('vm0-os', 'vm1-os') }),
);

async function take(step: typeof Step extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
  const disks = (body: object) => onVm(azure, 'POST', 'vm' in step ? step.vm : '', '/attachDetachDataDisks', body);
  const request = {
    attach: () => disks({ dataDisksToAttach: [{ diskId: diskId('disk' in step ? step.disk : ''), lun: 'lun' in step ? step.lun : 0 }] }),
    detach: () => disks({ dataDisksToDetach: [{ diskId: diskId('disk' in step ? step.disk : '') }] }),
    swap: () =>
      onVm(azure, 'PATCH', 'vm' in step ? step.vm : '', '', {
        properties: {
          storageProfile: {
            osDisk: { name: 'disk' in step ? step.disk : '', managedDisk: { id: diskId('disk' in step ? step.disk : '') } },
          },
        },
      }),
    power: () => onVm(azure, 'POST', 'vm' in step ? step.vm : '', `/${'action' in step ? step.action : ''}`),
    // An owned disk is never deleted, so that the same five stay in play.
    delete: async () =>
      (await ownersOf('disk' in step ? step.disk : '')) === null ? undefined : onDisk(azure, 'DELETE', 'disk' in step ? step.disk : ''),
  };
  const answer = await request[step.kind]();
  if (answer === undefined) return;
  expect([200, 202, 400, 409, 429]).toContain(answer.status);
  if (step.kind === 'delete') expect(answer.status).toBe(409);
  if (answer.status < 300) await settled(azure, answer);
}

const ownersOf = async (name: string) => (await stateOf(azure)).disks.find((one: { id: string }) => one.id === diskId(name))?.managedBy;

test('whatever is asked in whatever order, each disk belongs to one place, and each VM keeps an OS disk', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { minLength: 1, maxLength: 12 }), async steps => {
      for (const step of steps) await take(step);
      const { vms, disks } = await stateOf(azure);
      const places = vms.flatMap((one: { id: string; osDiskId: string; dataDisks: { lun: number; diskId: string }[] }) => [
        [one.osDiskId, one.id],
        ...one.dataDisks.map(({ diskId: id }) => [id, one.id]),
      ]);
      const owned = disks.flatMap((one: { id: string; managedBy: string | null }) =>
        one.managedBy === null ? [] : [[one.id, one.managedBy]],
      );
      expect(places.toSorted()).toEqual(owned.toSorted());
      expect(new Set(places.map(([id]: [string]) => id)).size).toBe(places.length);
      for (const { dataDisks } of vms) {
        const luns = dataDisks.map(({ lun }: { lun: number }) => lun);
        expect(new Set(luns).size).toBe(luns.length);
        expect(luns.every((lun: number) => lun < 4) && luns.length <= 4).toBe(true);
      }
    }),
    { numRuns: 25 },
  );
});
