import type { Plan } from '../../functions/activities/contract.ts';
import { noRoom } from '../noRoom.ts';
import type { Undo } from '../saga.ts';
import { ensure, Failure, type Step, show } from '../steps.ts';
import { leftover, type Story } from '../story.ts';
import { refused } from './plan.ts';
import { copiesLeft, removeCopies } from './protect.ts';
import { runScript } from './scripts.ts';

/** An empty repair VM that is safe for foreign disks. The failed VM is not touched before it stands: if this fails, nothing happened to anybody. */
export function* provision(story: Story, plan: Plan, undo: Undo): Step<void> {
  yield* show({ phase: 'provision' });
  yield* ensure('ensureRepairNetwork', { spec: plan.repairVm });
  // The last thing to go: a disk is free when the repair VM is gone, even if it could not be detached.
  undo.always(
    'delete the repair disk unless the VM runs on it',
    () => removeCopies(story, plan),
    () => copiesLeft(story, plan),
  );
  const reason = 'the repair VM (with its own OS disk and network interface), which could not be deleted';
  const wreck = leftover(plan, plan.repairVm.id, reason, 'az vm delete --ids');
  undo.always('delete the repair VM', () => ensure('ensureRepairVmDeleted', { vmId: plan.repairVm.id }), [wreck]);
  yield* createRepairVm(story, plan);
  const end = yield* runScript(story, plan, {
    run: '0-make-safe',
    script: 'make-safe',
    mode: 'Repair',
    timeoutSeconds: 600,
    usualSeconds: 15,
  });
  if (end.result?.outcome !== 'fixed' && end.result?.outcome !== 'nothing-to-do') {
    throw new Failure('make-safe', {
      kind: 'fatal',
      code: 'repairVmNotSafe',
      message: `the repair VM could not be made safe for foreign disks: ${end.tail}`,
    });
  }
}

/** Takes the next size when quota or capacity lacks; where the last one lacks too, the VM is not touched. */
function* createRepairVm(story: Story, plan: Plan): Step<void> {
  const sizes = plan.repairVm.sizes;
  for (const [n, size] of sizes.entries()) {
    try {
      yield* ensure('ensureRepairVm', { spec: plan.repairVm, size }, 1800);
      return;
    } catch (error) {
      const another = n + 1 < sizes.length;
      const refusal = error instanceof Failure ? noRoom(error.fault, sizes) : null;
      if (refusal === null) throw error;
      if (!another) throw refused(story, [refusal]);
      yield* ensure('ensureRepairVmDeleted', { vmId: plan.repairVm.id });
    }
  }
}
