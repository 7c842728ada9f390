import type { Caller, Decision, Plan } from '../../functions/activities/contract.ts';
import { apart } from '../deadline.ts';
import { sentence } from '../sentence.ts';
import { now, type Step, show, waitFor } from '../steps.ts';
import { Ended, type Story } from '../story.ts';
import { report } from './report.ts';
import { tellWaiting } from './tell.ts';
import { stillWanted } from './watch.ts';

/** Waits for a person where the mode or a missing consent asks for one. An approval names the plan's hash: a changed plan needs a new one. */
export function* consent(story: Story, plan: Pick<Plan, 'hash' | 'consents' | 'passes'>, wanted: string[]): Step<void> {
  if (wanted.length === 0) return;
  const hash = plan.hash.slice(0, 12);
  const would = (plan.passes ?? []).map(what => `would pass ${what}`);
  story.headline = sentence(story, { did: [`waits for approval of ${wanted.join(', ')}`, ...would], why: '' });
  yield* report(story, 'waiting-approval');
  yield* tellWaiting(story, plan, wanted);
  const askedAt = yield* now();
  yield* show({ state: 'waiting-approval', phase: 'consent', step: 'consent', awaiting: `approval of: ${wanted.join(', ')}` });
  let heard: Heard;
  try {
    heard = yield* apart(waitFor([`approve.${hash}`, `reject.${hash}`], story.request.limits.approvalSeconds));
  } finally {
    // Who cancels ends the question too: nobody is asked while everything is put back.
    yield* show({ state: 'running', awaiting: '' });
  }
  const decision = { ...decided(heard), planHash: plan.hash, asked: [...wanted], askedAt, at: yield* now() };
  story.decisions = [...(story.decisions ?? []), decision];
  if (decision.verb === 'expired')
    throw new Ended('cancelled', 'was not repaired', 'nobody approved the plan in time', [
      'Start the repair again when somebody can approve it.',
    ]);
  if (decision.verb === 'reject') throw new Ended('cancelled', 'was not repaired', `the plan was rejected by ${decision.by}`);
  yield* show({ approvedBy: decision.by });
  // Hours may have passed.
  if (story.downFrom === null) yield* stillWanted(story);
  plan.consents.push(...wanted.filter(consented => !plan.consents.includes(consented)));
}

type Heard = { event: string; payload: unknown } | null;

/** The trigger has checked who it is; the payload is its word. */
function decided(heard: Heard): Pick<Decision, 'verb' | 'by' | 'caller' | 'role'> {
  if (heard === null) return { verb: 'expired', by: 'nobody', caller: null, role: null };
  const said = (heard.payload ?? {}) as Partial<{ by: string; caller: Caller; role: string }>;
  const verb = heard.event.startsWith('reject') ? 'reject' : 'approve';
  return { verb, by: said.by ?? 'a person', caller: said.caller ?? null, role: said.role ?? null };
}
