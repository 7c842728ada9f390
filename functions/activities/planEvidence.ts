import type { Activity } from './activity.ts';
import { hashOf } from './planHash.ts';

/** To make a VM visible: the one write that turns boot diagnostics on, with the consent that it needs. */
export const planEvidence: Activity<'planEvidence'> = async ({ vm, policy: { consents } }) => {
  const missingConsents: string[] = [];
  if (!consents.includes('enable-boot-diagnostics')) missingConsents.push('enable-boot-diagnostics');
  const plan = {
    why: `Boot diagnostics of ${vm.name} are off: there is no screenshot and no serial log to judge it by.`,
    writes: [
      {
        phase: 'see',
        operation: 'Microsoft.Compute/virtualMachines/write',
        target: vm.id,
        why: 'turn on boot diagnostics, in storage that Azure manages; the VM is not restarted by it',
        destructive: false,
        undo: `stays on; az vm boot-diagnostics disable --ids ${vm.id}`,
        atMost: 1,
      },
    ],
    keeps: [`Boot diagnostics of ${vm.name} stay on: a screenshot and a serial log, billed for the little they hold.`],
    consents,
    missingConsents,
  };
  return { hash: hashOf(plan), ...plan };
};
