import type { Finding, Plan, Policy, Refusal, VmFacts } from '../../functions/activities/contract.ts';
import { noRoom } from '../noRoom.ts';
import { call, Failure, type Step, show } from '../steps.ts';
import { Ended, type Story } from '../story.ts';
import { restoring } from './backup.ts';

/**
 * The plan is data, made once: what follows executes it, also after a deployment in the middle. Mode `observe` ends here, and what
 * nothing can be done about.
 */
export function* makePlan(story: Story, vm: VmFacts, policy: Policy, finding: Finding): Step<Plan> {
  yield* show({ phase: 'plan' });
  const sight = story.diagnosis?.sight ?? 'unrecognised';
  const earlierStops = story.diagnosis?.earlierStops ?? 0;
  const passes = story.passes.length > 0 ? { passes: story.passes } : {};
  const known = { request: story.request, policy, vm, finding, sight, earlierStops, restartedAt: story.restartedAt, ...passes };
  const plan = yield* planWith(story, () => call('planRepair', known));
  if (plan.attempts.length === 0 && !plan.restart.wanted) throw nothingToTry(story, finding, plan);
  story.plan = plan;
  yield* show({ planHash: plan.hash });
  if (policy.mode === 'observe') {
    throw new Ended('observed', 'had nothing done to it', 'the mode is observe', [
      'Read the plan below; to carry it out, set the mode of this scope to review or auto.',
    ]);
  }
  const { refusals } = yield* call('preflightPlan', { vm, plan });
  if (refusals.length > 0) throw refused(story, refusals);
  // One restart alone does no harm whatever the finding is.
  const harmful = finding.harm === 'high' && plan.attempts.length > 0;
  const unsure = finding.confidence === 'possible' || (finding.confidence === 'likely' && harmful);
  if (unsure && !policy.consents.includes('act-on-uncertain-finding')) plan.missingConsents.push('act-on-uncertain-finding');
  return plan;
}

/** Where no repair VM can be had, nothing is begun: quota and size are two things to ask Azure for. */
function* planWith(story: Story, making: () => Step<Plan>): Step<Plan> {
  try {
    return yield* making();
  } catch (error) {
    const refusal = error instanceof Failure ? noRoom(error.fault) : null;
    throw refusal === null ? error : refused(story, [refusal]);
  }
}

export function refused(story: Story, refusals: Refusal[]): Ended {
  story.refusals.push(...refusals);
  return new Ended(
    'refused',
    'was not touched',
    refusals[0]?.message ?? '',
    refusals.map(({ remedy }) => remedy),
  );
}

/** No playbook answers it, and it was restarted already (or may not be). */
function nothingToTry(story: Story, finding: Finding, { restart }: Pick<Plan, 'restart'>): Ended {
  const why = `no safe automatic repair is known, and no restart was tried (${restart.why})`;
  return new Ended('needs-person', 'was not touched', why, byHand(story, finding));
}

/** What Microsoft's article says, and what helps whatever it is. */
export function byHand(story: Story, { article, advice }: Finding): string[] {
  return [
    ...(article === null ? [] : [`Read Microsoft’s article: ${article}`]),
    ...advice.map(step => `By hand: ${step}`),
    ...restoring(story),
  ];
}
