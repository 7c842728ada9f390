/** Every reason not to touch a VM that can be seen from outside, before any downtime; each with what to do about it. */
import type { Disk } from '../../azure/disks.ts';
import type { Denial, Lock, ScaleSet } from '../../azure/governance.ts';
import type { Vm } from '../../azure/vms.ts';
import type { Mode, PowerEvent, Refusal } from './contract.ts';

export interface Seen {
  vm: Vm;
  /** Undefined where the VM has no managed disk, or it cannot be read. */
  disk: Disk | undefined;
  /** Newest first; null = the activity log cannot be read. */
  powerEvents: PowerEvent[] | null;
  locks: Lock[];
  missingActions: string[];
  denials: Denial[];
  /** What manages the VM's resource group; null = its owner does, or it cannot be read. */
  groupManager: string | null;
  /** Null = it is in none, or that cannot be read. */
  scaleSet: ScaleSet | null;
}

interface Check {
  code: string;
  /** Why it is refused; null = it is not. */
  why(seen: Seen): string | null;
  remedy: string;
}

const articles = 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows';

export const checks: Check[] = [
  {
    code: 'opted-out',
    why: ({ vm }) => (isOptedOut(vm) ? 'its tag bootmedic-mode=off says that it is not to be touched' : null),
    remedy: 'Remove the tag bootmedic-mode, or set it to observe, review or auto.',
  },
  {
    code: 'deallocated',
    why: ({ vm, powerEvents }) =>
      vm.power === 'deallocated' ? `it is deallocated: ${whoStopped(powerEvents)}, which is no failure` : null,
    remedy: 'Start the VM; if it then does not boot, start a repair.',
  },
  {
    code: 'scale-set-instance',
    // Members of a flexible set are VMs like any other, unless the set replaces them.
    why: ({ vm, scaleSet }) =>
      vm.scaleSetId && !scaleSet?.flexible
        ? `it is an instance of a scale set, which replaces its instances itself${scaleSet ? '' : ' (the set cannot be read: that needs the action Microsoft.Compute/virtualMachineScaleSets/read)'}`
        : null,
    remedy: 'Reimage or delete the instance; the scale set makes another.',
  },
  {
    code: 'automatic-repairs',
    why: ({ vm, scaleSet }) =>
      scaleSet?.flexible && scaleSet.automaticRepairs
        ? `its scale set ${nameOf(vm.scaleSetId)} has automatic repairs on, and may replace it in the middle`
        : null,
    remedy: 'Let the scale set replace it; or turn its automatic repairs off for the time of the repair (az vmss update).',
  },
  {
    code: 'session-host',
    why: ({ vm }) => {
      const pool = hostPoolOf(vm);
      return pool ? `it is a session host of the pool ${pool}, which replaces its members` : null;
    },
    remedy:
      'Remove it from the pool and let the pool make another. If it is one person’s desktop and is not replaced, say so by the tag bootmedic-mode (review or auto) on the VM.',
  },
  {
    code: 'managed-application',
    why: ({ groupManager }) => (groupManager ? `its resource group belongs to ${groupManager}, which manages what is in it` : null),
    remedy: 'Ask whoever runs that application: what they manage is theirs to repair.',
  },
  {
    code: 'deny-assignment',
    why: ({ denials }) => {
      const [first] = denials;
      return first ? `the deny assignment ${first.name} forbids ${first.actions.join(', ')}` : null;
    },
    remedy:
      'Ask whoever made the deny assignment (a managed application, a deployment stack) to exclude this identity, or to repair the VM.',
  },
  {
    code: 'not-windows',
    why: ({ vm }) => (vm.osDisk.windows ? null : 'it does not run Windows'),
    remedy: 'Repair it with az vm repair and the Linux scripts of Microsoft’s repair library.',
  },
  {
    code: 'ephemeral-os-disk',
    why: ({ vm }) => (vm.osDisk.ephemeral ? 'its OS disk is ephemeral: it lies on the host and cannot be copied' : null),
    remedy: 'Reimage the VM.',
  },
  {
    code: 'unmanaged-os-disk',
    why: ({ vm }) => (vm.osDisk.id === null ? 'its OS disk is not a managed disk' : null),
    remedy: 'Convert the VM to managed disks (az vm convert), then start a repair.',
  },
  {
    code: 'os-disk-not-found',
    why: ({ vm, disk }) => (vm.osDisk.id !== null && disk === undefined ? 'its OS disk cannot be read' : null),
    remedy: 'Look whether the disk exists and whether this identity may read it.',
  },
  {
    code: 'os-disk-sku',
    why: ({ disk }) => (disk && /^(PremiumV2|UltraSSD)/.test(disk.sku) ? `its OS disk is a ${disk.sku}, which cannot be swapped` : null),
    remedy: 'Repair this VM by hand.',
  },
  {
    code: 'disk-encryption',
    why: ({ vm, disk }) =>
      disk?.guestEncrypted || vm.osDisk.legacyEncryption || vm.extensions.some(type => type.startsWith('AzureDiskEncryption'))
        ? 'its OS disk is encrypted by Azure Disk Encryption: a copy cannot be read without its key'
        : null,
    remedy: `Unlock and repair it by hand: ${articles}/unlock-encrypted-disk-offline`,
  },
  {
    code: 'confidential-vm',
    why: ({ vm }) => (vm.securityType === 'ConfidentialVM' ? 'it is a confidential VM: its disk is bound to its own guest state' : null),
    remedy: 'Restore it from its newest backup.',
  },
  {
    code: 'trusted-launch-state',
    why: ({ vm, disk }) =>
      vm.securityType === 'TrustedLaunch' && disk && disk.securityType !== 'TrustedLaunch'
        ? 'it uses Trusted Launch, but its disk does not carry that state: a copy would not boot'
        : null,
    remedy: 'Repair this VM by hand, or restore it from its newest backup.',
  },
  {
    code: 'shared-disk',
    why: ({ disk }) => (disk && disk.maxShares > 1 ? 'its OS disk is a shared disk' : null),
    remedy: 'Repair this VM by hand, with the other owners of the disk stopped.',
  },
  {
    code: 'locked',
    why: ({ locks }) => {
      const lock = locks.find(isInTheWay);
      return lock ? `the ${lock.level} lock ${lock.id.split('/').at(-1)} on ${scopeOf(lock)} stands in the way` : null;
    },
    remedy: 'Remove the lock for the time of the repair.',
  },
  {
    code: 'permission-missing',
    why: ({ missingActions }) => (missingActions.length > 0 ? `this identity may not do: ${missingActions.join(', ')}` : null),
    remedy: 'Give the identity the target role (infra/) on the VM’s resource group.',
  },
];

