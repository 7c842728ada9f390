import { parseId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Vm } from '../../azure/vms.ts';
import type { Activity } from './activity.ts';
import { existing } from './ensurePoweredOff.ts';

/** Boot diagnostics on, wherever they are kept; where they are off, in storage that Azure manages. */
export const ensureBootDiagnostics: Activity<'ensureBootDiagnostics'> = ({ vmId }, { azure, clock }) => {
  let seen: Vm | undefined;
  return azure.operations.reach({
    operation: `enable boot diagnostics ${parseId(vmId).name}`,
    span: spans.patchVm,
    async look(): Promise<Look<{ at: string }>> {
      seen = await existing(azure.vms.get(vmId), vmId);
      if (seen.provisioning === 'busy') return busy(seen.provisioningState);
      return seen.bootDiagnostics === 'off' ? idle : reached({ at: clock.now().toISOString() });
    },
    change: () => ({ before: 'boot diagnostics off', after: 'boot diagnostics on, in storage that Azure manages' }),
    start: async () => azure.vms.enableBootDiagnostics(seen ?? (await existing(azure.vms.get(vmId), vmId))),
  });
};
