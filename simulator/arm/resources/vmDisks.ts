import { z } from 'zod';
import { parseBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, invalid, notAllowed, referenceNotFound } from '../errors.ts';
import type { DataDisk, Disk, Vm } from '../model.ts';
import { nameOf, sameId } from '../paths.ts';
import { sizeOf } from '../sizes.ts';
import { checkIdle, runVmOperation, vmOf } from './vmLock.ts';
import { storageProfile } from './vmView.ts';

/** A data disk somebody wants on a VM. */
export interface Wanted {
  diskId: string;
  lun?: number;
  caching?: string;
  deleteOption?: string;
  /** The kind it is to have from now on. */
  sku?: string;
  /** Made together with the change, under `diskId`. */
  made?: Disk;
}

/** What a change of disks does; prepared and checked before anything moves. */
interface Change {
  attach: DataDisk[];
  detach: DataDisk[];
  /** What `attach` was asked for as: disks that are to be made, or to be of another kind. */
  wanted?: Wanted[];
}

/** The disk of an id in a body, ready to be attached to this VM; refuses what Azure refuses. */
export function attachable(cloud: Cloud, vm: Vm, diskId: string): Disk {
  const disk = cloud.estate.disk(diskId);
  if (disk === undefined) throw referenceNotFound(nameOf(diskId));
  if (disk.detaching === true) {
    throw new ArmError(
      'disk-being-detached',
      409,
      'AttachDiskWhileBeingDetached',
      `Cannot attach data disk '${disk.name}' to VM '${vm.name}' because the disk is currently being detached. Please wait until the disk is completely detached and then try again.`,
    );
  }
  if (disk.managedBy !== undefined) {
    throw new ArmError(
      'disk-attached-elsewhere',
      409,
      'ConflictingUserInput',
      `Disk '${disk.id}' cannot be attached as the disk is already owned by VM '${disk.managedBy}'.`,
    );
  }
  if (disk.provisioningState !== 'Succeeded')
    throw new ArmError('disk-busy', 409, 'ConflictingUserInput', `Disk '${disk.name}' has another operation in progress.`);
  checkSamePlace(vm, disk);
  return disk;
}

function checkSamePlace(vm: Vm, disk: Disk): void {
  if (disk.location !== vm.location)
    throw invalid('disk-same-zone', 'managedDisk.id', `Disk '${disk.name}' is in '${disk.location}', VM '${vm.name}' in '${vm.location}'.`);
  if (disk.sku.endsWith('ZRS') || disk.zones?.[0] === vm.zones?.[0]) return;
  throw new ArmError(
    'disk-same-zone',
    400,
    'BadRequest',
    `Disk '${disk.name}' in zone '${disk.zones?.[0] ?? ''}' cannot be attached to VM '${vm.name}' in zone '${vm.zones?.[0] ?? ''}': they are not in the same zone.`,
  );
}

/** Prepares data disks to be attached: a free LUN for each, and as many as the size bears. */
export function prepareAttach(cloud: Cloud, vm: Vm, wanted: Wanted[], staying: DataDisk[]): DataDisk[] {
  const { dataDisks: maximum } = sizeOf(vm.size);
  if (staying.length + wanted.length > maximum)
    throw notAllowed('data-disk-count', `The maximum number of data disks allowed to be attached to a VM of this size is ${maximum}.`);
  const prepared: DataDisk[] = [];
  for (const { diskId, lun: asked, caching = 'None', deleteOption = 'Detach', made } of wanted) {
    const disk = made ?? attachable(cloud, vm, diskId);
    const taken = [...staying, ...prepared].map(other => other.lun);
    if (prepared.some(other => sameId(other.diskId, disk.id)))
      throw invalid('disk-attached-elsewhere', 'dataDisks', `A disk named '${disk.name}' already exists.`);
    const lun = asked ?? Array.from({ length: maximum }, (_, index) => index).find(free => !taken.includes(free)) ?? maximum;
    if (lun >= maximum)
      throw invalid('lun-in-range', 'dataDisks.lun', `The value of parameter dataDisks.lun is invalid: ${lun} is not below ${maximum}.`);
    if (taken.includes(lun)) throw invalid('lun-free', 'dataDisks.lun', `A disk at LUN ${lun} already exists.`);
    const origin = made === undefined ? { createOption: 'Attach' } : { createOption: 'Empty', fresh: true as const };
    prepared.push({ lun, diskId: disk.id, caching, deleteOption, toBeDetached: false, ...origin });
  }
  return prepared;
}

