import { fail } from '../../azure/errors.ts';
import { parseId, sameId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Activity } from './activity.ts';
import { existing } from './ensurePoweredOff.ts';
import { tagsFor } from './names.ts';

/** The copy that everything is done to, equal to the original in all that Azure compares when it takes its place. */
export const ensureRepairDisk: Activity<'ensureRepairDisk'> = ({ diskId, snapshotId, vm, expires }, { azure, repairId }) =>
  azure.operations.reach({
    operation: `disk ${parseId(diskId).name}`,
    span: spans.disk,
    onlyOurs: true,
    async look(): Promise<Look<{ diskId: string }>> {
      const disk = await azure.disks.get(diskId);
      if (disk === undefined) return idle;
      if (!sameId(disk.sourceId, snapshotId)) throw fail('fatal', 'notOurs', `${diskId} is a copy of ${disk.sourceId}`);
      if (disk.provisioning === 'busy') return busy(disk.provisioningState);
      return disk.provisioning === 'succeeded' ? reached({ diskId }) : idle;
    },
    async start() {
      const original = await existing(azure.disks.get(vm.osDisk.id), vm.osDisk.id);
      return azure.disks.copy(diskId, snapshotId, original, { ...original.tags, ...tagsFor(repairId, expires) });
    },
    change: () => ({ after: `copy of ${parseId(snapshotId).name}, ${vm.osDisk.sizeGb} GiB ${vm.osDisk.sku}` }),
  });
