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
import { sentence, type Telling } from './sentence.ts';
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
  /** What the headline says beside the VM and its finding. */
  told: Telling;
  /** Of the policy that was read in the beginning. */
  mode: Mode;
  /** Boots tried. */
  boots: number;
}

/** Ends the runbook on purpose: nothing (more) to do. Passes through the saga, which puts back what was changed. */
export class Ended extends Error {
  readonly outcome: OutcomeKind;
  readonly told: Telling;
  readonly nextSteps: string[];
  /** @param did of the VM, and why: as the one sentence tells it (`sentence.ts`) */
  constructor(outcome: OutcomeKind, did: string | string[], why: string, nextSteps: string[] = []) {
    super(why);
    this.outcome = outcome;
    this.told = { did: [did].flat(), why };
    this.nextSteps = nextSteps;
  }
}

export function beginStory(repairId: string, request: RepairRequest, startedAt: string): Story {
  return {
    repairId,
    request,
    outcome: 'unknown',
    headline: sentence({ vm: null, request, diagnosis: null }, underRepair),
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
    told: underRepair,
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
  if (stop instanceof Ended) tell(story, stop.outcome, stop.told, stop.nextSteps);
  else if (stop instanceof Cancelled) tell(story, 'cancelled', unrepaired(`the repair was cancelled by ${stop.message || 'a person'}`));
  else if (stop instanceof Overdue) tellOverdue(story, stop);
  else if (stop !== null) tellFailure(story, stop);

  for (const undone of end.putBack) couldNotUndo(story, undone);
  if (story.handedOver !== null) handedOver(story, story.handedOver);
  else if (story.booted && stop !== null) staysOnCopy(story);
  else if (end.putBack.length > 0) tellPutBack(story, end);
  story.headline = sentence(story, story.told);
}

function tellPutBack({ told, onRepairDisk }: Story, { putBack }: SagaEnd): void {
  if (putBack.some(({ ofVm, fault }) => fault !== null && ofVm)) told.did.push('could not be put back as it was');
  else if (!onRepairDisk && putBack.every(({ fault }) => fault === null)) told.did.push('has its original OS disk and power state again');
}

/** Names what cleaning up could not remove. */
export function concludeCleanUp(story: Story, end: SagaEnd): void {
  for (const undone of end.cleanedUp) {
    couldNotUndo(story, undone);
    for (const leftover of undone.leaves) leave(story, leftover);
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

/** How it ended; the sentence is made of it in the end, when it is known what was put back. */
export function tell(story: Story, outcome: OutcomeKind, { did, why }: Telling, nextSteps: string[] = []): void {
  story.outcome = outcome;
  story.told = { did: [...did], why };
  story.nextSteps.push(...nextSteps);
}

const underRepair: Telling = { did: ['is under repair'], why: '' };
const unrepaired = (why: string): Telling => ({ did: ['was not repaired'], why });

function tellOverdue(story: Story, { seconds }: Overdue): void {
  const hours = Math.round(seconds / 360) / 10;
  const outcome = story.downFrom === null ? 'refused' : 'rolled-back';
  tell(story, outcome, unrepaired(`the repair took longer than its ${hours} hours`), [
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
  const why = `${step} failed (${fault.code}): ${fault.message}`;
  const again = ['Remove the cause named above, then start the repair again.'];
  if (story.booted) tell(story, 'needs-person', unrepaired(`it could not be proven that it is well, because ${why}`));
  else if (touched) tell(story, 'rolled-back', unrepaired(why), again);
  else tell(story, 'refused', { did: [story.leftovers.length > 0 ? 'was not taken down' : 'was not touched'], why }, again);
}

/** A disk that has booted is never taken away, whatever stopped the repair then. */
function staysOnCopy(story: Story): void {
  story.outcome = 'needs-person';
  story.told = { did: ['had booted from its repaired disk by then', 'is left running on it'], why: story.told.why };
  story.nextSteps.push(lookAtIt);
}

/** Somebody else has it, and finds it as they left it. */
function handedOver(story: Story, because: string): void {
  const { did, why } = story.told;
  story.outcome = 'needs-person';
  story.told = { did: [...did, 'was not put back'], why: [because, why].filter(part => part !== '').join('; ') };
}

const lookAtIt = 'Look at the VM and decide whether to keep the repaired disk or to swap the original back.';

function couldNotUndo(story: Story, { what, ofVm, fault }: SagaEnd['putBack'][number]): void {
  if (fault === null) return;
  noteFault(story, what, fault);
  if (ofVm) story.outcome = 'needs-person';
  story.nextSteps.push(`Do by hand: ${what}. Azure said ${fault.code}: ${fault.message}`);
}
