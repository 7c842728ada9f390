/**
 * The runbook: one VM, from evidence to report. Read it top to bottom; each line is a phase under `phases/`.
 * What stops it (a fault, a person, a finding) puts the VM back as it was, then reports, then cleans up (`saga.ts`).
 */
import type { Attempt, OutcomeKind, RepairRequest } from '../functions/activities/contract.ts';
import { apart, unhurried, within } from './deadline.ts';
import { admit } from './phases/admit.ts';
import { breaker } from './phases/breaker.ts';
import { consent } from './phases/consent.ts';
import { serve, unresolved } from './phases/end.ts';
import { diagnose, inspect, lookAgain } from './phases/inspect.ts';
import { interruptHung } from './phases/interrupt.ts';
import { makePlan } from './phases/plan.ts';
import { probe, probeCopy } from './phases/probe.ts';
import { protect, stayOnCopy } from './phases/protect.ts';
import { provision } from './phases/provision.ts';
import { readyToBoot, work } from './phases/repair.ts';
import { report } from './phases/report.ts';
import { restartFirst, restartOnly } from './phases/restart.ts';
import { see } from './phases/see.ts';
import { swapAndStart, takeDiskBack } from './phases/swap.ts';
import { tellEnd, tellLeft } from './phases/tell.ts';
import { inTurn, passTurn, stillByItself } from './phases/turn.ts';
import { verify } from './phases/verify.ts';
import { saga, type Undo } from './saga.ts';
import { deaf, now, type Step, show } from './steps.ts';
import { beginStory, conclude, concludeCleanUp, type Story } from './story.ts';

/** What the orchestration's status shows when it is over; everything else is in the report. */
export interface RepairEnd {
  outcome: OutcomeKind;
  headline: string;
  joinedTo: string | null;
}

/** Of requests of earlier versions. */
const usualSeconds = 12 * 3600;

export function* repairVm(request: RepairRequest, repairId: string): Step<RepairEnd> {
  const story = beginStory(repairId, request, yield* now());
  const end = yield* saga(
    undo => within(runbook(story, undo), request.limits.repairSeconds ?? usualSeconds),
    function* (end) {
      conclude(story, end);
      yield* report(story, 'running');
      yield* tellEnd(story, end);
      yield* show({ phase: 'clean up' });
    },
  );
  concludeCleanUp(story, end);
  yield* deaf(report(story, 'ended'));
  yield* deaf(tellLeft(story, end));
  return { outcome: story.outcome, headline: story.headline, joinedTo: story.joinedTo };
}

function* runbook(story: Story, undo: Undo): Step<void> {
  yield* apart(admit(story, undo)); //                              one repair per VM, a few at once
  const { vm, policy } = yield* inspect(story); //                  every reason not to touch it
  yield* see(story, vm, policy); //                                 boot diagnostics are off: turn them on, by consent
  const finding = yield* diagnose(story, vm, policy); //            healthy, unknown: nothing is done
  if (!story.forced) yield* breaker(story, policy, finding, undo); // what failed several times in a row fails again
  if (!story.forced) yield* passTurn(story, vm, policy, finding); // what force passes is in the plan that is approved
  const plan = yield* makePlan(story, vm, policy, finding); //      mode observe ends here
  if (!story.forced) yield* inTurn(story, vm, policy, finding, undo); // of many with the same finding a few go first
  if (plan.attempts.length === 0) return yield* restartOnly(story, vm, plan, policy, finding, undo); // no playbook answers it
  const wanted = [...plan.missingConsents];
  const unasked = policy.mode === 'auto' && wanted.length === 0;
  if (unasked && (yield* restartFirst(story, vm, plan, undo))) return; // what was transient needs no surgery
  yield* provision(story, plan, undo); //                           the failed VM is untouched until this stands
  if (policy.mode === 'review') wanted.push('the plan', ...(yield* probeCopy(story, vm, plan, finding, undo)));
  yield* consent(story, plan, wanted); //                           where a person is asked
  if (!story.forced) yield* stillByItself(story, vm, finding); //   others may have failed alike, by Azure's own fault
  yield* lookAgain(story, vm, finding, undo); //                    it may have come up meanwhile
  if (yield* restartFirst(story, vm, plan, undo)) return;
  yield* protect(story, vm, plan, undo); //                         power off, snapshot, copy
  yield* probe(story, plan, finding); //                            what only the disk can tell

  for (const attempt of plan.attempts) {
    if (attempt.boot !== 'never' && story.boots >= limits(story).bootsPerRepair) continue;
    if (nothingLeftFor(attempt, story)) continue;
    if (story.onRepairDisk) yield* takeDiskBack(story, vm, plan, undo);
    const record = yield* work(story, vm, plan, attempt);
    if (!(yield* readyToBoot(story, vm, plan, attempt, record))) continue;

    const startedAt = yield* swapAndStart(story, vm, plan, undo);
    const verdict = yield* verify(story, {
      ...{ vm, startedAt, disk: 'the repair disk', silenceSeconds: limits(story).silenceSeconds },
      ifHung: since => interruptHung(story, vm, plan, attempt, since), // so that it writes a dump
      stay: booted => stayOnCopy(story, vm, plan, undo, booted),
    });
    record.boot = { startedAt, endedAt: yield* now(), ...verdict };
    if (story.booted) return yield* unhurried(serve(story, vm, plan, verdict));
  }
  throw unresolved(story);
}

const limits = (story: Story) => story.request.limits;
const haveDump = (story: Story) => story.dump.state === 'uploaded';

/** An attempt that is only about the dump is over once there is one. */
function nothingLeftFor(attempt: Attempt, story: Story): boolean {
  return haveDump(story) && attempt.scripts.every(step => step.unless === 'dump-collected') && attempt.boot !== 'if-changed';
}
