import type { Finding, Plan, ProbeJudgement, VmFacts } from '../../functions/activities/contract.ts';
import type { Undo } from '../saga.ts';
import { call, ensure, type Step, show } from '../steps.ts';
import { Ended, leftover, type Story } from '../story.ts';
import { consent } from './consent.ts';
import { attach, detach } from './copies.ts';
import { runScript } from './scripts.ts';

/** What only the disk can tell (BitLocker, domain controller, ransom note) may still stop the repair, or need a person. Once is enough. */
export function* probe(story: Story, plan: Plan, finding: Finding): Step<void> {
  yield* show({ phase: 'probe' });
  yield* attach(story, plan);
  if (story.probe) return;
  const wanted = yield* look(story, plan, finding);
  yield* consent(story, plan, wanted);
}

/** Mode `review`: a person decides on what is really on the disk, so a copy of it as it is now is probed first. The VM is not touched. */
export function* probeCopy(story: Story, vm: VmFacts, plan: Plan, finding: Finding, undo: Undo): Step<string[]> {
  const copy = { diskId: `${plan.repairDisk.id}-probe`, snapshotId: `${plan.snapshot.id}-probe` };
  let removed = false;
  const remove = function* (): Step<void> {
    if (removed) return;
    yield* detach(story, plan, copy.diskId);
    yield* ensure('ensureDiskDeleted', { diskId: copy.diskId });
    yield* ensure('ensureSnapshotDeleted', { snapshotId: copy.snapshotId });
    removed = true;
  };
  yield* show({ phase: 'probe' });
  undo.always('delete the copy that was probed', remove, [
    leftover(plan, copy.diskId, 'the copy that was probed, which could not be deleted', 'az disk delete --ids'),
    leftover(plan, copy.snapshotId, 'the snapshot of the copy that was probed, which could not be deleted', 'az snapshot delete --ids'),
  ]);
  yield* ensure('ensureSnapshot', { snapshotId: copy.snapshotId, diskId: vm.osDisk.id, location: vm.location, expires: plan.expires });
  yield* ensure('ensureRepairDisk', { ...copy, vm, expires: plan.expires });
  yield* attach(story, plan, copy.diskId);
  const wanted = yield* look(story, plan, finding);
  yield* remove();
  return wanted;
}

/** Returns the consents that what was found asks for. */
function* look(story: Story, plan: Plan, finding: Finding): Step<string[]> {
  story.probe = yield* runScript(story, plan, {
    run: '0-probe',
    script: 'probe',
    mode: 'Detect',
    timeoutSeconds: 900,
    usualSeconds: 20,
    lun: plan.lun,
  });
  const judgement: ProbeJudgement = yield* call('judgeProbe', {
    probe: story.probe,
    finding,
    consents: plan.consents,
    playbook: plan.playbook.id,
    planHash: plan.hash,
  });
  if (judgement.verdict === 'stop') throw new Ended('refused', 'was not repaired', judgement.reason, [judgement.remedy]);
  if (judgement.verdict !== 'consent' || !judgement.consent) return [];
  plan.hash = judgement.planHash ?? plan.hash;
  yield* show({ planHash: plan.hash });
  return [judgement.consent];
}
