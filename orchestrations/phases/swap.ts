import type { Plan, VmFacts } from '../../functions/activities/contract.ts';
import { ensure, now, type Step, show } from '../steps.ts';
import type { Story } from '../story.ts';
import { swapOriginalBack } from './protect.ts';
import { attach, detach } from './repair.ts';

/** The repair disk becomes the VM's OS disk, and the VM is started. Returns the ISO time of the start. */
export function* swapAndStart(story: Story, vm: VmFacts, plan: Plan): Step<string> {
  yield* show({ phase: 'swap' });
  yield* detach(plan);
  story.onRepairDisk = true;
  yield* ensure('ensureOsDisk', { vmId: vm.id, from: vm.osDisk, to: plan.repairDisk });
  story.boots++;
  story.startedOnCopy = yield* now();
  const { at } = yield* ensure('ensureStarted', { vmId: vm.id });
  return at;
}

/** An OS disk cannot be detached: to work on it again, the original goes back in its place first. */
export function* takeDiskBack(story: Story, vm: VmFacts, plan: Plan): Step<void> {
  yield* show({ phase: 'swap' });
  yield* swapOriginalBack(story, vm, plan);
  yield* attach(plan);
}
