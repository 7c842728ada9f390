/** A VM as Azure tells it -> the facts that diagnosis and plan rest on. */
import type { VmSize } from '../../azure/capacity.ts';
import type { Disk } from '../../azure/disks.ts';
import { parseId } from '../../azure/ids.ts';
import type { Vm } from '../../azure/vms.ts';
import type { PowerEvent, VmFacts } from './contract.ts';

export function factsOf(vm: Vm, disk: Disk, size: VmSize | undefined, powerEvents: PowerEvent[] | null): VmFacts {
  const { resourceGroup, subscriptionId } = parseId(vm.id);
  return {
    ...{ id: vm.id, name: vm.name, resourceGroup, subscriptionId, location: vm.location, zone: vm.zone },
    size: vm.size,
    memoryMb: size?.memoryMb ?? 0,
    generation: vm.generation ?? disk.generation,
    securityType: vm.securityType,
    ...presentOf(vm, powerEvents),
    image: vm.image,
    osDisk: { id: disk.id, name: disk.name, sizeGb: disk.sizeGb, sku: disk.sku, diskEncryptionSetId: disk.diskEncryptionSetId },
    tags: vm.tags,
  };
}

/**
 * What changes from look to look. The last power event is the newest that anybody tells of: the instance view has the end of the last
 * operation of any kind, the activity log what the host did by itself too.
 */
export function presentOf(
  vm: Vm,
  powerEvents: PowerEvent[] | null,
): Pick<VmFacts, 'power' | 'powerChangedAt' | 'powerEvents' | 'agent' | 'bootDiagnostics'> {
  const { status, at } = vm.agent;
  const told = [vm.powerChangedAt, powerEvents?.[0]?.at].filter(time => time != null).toSorted((a, b) => Date.parse(a) - Date.parse(b));
  const last = told.at(-1);
  return {
    power: vm.power,
    powerChangedAt: last === undefined ? null : beforeBlobsOf(last),
    powerEvents,
    agent: { status, at, osVersion: vm.osVersion },
    bootDiagnostics: vm.bootDiagnostics,
  };
}

/**
 * Blobs carry their time in whole seconds: what was captured in the second of the power event would seem older than it. So the
 * event is told as the last millisecond before its second.
 */
function beforeBlobsOf(iso: string): string {
  const time = Date.parse(iso);
  return new Date(time - (time % 1000) - 1).toISOString();
}
