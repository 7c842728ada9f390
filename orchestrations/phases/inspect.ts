import type { Diagnosis, Finding, Policy, VmFacts } from '../../functions/activities/contract.ts';
import type { Undo } from '../saga.ts';
import { call, type Step, show } from '../steps.ts';
import { Ended, type Story } from '../story.ts';
import { untilMoved } from './hang.ts';
import { patience } from './patience.ts';
import { asWeLeftIt } from './watch.ts';

/** Reads the VM; every reason not to touch it is found here, before any downtime. */
export function* inspect(story: Story): Step<{ vm: VmFacts; policy: Policy }> {
  yield* show({ phase: 'inspect' });
  const { vm, mark, refusals, policy, backup } = yield* call('inspectVm', { request: story.request });
  story.vm = vm;
  story.mode = policy.mode;
  story.backup = backup ?? null;
  story.mark = mark;
  story.refusals = refusals;
  const [first] = refusals;
  if (first || !vm) {
    throw new Ended(
      'refused',
      'was not touched',
      first?.message ?? 'it could not be read',
      refusals.map(refusal => refusal.remedy),
    );
  }
  return { vm, policy };
}

/** From evidence to a finding. VMs that are healthy, kept down by Azure or unknown end here, untouched; a Windows at work is given its time. */
export function* diagnose(story: Story, vm: VmFacts, policy: Policy): Step<Finding> {
  yield* show({ phase: 'diagnose' });
  story.diagnosis = yield* call('diagnoseVm', { vm });
  story.diagnosis = yield* patience(story, vm, policy, story.diagnosis);
  // What moved after all may be a Windows that is at work by now.
  story.diagnosis = yield* patience(story, vm, policy, yield* untilMoved(story, vm, policy, story.diagnosis));
  const diagnosis = story.diagnosis;
  if (diagnosis.verdict === 'healthy' && story.request.force && policy.mode !== 'observe') return forced(story);
  if (diagnosis.verdict === 'healthy') throw new Ended('healthy', ['is healthy', 'was left alone'], diagnosis.summary);
  if (diagnosis.verdict === 'platform') throw keptDown(story, diagnosis);
  const finding = diagnosis.findings[0];
  if (diagnosis.verdict === 'unknown' || !finding) {
    throw new Ended(
      'unknown',
      'was not touched',
      `what is wrong is not known; ${diagnosis.summary}`,
      diagnosis.settledBy ? [diagnosis.settledBy] : [],
    );
  }
  yield* show({ finding: finding.stopCode });
  return finding;
}

/** A VM that answers has no finding: a person has said what is to be repaired, and approves that it is taken down for it. */
function forced(story: Story): Finding {
  story.forced = true;
  return {
    ...{ id: 'forced', title: 'A repair that a person asked for: the VM runs and answers', stopCode: '', stopName: '', parameters: [] },
    ...{ whatFailed: null, confidence: 'certain', harm: 'high', playbook: story.request.playbook, article: null, advice: [] },
    ...{ basis: [`force, said by ${story.request.requestedBy}`], contradictions: [], evidence: [] },
  };
}

/**
 * Hours may lie between the diagnosis and the first touch: a VM that has come up by itself, or that updates itself by now, is not
 * touched. Another failure than the one that was planned for needs another plan. After a restart of ours it may be another's doing: then the
 * VM is theirs, and is not started again.
 */
export function* lookAgain(story: Story, vm: VmFacts, finding: Finding, undo: Undo): Step<void> {
  yield* show({ phase: 'diagnose' });
  const now = yield* call('diagnoseVm', { vm, ...(story.still && { still: story.still }) });
  const same = now.findings.some(({ id, stopCode }) => id === finding.id && stopCode === finding.stopCode);
  if (now.verdict === 'failing' && same) return;
  if (now.verdict === 'healthy' && story.forced) return;
  story.diagnosis = now;
  const done = story.restart === null ? 'nothing was done to it' : 'nothing but one restart was done to it';
  if (now.verdict === 'healthy') throw new Ended('healthy', 'came up meanwhile', `${done}; ${now.summary}`);
  if (now.verdict === 'platform') throw keptDown(story, now);
  if (story.restart !== null) yield* asWeLeftIt(story, vm, undo);
  throw new Ended('unknown', 'was not repaired', `it shows something else now than before; ${now.summary}`, [
    now.settledBy ?? 'Start the repair again: it makes a plan for what it finds then.',
  ]);
}

/** Azure's own fault, or its maintenance: whoever operates on the disk now repairs what is not broken. */
function keptDown(story: Story, { summary, settledBy }: Diagnosis): Ended {
  const remedy = settledBy ?? 'patience';
  story.refusals.push({ code: 'platform-cause', message: summary, remedy });
  return new Ended('refused', 'was not touched', summary, [remedy]);
}
