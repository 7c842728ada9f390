import type { Finding, Policy, VmFacts } from '../../functions/activities/contract.ts';
import { apart } from '../deadline.ts';
import type { noteTurn, Turn } from '../incidents.ts';
import { spread } from '../patience.ts';
import type { Undo } from '../saga.ts';
import { askEntity, now, type Step, show, sleep } from '../steps.ts';
import { Ended, type Story } from '../story.ts';
import { takePlace } from './admit.ts';
import { endOf } from './breaker.ts';
import { lookAgain } from './inspect.ts';
import { stillWanted } from './watch.ts';

/**
 * Many VMs with the same finding are one incident: a few are repaired first, and proven, before any other is touched. Who waits gives its
 * place to others meanwhile. Who may approve and names a playbook has decided that; mode `observe` touches nothing.
 */
export function* inTurn(story: Story, vm: VmFacts, { mode }: Policy, finding: Finding, undo: Undo): Step<void> {
  const { request, repairId } = story;
  if (mode === 'observe' || request.overrules) return;
  const name = finding.stopCode || finding.id;
  undo.always('tell whether the repair has helped', function* () {
    const told: Parameters<typeof noteTurn>[1] = { finding: name, vmId: request.vmId, repairId, result: resultOf(story), at: yield* now() };
    yield* askEntity('incidents', 'noteTurn', told);
  });
  let parked = false;
  for (let n = 0; ; n++) {
    const question = { finding: name, vmId: request.vmId, repairId, at: yield* now(), limits: request.limits };
    const turn = yield* askEntity<Turn>('incidents', 'takeTurn', question);
    if (turn.turn === 'stop') throw stopped(story, name, turn);
    if (turn.turn === 'go') break;
    if (!parked) yield* askEntity('admission', 'park', { vmId: request.vmId, repairId });
    parked = true;
    const awaiting = `${turn.vms} VMs have ${name}: ${turn.behind.slice(0, 5).join(', ')} first`;
    yield* show({ state: 'queued', step: 'turn', awaiting });
    yield* apart(sleep(spread(Math.min(15 * 2 ** n, 240), repairId, n)));
  }
  if (!parked) return;
  yield* apart(takePlace(story));
  yield* stillWanted(story);
  yield* lookAgain(story, vm, finding);
}

/** Only a proven boot lets others follow. */
function resultOf(story: Story): 'well' | 'failed' | 'neither' {
  if (story.outcome === 'repaired') return 'well';
  return endOf(story) === 'failed' ? 'failed' : 'neither';
}

function stopped(story: Story, name: string, { failed, vms }: Extract<Turn, { turn: 'stop' }>): Ended {
  const why = `${vms} VMs have ${name}, and of those that were repaired first (${failed.join(', ')}) none is well`;
  const remedy =
    'Read the reports of those repairs. If this VM is to be repaired all the same, let somebody with the role Repair.Approve start the repair and name its playbook.';
  story.refusals.push({ code: 'incident-stopped', message: `${why}.`, remedy });
  return new Ended('refused', `Not started: ${why}.`, [remedy]);
}
