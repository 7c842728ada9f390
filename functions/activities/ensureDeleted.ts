import { fail } from '../../azure/errors.ts';
import { parseId, sibling } from '../../azure/ids.ts';
import type { Azure } from '../../azure/index.ts';
import { busy, idle, type Look, type Progress, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Activity } from './activity.ts';
import { bearsName, isOurs, namesFor } from './names.ts';

type Gone = Record<string, never>;
/** What is done about a disk that Azure says is not there, before its deletion was asked for. */
type LostSight = () => Promise<'believe' | 'delete'>;
interface Owned {
  id: string;
  tags: Record<string, string>;
}

/** Deletes a disk that this repair made; refuses any other, and one that a VM still has. */
export const ensureDiskDeleted: Activity<'ensureDiskDeleted'> = ({ diskId }, { azure, repairId }) =>
  deleteDisk(
    azure,
    diskId,
    disk => mustBeOurs(repairId, disk),
    // A DELETE of nothing does nothing, but is a write all the same: only where its making was noted as not ended, or not shown.
    async () => {
      const made = bearsName(repairId, diskId) && (await azure.operations.stateOf(`disk ${parseId(diskId).name}`)) !== 'never';
      return made ? 'delete' : 'believe';
    },
  );

export const ensureSnapshotDeleted: Activity<'ensureSnapshotDeleted'> = ({ snapshotId }, { azure, repairId }) => {
  let before = 'a snapshot';
  return azure.operations.reach({
    operation: `delete ${parseId(snapshotId).name}`,
    span: spans.deleteDisk,
    async look(askedAt): Promise<Look<Gone>> {
      const snapshot = await surely(() => azure.snapshots.get(snapshotId), askedAt);
      if (snapshot === undefined) return reached({});
      mustBeOurs(repairId, snapshot);
      before = `snapshot of ${snapshot.sourceId?.split('/').at(-1) ?? 'a disk'}`;
      return snapshot.provisioning === 'busy' ? busy(snapshot.provisioningState) : idle;
    },
    start: () => azure.snapshots.delete(snapshotId),
    change: () => ({ before }),
  });
};

/** Deletes the repair VM; Azure deletes its OS disk and network interface with it. An OS disk that a failed creation left is deleted here. */
export const ensureRepairVmDeleted: Activity<'ensureRepairVmDeleted'> = async ({ vmId }, { azure, repairId }) => {
  let before = 'a VM';
  const gone = await azure.operations.reach({
    operation: `delete ${parseId(vmId).name}`,
    span: spans.deleteVm,
    async look(askedAt): Promise<Look<Gone>> {
      const vm = await surely(() => azure.vms.get(vmId), askedAt);
      if (vm === undefined) return reached({});
      mustBeOurs(repairId, vm);
      before = `${vm.size}, ${vm.power}, with its OS disk and network interface`;
      return vm.provisioning === 'busy' ? busy(vm.provisioningState) : idle;
    },
    start: () => azure.vms.delete(vmId),
    change: () => ({ before }),
  });
  if (!gone.done) return gone;
  // Azure gives it no tags of the VM's; the name derives from the repair's id, which is never used twice.
  return deleteDisk(
    azure,
    sibling(vmId, 'Microsoft.Compute/disks', namesFor(repairId).osDisk),
    () => {},
    async () => 'believe',
  );
};

function deleteDisk(azure: Azure, diskId: string, check: (disk: Owned) => void, lostSight: LostSight): Promise<Progress<Gone>> {
  let before = 'a disk';
  return azure.operations.reach({
    operation: `delete ${parseId(diskId).name}`,
    span: spans.deleteDisk,
    async look(askedAt): Promise<Look<Gone>> {
      const disk = await surely(() => azure.disks.get(diskId), askedAt);
      if (disk === undefined) return askedAt === null && (await lostSight()) === 'delete' ? idle : reached({});
      check(disk);
      before = `${disk.sizeGb} GiB ${disk.sku}`;
      if (disk.provisioning === 'busy') return busy(disk.provisioningState);
      if (disk.attachedTo !== null) throw fail('conflict', 'diskInUse', `${diskId} is attached to ${disk.attachedTo}`);
      return idle;
    },
    start: () => azure.disks.delete(diskId),
    change: () => ({ before }),
  });
}

/**
 * Azure's caches say "not found" of what is there now and then. What is taken for gone is never looked at again, so it is asked twice,
 * unless we have just had it deleted.
 */
async function surely<T>(get: () => Promise<T | undefined>, askedAt: string | null): Promise<T | undefined> {
  return (await get()) ?? (askedAt === null ? await get() : undefined);
}

function mustBeOurs(repairId: string, resource: Owned): void {
  if (!isOurs(repairId, resource)) throw fail('fatal', 'notOurs', `${resource.id} was not made by this repair and is not deleted`);
}
