import type { Attempt, AttemptRecord, Plan, ScriptEnd, ScriptStep } from '../../functions/activities/contract.ts';
import { ensure, Failure, type Step, show } from '../steps.ts';
import type { Story } from '../story.ts';
import { mayUpload, runStep } from './scripts.ts';

/** The repair disk (or another copy) on the repair VM; free to repeat. */
export function* attach(plan: Plan, diskId = plan.repairDisk.id): Step<void> {
  yield* ensure('ensureAttached', { vmId: plan.repairVm.id, diskId, lun: plan.lun });
}

export function* detach(plan: Plan, diskId = plan.repairDisk.id): Step<void> {
  yield* ensure('ensureDetached', { vmId: plan.repairVm.id, diskId });
}

/** Runs an attempt's scripts on the repair disk. */
export function* work(story: Story, plan: Plan, attempt: Attempt): Step<AttemptRecord> {
  yield* show({ phase: 'repair', step: attempt.id });
  const record: AttemptRecord = { attempt: attempt.id, title: attempt.title, scripts: [], boot: null };
  story.attempts.push(record);
  const number = story.attempts.length;
  for (const step of attempt.scripts) {
    if (step.unless === 'dump-collected' && story.dump.state === 'uploaded') continue;
    yield* runWhole(story, plan, step, { record, run: `${number}-${step.script}` });
  }
  return record;
}

/** How often an upload is begun that was cut off: it goes on with what has not arrived yet. */
const uploads = 3;

/** One step. collect-dump changes nothing, so the copy is as good as before when it was cut off. */
function* runWhole(story: Story, plan: Plan, step: ScriptStep, { record, run }: { record: AttemptRecord; run: string }): Step<void> {
  for (let n = 1; ; n++) {
    const end = yield* runStep(story, plan, step, n === 1 ? run : `${run}-${n}`);
    record.scripts.push(end);
    const resumable = mayUpload(plan, step) && end.result === null && end.state !== 'cancelled';
    if (n < uploads && resumable) continue;
    return mustBeOver(end);
  }
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
