import type { VmFacts } from '../../functions/activities/contract.ts';
import { call, Failure, now, type Step, show } from '../steps.ts';
import { noteFault, type Story } from '../story.ts';

type State = 'running' | 'waiting-approval' | 'ended';

/** Writes the report as far as it goes. That it cannot be written must not keep the VM from being cleaned up after. */
export function* report(story: Story, state: State): Step<void> {
  if (state !== 'waiting-approval') {
    yield* show({ phase: 'report', awaiting: '' });
    story.endedAt = yield* now();
  }
  try {
    const { booted, boots, cutOff, forced, handedOver, mark, mode, offAt, onRepairDisk, ...rest } = story;
    const { restartedAt, startedOnce, startedOnCopy, startUnsure, still, told, ...known } = rest;
    yield* call('writeReport', { story: known, state });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    noteFault(story, error.step, error.fault);
  }
}

/** What the Terraform or Bicep owner, the backup operator and the next person on call must know after a swap. */
export function afterSwap(vm: VmFacts, newDisk: string): string[] {
  return [
    `The OS disk of ${vm.name} is now ${newDisk}: tell Terraform or Bicep state, or the next deployment may change it back.`,
    'If Azure Site Recovery protects this VM, protect it again: its OS disk is a new one.',
  ];
}
