/** An empty data disk that a VM's own body asks for (`test_vm_disk_attach_detach`). */
import { randomUUID } from 'node:crypto';
import { checkName } from '../bodies.ts';
import type { Cloud } from '../cloud.ts';
import { invalid } from '../errors.ts';
import type { Disk, Vm } from '../model.ts';
import { groupIdOf } from '../paths.ts';
import { sizeOf } from '../sizes.ts';
import type { Wanted } from './vmDisks.ts';
import type { VmDataDisk } from './vmSchema.ts';

const TYPE = 'Microsoft.Compute/disks';

/** The disk to be made; nothing is made yet. */
function newDataDisk(cloud: Cloud, vm: Vm, { lun, name: asked, diskSizeGB, managedDisk }: VmDataDisk): Disk {
  if (diskSizeGB === undefined)
    throw invalid('body-valid', 'dataDisk.diskSizeGB', "Required parameter 'dataDisk.diskSizeGB' is missing (null).");
  const name = asked ?? `${vm.name}_disk${lun + 2}_${randomUUID().replaceAll('-', '')}`;
  checkName(name, 80);
  const id = `${groupIdOf(vm.id)}/providers/${TYPE}/${name}`;
  if (cloud.estate.disk(id) !== undefined) throw invalid('disk-creation-fixed', 'dataDisk.name', `A disk named '${name}' already exists.`);
  return {
    kind: 'disk',
    ...{ id, name, type: TYPE, location: vm.location, tags: {}, sizeGb: diskSizeGB },
    ...(vm.zones !== undefined && { zones: vm.zones }),
    sku: managedDisk?.storageAccountType ?? (sizeOf(vm.size).premiumStorage ? 'Premium_LRS' : 'Standard_LRS'),
    encryption: { type: 'EncryptionAtRestWithPlatformKey' },
    creationData: { createOption: 'Empty' },
    ...{ networkAccessPolicy: 'AllowAll', publicNetworkAccess: 'Enabled', uniqueId: randomUUID() },
    ...{ timeCreated: cloud.clock.now(), provisioningState: 'Succeeded' },
  };
}

/** What the data disks of a VM's body ask for: disks that exist, and empty ones that are to be made. */
export function wantedDataDisks(cloud: Cloud, vm: Vm, disks: VmDataDisk[]): Wanted[] {
  return disks.map(disk => {
    const { lun, caching, createOption, deleteOption, managedDisk } = disk;
    const made = createOption === 'Empty' && managedDisk?.id === undefined ? newDataDisk(cloud, vm, disk) : undefined;
    const diskId = made?.id ?? managedDisk?.id;
    if (diskId === undefined || (made === undefined && createOption !== 'Attach'))
      throw invalid('body-members-known', 'dataDisks.createOption', 'The simulator attaches data disks that exist, and makes empty ones.');
    return {
      ...{ diskId, lun },
      ...(caching && { caching }),
      ...(deleteOption && { deleteOption }),
      ...(managedDisk?.storageAccountType !== undefined && { sku: managedDisk.storageAccountType }),
      ...(made !== undefined && { made }),
    };
  });
}
