import { checkTags } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud } from '../cloud.ts';
import { ArmError, notAllowed } from '../errors.ts';
import type { Vm } from '../model.ts';
import { sameId } from '../paths.ts';
import type { Size } from '../sizes.ts';
import { wantedDataDisks } from './newDataDisk.ts';
import { checkQuota, checkSize } from './quota.ts';
import { beginChange, endChange, prepareAttach, prepareDetach, prepareSwap, swapOsDisk, undoChange } from './vmDisks.ts';
import { checkIdle, runVmOperation } from './vmLock.ts';
import { reboot } from './vmPower.ts';
import { checkDiagnostics, type VmBody, type VmDataDisk, type VmPatch } from './vmSchema.ts';
import { etagOf, vmBody } from './vmView.ts';

/** A PUT on a VM that exists: its model is replaced, as far as it can be changed. */
export function replaceVm(request: ArmRequest, cloud: Cloud, vm: Vm, body: VmBody): ArmResponse {
  if (body.location !== vm.location) {
    throw new ArmError(
      'location-fixed',
      409,
      'InvalidResourceLocation',
      `The resource '${vm.name}' already exists in location '${vm.location}'. A resource with the same name cannot be created in location '${body.location}'.`,
    );
  }
  const { storageProfile, osProfile, networkProfile, hardwareProfile, diagnosticsProfile } = body.properties;
  if (osProfile?.adminPassword !== undefined) throw fixed('osProfile.adminPassword');
  if (osProfile?.computerName !== undefined && osProfile.computerName !== vm.computerName) throw fixed('osProfile.computerName');
  if (body.zones !== undefined && body.zones[0] !== vm.zones?.[0]) throw fixed('zones');
  if ((networkProfile.networkInterfaceConfigurations ?? []).length > 0) throw fixed('networkProfile.networkInterfaceConfigurations');
  const { imageReference: _, diskControllerType: __, ...storage } = storageProfile;
  return updateVm(request, cloud, vm, 'vm.update', {
    tags: body.tags ?? {},
    properties: {
      hardwareProfile,
      storageProfile: { dataDisks: [], ...storage },
      ...(diagnosticsProfile !== undefined && { diagnosticsProfile }),
    },
  });
}

function fixed(property: string): ArmError {
  return new ArmError('create-fields-fixed', 409, 'PropertyChangeNotAllowed', `Changing property '${property}' is not allowed.`, {
    target: property,
  });
}

/** Changes a VM: tags, boot diagnostics, data disks, the OS disk. Everything is checked before anything is changed. */
export function updateVm(request: ArmRequest, cloud: Cloud, vm: Vm, duration: 'vm.update' | 'vm.patch', body: VmPatch): ArmResponse {
  checkIdle(vm, 'update');
  checkDiagnostics(body.properties?.diagnosticsProfile?.bootDiagnostics?.storageUri);
  const { storageProfile, hardwareProfile, diagnosticsProfile } = body.properties ?? {};
  const size = newSize(request, cloud, vm, hardwareProfile?.vmSize);
  const swap = swapWanted(cloud, vm, storageProfile?.osDisk);
  const change = dataDiskChange(cloud, vm, storageProfile?.dataDisks);
  const tags = body.tags === undefined ? vm.tags : checkTags(body.tags);

  const before = { size: vm.size, tags: vm.tags, bootDiagnostics: vm.bootDiagnostics, diagnosticsSince: vm.diagnosticsSince };
  const swapBack = swap && swapOsDisk(cloud, request, vm, swap);
  beginChange(cloud, vm, change);
  vm.tags = tags;
  vm.size = size?.name ?? vm.size;
  setDiagnostics(cloud, vm, diagnosticsProfile?.bootDiagnostics);
  const headers = runVmOperation(cloud, request, vm, 'update', {
    // Recorded: what leaves is gone at the end only, and moves the etag once more; what comes does not.
    ...{ state: 'Updating', changesModel: swap !== undefined || change.detach.length > 0 },
    seconds: cloud.durations.sample(duration),
    complete: () => {
      endChange(cloud, vm, change);
      if (size !== undefined && vm.power === 'running') reboot(vm, cloud);
    },
    undo: () => {
      swapBack?.();
      undoChange(cloud, vm, change);
      Object.assign(vm, before);
    },
  });
  return {
    status: 200,
    headers: { ...headers.asyncOperation, 'Retry-After': cloud.clock.retryAfter(10), ETag: etagOf(vm) },
    body: vmBody(vm, cloud),
  };
}

/** A storage account that was set stays set, also when diagnostics are turned off (`test_vm_boot_diagnostics`). */
function setDiagnostics(cloud: Cloud, vm: Vm, wanted: Vm['bootDiagnostics']): void {
  if (wanted === undefined) return;
  if (wanted.enabled && vm.bootDiagnostics?.enabled !== true) vm.diagnosticsSince = cloud.clock.now();
  vm.bootDiagnostics = { ...vm.bootDiagnostics, ...wanted };
}

/** The size a VM is to have from now on; undefined where it keeps its own. A running VM restarts with it. */
function newSize(request: ArmRequest, cloud: Cloud, vm: Vm, wanted: string | undefined): Size | undefined {
  if (wanted === undefined || sameId(wanted, vm.size)) return undefined;
  const size = checkSize(cloud, { ...vm, size: wanted });
  if (vm.dataDisks.length > size.dataDisks)
    throw notAllowed(
      'data-disk-count',
      `The maximum number of data disks allowed to be attached to a VM of this size is ${size.dataDisks}.`,
    );
  checkQuota(cloud, request.subscription, vm.location, size);
  return size;
}

type OsDisk = NonNullable<NonNullable<NonNullable<VmPatch['properties']>['storageProfile']>['osDisk']>;

/** The disk to swap to; undefined when the body names the present one or none. */
function swapWanted(cloud: Cloud, vm: Vm, osDisk: OsDisk | undefined) {
  const current = cloud.estate.ownedDisk(vm.osDisk.diskId);
  const id = osDisk?.managedDisk?.id;
  const swap = id === undefined || sameId(id, current.id) ? undefined : prepareSwap(cloud, vm, id, osDisk?.name);
  if (swap === undefined && osDisk?.name !== undefined && !sameId(osDisk.name, current.name)) throw fixed('osDisk.name');
  const size = osDisk?.diskSizeGB;
  if (size !== undefined && size !== (swap ?? current).sizeGb)
    throw new ArmError(
      'os-disk-resize',
      409,
      'Conflict',
      'Disk resizing is allowed only when creating a VM or when the VM is deallocated.',
    );
  return swap;
}

/** A list of data disks in a body is the whole list: what is missing or marked is detached, what is new attached. */
function dataDiskChange(cloud: Cloud, vm: Vm, wanted: VmDataDisk[] | undefined) {
  if (wanted === undefined) return { attach: [], detach: [] };
  const idOf = (disk: VmDataDisk) => disk.managedDisk?.id;
  const staying = wanted.filter(disk => disk.toBeDetached !== true);
  const detach = prepareDetach(
    cloud,
    vm,
    vm.dataDisks.filter(present => !staying.some(disk => sameId(idOf(disk), present.diskId))).map(disk => disk.diskId),
  );
  const fresh = staying.filter(disk => !vm.dataDisks.some(present => sameId(idOf(disk), present.diskId)));
  const asked = wantedDataDisks(cloud, vm, fresh);
  return { detach, attach: prepareAttach(cloud, vm, asked, vm.dataDisks), wanted: asked };
}
