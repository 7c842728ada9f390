/**
 * After a script that did not end with a result of its own, what it has started may still write, and a hive may be loaded: nothing boots
 * from that copy. It is given up at once, and a fresh one is made only when something is still to be done on it.
 */
import type { AttemptRecord, Plan, ScriptEnd, ScriptStep, VmFacts } from '../../functions/activities/contract.ts';
import { ensure, Failure, now, type Step, show } from '../steps.ts';
import { noteFault, type Story } from '../story.ts';
import { attach, copyOf, detach, makeCopy } from './copies.ts';
import { mayAct, mayUpload, runStep } from './scripts.ts';

/** Of requests of earlier versions. */
const usualCopies = 3;

/** Without a result line, whatever Azure says of the run, and whenever Azure had to end it. */
export const isCutOff = ({ state, result }: ScriptEnd): boolean => result === null || state === 'timed-out' || state === 'cancelled';

export const isGivenUp = ({ copies }: Story): boolean => (copies.at(-1)?.givenUp ?? null) !== null;

/** The dump is only read, and so is what a step may not touch without a consent that nobody gave. */
export const isChange = (plan: Plan, step: ScriptStep): boolean =>
  step.script !== 'collect-dump' && step.mode !== 'Detect' && mayAct(step, plan.consents);

/** How often an upload is begun that was cut off: it goes on with what has not arrived yet. */
const uploads = 3;

/** One step, with its end in the record. Where it was cut off, the copy is given up and the script is not sent again in this repair. */
export function* runOnce(story: Story, plan: Plan, step: ScriptStep, { scripts }: AttemptRecord, again = false): Step<ScriptEnd> {
  const copy = story.copies.length;
  const name = `${story.attempts.length}-${step.script}`;
  const run = again || scripts.some(end => end.run === name) ? `${name}-${copy}` : name;
  const told = { ...(copy > 1 && { copy }), ...(again && { again }) };
  for (let n = 1; ; n++) {
    const { silent, ...ended } = yield* runToItsEnd(story, plan, step, n === 1 ? run : `${run}-${n}`);
    const end = { ...ended, ...told };
    scripts.push(end);
    if (!isCutOff(end)) return end;
    // It only reads the dump, so the copy is as good as before.
    if (n < uploads && mayUpload(plan, step) && end.state !== 'cancelled' && !silent) continue;
    yield* giveUp(story, step, end);
    return end;
  }
}

/** What Azure says of a script that never ends, as an end: its agent is gone, or Azure does not know the run any more. */
const neverEnds = ['deadlineExceeded', 'runCommandGone'];

function* runToItsEnd(story: Story, plan: Plan, step: ScriptStep, run: string): Step<ScriptEnd & { silent: boolean }> {
  const startedAt = yield* now();
  try {
    return { ...(yield* runStep(story, plan, step, run)), silent: false };
  } catch (error) {
    if (!(error instanceof Failure) || !neverEnds.includes(error.fault.code)) throw error;
    noteFault(story, error.step, error.fault);
    const scriptSha256 = step.own?.sha256 ?? plan.scripts?.find(({ script }) => script === step.script)?.sha256 ?? '';
    const end = { run, script: step.script, scriptSha256, startedAt, endedAt: yield* now() };
    const log = `records/${story.repairId}/scripts/${run}.log`;
    return { ...end, result: null, state: 'timed-out', exitCode: null, log, tail: error.fault.message, silent: true };
  }
}

function* giveUp(story: Story, { script }: ScriptStep, { run, state }: ScriptEnd): Step<void> {
  story.cutOff.push(script);
  const copy = story.copies.at(-1);
  const how = state === 'timed-out' || state === 'cancelled' ? state : 'ended without a result of its own';
  if (copy) copy.givenUp = { at: yield* now(), run, why: `${script} ${how}: what it started may still write to this copy` };
}

/**
 * A copy that can be trusted. One that was given up is replaced: what the script has started ends with the repair VM's power, and what
 * earlier scripts had changed is done once more. @throws Failure when there have been as many copies as the limits allow
 */
export function* soundCopy(story: Story, vm: VmFacts, plan: Plan, record: AttemptRecord): Step<void> {
  const most = story.request.limits.copiesPerRepair ?? usualCopies;
  while (isGivenUp(story)) {
    const last = story.copies.at(-1)?.givenUp;
    if (story.copies.length >= most) throw new Failure(last?.run ?? '', tooMany(last?.why ?? '', most));
    yield* replaceCopy(story, vm, plan);
    for (const step of lost(story, plan)) if (isCutOff(yield* runOnce(story, plan, step, record, true))) break;
  }
}

function tooMany(why: string, most: number) {
  const message = `${why}; ${most === 1 ? 'it is the only one' : `it is the last of ${most}`} that may be made (copiesPerRepair)`;
  return { kind: 'fatal', code: 'scriptNotOver', message } as const;
}

function* replaceCopy(story: Story, vm: VmFacts, plan: Plan): Step<void> {
  yield* show({ phase: 'repair', step: 'a fresh copy' });
  const old = copyOf(story, plan);
  yield* ensure('ensurePoweredOff', { vmId: plan.repairVm.id, skipShutdown: true, expectedOsDiskId: null });
  yield* detach(story, plan, old.id);
  yield* discard(story, old.id);
  yield* makeCopy(story, vm, plan);
  yield* ensure('ensureStarted', { vmId: plan.repairVm.id, withAgent: true }, 1800);
  yield* attach(story, plan);
}

/** That it cannot be deleted now keeps nobody from going on: it is tried again at the end, and named where it stays. */
function* discard(story: Story, diskId: string): Step<void> {
  try {
    yield* ensure('ensureDiskDeleted', { diskId });
    for (const copy of story.copies) if (copy.id === diskId) copy.deleted = true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    noteFault(story, error.step, error.fault);
  }
}

/** What scripts had changed on copies that are gone, the newest run of each. What was cut off itself is not among them. */
function lost(story: Story, plan: Plan): ScriptStep[] {
  const steps = new Map<string, ScriptStep>();
  for (const { attempt, scripts } of story.attempts) {
    const planned = plan.attempts.find(({ id }) => id === attempt)?.scripts ?? [];
    for (const { script, result, again } of scripts) {
      const step = planned.find(each => each.script === script);
      if (again || step === undefined || result?.outcome !== 'fixed' || !isChange(plan, step) || story.cutOff.includes(script)) continue;
      steps.delete(script);
      steps.set(script, step);
    }
  }
  return [...steps.values()];
}