/** Prepares data disks to be detached: they must be this VM's data disks. */
export function prepareDetach(cloud: Cloud, vm: Vm, diskIds: string[]): DataDisk[] {
  return diskIds.flatMap(id => {
    const found = vm.dataDisks.find(disk => sameId(disk.diskId, id));
    if (found !== undefined || !cloud.rules.holds('detach-known-disk')) return found ?? [];
    const what = sameId(vm.osDisk.diskId, id)
      ? 'is the OS disk of the VM and cannot be detached'
      : `is not attached to VM '${vm.name}' as a data disk`;
    throw invalid('detach-known-disk', 'dataDisksToDetach', `Disk '${nameOf(id)}' ${what}.`);
  });
}

/** Shows a change at once, as Azure does: new disks in the list, leaving ones `toBeDetached`. */
export function beginChange(cloud: Cloud, vm: Vm, { attach, detach, wanted = [] }: Change): void {
  for (const { made } of wanted) if (made !== undefined) cloud.estate.put(made);
  for (const { diskId, sku } of wanted) if (sku !== undefined) cloud.estate.ownedDisk(diskId).sku = sku;
  for (const { diskId } of attach) cloud.estate.ownedDisk(diskId).managedBy = vm.id;
  for (const leaving of detach) {
    leaving.toBeDetached = true;
    cloud.estate.ownedDisk(leaving.diskId).detaching = true;
  }
  vm.dataDisks = [...vm.dataDisks, ...attach];
}

export function endChange(cloud: Cloud, vm: Vm, { attach, detach }: Change): void {
  for (const disk of attach) delete disk.fresh;
  vm.dataDisks = vm.dataDisks.filter(disk => !detach.includes(disk));
  for (const { diskId } of detach) release(cloud.estate.ownedDisk(diskId));
}

export function undoChange(cloud: Cloud, vm: Vm, { attach, detach, wanted = [] }: Change): void {
  vm.dataDisks = vm.dataDisks.filter(disk => !attach.includes(disk));
  for (const { diskId } of attach) release(cloud.estate.ownedDisk(diskId));
  for (const { made } of wanted) if (made !== undefined) cloud.estate.delete(made.id);
  for (const staying of detach) {
    staying.toBeDetached = false;
    delete cloud.estate.ownedDisk(staying.diskId).detaching;
  }
}

/** A disk that belongs to nobody any more. */
export function release(disk: Disk): void {
  delete disk.managedBy;
  delete disk.detaching;
}

function isOff({ power }: Vm): boolean {
  return power === 'stopped' || power === 'deallocated';
}

