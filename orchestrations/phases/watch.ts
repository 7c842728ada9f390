import type { StillWanted, VmChange, VmFacts, VmMark } from '../../functions/activities/contract.ts';
import type { Undo } from '../saga.ts';
import { ensure, Failure, type Step } from '../steps.ts';
import { Ended, leave, leftover, noteFault, type Story } from '../story.ts';
import { copyOf } from './copies.ts';

/** Remembers the VM as we leave it, so that whatever changes from now on is somebody else's doing. */
export function* leaveIt(story: Story, vm: VmFacts): Step<void> {
  const { mark } = yield* ensure('watchVm', { ...whose(story, vm), compare: 'identity' });
  story.mark = mark;
}

/** The same of a VM that we have just powered off, which must be so: somebody may have been faster than this look. */
export function* leaveItOff(story: Story, vm: VmFacts, undo: Undo): Step<void> {
  yield* leaveIt(story, vm);
  const power = story.mark?.power;
  if (power === undefined || power === 'stopped' || (power === 'deallocated' && vm.power === 'deallocated')) return;
  if (yield* startCameLate(story, vm, story.mark)) {
    throw new Ended('rolled-back', 'was not repaired', 'a start of this repair came late to it', [
      'Start the repair again: what was copied before is out of date.',
    ]);
  }
  undo.keepWhatIsDone();
  throw new Ended('needs-person', left, `it is ${power} now, which is not this repair’s doing`, [
    'If it does not boot, start the repair again when nobody else works on the VM.',
  ]);
}

/** A start of ours whose answer was lost, and that was carried out only after the power off. */
export function* startCameLate(story: Story, vm: VmFacts, mark: VmMark | null): Step<boolean> {
  if (mark?.power !== 'running' || !story.startedOnce || story.offAt === null) return false;
  const since: VmMark = { ...mark, power: 'stopped', at: story.offAt };
  const { changes } = yield* ensure('watchVm', { ...whose(story, vm), since, compare: 'all' });
  const cameLate = changes.length > 0 && changes.every(({ means }) => means !== 'hands-off');
  story.startUnsure ||= cameLate;
  return cameLate;
}

/** The same of a power off that comes while the boot is watched: the VM was seen running after it. Anybody else's is left as it is. */
export function* powerOffCameLate(story: Story, vm: VmFacts, startedAt: string): Step<boolean> {
  if (story.mark === null) return false;
  const since: VmMark = { ...story.mark, power: 'running', at: startedAt };
  const { mark, changes } = yield* ensure('watchVm', { ...whose(story, vm), since, compare: 'all' });
  return mark?.power === 'stopped' && changes.every(({ means }) => means === 'nothing');
}

/**
 * Stops the repair where somebody has acted on the VM since we left it: what was seen of it, or copied from it, is out of date then.
 * Who has started it, stopped it or given it another disk finds it as they left it. `wanted`: before it is taken down its owner may still
 * say no; once it is down, going on is the shorter way to a VM that runs.
 */
export function* asWeLeftIt(story: Story, vm: VmFacts, undo: Undo, wanted?: StillWanted): Step<void> {
  const { changes } = yield* ensure('watchVm', { ...whose(story, vm), compare: 'all', ...(wanted && { wanted }) });
  const stops = changes.filter(({ means }) => means !== 'nothing');
  if (stops.length === 0) return;
  const handsOff = stops.some(({ means }) => means === 'hands-off');
  if (handsOff) undo.keepWhatIsDone();
  const touched = story.downFrom !== null;
  throw new Ended(
    handsOff && touched ? 'needs-person' : touched ? 'rolled-back' : 'refused',
    handsOff && touched ? left : 'was not repaired',
    `${words(stops)} meanwhile`,
    stops.map(({ remedy }) => remedy),
  );
}

/** After a long wait, before anything more is made for the VM: whether its owner has said no meanwhile. */
export function* stillWanted(story: Story): Step<void> {
  const { vm } = story;
  if (vm === null) return;
  const { changes } = yield* ensure('watchVm', { ...whose(story, vm), compare: 'identity', wanted: wantedOf(story) });
  const no = changes.filter(({ code }) => code === 'opted-out' || code === 'mode-stricter');
  if (no.length > 0)
    throw new Ended(
      'refused',
      'was not repaired',
      `${words(no)} meanwhile`,
      no.map(({ remedy }) => remedy),
    );
}

/** What a person has approved goes on in mode `review` too. */
export function wantedOf({ request, mode, decisions = [], plan, evidencePlan }: Story): StillWanted {
  const hash = (plan ?? evidencePlan)?.hash;
  const isApproved = decisions.some(({ verb, planHash }) => verb === 'approve' && planHash === hash);
  const { vmId, mode: asked, consents, restartFirst } = request;
  return { request: { vmId, mode: asked, consents, restartFirst }, least: mode === 'auto' && !isApproved ? 'auto' : 'review' };
}

/**
 * Looks at the VM while it is put back: what it is now, and whether somebody else has it (then it is left alone, and told). That it cannot
 * be looked at must not keep the VM from getting its disk back: every write looks for itself.
 */
export function* whoHasIt(story: Story, vm: VmFacts): Step<{ mark: VmMark | null; takenOver: boolean }> {
  try {
    const { mark, changes } = yield* ensure('watchVm', { ...whose(story, vm), compare: 'identity' });
    const taken = changes.filter(({ means }) => means === 'hands-off');
    if (taken.length === 0) return { mark, takenOver: false };
    story.handedOver = `${words(taken)} meanwhile`;
    story.nextSteps.push(...taken.map(({ remedy }) => remedy));
    if (taken.some(({ code }) => gone.includes(code))) nameCopy(story);
    return { mark, takenOver: true };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    noteFault(story, error.step, error.fault);
    return { mark: null, takenOver: false };
  }
}

const gone: VmChange['code'][] = ['vm-gone', 'group-being-deleted', 'vm-recreated'];

/** The VM was on it, so it may hold what nothing else has. */
function nameCopy(story: Story): void {
  const { plan, onRepairDisk } = story;
  if (!plan || !onRepairDisk) return;
  leave(story, leftover(plan, copyOf(story, plan).id, 'the repair disk, which the VM was on when it was deleted', 'az disk delete --ids'));
}

function whose(story: Story, vm: VmFacts) {
  const { mark, plan } = story;
  return { vmId: vm.id, disks: { original: vm.osDisk.id, copy: plan ? copyOf(story, plan).id : null }, since: mark };
}

const left = 'is left as it is now';
const words = (changes: VmChange[]) => changes.map(({ what }) => what).join(', and ');
