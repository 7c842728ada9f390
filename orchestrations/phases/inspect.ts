import type { Diagnosis, Finding, Policy, VmFacts } from '../../functions/activities/contract.ts';
import { call, type Step, show } from '../steps.ts';
import { Ended, type Story } from '../story.ts';
import { patience } from './patience.ts';

/** Reads the VM; every reason not to touch it is found here, before any downtime. */
export function* inspect(story: Story): Step<{ vm: VmFacts; policy: Policy }> {
  yield* show({ phase: 'inspect' });
  const { vm, mark, refusals, policy } = yield* call('inspectVm', { request: story.request });
  story.vm = vm;
  story.mark = mark;
  story.refusals = refusals;
  const [first] = refusals;
  if (first || !vm) {
    throw new Ended(
      'refused',
      `Not touched: ${first?.message ?? 'the VM could not be read'}`,
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
  const diagnosis = story.diagnosis;
  if (diagnosis.verdict === 'healthy') throw new Ended('healthy', `Healthy, nothing done: ${diagnosis.summary}`);
  if (diagnosis.verdict === 'platform') throw keptDown(story, diagnosis);
  const finding = diagnosis.findings[0];
  if (diagnosis.verdict === 'unknown' || !finding) {
    throw new Ended(
      'unknown',
      `Nothing done, because what is wrong is not known: ${diagnosis.summary}`,
      diagnosis.settledBy ? [diagnosis.settledBy] : [],
    );
  }
  yield* show({ finding: finding.stopCode });
  return finding;
}

/** Azure's own fault, or its maintenance: whoever operates on the disk now repairs what is not broken. */
function keptDown(story: Story, { summary, settledBy }: Diagnosis): Ended {
  const remedy = settledBy ?? 'patience';
  story.refusals.push({ code: 'platform-cause', message: summary, remedy });
  return new Ended('refused', `Not touched: ${summary}`, [remedy]);
}
