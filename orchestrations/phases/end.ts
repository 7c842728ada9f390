import type { Plan, VmFacts } from '../../functions/activities/contract.ts';
import { named, type Telling } from '../sentence.ts';
import { now, type Step } from '../steps.ts';
import { Ended, leave, leftover, type Story, tell } from '../story.ts';
import { restoring } from './backup.ts';
import { copyOf } from './copies.ts';
import { keepOriginalDisk } from './protect.ts';
import type { Verdict } from './verify.ts';
import { whoHasIt } from './watch.ts';

/** The repaired disk has booted: it stays, whatever else is found. */
export function* serve(story: Story, vm: VmFacts, plan: Plan, verdict: Verdict): Step<void> {
  story.downUntil = yield* now();
  if (yield* takenAway(story, vm, plan)) return;
  yield* keepOriginalDisk(story, vm, plan);
  if (verdict.verdict === 'repaired') {
    tell(story, 'repaired', { did: [`was repaired by ${cure(story)}`], why: 'it boots again and its agent answers' });
  } else if (verdict.verdict === 'booted-unverified') {
    tell(story, 'booted-unverified', unverified(cure(story)), [signIn]);
  } else {
    tell(story, 'needs-person', { did: [`booted after ${cure(story)}`, 'failed afterwards'], why: verdict.summary }, [
      'Decide whether to keep the repaired disk or to swap the original back: what it wrote since would be lost.',
    ]);
  }
}

/** The attempt after which it booted. */
const cure = ({ attempts }: Story) => named(attempts.slice(-1).map(({ title }) => title));

/** It lives, and its agent has not said so. @param after what was done, in words */
export const unverified = (after: string): Telling => ({
  did: [`boots again after ${after}`, 'is left running'],
  why: 'nothing in it has confirmed that it is well',
});
export const signIn = 'Sign in and look whether the VM does its work; its agent has not answered.';

/** Whoever has put another disk into the VM while its boot was watched keeps it so, and is told where the repaired one is. */
function* takenAway(story: Story, vm: VmFacts, plan: Plan): Step<boolean> {
  const { mark } = yield* whoHasIt(story, vm);
  const copy = copyOf(story, plan);
  if (mark === null || mark.osDiskId?.toLowerCase() === copy.id.toLowerCase()) return false;
  leave(story, leftover(plan, copy.id, 'the repaired disk, which booted and which somebody took out of the VM', 'az disk delete --ids'));
  const disk = mark.osDiskId?.split('/').at(-1) ?? 'another disk';
  const did = ['booted from the repaired disk', `was put on ${disk} by somebody while that was watched`, 'is left so'];
  tell(story, 'needs-person', { did, why: '' }, [`The repaired disk ${copy.name} booted: swap it in again if ${disk} does not.`]);
  return true;
}

/** No attempt is left: what a person needs to go on without us. */
export function unresolved(story: Story): Ended {
  const { did, why } = uncured(story);
  const steps = ['Open a support request and attach this report, which lists what the engineer needs.', ...dumpSteps(story)];
  return new Ended('rolled-back', did, why, [...steps, ...restoring(story)]);
}

/** What was to cure it; the attempts that are about the dump alone were not. */
function uncured({ attempts, plan }: Story): { did: string; why: string } {
  const boots = new Map(plan?.attempts.map(({ id, boot }) => [id, boot]));
  const cures = attempts.filter(({ attempt }) => boots.get(attempt) === 'if-changed');
  if (cures.length === 0) return { did: 'was not repaired', why: 'nothing that could cure it was tried' };
  return { did: `was not cured by ${named(cures.map(({ title }) => title))}`, why: '' };
}

function dumpSteps({ dump: { state, why }, interrupt }: Story): string[] {
  const forced = interrupt != null && interrupt.sent !== 'no';
  const moment = forced ? ' If its header says 0x80, it is of the moment of the interrupt that stopped the VM, which hung.' : '';
  if (state === 'uploaded') return [`Give support the memory dump, which was uploaded: the report says where it is.${moment}`];
  if (state === 'found-not-uploaded')
    return [`A memory dump was found and not uploaded (${why}): consent to upload-dump, then start the repair again.${moment}`];
  const none = `There is no memory dump (${why}).`;
  if (forced) return [`${none} The VM hung, and ${interrupt.why}; it left none all the same.`];
  if (interrupt)
    return [`${none} No interrupt was sent to the VM, which hung: ${interrupt.why}.`, ...(interrupt.remedy ? [interrupt.remedy] : [])];
  return [
    `${none} A VM that hangs without a stop screen writes one when it is sent a non-maskable interrupt, which the consent send-nmi ` +
      'lets a repair do; a halted stop screen ignores it.',
  ];
}
