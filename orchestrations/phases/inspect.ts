import type { Finding, Policy, VmFacts } from '../../functions/activities/contract.ts';
import { call, type Step, show } from '../steps.ts';
import { Ended, type Story } from '../story.ts';

/** Reads the VM; every reason not to touch it is found here, before any downtime. */
export function* inspect(story: Story): Step<{ vm: VmFacts; policy: Policy }> {
  yield* show({ phase: 'inspect' });
  const { vm, refusals, policy } = yield* call('inspectVm', { request: story.request });
  story.vm = vm;
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

/** From evidence to a finding that a playbook answers. Healthy, unknown and unrepairable VMs end here, untouched. */
export function* diagnose(story: Story, vm: VmFacts): Step<Finding> {
  yield* show({ phase: 'diagnose' });
  const diagnosis = yield* call('diagnoseVm', { vm });
  story.diagnosis = diagnosis;
  if (diagnosis.verdict === 'healthy') throw new Ended('healthy', `Healthy, nothing done: ${diagnosis.summary}`);
  const finding = diagnosis.findings[0];
  if (diagnosis.verdict === 'unknown' || !finding) {
    throw new Ended(
      'unknown',
      `Nothing done, because what is wrong is not known: ${diagnosis.summary}`,
      diagnosis.settledBy ? [diagnosis.settledBy] : [],
    );
  }
  yield* show({ finding: finding.stopCode });
  if (finding.playbook === null && story.request.playbook === null) {
    throw new Ended('needs-person', `${finding.stopCode} ${finding.stopName}: no safe automatic repair is known.`, [
      'Look the stop code up in Microsoft’s list of Azure VM boot errors, or restore the VM from its newest backup.',
    ]);
  }
  return finding;
}
