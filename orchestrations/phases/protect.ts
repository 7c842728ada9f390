import type { Fault, Leftover, Plan, VmFacts } from '../../functions/activities/contract.ts';
import type { Undo } from '../saga.ts';
import { call, ensure, Failure, now, type Step, show, sleep } from '../steps.ts';
import { leave, leftover, noteFault, type Story } from '../story.ts';
import { copyOf, makeCopy } from './copies.ts';
import { afterSwap } from './report.ts';
import { asWeLeftIt, leaveItOff, startCameLate, wantedOf, whoHasIt } from './watch.ts';

/** Powers the failed VM off, snapshots its OS disk, makes the copy that everything is done to. The original is never written, attached or deleted by us. */
export function* protect(story: Story, vm: VmFacts, plan: Plan, undo: Undo): Step<void> {
  yield* show({ phase: 'protect' });
  yield* asWeLeftIt(story, vm, undo, wantedOf(story));
  undo.onFailure('the VM: put the original OS disk and power state back', () => putBack(story, vm, plan));
  story.downFrom ??= yield* now();
  // One that was off is looked at only: who starts it now wants it on.
  if (vm.power !== 'stopped') {
    story.offAt = yield* now();
    yield* ensure('ensurePoweredOff', { vmId: vm.id, skipShutdown: plan.skipShutdown, expectedOsDiskId: vm.osDisk.id });
  }
  yield* leaveItOff(story, vm, undo);

  keep(story, plan.snapshot.id, 'snapshot of the OS disk as it was before the repair', plan, 'az snapshot delete --ids');
  yield* ensure('ensureSnapshot', { snapshotId: plan.snapshot.id, diskId: vm.osDisk.id, location: vm.location, expires: plan.expires });

  yield* makeCopy(story, vm, plan);
}

/** A write whose answer was lost may act late: what was put back is looked at again after so many seconds, and put back again. */
const settleSeconds = 120;
const mostRounds = 3;

/** Original disk, original power state. Harmless where they are already so, at whatever point the repair stopped. */
function* putBack(story: Story, vm: VmFacts, plan: Plan): Step<void> {
  yield* show({ phase: 'roll back' });
  for (let round = 1; ; round++) {
    if ((yield* whoHasIt(story, vm)).takenOver) return;
    if (yield* hasBooted(story, vm)) {
      story.downUntil = yield* now();
      return yield* keepOriginalDisk(story, vm, plan);
    }
    yield* swapOriginalBack(story, vm, plan);
    yield* restorePower(story, vm);
    if (yield* staysSo(story, vm)) return;
    if (round === mostRounds) throw new Failure('putBack', notSettled(vm));
  }
}

function* restorePower(story: Story, vm: VmFacts): Step<void> {
  if (vm.power === 'running') {
    yield* ensure('ensureStarted', { vmId: vm.id });
    story.downUntil = yield* now();
  } else if (story.startUnsure) {
    story.offAt = yield* now();
    yield* ensure('ensurePoweredOff', { vmId: vm.id, skipShutdown: true, expectedOsDiskId: vm.osDisk.id });
  }
}

/** What a start or a swap does that we gave up on, and that succeeds all the same, is not what the owner had. */
function* staysSo(story: Story, vm: VmFacts): Step<boolean> {
  yield* show({ awaiting: 'what may still come late' });
  yield* sleep(settleSeconds);
  const { mark, takenOver } = yield* whoHasIt(story, vm);
  if (takenOver || mark === null) return true;
  // A start that we saw come was ours; another one is a person's, and is left to them.
  const runs = mark.power === 'running';
  if (mark.osDiskId?.toLowerCase() !== vm.osDisk.id.toLowerCase()) {
    story.onRepairDisk = true;
    if (runs) story.startedOnCopy = yield* now();
    return false;
  }
  if (vm.power === 'running') return mark.power !== 'stopped';
  return !runs || !(story.startUnsure || (yield* startCameLate(story, vm, mark)));
}

function notSettled({ name }: VmFacts): Fault {
  return { kind: 'fatal', code: 'notSettled', message: `${name} does not stay on its original OS disk and power state` };
}

/** Seconds between two looks at a boot that nobody has judged yet. */
const bootPause = 30;

/**
 * A disk that has booted is never taken away: what stopped the repair may have come just as the guest came up. A boot that was not watched
 * to its end is given its time, for it may end while the power is cut. Where it cannot be looked at, nothing is put back and a person decides.
 */