function whoStopped(powerEvents: PowerEvent[] | null): string {
  const stop = powerEvents?.find(({ what }) => what === 'deallocate');
  if (stop === undefined) return 'somebody has switched it off';
  const who = { person: 'somebody has switched it off', us: 'a repair of ours has switched it off', platform: 'Azure has switched it off' }[
    stop.by
  ];
  return `${who} at ${stop.at}`;
}

export function refusalsFor(seen: Seen): Refusal[] {
  return checks.flatMap(({ code, why, remedy }) => {
    const reason = why(seen);
    return reason === null ? [] : [{ code, message: `${seen.vm.name}: ${reason}.`, remedy }];
  });
}

/**
 * What a repair asks of the target's scope; the repair resource group has a role of its own. Resource Health and the activity log are
 * nice to have (`Microsoft.ResourceHealth/availabilityStatuses/read`, `Microsoft.Insights/eventtypes/values/read`): without them the
 * diagnosis says what it could not look at.
 */
export function actionsFor(mode: Mode): string[] {
  const looking = ['virtualMachines/read', 'virtualMachines/retrieveBootDiagnosticsData/action', 'disks/read'];
  const repairing = [
    ...['virtualMachines/write', 'virtualMachines/powerOff/action', 'virtualMachines/start/action'],
    ...['disks/write', 'disks/delete', 'disks/beginGetAccess/action'],
  ];
  return (mode === 'observe' ? looking : [...looking, ...repairing]).map(action => `Microsoft.Compute/${action}`);
}

/** CanNotDelete on the VM itself stops nothing that a repair does; on what it lies in, it stops the removal of the copy. */
function isInTheWay(lock: Lock): boolean {
  return lock.level === 'ReadOnly' || !/\/providers\/Microsoft\.Compute\//i.test(scopeOf(lock));
}

function scopeOf(lock: Lock): string {
  return lock.id.replace(/\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i, '');
}

const nameOf = (id: string | null) => id?.split('/').at(-1) ?? '';

/**
 * Azure has no field that says so. The portal and Microsoft's own templates tag what belongs to a host pool with `cm-resource-parent`
 * (learn.microsoft.com/azure/cost-management-billing/costs/enable-tag-inheritance names that tag); an owner who set the mode by a tag on
 * this very VM has decided.
 */
function hostPoolOf(vm: Vm): string | null {
  const parent = tagOf(vm, 'cm-resource-parent') ?? '';
  if (tagOf(vm, 'bootmedic-mode') !== undefined) return null;
  return /\/providers\/Microsoft\.DesktopVirtualization\/hostPools\/([^/]+)$/i.exec(parent)?.[1] ?? null;
}

export function isOptedOut(vm: Vm): boolean {
  return tagOf(vm, 'bootmedic-mode')?.toLowerCase() === 'off';
}

function tagOf(vm: Vm, name: string): string | undefined {
  return Object.entries(vm.tags)
    .find(([key]) => key.toLowerCase() === name)?.[1]
    .trim();
}
