import { fail } from '../../azure/errors.ts';
import { parseId, sameId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Activity } from './activity.ts';
import { existing } from './ensurePoweredOff.ts';
import { isOurs } from './names.ts';

/** The repair disk on the repair VM. Refuses any other disk: the original is never attached elsewhere. */
export const ensureAttached: Activity<'ensureAttached'> = ({ vmId, diskId, lun }, { azure, repairId }) =>
  azure.operations.reach({
    operation: `attach ${parseId(diskId).name}`,
    span: spans.updateVm,
    onlyOurs: true,
    async look(): Promise<Look<{ lun: number }>> {
      const vm = await existing(azure.vms.get(vmId), vmId);
      if (vm.provisioning === 'busy') return busy(vm.provisioningState);
      const attached = vm.dataDisks.find(disk => sameId(disk.id, diskId));
      if (attached?.leaving) return busy('detaching');
      if (attached && attached.lun !== lun) throw fail('conflict', 'wrongLun', `${diskId} is attached at LUN ${attached.lun}, not ${lun}`);
      return attached ? reached({ lun }) : idle;
    },
    async start() {
      const disk = await existing(azure.disks.get(diskId), diskId);
      if (!isOurs(repairId, disk)) throw fail('fatal', 'notOurs', `${diskId} was not made by this repair and is not attached anywhere`);
      return azure.vms.attach(vmId, diskId, lun);
    },
    change: () => ({ after: `${parseId(diskId).name} at LUN ${lun}` }),
  });
