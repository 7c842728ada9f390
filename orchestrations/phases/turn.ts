import type { Finding, Policy, ServiceIssue, VmFacts } from '../../functions/activities/contract.ts';
import { apart } from '../deadline.ts';
import type { noteTurn, Result, Turn } from '../incidents.ts';
import { spread } from '../patience.ts';
import type { Undo } from '../saga.ts';
import { askEntity, call, now, type Step, show, sleep } from '../steps.ts';
import { Ended, type Story } from '../story.ts';
import { takePlace } from './admit.ts';
import { endOf, insist } from './breaker.ts';
import { lookAgain } from './inspect.ts';
import { stillWanted } from './watch.ts';

/**
 * Many VMs with the same finding are one incident: a few are repaired first, and proven, before any other is touched; and none where Azure
 * itself reports a fault there. Who waits gives its place to others meanwhile. A request with `force` takes no turn (`passTurn`); mode
 * `observe` touches nothing.
 */
export function* inTurn(story: Story, vm: VmFacts, { mode }: Policy, finding: Finding, undo: Undo): Step<void> {
  const { request, repairId } = story;
  if (mode === 'observe' || request.force) return;
  const name = nameOf(finding);
  undo.always('tell whether the repair has helped', function* () {
    const told: Parameters<typeof noteTurn>[1] = { finding: name, vmId: request.vmId, repairId, result: resultOf(story), at: yield* now() };
    yield* askEntity('incidents', 'noteTurn', told);
  });
  let parked = false;
  for (let n = 0; ; n++) {
    const turn = yield* ask(story, name, 'take');
    if (turn.turn === 'stop') throw stopped(story, name, turn);
    // Asked when the burst is first seen, and again after a wait.
    if (turn.turn === 'go' || n === 0) yield* notByAzure(story, vm, name, turn);
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
  yield* lookAgain(story, vm, finding, undo);
}

/** Who went first could not know of the others: minutes later, before it takes its VM down, it looks whether they have come. */
export function* stillByItself(story: Story, vm: VmFacts, finding: Finding): Step<void> {
  if (story.request.force) return;
  const name = nameOf(finding);
  yield* notByAzure(story, vm, name, yield* ask(story, name, 'peek'));
}

/** What `force` passes of all this, for the plan that a person approves. */
export function* passTurn(story: Story, vm: VmFacts, { mode }: Policy, finding: Finding): Step<void> {
  if (mode === 'observe' || !story.request.force) return;
  const name = nameOf(finding);
  const turn = yield* ask(story, name, 'peek');
  if (turn.turn !== 'go') story.passes.push(`the burst: ${whyHeld(name, turn)}`);
  if ((turn.vms ?? 1) === 1) return;
  const issue = (yield* issuesFor(story, vm))[0];
  if (issue) story.passes.push(`Azure Service Health: ${inWords(issue, vm)}`);
}

const nameOf = ({ stopCode, id }: Finding) => stopCode || id;

function* ask({ request, repairId }: Story, finding: string, how: 'take' | 'peek'): Step<Turn> {
  const question = {
    finding,
    vmId: request.vmId,
    repairId,
    at: yield* now(),
    limits: request.limits,
    ...(how === 'peek' && { peek: true }),
  };
  return yield* askEntity<Turn>('incidents', 'takeTurn', question);
}

/** One question to Azure, and only in a burst: a single VM's own Resource Health has been read already. */
function* notByAzure(story: Story, vm: VmFacts, name: string, { vms = 1 }: Turn): Step<void> {
  if (vms === 1) return;
  const issue = (yield* issuesFor(story, vm))[0];
  if (issue === undefined) return;
  const why = `${vms} VMs have ${name}, and Azure Service Health reports ${inWords(issue, vm)}`;
  const remedy = `Wait until Azure says that it is over (Service Health in the portal, ${issue.trackingId}), and start the repair again if the VM does not come up by itself. If this VM is to be repaired all the same, ${insist}.`;
  story.refusals.push({ code: 'service-issue', message: `${why}.`, remedy });
  throw new Ended('refused', 'was left alone', why, [remedy]);
}

function* issuesFor(story: Story, vm: VmFacts): Step<ServiceIssue[]> {
  const { issues, unread } = yield* call('readServiceHealth', { vmId: vm.id, location: vm.location });
  const gap = `Look into Azure Service Health yourself: it could not be read when several VMs failed alike (${unread}).`;
  if (unread !== '' && !story.nextSteps.includes(gap)) story.nextSteps.push(gap);
  return issues;
}

const inWords = ({ kind, trackingId, title, service }: ServiceIssue, { location }: VmFacts) =>
  `${kind} of ${service} in ${location}: ${trackingId}, ${title}`;

/** Only a proven boot lets others follow. */
function resultOf(story: Story): Result {
  if (story.refusals.some(({ code }) => code === 'service-issue')) return 'held';
  if (story.outcome === 'repaired') return 'well';
  return endOf(story) === 'failed' ? 'failed' : 'neither';
}

function whyHeld(name: string, turn: Exclude<Turn, { turn: 'go' }>): string {
  if (turn.turn === 'wait') return `${turn.vms} VMs have ${name}, and ${turn.behind.slice(0, 5).join(', ')} is to be proven well first`;
  return `${turn.vms} VMs have ${name}, and of those that were repaired first (${turn.failed.join(', ')}) none is well`;
}

function stopped(story: Story, name: string, turn: Extract<Turn, { turn: 'stop' }>): Ended {
  const why = whyHeld(name, turn);
  const remedy = `Read the reports of those repairs. If this VM is to be repaired all the same, ${insist}.`;
  story.refusals.push({ code: 'incident-stopped', message: `${why}.`, remedy });
  return new Ended('refused', 'was left alone', why, [remedy]);
}