function* hasBooted(story: Story, vm: VmFacts): Step<boolean> {
  const { startedOnCopy: startedAt } = story;
  if (startedAt === null) return false;
  const patience = isJudged(story, startedAt) ? 0 : story.request.limits.silenceSeconds;
  for (let look = 0, waited = 0; ; look++) {
    const sight = yield* call('observeBoot', { vm, startedAt, look });
    story.booted = sight.agentReadyAt !== null || sight.sight === 'sign-in';
    if (story.booted || sight.failure !== null || sight.power !== 'running' || waited >= patience) return story.booted;
    yield* show({ awaiting: `how its boot on the repair disk ends: ${sight.summary}` });
    yield* sleep(bootPause);
    waited += bootPause;
  }
}

/** It was seen to fail. */
const isJudged = ({ attempts }: Story, startedAt: string): boolean =>
  Date.parse(attempts.at(-1)?.boot?.endedAt ?? '') >= Date.parse(startedAt);

/** Points the VM at its original OS disk; powers it off first where it was started on the copy. */
export function* swapOriginalBack(story: Story, vm: VmFacts, plan: Plan): Step<void> {
  if (story.startedOnCopy !== null) {
    story.offAt = yield* now();
    yield* ensure('ensurePoweredOff', { vmId: vm.id, skipShutdown: true, expectedOsDiskId: copyOf(story, plan).id });
  }
  yield* ensure('ensureOsDisk', { vmId: vm.id, from: copyOf(story, plan), to: vm.osDisk });
  story.onRepairDisk = false;
  story.startedOnCopy = null;
}

/** The copy has booted (or somebody else has taken over): it is never taken away, and the original stays as the way back. */
export function stayOnCopy(story: Story, vm: VmFacts, plan: Plan, undo: Undo, booted: boolean): void {
  story.booted ||= booted;
  undo.keepWhatIsDone();
  undo.onFailure('keep the replaced OS disk as the way back', () => keepOriginalDisk(story, vm, plan), false);
}

/** Every copy but the one that the VM is on. One that cannot be deleted does not keep the others. */
export function* removeCopies(story: Story, plan: Plan): Step<void> {
  let failure: Failure | null = null;
  for (const copy of story.copies.length > 0 ? story.copies : [{ ...plan.repairDisk, deleted: false }]) {
    if (copy.deleted) continue;
    if (story.onRepairDisk && copy.id === copyOf(story, plan).id) {
      leaveCopy(story, plan);
      continue;
    }
    try {
      yield* ensure('ensureDiskDeleted', { diskId: copy.id });
      copy.deleted = true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failure = error;
    }
  }
  if (failure) throw failure;
}

function leaveCopy(story: Story, plan: Plan): void {
  if (story.booted) return;
  keep(story, copyOf(story, plan).id, 'the repair disk: the VM may still be on it', plan, 'az disk delete --ids');
  const { vm } = story;
  const reason = 'the original OS disk, unchanged: it could not be put back, and the VM belongs on it';
  if (vm) leave(story, { resourceId: vm.osDisk.id, reason, expires: null, removeWith: '' });
}

/** Those that could not be deleted. */
export function copiesLeft(story: Story, plan: Plan): Leftover[] {
  const current = copyOf(story, plan).id;
  const reason = (id: string) => `${id === current ? 'the repair disk' : 'a repair disk that was given up'}, which could not be deleted`;
  const there = story.copies.length > 0 ? story.copies.filter(({ deleted }) => !deleted) : [plan.repairDisk];
  const stays = there.filter(({ id }) => !(story.onRepairDisk && id === current));
  return stays.map(({ id }) => leftover(plan, id, reason(id), 'az disk delete --ids'));
}

/** Once the repaired disk has booted, the replaced one stays as the way back. That it cannot be tagged makes the VM no less repaired. */
export function* keepOriginalDisk(story: Story, vm: VmFacts, plan: Plan): Step<void> {
  keep(story, vm.osDisk.id, 'the replaced original OS disk, unchanged: the way back', plan, 'az disk delete --ids');
  story.nextSteps.push(...afterSwap(vm, copyOf(story, plan).name));
  try {
    yield* call('tagLeftover', { resourceId: vm.osDisk.id, expires: plan.expires });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    noteFault(story, error.step, error.fault);
    story.nextSteps.push(`Delete ${vm.osDisk.id} when it is no longer needed: it could not be given its expiry tag.`);
  }
}

function keep(story: Story, resourceId: string, reason: string, plan: Plan, remove: string): void {
  leave(story, leftover(plan, resourceId, reason, remove));
}
