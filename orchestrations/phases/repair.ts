import type { Attempt, AttemptRecord, Finding, Plan, ScriptEnd } from '../../functions/activities/contract.ts';
import type { Undo } from '../saga.ts';
import { call, ensure, Failure, type Step, show } from '../steps.ts';
import { Ended, type Story } from '../story.ts';
import { consent } from './consent.ts';
import { runScript, runStep } from './scripts.ts';

/** The repair disk on the repair VM; free to repeat. */
export function* attach(plan: Plan): Step<void> {
  yield* show({ phase: 'repair' });
  yield* ensure('ensureAttached', { vmId: plan.repairVm.id, diskId: plan.repairDisk.id, lun: plan.lun });
}

export function* detach(plan: Plan): Step<void> {
  yield* ensure('ensureDetached', { vmId: plan.repairVm.id, diskId: plan.repairDisk.id });
}

/** The read-only look at the disk: what only it can see may still stop the repair, or need a person's consent. */
export function* probe(story: Story, plan: Plan, finding: Finding, undo: Undo): Step<void> {
  undo.onFailure('detach the repair disk from the repair VM', () => detach(plan));
  const timeoutSeconds = 900;
  story.probe = yield* runScript(story, plan, { run: '0-probe', script: 'probe', mode: 'Detect', timeoutSeconds, lun: plan.lun });
  const judgement = yield* call('judgeProbe', { probe: story.probe, finding, consents: plan.consents });
  if (judgement.verdict === 'stop') throw new Ended('refused', `Not repaired: ${judgement.reason}`, [judgement.remedy]);
  if (judgement.verdict === 'consent' && judgement.consent) yield* consent(story, plan, [judgement.consent]);
}

/** Runs an attempt's scripts on the repair disk. */
export function* work(story: Story, plan: Plan, attempt: Attempt): Step<AttemptRecord> {
  yield* show({ phase: 'repair', step: attempt.id });
  const record: AttemptRecord = { attempt: attempt.id, title: attempt.title, scripts: [], boot: null };
  story.attempts.push(record);
  const number = story.attempts.length;
  for (const step of attempt.scripts) {
    if (step.unless === 'dump-collected' && story.dump.state === 'uploaded') continue;
    const end = yield* runStep(story, plan, step, `${number}-${step.script}`);
    record.scripts.push(end);
    mustBeOver(end);
  }
  return record;
}

/** EMS and dump settings: without them the next stop would be as silent as the last. */
export function* prepareBoot(story: Story, plan: Plan, record: AttemptRecord): Step<void> {
  for (const step of plan.beforeBoot) {
    const end = yield* runStep(story, plan, step, `${story.attempts.length}-${step.script}`);
    record.scripts.push(end);
    mustBeOver(end);
  }
}

/** After a timeout or a cancellation the script's children may still write: that copy can no longer be trusted. */
function mustBeOver(end: ScriptEnd): void {
  if (end.state !== 'timed-out' && end.state !== 'cancelled') return;
  const message = `${end.script} ${end.state}; what it started may still write to the copy, which is therefore discarded`;
  throw new Failure(end.run, { kind: 'fatal', code: 'scriptNotOver', message });
}

export function changedSomething(record: AttemptRecord): boolean {
  return record.scripts.some(end => end.script !== 'collect-dump' && end.result?.outcome === 'fixed');
}
