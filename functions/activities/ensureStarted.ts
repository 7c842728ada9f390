import { parseId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Activity } from './activity.ts';
import { existing } from './ensurePoweredOff.ts';

/** Starts a VM. `at` is when it was asked to: what was captured before is of the boot before. */
export const ensureStarted: Activity<'ensureStarted'> = ({ vmId }, { azure, clock }) => {
  let power = 'unknown';
  return azure.operations.reach({
    operation: `start ${parseId(vmId).name}`,
    span: spans.start,
    async look(askedAt): Promise<Look<{ at: string }>> {
      const vm = await existing(azure.vms.get(vmId), vmId);
      ({ power } = vm);
      if (vm.provisioning === 'busy' || vm.power === 'starting') return busy(`${vm.provisioningState}, ${vm.power}`);
      if (vm.power !== 'running') return idle;
      return reached({ at: askedAt ?? vm.powerChangedAt ?? clock.now().toISOString() });
    },
    start: () => azure.vms.start(vmId),
    change: () => ({ before: power, after: 'running' }),
  });
};
