/**
 * What must never happen, whatever fails: repair.md's nine, each judged by the simulator's state and its request log.
 * Each answers what is wrong, in words; nothing = it held.
 */
import { type Facts, onCopy, type Repair } from './run.ts';
import { sameId } from './watch.ts';

export interface Invariant {
  number: number;
  words: string;
  check(facts: Facts): string[];
}

const last = (id: string) => id.split('/').at(-1)?.toLowerCase() ?? '';
const stemOf = ({ id }: Repair) => `bootmedic-${id.replace('r-', '')}`;
const accepted = ({ writes }: Facts, method: string, path: RegExp) =>
  writes.filter(write => write.method === method && path.test(write.path) && write.status < 300);
const failedAfterwards = ({ failedOperations }: Facts, method: string, path: RegExp) =>
  failedOperations.filter(entry => entry.startsWith(`${method} `) && path.test(entry)).length;
const main = ({ repairs }: Facts) => repairs.find(({ outcome }) => outcome !== 'joined') ?? repairs[0];
/** A person who is told to act, the outcome and words that say so; and only where something stood in the way for good: what goes by is no excuse. */
const handedOver = (facts: Facts) => {
  const { events } = facts.schedule;
  const lasting = events.some(
    event => event.on === 'person' || (event.on === 'call' && (event.lasting || ['endless', 'silent'].includes(event.fault))),
  );
  if (!lasting) return false;
  const story = main(facts)?.story;
  return story !== null && story !== undefined && story.nextSteps.length > 0 && story.outcome === 'needs-person';
};
const byPerson = ({ acted }: Facts, ...acts: Facts['acted']) => acts.some(act => acted.includes(act));

function ends(facts: Facts): string[] {
  if (!facts.ended) return ['the repair does not end'];
  const wrong: string[] = [];
  for (const repair of facts.repairs) {
    if (repair.outcome === null) wrong.push(`${repair.id} ended without an outcome: ${repair.history.slice(0, 300)}`);
    else if (repair.story === null && !cannotReport(facts)) wrong.push(`${repair.id} ended as ${repair.outcome} without a report`);
    else if (repair.story && repair.story.outcome !== repair.outcome && !cannotReport(facts))
      wrong.push(`the report says ${repair.story.outcome}, the orchestration ${repair.outcome}`);
  }
  return wrong;
}

/** The storage of the report itself refuses for good. */
const cannotReport = ({ schedule, calls }: Facts) =>
  schedule.events.some(event => event.on === 'call' && event.lasting && calls[event.n - 1]?.service !== 'arm');

function original({ watch, acted, writes }: Facts): string[] {
  const wrong = [...watch.wrongs];
  if (watch.original === undefined && acted.length === 0) wrong.push('the original OS disk is gone');
  const touched = writes.filter(({ method, path, status }) => sameId(path, watch.originalId) && status < 300 && method !== 'PATCH');
  for (const { method } of touched) wrong.push(`${method} on the original OS disk`);
  return wrong;
}

function endState(facts: Facts): string[] {
  const { watch } = facts;
  const { vm } = watch;
  if (vm === undefined) return byPerson(facts, 'delete-vm') ? [] : ['the VM is gone'];
  const disk = vm.osDisk.diskId;
  if (facts.world.simulator.cloud.estate.disk(disk) === undefined) return [`the VM's OS disk ${last(disk)} does not exist`];
  const isOriginal = sameId(disk, watch.originalId);
  if (!isOriginal && !watch.booted.has(disk.toLowerCase()) && !handedOver(facts))
    return [`the VM ends on ${last(disk)}, which has not booted, and no person is told`];
  const moved = byPerson(facts, 'powerOff', 'deallocate', 'start', 'swap-back');
  if (vm.power !== watch.power && !moved && !handedOver(facts))
    return [`the VM was ${watch.power} and ends ${vm.power}, and no person is told`];
  return [];
}

