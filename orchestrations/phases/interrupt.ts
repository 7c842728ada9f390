import type { Attempt, Plan, VmFacts } from '../../functions/activities/contract.ts';
import { call, Failure, now, type Step } from '../steps.ts';
import { noteFault, type Story } from '../story.ts';
import { copyOf } from './copies.ts';

/**
 * A boot that is for the dump alone, and hangs: Windows is stopped by one non-maskable interrupt, where the plan that was approved has the
 * consent for it. True = it was sent, or may have been. Whatever keeps it from being sent is told, and stops nothing.
 */
export function* interruptHung(story: Story, vm: VmFacts, plan: Plan, { ifHung }: Attempt, startedAt: string): Step<boolean> {
  if (ifHung === undefined) return false;
  const at = yield* now();
  if (!plan.consents.includes(ifHung.consent)) {
    const why = `${vm.name} hung, and nobody has consented to ${ifHung.consent}`;
    const remedy = `Consent to ${ifHung.consent} in the settings or the request, then start the repair again.`;
    story.interrupt = { at, sent: 'no', why, remedy, evidence: [] };
    return false;
  }
  try {
    story.interrupt = yield* call('interruptVm', { vm, startedAt, osDiskId: copyOf(story, plan).id });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    noteFault(story, error.step, error.fault);
    const { code, message } = error.fault;
    story.interrupt = { at, sent: 'no', why: `${code}: ${message}`, remedy: 'Start the repair again.', evidence: [] };
  }
  return story.interrupt.sent !== 'no';
}
