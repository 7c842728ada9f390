import { parseId, sameId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Activity } from './activity.ts';

/** Done also when the VM is gone: its data disks stay. */
export const ensureDetached: Activity<'ensureDetached'> = ({ vmId, diskId }, { azure }) => {
  let lun = '?';
  return azure.operations.reach({
    operation: `detach ${parseId(diskId).name}`,
    span: spans.updateVm,
    async look(): Promise<Look<Record<string, never>>> {
      const vm = await azure.vms.get(vmId);
      if (vm === undefined) return reached({});
      if (vm.provisioning === 'busy') return busy(vm.provisioningState);
      const attached = vm.dataDisks.find(disk => sameId(disk.id, diskId));
      if (attached?.leaving) return busy('detaching');
      if (attached === undefined) return reached({});
      lun = String(attached.lun);
      return idle;
    },
    start: () => azure.vms.detach(vmId, diskId),
    change: () => ({ before: `${parseId(diskId).name} at LUN ${lun}` }),
  });
};