function leftovers(facts: Facts): string[] {
  const { watch, world, repairs } = facts;
  const wrong: string[] = [];
  const named = repairs.flatMap(({ story }) => story?.leftovers ?? []);
  const isNamed = (id: string) => named.some(leftover => sameId(leftover.resourceId, id) && leftover.reason !== '');
  if (repairs.some(({ story }) => story === null)) return [];
  for (const { id, kind } of world.simulator.cloud.estate.all()) {
    if (watch.before.has(id.toLowerCase()) || sameId(id, watch.vm?.osDisk.diskId)) continue;
    const ours = repairs.find(repair => last(id).startsWith(stemOf(repair)));
    // The VM was handed over on it, and somebody has taken it away since: it is the owner's.
    if (ours?.outcome === 'repaired' && byPerson(facts, 'swap-back') && watch.booted.has(id.toLowerCase())) continue;
    // The network of all repair VMs of a region stays, costs nothing and belongs to no repair.
    if (ours === undefined && kind === 'network') continue;
    const withVm =
      /-(osdisk|nic)$/.test(id) && ours !== undefined && named.some(({ resourceId }) => last(resourceId) === `${stemOf(ours)}-vm`);
    if (!withVm && !isNamed(id)) wrong.push(`${last(id)} is left and not named in the report`);
  }
  if (onCopy(facts) && !isNamed(watch.originalId)) wrong.push('the replaced original OS disk is not named in the report');
  return wrong;
}

function oneAtATime({ writes, watch, repairs }: Facts): string[] {
  const wrong: string[] = [];
  const onVm = writes.filter(({ path, status }) => path.toLowerCase().startsWith(watch.vmId.toLowerCase()) && status < 300);
  const order = onVm.map(({ repairId }) => repairId).filter((id, n, all) => id !== all[n - 1]);
  if (new Set(order).size !== order.length) wrong.push(`the writes of ${order.join(', ')} are mixed`);
  const joined = repairs.filter(({ outcome }) => outcome === 'joined');
  for (const { id } of joined)
    if (writes.some(({ repairId }) => repairId === id)) wrong.push(`${id} joined another repair and wrote all the same`);
  return wrong;
}

function onlyOnce(facts: Facts): string[] {
  const wrong: string[] = [];
  const atMost = (most: number, method: string, path: RegExp, what: string) => {
    const times = accepted(facts, method, path).length;
    const allowed = most + failedAfterwards(facts, method, path);
    if (times > allowed) wrong.push(`${what} ${times} times, at most ${allowed} expected`);
  };
  const { watch } = facts;
  for (const repair of facts.repairs) {
    const stem = stemOf(repair);
    const attempted = repair.story?.attempts.filter(({ boot }) => boot !== null).length ?? 3;
    // The one restart before the repair is a boot too.
    const boots = attempted + (repair.story?.restart ? 1 : 0);
    atMost(1, 'PUT', new RegExp(`/snapshots/${stem}-snap$`), 'the snapshot was made');
    atMost(1, 'PUT', new RegExp(`/disks/${stem}-disk$`), 'the copy was made');
    if (facts.acted.length > 0) continue;
    const sizes = 1 + (repair.story?.faults.length ?? 0);
    atMost(sizes, 'PUT', new RegExp(`/virtualMachines/${stem}-vm$`), 'the repair VM was made');
    const runs = new Set(accepted(facts, 'PUT', new RegExp(`/${stem}-vm/runCommands/`)).map(({ path }) => last(path)));
    for (const run of runs) atMost(1, 'PUT', new RegExp(`/${stem}-vm/runCommands/${run}$`), `the script ${run} was run`);
    // Out on the copy and back again for each boot; one more where the last one is undone, or did not end in a verdict.
    const vm = `${watch.vmId.split('/').at(-1)}`;
    atMost(2 * (boots + 1), 'PATCH', new RegExp(`/virtualMachines/${vm}$`), 'the OS disk was swapped');
    atMost(boots + 2, 'POST', new RegExp(`/virtualMachines/${vm}/start$`), 'the VM was started');
    atMost(boots + 2, 'POST', new RegExp(`/virtualMachines/${vm}/powerOff$`), 'the VM was powered off');
  }
  return wrong;
}

