import { parseId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import type { Activity } from './activity.ts';
import { existing } from './ensurePoweredOff.ts';
import { beforeBlobsOf } from './facts.ts';

/** Starts a VM. `at` is a time before which nothing that this boot shows can have been captured. */
export const ensureStarted: Activity<'ensureStarted'> = ({ vmId }, { azure, clock }) =>
  azure.operations.reach({
    operation: `start ${parseId(vmId).name}`,
    firstLook: 4.7,
    async look(askedAt): Promise<Look<{ at: string }>> {
      const vm = await existing(azure.vms.get(vmId), vmId);
      if (vm.provisioning === 'busy' || vm.power === 'starting') return busy(`${vm.provisioningState}, ${vm.power}`);
      if (vm.power !== 'running') return idle;
      const known = [askedAt, vm.powerChangedAt].filter(time => time !== null).map(Date.parse);
      const at = Math.min(...known, clock.now().getTime());
      return reached({ at: beforeBlobsOf(new Date(at).toISOString()) });
    },
    start: () => azure.vms.start(vmId),
  });
