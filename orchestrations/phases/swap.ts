import type { Plan, VmFacts } from '../../functions/activities/contract.ts';
import type { Undo } from '../saga.ts';
import { ensure, now, type Step, show } from '../steps.ts';
import type { Story } from '../story.ts';
import { attach, copyOf, detach } from './copies.ts';
import { swapOriginalBack } from './protect.ts';
import { asWeLeftIt, leaveIt, leaveItOff } from './watch.ts';

/** The repair disk becomes the VM's OS disk, and the VM is started. Returns the ISO time of the start. */
export function* swapAndStart(story: Story, vm: VmFacts, plan: Plan, undo: Undo): Step<string> {
  yield* show({ phase: 'swap' });
  yield* detach(story, plan);
  yield* asWeLeftIt(story, vm, undo);
  story.onRepairDisk = true;
  yield* ensure('ensureOsDisk', { vmId: vm.id, from: vm.osDisk, to: copyOf(story, plan) });
  story.boots++;
  story.startedOnCopy = yield* now();
  story.startUnsure = true;
  story.startedOnce = true;
  const { at } = yield* ensure('ensureStarted', { vmId: vm.id });
  story.startUnsure = false;
  yield* leaveIt(story, vm);
  return at;
}

/** An OS disk cannot be detached: to work on it again, the original goes back in its place first. */
export function* takeDiskBack(story: Story, vm: VmFacts, plan: Plan, undo: Undo): Step<void> {
  yield* show({ phase: 'swap' });
  yield* swapOriginalBack(story, vm, plan);
  yield* leaveItOff(story, vm, undo);
  yield* attach(story, plan);
}
