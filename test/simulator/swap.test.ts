import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { diskId, GROUP, idOf, LOCATION, OTHER, type Rig, rig, stateOf, until, vmId } from './support/estate.ts';

const POLL = { updateIntervalInMs: 20 };

describe('a manual repair with the real SDK', () => {
  let azure: Rig;
  beforeAll(async () => {
    azure = await rig();
  });
  afterAll(() => azure?.simulator.close());

  test('powers off, snapshots, copies, repairs on the helper, swaps and starts', async () => {
    const { virtualMachines, snapshots, disks, virtualMachineRunCommands } = azure.compute;
    const before = await virtualMachines.get(GROUP, 'broken', { expand: 'instanceView' });
    expect(before.instanceView?.statuses?.map(status => status.code)).toEqual(['ProvisioningState/succeeded', 'PowerState/running']);
    expect(before.instanceView?.vmAgent?.statuses?.[0]?.displayStatus).toBe('Not Ready');

    await virtualMachines.powerOff(GROUP, 'broken', { ...POLL, skipShutdown: true });
    const original = before.storageProfile?.osDisk?.managedDisk?.id ?? '';
    const snapshot = await snapshots.createOrUpdate(
      GROUP,
      'snap',
      {
        location: LOCATION,
        incremental: true,
        networkAccessPolicy: 'DenyAll',
        creationData: { createOption: 'Copy', sourceResourceId: original },
      },
      POLL,
    );
    expect(snapshot).toMatchObject({ provisioningState: 'Succeeded', incremental: true, diskSizeGB: 127, hyperVGeneration: 'V2' });
    const copy = await disks.createOrUpdate(
      GROUP,
      'repair',
      {
        location: LOCATION,
        sku: { name: 'Premium_LRS' },
        zones: ['1'],
        hyperVGeneration: 'V2',
        creationData: { createOption: 'Copy', sourceResourceId: snapshot.id },
      },
      POLL,
    );
    expect(copy).toMatchObject({ provisioningState: 'Succeeded', diskState: 'Unattached', osType: 'Windows' });

    const attached = await virtualMachines.attachDetachDataDisks(
      OTHER,
      'helper',
      { dataDisksToAttach: [{ diskId: copy.id ?? '', lun: 0 }] },
      POLL,
    );
    expect(attached.dataDisks?.map(disk => [disk.lun, disk.managedDisk?.id])).toEqual([[0, copy.id]]);
    const command = {
      location: LOCATION,
      asyncExecution: true,
      timeoutInSeconds: 600,
      source: { script: 'disks\nrepair\nnote $RepairId' },
    };
    await virtualMachineRunCommands.createOrUpdate(
      OTHER,
      'helper',
      'fix',
      { ...command, parameters: [{ name: 'RepairId', value: 'r-1' }] },
      POLL,
    );
    const ran = await until(async () => {
      const { instanceView } = await virtualMachineRunCommands.getByVirtualMachine(OTHER, 'helper', 'fix', { expand: 'instanceView' });
      return instanceView?.executionState === 'Succeeded' && instanceView;
    });
    expect(ran).toMatchObject({ exitCode: 0, output: '0:127:broken\n' });
    await virtualMachines.attachDetachDataDisks(OTHER, 'helper', { dataDisksToDetach: [{ diskId: copy.id ?? '' }] }, POLL);

    const swapped = await virtualMachines.update(
      GROUP,
      'broken',
      { storageProfile: { osDisk: { createOption: 'FromImage', name: 'repair', managedDisk: { id: copy.id } } } },
      POLL,
    );
    expect(swapped.storageProfile?.osDisk).toMatchObject({ name: 'repair', managedDisk: { id: copy.id } });
    await virtualMachines.start(GROUP, 'broken', POLL);
    const view = await until(async () => {
      const seen = await virtualMachines.instanceView(GROUP, 'broken');
      return seen.vmAgent?.statuses?.[0]?.displayStatus === 'Ready' && seen;
    });
    expect(view.statuses?.map(status => status.code)).toContain('PowerState/running');

    const state = await stateOf(azure);
    expect(state.breaches).toEqual([]);
    const disk = (name: string) => state.disks.find((one: { id: string }) => one.id === diskId(name));
    expect(disk('broken-os').managedBy).toBeNull();
    expect(disk('repair').managedBy).toBe(vmId('broken'));
    expect(state.snapshots).toMatchObject([
      { id: idOf('Microsoft.Compute/snapshots', 'snap'), source: original, contentHash: disk('broken-os').contentHash },
    ]);
    expect(disk('repair').contentHash).not.toBe(disk('broken-os').contentHash);
  });
});
