/** Change under our feet: what a VM was when this repair left it, against what it is now. Pure. */
import { createHash } from 'node:crypto';
import { parseId, sameId } from '../../azure/ids.ts';
import type { Vm } from '../../azure/vms.ts';
import type { Compare, PowerState, VmChange, VmMark } from './contract.ts';

/** The disks that the VM may be on: its own, and our copy. */
export interface Disks {
  original: string;
  copy: string | null;
}

export function markOf(vm: Vm, at: string): VmMark {
  const { uniqueId, etag, power, size } = vm;
  return {
    ...{ at, uniqueId, etag, operatedAt: vm.powerChangedAt, power, size, osDiskId: vm.osDisk.id },
    dataDisks: hash(vm.dataDisks.map(({ id, lun }) => `${lun} ${id.toLowerCase()}`).toSorted()),
    tags: hash(Object.entries(vm.tags).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Every operation on a VM, whoever's, moves its etag and the time of its provisioning status (both as recorded, also for start and power off). */
export function wasOperated(since: VmMark, now: VmMark): boolean {
  return since.etag !== now.etag || since.operatedAt !== now.operatedAt;
}

/** What can be seen in the VM itself. */
export function changesSince(vm: Vm, disks: Disks, since: VmMark | null, compare: Compare): VmChange[] {
  if (since && since.uniqueId !== vm.uniqueId) return [recreated(vm)];
  if (!isOneOf(disks, vm.osDisk.id)) return [otherDisk(vm)];
  if (since === null || compare === 'identity') return [];
  if (!sameId(since.osDiskId, vm.osDisk.id)) return [otherDisk(vm)];
  const now = markOf(vm, since.at);
  const moved = powerMoved(vm, since.power);
  return [
    ...(moved ? [moved] : []),
    ...(since.size === now.size ? [] : [modelChanged('vm-resized', `${vm.name} was resized from ${since.size} to ${now.size}`)]),
    ...(since.dataDisks === now.dataDisks
      ? []
      : [modelChanged('data-disks-changed', `data disks of ${vm.name} were attached or detached`)]),
    ...(since.tags === now.tags ? [] : [retagged(vm)]),
  ];
}

/** @param group the state of its resource group; undefined = gone too */
export function gone(vmId: string, group: string | undefined): VmChange {
  const { name, resourceGroup } = parseId(vmId);
  const remedy = 'Nothing more can be done to it. If it was deleted by mistake, make a VM from the snapshot that this report names.';
  const handsOff = { means: 'hands-off' as const, remedy };
  if (group === undefined || /^deleting$/i.test(group))
    return { code: 'group-being-deleted', what: `${name} is gone: its resource group ${resourceGroup} is being deleted`, ...handsOff };
  return { code: 'vm-gone', what: `${name} was deleted by somebody`, ...handsOff };
}

export function originalGone(vm: Vm, original: string): VmChange {
  return {
    code: 'original-disk-gone',
    what: `the original OS disk of ${vm.name} was deleted by somebody while the VM was on the repair disk`,
    means: 'hands-off',
    remedy: `There is no way back to ${parseId(original).name} itself: ${vm.name} is left on the repair disk. Make a disk from the snapshot that this report names, and swap it in.`,
  };
}

function isOneOf({ original, copy }: Disks, id: string | null): boolean {
  return sameId(id, original) || sameId(id, copy);
}

function recreated(vm: Vm): VmChange {
  return {
    code: 'vm-recreated',
    what: `${vm.name} was deleted and made anew by somebody: it is another VM of the same name`,
    means: 'hands-off',
    remedy: 'If the new VM does not boot either, start a repair of it.',
  };
}

/** A disk named as only a repair names one was put there by a repair. */
function otherDisk(vm: Vm): VmChange {
  const { name } = vm.osDisk;
  if (/^bootmedic-[a-z2-7]{12}-disk$/i.test(name)) {
    return {
      code: 'second-repair',
      what: `another repair, perhaps of another installation, has put its disk ${name} into ${vm.name}`,
      means: 'hands-off',
      remedy: 'Let one installation of bootmedic only repair this VM; read the other repair’s report.',
    };
  }
  return {
    code: 'os-disk-changed',
    what: `somebody has put another OS disk, ${name}, into ${vm.name}`,
    means: 'hands-off',
    remedy: 'If the VM does not boot from that disk either, start a repair again.',
  };
}

const up: readonly PowerState[] = ['running', 'starting'];

function powerMoved({ name, power }: Vm, before: PowerState): VmChange | null {
  if (power === before || power === 'unknown' || before === 'unknown') return null;
  const handsOff = { means: 'hands-off' as const };
  if (up.includes(power)) {
    if (up.includes(before)) return null;
    const remedy = 'It is left running. If it does not boot, start the repair again: the copy that was repaired is out of date now.';
    return { code: 'vm-started', what: `${name} was started by somebody`, ...handsOff, remedy };
  }
  if (power === 'deallocated' || power === 'deallocating')
    return { code: 'vm-stopped', what: `${name} was deallocated by somebody`, ...handsOff, remedy: 'Start it when it is wanted.' };
  if (!up.includes(before)) return null;
  return { code: 'vm-stopped', what: `${name} was stopped by somebody`, ...handsOff, remedy: 'Start it when it is wanted.' };
}

function modelChanged(code: VmChange['code'], what: string): VmChange {
  return { code, what: `${what} by somebody`, means: 'give-back', remedy: 'Start the repair again when nobody else works on the VM.' };
}

function retagged(vm: Vm): VmChange {
  return { code: 'vm-retagged', what: `tags of ${vm.name} were changed`, means: 'nothing', remedy: '' };
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
