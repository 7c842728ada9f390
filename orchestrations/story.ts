/** What the runbook knows so far. Phases write into it; the report is made from it, also when something stopped the runbook in the middle. */
import type {
  DiskCopy,
  Fault,
  Leftover,
  Mode,
  OutcomeKind,
  Plan,
  RepairRequest,
  RepairStory,
  Stillness,
  VmMark,
} from '../functions/activities/contract.ts';
import { Overdue } from './deadline.ts';
import type { SagaEnd } from './saga.ts';
import { Cancelled, Failure } from './steps.ts';

/** Story plus what only the runbook needs to decide. */
export interface Story extends RepairStory {
  copies: DiskCopy[];
  /** Scripts that did not end with a result of their own: none is sent again in this repair. */
  cutOff: string[];
  /** The repair disk is the VM's OS disk now, and has booted. */
  booted: boolean;
  /** The VM may be on the repair disk: true from before the swap until the original is known to be back. */
  onRepairDisk: boolean;
  /** When the VM was started on the repair disk (ISO); null = it does not run on it. */
  startedOnCopy: string | null;
  /** When we restarted this VM for the same trouble before (ISO); null = not yet. */
  restartedAt: string | null;
  /** We asked for a start and did not see it come: it may still. */
  startUnsure: boolean;
  /** The VM as we left it last; null = not yet looked at, or gone. */
  mark: VmMark | null;
  /** We have asked for a start. */
  startedOnce: boolean;
  /** When we asked last for a power off (ISO); null = never. */
  offAt: string | null;
  /** Why the VM was not put back: somebody else has it. */
  handedOver: string | null;
  /** It runs and answers, and is repaired because a person said so. */
  forced: boolean;
  /** What would hold the repair, and is passed because the request says `force`: it is in the plan that a person approves. */
  passes: string[];
  /** What two looks showed, where they tell that it hangs: a later look is compared with it. */
  still: (Stillness & { least: number }) | null;
  /** Of the policy that was read in the beginning. */
  mode: Mode;
  /** Boots tried. */
  boots: number;
}

/** Ends the runbook on purpose: nothing (more) to do. Passes through the saga, which puts back what was changed. */
export class Ended extends Error {
  readonly outcome: OutcomeKind;
  readonly nextSteps: string[];
  constructor(outcome: OutcomeKind, headline: string, nextSteps: string[] = []) {
    super(headline);
    this.outcome = outcome;
    this.nextSteps = nextSteps;
  }
}

export function beginStory(repairId: string, request: RepairRequest, startedAt: string): Story {
  return {
    repairId,
    request,
    outcome: 'unknown',
    headline: 'The repair is under way.',
    nextSteps: [],
    joinedTo: null,
    vm: null,
    refusals: [],
    diagnosis: null,
    evidencePlan: null,
    plan: null,
    restart: null,
    restartedAt: null,
    probe: null,
    attempts: [],
    copies: [],
    cutOff: [],
    dump: { state: 'not-looked-for', why: 'no script has looked for a dump' },
    interrupt: null,
    backup: null,
    leftovers: [],
    downFrom: null,
    downUntil: null,
    startedAt,
    endedAt: startedAt,
    faults: [],
    cleanedUp: false,
    booted: false,
    onRepairDisk: false,
    startedOnCopy: null,
    startUnsure: false,
    startedOnce: false,
    offAt: null,
    mark: null,
    handedOver: null,
    forced: false,
    passes: [],
    still: null,
    mode: 'observe',
    boots: 0,
  };
}

export function noteFault(story: Story, step: string, fault: Fault): void {
  story.faults.push({ phase: 'clean-up', step, fault });
}

