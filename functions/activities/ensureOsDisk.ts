import { fail } from '../../azure/errors.ts';
import { parseId, sameId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Vm } from '../../azure/vms.ts';
import type { Activity } from './activity.ts';
import { existing, isOff } from './ensurePoweredOff.ts';

/**
 * Points the VM at another OS disk. Only a VM that is off, and that is on `from`; the write carries the etag of the look that
 * decided it, so that nobody's change in between is overwritten. Code `vmNotStopped` or `osDiskChanged` otherwise.
 */
export const ensureOsDisk: Activity<'ensureOsDisk'> = ({ vmId, from, to }, { azure }) => {
  let seen: Vm | undefined;
  return azure.operations.reach({
    operation: `swap ${parseId(vmId).name} to ${to.name}`,
    span: spans.patchVm,
    async look(): Promise<Look<{ osDiskId: string }>> {
      const vm = await existing(azure.vms.get(vmId), vmId);
      seen = vm;
      if (vm.provisioning === 'busy') return busy(vm.provisioningState);
      if (sameId(vm.osDisk.id, to.id)) return reached({ osDiskId: to.id });
      if (!sameId(vm.osDisk.id, from.id))
        throw fail('fatal', 'osDiskChanged', `${vm.name} is on ${vm.osDisk.name}, which this repair does not know`);
      if (!isOff(vm)) throw fail('fatal', 'vmNotStopped', `${vm.name} is ${vm.power}: its OS disk is swapped only while it is stopped`);
      return idle;
    },
    start() {
      const vm = seen;
      if (vm === undefined) throw new Error('not looked yet');
      return azure.vms.swapOsDisk(vm, to);
    },
    change: () => ({ before: from.id, after: to.id }),
  });
};
