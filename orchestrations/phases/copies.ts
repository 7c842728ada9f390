import type { DiskCopy, Plan, VmFacts } from '../../functions/activities/contract.ts';
import { ensure, type Step } from '../steps.ts';
import type { Story } from '../story.ts';

/** The repair disk as it is now; before there is one, as the plan names it. */
export function copyOf({ copies }: Story, plan: Plan): { id: string; name: string } {
  const { id, name } = copies.at(-1) ?? plan.repairDisk;
  return { id, name };
}

/** Each copy has a LUN of its own: a script that was cut off and goes on all the same finds no disk where it looks for one. */
export const lunOf = ({ copies }: Story, plan: Plan): number => plan.lun + Math.max(0, copies.length - 1);

/** One more copy, from the snapshot. It is known before it is made, so that whatever is there in the end is deleted or named. */
export function* makeCopy(story: Story, vm: VmFacts, plan: Plan): Step<void> {
  const number = story.copies.length + 1;
  const suffix = number === 1 ? '' : `-${number}`;
  const copy: DiskCopy = { id: `${plan.repairDisk.id}${suffix}`, name: `${plan.repairDisk.name}${suffix}`, givenUp: null, deleted: false };
  story.copies.push(copy);
  yield* ensure('ensureRepairDisk', { diskId: copy.id, snapshotId: plan.snapshot.id, vm, expires: plan.expires });
}

/** The repair disk (or another copy) on the repair VM; free to repeat. */
export function* attach(story: Story, plan: Plan, diskId = copyOf(story, plan).id): Step<void> {
  yield* ensure('ensureAttached', { vmId: plan.repairVm.id, diskId, lun: lunOf(story, plan) });
}

export function* detach(story: Story, plan: Plan, diskId = copyOf(story, plan).id): Step<void> {
  yield* ensure('ensureDetached', { vmId: plan.repairVm.id, diskId });
}
