import type { Finding, Plan, Policy, VmFacts } from '../../functions/activities/contract.ts';
import { call, type Step, show } from '../steps.ts';
import { Ended, type Story } from '../story.ts';

/** The plan is data, made once: what follows executes it, also after a deployment in the middle. Mode `observe` ends here. */
export function* makePlan(story: Story, vm: VmFacts, policy: Policy, finding: Finding): Step<Plan> {
  yield* show({ phase: 'plan' });
  const sight = story.diagnosis?.sight ?? 'unrecognised';
  const plan = yield* call('planRepair', { request: story.request, policy, vm, finding, sight });
  story.plan = plan;
  yield* show({ planHash: plan.hash });
  if (policy.mode === 'observe') {
    throw new Ended('observed', `${finding.stopCode} ${finding.stopName} found; nothing done, because the mode is observe.`, [
      'Read the plan below; to carry it out, set the mode of this scope to review or auto.',
    ]);
  }
  const unsure = finding.confidence === 'possible' || (finding.confidence === 'likely' && finding.harm === 'high');
  if (unsure && !policy.consents.includes('act-on-uncertain-finding')) plan.missingConsents.push('act-on-uncertain-finding');
  return plan;
}
