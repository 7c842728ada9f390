import type { Plan } from '../../functions/activities/contract.ts';
import { apart } from '../deadline.ts';
import { type Step, show, waitFor } from '../steps.ts';
import { Ended, type Story } from '../story.ts';
import { report } from './report.ts';

/** Waits for a person where the mode or a missing consent asks for one. An approval names the plan's hash: a changed plan needs a new one. */
export function* consent(story: Story, plan: Pick<Plan, 'hash' | 'consents'>, wanted: string[]): Step<void> {
  if (wanted.length === 0) return;
  const hash = plan.hash.slice(0, 12);
  yield* report(story, 'waiting-approval');
  yield* show({ state: 'waiting-approval', phase: 'consent', step: 'consent', awaiting: `approval of: ${wanted.join(', ')}` });
  const heard = yield* apart(waitFor([`approve.${hash}`, `reject.${hash}`], story.request.limits.approvalSeconds));
  yield* show({ state: 'running', awaiting: '' });
  if (heard === null)
    throw new Ended('cancelled', 'Nobody approved the plan in time.', ['Start the repair again when somebody can approve it.']);
  if (heard.event.startsWith('reject')) throw new Ended('cancelled', 'A person rejected the plan.');
  plan.consents.push(...wanted.filter(consented => !plan.consents.includes(consented)));
}