/** Checks that a disk may take the place of the OS disk. @param name the name the body gives beside the id */
export function prepareSwap(cloud: Cloud, vm: Vm, diskId: string, name: string | undefined): Disk {
  const current = cloud.estate.ownedDisk(vm.osDisk.diskId);
  const disk = attachable(cloud, vm, diskId);
  if (!isOff(vm) && !cloud.rules.holds('swap-on-running-vm'))
    throw notAllowed('swap-on-running-vm', `The OS disk of VM '${vm.name}' cannot be changed while the VM is running.`);
  if (cloud.rules.holds('swap-disk-name') && name?.toLowerCase() !== disk.name.toLowerCase()) {
    throw invalid('swap-disk-name', 'osDisk.name', `The value of parameter osDisk.name is invalid: the disk is called '${disk.name}'.`);
  }
  if (disk.osType !== current.osType || disk.contents === undefined) {
    throw invalid('swap-managed-only', 'osDisk.managedDisk.id', `Disk '${disk.name}' holds no ${current.osType ?? ''} operating system.`);
  }
  if (disk.sizeGb !== current.sizeGb && cloud.rules.holds('swap-same-size'))
    throw invalid('swap-same-size', 'osDisk.diskSizeGB', `Disk '${disk.name}' has ${disk.sizeGb} GB, the OS disk ${current.sizeGb} GB.`);
  if (disk.generation !== vm.generation)
    throw invalid(
      'swap-same-generation',
      'osDisk.managedDisk.id',
      `Disk '${disk.name}' is of generation '${disk.generation ?? ''}', the VM of '${vm.generation}'.`,
    );
  if (!sameSet(disk, current))
    throw invalid(
      'swap-same-encryption',
      'osDisk.managedDisk.diskEncryptionSet',
      `Disk '${disk.name}' is under another disk encryption set.`,
    );
  if (disk.securityType !== current.securityType)
    throw invalid('swap-same-security', 'osDisk.managedDisk.id', `Disk '${disk.name}' has another security type than the VM.`);
  return disk;
}

function sameSet(a: Disk, b: Disk): boolean {
  return (a.encryption.diskEncryptionSetId ?? '').toLowerCase() === (b.encryption.diskEncryptionSetId ?? '').toLowerCase();
}

/** Points the VM at another OS disk. @returns what takes it back */
export function swapOsDisk(cloud: Cloud, request: ArmRequest, vm: Vm, disk: Disk): () => void {
  const previous = cloud.estate.ownedDisk(vm.osDisk.diskId);
  if (!isOff(vm)) cloud.journal.breach('swap-on-running-vm', vm.id, request.correlationId);
  const point = (from: Disk, to: Disk) => {
    release(from);
    to.managedBy = vm.id;
    vm.osDisk = { ...vm.osDisk, diskId: to.id };
  };
  point(previous, disk);
  return () => point(disk, previous);
}

const AttachDetach = z.strictObject({
  dataDisksToAttach: z
    .array(
      z.strictObject({
        diskId: z.string(),
        lun: z.int().nonnegative().optional(),
        caching: z.enum(['None', 'ReadOnly', 'ReadWrite']).optional(),
        deleteOption: z.enum(['Delete', 'Detach']).optional(),
      }),
    )
    .optional(),
  dataDisksToDetach: z.array(z.strictObject({ diskId: z.string(), detachOption: z.enum(['ForceDetach']).optional() })).optional(),
});

function attachDetach(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = vmOf(request, cloud);
  const { dataDisksToAttach: wanted = [], dataDisksToDetach: leaving = [] } = parseBody(AttachDetach, request.body, cloud);
  if (wanted.length + leaving.length === 0)
    throw invalid('body-valid', 'dataDisksToAttach', "Required parameter 'dataDisksToAttach' is missing (null).");
  checkIdle(vm, 'attachDetachDataDisks');
  const detach = prepareDetach(
    cloud,
    vm,
    leaving.map(disk => disk.diskId),
  );
  const change = { detach, attach: prepareAttach(cloud, vm, wanted, vm.dataDisks) };
  beginChange(cloud, vm, change);
  const headers = runVmOperation(cloud, request, vm, 'attachDetachDataDisks', {
    ...{ state: 'Updating', changesModel: true },
    seconds: cloud.durations.sample('vm.attachDetach'),
    complete: () => endChange(cloud, vm, change),
    undo: () => undoChange(cloud, vm, change),
    result: () => storageProfile(vm, cloud),
  });
  return { status: 202, headers: headers.both };
}

export const vmDiskRoutes: Routes = { 'POST Microsoft.Compute/virtualMachines:attachDetachDataDisks': attachDetach };
