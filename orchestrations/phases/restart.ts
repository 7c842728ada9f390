import type { Finding, Plan, Policy, VmFacts } from '../../functions/activities/contract.ts';
import type { Undo } from '../saga.ts';
import { askEntity, call, deaf, ensure, now, type Step, show } from '../steps.ts';
import { Ended, leave, leftover, type Story, tell } from '../story.ts';
import { consent } from './consent.ts';
import { signIn, unverified } from './end.ts';
import { lookAgain } from './inspect.ts';
import { byHand } from './plan.ts';
import { verify } from './verify.ts';
import { asWeLeftIt, leaveIt, leaveItOff, wantedOf, whoHasIt } from './watch.ts';

/**
 * What was transient is over after one restart, and needs no surgery: once in a repair, once per VM and incident, and after a
 * snapshot, because the boot may write to the disk. True = the VM lives, and the runbook is at its end.
 */
export function* restartFirst(story: Story, vm: VmFacts, plan: Plan, undo: Undo): Step<boolean> {
  if (!plan.restart.wanted || story.restart !== null) return false;
  yield* show({ phase: 'restart' });
  const { snapshot } = plan.restart;
  yield* call('ensureRepairGroup', { spec: plan.repairVm });
  leave(story, leftover(plan, snapshot.id, 'snapshot of the OS disk as it was before the restart', 'az snapshot delete --ids'));
  yield* ensure('ensureSnapshot', { snapshotId: snapshot.id, diskId: vm.osDisk.id, location: vm.location, expires: plan.expires });

  yield* asWeLeftIt(story, vm, undo, wantedOf(story));
  undo.onFailure('the VM: start it again', () => startAgain(story, vm));
  story.downFrom = yield* now();
  story.offAt = story.downFrom;
  yield* ensure('ensurePoweredOff', { vmId: vm.id, skipShutdown: plan.skipShutdown, expectedOsDiskId: vm.osDisk.id });
  // Whoever cancels from here on has had the restart: the undo starts the VM.
  yield* deaf(askEntity('admission', 'noteRestart', { vmId: vm.id, at: yield* now() }));
  yield* leaveItOff(story, vm, undo);
  story.startedOnce = true;
  const { at: startedAt } = yield* ensure('ensureStarted', { vmId: vm.id });
  yield* leaveIt(story, vm);
  const verdict = yield* verify(story, {
    ...{ vm, startedAt, disk: 'its own disk', silenceSeconds: story.request.limits.restartSilenceSeconds },
    stay: () => undo.keepWhatIsDone(),
  });
  story.restart = { startedAt, endedAt: yield* now(), ...verdict };
  if (verdict.verdict === 'failed') return false;
  story.downUntil = yield* now();
  tellRestart(story, verdict.verdict);
  return true;
}

function* startAgain(story: Story, vm: VmFacts): Step<void> {
  if (story.handedOver !== null || (yield* whoHasIt(story, vm)).takenOver) return;
  yield* ensure('ensureStarted', { vmId: vm.id });
}

/** No playbook answers the finding: one restart is all that can be tried without a person. */
export function* restartOnly(story: Story, vm: VmFacts, plan: Plan, { mode }: Policy, finding: Finding, undo: Undo): Step<void> {
  yield* consent(story, plan, [...plan.missingConsents, ...(mode === 'review' ? ['the plan'] : [])]);
  yield* lookAgain(story, vm, finding, undo);
  if (yield* restartFirst(story, vm, plan, undo)) return;
  throw new Ended('needs-person', 'was not cured by one restart', 'no safe automatic repair is known', byHand(story, finding));
}

function tellRestart(story: Story, verdict: 'repaired' | 'booted-unverified'): void {
  if (verdict === 'booted-unverified') {
    tell(story, verdict, unverified('one restart'), [signIn]);
    return;
  }
  const did = ['was repaired by one restart, without a change to its disk'];
  tell(story, verdict, { did, why: 'it boots again and its agent answers' }, [
    'Find out what made it stop: a restart cures what was transient, and says nothing of why it came.',
  ]);
}