function truth(facts: Facts): string[] {
  const { watch } = facts;
  const wrong: string[] = [];
  for (const { outcome, id } of facts.repairs) {
    if (outcome === 'healthy') wrong.push(`${id} says healthy of a VM that is not`);
    if (outcome !== 'repaired') continue;
    const disk = watch.vm?.osDisk.diskId.toLowerCase() ?? '';
    if (!onCopy(facts) && !byPerson(facts, 'delete-vm', 'swap-back'))
      wrong.push(`${id} says repaired, and the VM is not on the repair disk`);
    else if ((watch.ready.get(disk)?.size ?? 0) < 2 && facts.acted.length === 0)
      wrong.push(`${id} says repaired, and the agent has not answered twice`);
  }
  const answers = onCopy(facts) && watch.vm?.power === 'running' && (watch.ready.get(watch.vm.osDisk.diskId.toLowerCase())?.size ?? 0) > 0;
  const denied = main(facts)?.outcome;
  if (answers && (denied === 'rolled-back' || denied === 'refused'))
    wrong.push(`the VM runs on the repaired disk, and is said to be ${denied}`);
  return wrong;
}

function secrets({ world, repairs }: Facts): string[] {
  const wrong: string[] = [];
  const places = [
    ...repairs.flatMap(({ id, history, reportText }) => [
      [`the history of ${id}`, history],
      [`the report of ${id}`, reportText],
    ]),
    ['the log', world.log.join('\n')],
  ];
  for (const [place = '', text = ''] of places) {
    if (/[?&]sig=[\w%]|adminPassword"?\s*[:=]|Bearer ey/.test(text)) wrong.push(`something like a secret in ${place}`);
    for (const secret of world.wire.secrets)
      if (text.includes(secret) || text.includes(encodeURIComponent(secret))) wrong.push(`a secret in ${place}`);
  }
  return [...new Set(wrong)];
}

function ownResult({ repairs, spoiltRuns }: Facts): string[] {
  const scripts = repairs.flatMap(({ story }) => [
    ...(story?.probe ? [story.probe] : []),
    ...(story?.attempts.flatMap(attempt => attempt.scripts) ?? []),
  ]);
  return scripts
    .filter(({ run, result }) => spoiltRuns.includes(run) && result !== null)
    .map(({ run }) => `${run} is said to have ended with a result that it did not give`);
}

function consented(facts: Facts): string[] {
  const { writes, watch, acted } = facts;
  const wrong: string[] = [];
  const vm = watch.vmId.toLowerCase();
  if (writes.some(({ path, status }) => path.toLowerCase() === `${vm}/deallocate` && status < 300)) wrong.push('the VM was deallocated');
  if (writes.some(({ path, method, status }) => path.toLowerCase() === vm && method === 'DELETE' && status < 300))
    wrong.push('the VM was deleted');
  if (acted.includes('swap-back')) return wrong;
  for (const disk of watch.takenAway) wrong.push(`${last(disk)} had booted and was taken away`);
  return wrong;
}

export const invariants: Invariant[] = [
  { number: 0, words: 'Every repair ends, and says how.', check: ends },
  { number: 1, words: 'The original OS disk is never attached elsewhere, changed or deleted by us.', check: original },
  {
    number: 2,
    words: 'The VM ends with an OS disk: the original with its power state, or the repair disk that booted; else a person is told.',
    check: endState,
  },
  { number: 3, words: 'Everything we created is deleted, or named in the report.', check: leftovers },
  { number: 4, words: 'One repair per VM at a time.', check: oneAtATime },
  { number: 5, words: 'No side effect twice that must not happen twice.', check: onlyOnce },
  { number: 6, words: 'Repaired only if the guest answered; healthy only on evidence.', check: truth },
  { number: 7, words: 'No secret in the log, the history, the status or the report.', check: secrets },
  { number: 8, words: 'A script’s success is its own result line with this run’s token.', check: ownResult },
  { number: 9, words: 'Nothing that costs the owner something is done without consent.', check: consented },
];
