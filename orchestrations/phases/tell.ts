import type { Notice, Plan } from '../../functions/activities/contract.ts';
import type { SagaEnd } from '../saga.ts';
import { call, Failure, type Step } from '../steps.ts';
import { noteFault, type Story } from '../story.ts';

/** A person is asked: at once, and again when half of their time is over. */
export function* tellWaiting(story: Story, { hash }: Pick<Plan, 'hash'>, wanted: string[]): Step<void> {
  const asked = { planHash: hash, awaiting: wanted.join(', '), outcome: null };
  const { headline } = story;
  yield* tell(story, { event: 'waiting-approval', headline, ...asked });
  yield* tell(story, { event: 'reminder', headline, ...asked }, story.request.limits.approvalSeconds / 2);
}

/** How it ended; what could not be put back needs a person, whatever the outcome is. A repair that joined another is told by that one. */
export function* tellEnd(story: Story, { putBack }: SagaEnd): Step<void> {
  if (story.outcome === 'joined') return;
  const broken = story.outcome === 'needs-person' || putBack.some(({ fault }) => fault !== null);
  yield* tell(story, ended(story, broken ? 'needs-person' : 'ended', story.headline));
}

/** What cleaning up left behind, when all else has been told. */
export function* tellLeft(story: Story, { cleanedUp }: SagaEnd): Step<void> {
  const left = cleanedUp.flatMap(({ what, fault }) => (fault === null ? [] : what));
  if (left.length > 0) yield* tell(story, ended(story, 'needs-person', `Cleaning up could not do this: ${left.join('; ')}.`, 'clean-up'));
}

type Said = Pick<Notice, 'event' | 'headline' | 'outcome' | 'planHash' | 'awaiting'>;

function ended({ outcome }: Story, event: Notice['event'], headline: string, planHash: string | null = null): Said {
  return { event, headline, outcome, planHash, awaiting: null };
}

/** Nothing is asked of anybody where no settings ask to be told; and that nobody could be told stops no repair. */
function* tell(story: Story, said: Said, afterSeconds = 0): Step<void> {
  if (!story.request.notify) return;
  const finding = story.diagnosis?.findings[0];
  const { repairId, request, nextSteps } = story;
  const known = { repairId, vmId: request.vmId, finding: finding ? finding.stopCode || finding.title : '' };
  try {
    yield* call('startNotification', { notice: { ...known, ...said, nextSteps: nextSteps.slice(0, 5) }, afterSeconds });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    noteFault(story, error.step, error.fault);
  }
}