/** Puts into words how it ended, once the owner's things have been put back (or could not be). */
export function conclude(story: Story, end: SagaEnd): void {
  const stop = end.stoppedBy;
  if (stop instanceof Ended) tell(story, stop.outcome, stop.message, stop.nextSteps);
  else if (stop instanceof Cancelled) tell(story, 'cancelled', `Cancelled by ${stop.message || 'a person'}.`, []);
  else if (stop instanceof Overdue) tellOverdue(story, stop);
  else if (stop !== null) tellFailure(story, stop);

  for (const { what, fault } of end.putBack) if (fault) couldNotUndo(story, what, fault);
  const putBack = end.putBack.length > 0 && end.putBack.every(({ fault }) => fault === null);
  if (story.handedOver !== null) {
    story.outcome = 'needs-person';
    story.headline += ` ${story.handedOver}`;
  } else if (story.booted && stop !== null) staysOnCopy(story);
  else if (putBack && !story.onRepairDisk) story.headline += ' The VM has its original OS disk and power state again.';
}

/** Names what cleaning up could not remove. */
export function concludeCleanUp(story: Story, end: SagaEnd): void {
  for (const { what, fault, leaves } of end.cleanedUp) {
    if (!fault) continue;
    couldNotUndo(story, what, fault);
    for (const leftover of leaves) leave(story, leftover);
  }
  story.cleanedUp = true;
}

/** @param remove the command that removes it, up to the id */
export function leftover(plan: Plan, resourceId: string, reason: string, remove: string): Leftover {
  return { resourceId, reason, expires: plan.expires, removeWith: `${remove} ${resourceId}` };
}

export function leave(story: Story, leftover: Leftover): void {
  if (!story.leftovers.some(known => known.resourceId === leftover.resourceId)) story.leftovers.push(leftover);
}

function tell(story: Story, outcome: OutcomeKind, headline: string, nextSteps: string[]): void {
  story.outcome = outcome;
  story.headline = headline;
  story.nextSteps.push(...nextSteps);
}

function tellOverdue(story: Story, { seconds }: Overdue): void {
  const hours = Math.round(seconds / 360) / 10;
  const outcome = story.downFrom === null ? 'refused' : 'rolled-back';
  tell(story, outcome, `Stopped: the repair took longer than its ${hours} hours.`, [
    'Look in the timeline at what took so long; then start the repair again, or raise limits.repairSeconds.',
  ]);
}

function tellFailure(story: Story, error: unknown): void {
  const touched = story.downFrom !== null;
  const step = error instanceof Failure ? error.step : 'runbook';
  const fault: Fault =
    error instanceof Failure
      ? error.fault
      : { kind: 'fatal', code: 'internal', message: error instanceof Error ? error.message : String(error) };
  story.faults.push({ phase: 'repair', step, fault });
  const reason = `${step} failed (${fault.code}): ${fault.message.replace(/\.?$/, '.')}`;
  if (story.booted) tell(story, 'needs-person', `It could not be proven that the VM is well: ${reason}`, []);
  else if (touched)
    tell(story, 'rolled-back', `The repair stopped: ${reason}`, [`Remove the cause named above, then start the repair again.`]);
  else tell(story, 'refused', `${untouched(story)}: ${reason}`, [`Remove the cause named above, then start the repair again.`]);
}

const untouched = (story: Story) => (story.leftovers.length > 0 ? 'The VM was not taken down' : 'Nothing was changed');

/** A disk that has booted is never taken away, whatever stopped the repair then. */
function staysOnCopy(story: Story): void {
  story.outcome = 'needs-person';
  story.headline += ' The VM had booted from its repaired disk by then, and is left running on it.';
  story.nextSteps.push(lookAtIt);
}

const lookAtIt = 'Look at the VM and decide whether to keep the repaired disk or to swap the original back.';

function couldNotUndo(story: Story, what: string, fault: Fault): void {
  noteFault(story, what, fault);
  const essential = what.startsWith('the VM');
  if (essential) story.outcome = 'needs-person';
  story.nextSteps.push(`Do by hand: ${what}. Azure said ${fault.code}: ${fault.message}`);
}
