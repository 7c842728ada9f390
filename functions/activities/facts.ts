/** A VM as Azure tells it -> the facts that diagnosis and plan rest on. */
import type { VmSize } from '../../azure/capacity.ts';
import type { Disk } from '../../azure/disks.ts';
import { parseId } from '../../azure/ids.ts';
import type { Vm } from '../../azure/vms.ts';
import type { VmFacts } from './contract.ts';

export function factsOf(vm: Vm, disk: Disk, size: VmSize | undefined): VmFacts {
  const { resourceGroup, subscriptionId } = parseId(vm.id);
  return {
    ...{ id: vm.id, name: vm.name, resourceGroup, subscriptionId, location: vm.location, zone: vm.zone },
    size: vm.size,
    memoryMb: size?.memoryMb ?? 0,
    generation: vm.generation ?? disk.generation,
    securityType: vm.securityType,
    ...presentOf(vm),
    image: vm.image,
    osDisk: { id: disk.id, name: disk.name, sizeGb: disk.sizeGb, sku: disk.sku, diskEncryptionSetId: disk.diskEncryptionSetId },
    tags: vm.tags,
  };
}

/** What changes from look to look. */
export function presentOf(vm: Vm): Pick<VmFacts, 'power' | 'powerChangedAt' | 'agent'> {
  const { status, at } = vm.agent;
  return { power: vm.power, powerChangedAt: vm.powerChangedAt, agent: { status, at, osVersion: vm.osVersion } };
}
