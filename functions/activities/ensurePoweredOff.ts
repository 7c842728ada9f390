import { fail } from '../../azure/errors.ts';
import { parseId, sameId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Vm } from '../../azure/vms.ts';
import type { Activity } from './activity.ts';
import { isOurs } from './names.ts';

/**
 * Powers a VM off, allocation kept. Only while it runs on the expected OS disk: another one means that somebody else is at work. Without
 * such a disk, only one that this repair made.
 */
export const ensurePoweredOff: Activity<'ensurePoweredOff'> = ({ vmId, skipShutdown, expectedOsDiskId }, { azure, clock, repairId }) => {
  let power = 'unknown';
  return azure.operations.reach({
    operation: `powerOff ${parseId(vmId).name}`,
    span: spans.powerOff,
    async look(): Promise<Look<{ at: string }>> {
      const vm = await existing(azure.vms.get(vmId), vmId);
      if (expectedOsDiskId === null && !isOurs(repairId, vm)) throw fail('fatal', 'notOurs', `${vmId} was not made by this repair`);
      if (expectedOsDiskId !== null && !sameId(vm.osDisk.id, expectedOsDiskId)) {
        const message = `${vm.name} runs on ${vm.osDisk.name} now; somebody else has changed its OS disk`;
        throw fail('fatal', 'osDiskChanged', message);
      }
      ({ power } = vm);
      if (vm.provisioning === 'busy' || vm.power === 'stopping') return busy(`${vm.provisioningState}, ${vm.power}`);
      return isOff(vm) ? reached({ at: clock.now().toISOString() }) : idle;
    },
    start: () => azure.vms.powerOff(vmId, skipShutdown),
    change: () => ({ before: power, after: skipShutdown ? 'stopped, without a shutdown' : 'stopped' }),
  });
};

export function isOff(vm: Vm): boolean {
  return vm.power === 'stopped' || vm.power === 'deallocated';
}

/** A VM that must be there. */
export async function existing<T>(reading: Promise<T | undefined>, id: string): Promise<T> {
  const found = await reading;
  if (found === undefined) throw fail('notFound', 'ResourceNotFound', `${id} is not there any more`);
  return found;
}
