import { parseId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Vm } from '../../azure/vms.ts';
import type { Activity } from './activity.ts';
import { existing } from './ensurePoweredOff.ts';

/** Starts a VM, and with `withAgent` waits for its agent: the Ready of before the start counts for nothing. `at` is when it was asked to: what was captured before is of the boot before. */
export const ensureStarted: Activity<'ensureStarted'> = ({ vmId, withAgent = false }, { azure, clock }) => {
  let power = 'unknown';
  return azure.operations.reach({
    operation: `start ${parseId(vmId).name}`,
    span: spans.start,
    async look(askedAt): Promise<Look<{ at: string }>> {
      const vm = await existing(azure.vms.get(vmId), vmId);
      ({ power } = vm);
      if (vm.provisioning === 'busy' || vm.power === 'starting') return busy(`${vm.provisioningState}, ${vm.power}`);
      if (vm.power !== 'running') return idle;
      const since = askedAt ?? vm.powerChangedAt;
      if (withAgent && !hasAnswered(vm, since)) return busy('its agent is not ready yet');
      return reached({ at: askedAt ?? vm.powerChangedAt ?? clock.now().toISOString() });
    },
    start: () => azure.vms.start(vmId),
    change: () => ({ before: power, after: 'running' }),
  });
};

function hasAnswered({ agent }: Vm, since: string | null): boolean {
  return agent.status === 'ready' && agent.at !== null && (since === null || Date.parse(agent.at) >= Date.parse(since));
}
