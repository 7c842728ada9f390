/**
 * What must never happen, whatever fails: repair.md's nine, each judged by the simulator's state and its request log.
 * Each answers what is wrong, in words; nothing = it held.
 */
import { usualOutcome } from './base.ts';
import { consented } from './consents.ts';
import { type Facts, onCopy } from './facts.ts';
import { leftBehind, swept } from './leftovers.ts';
import { onlyOnce } from './once.ts';
import { oneAtATime, places } from './places.ts';
import type { Act } from './schedule.ts';
import { isCopyOf, last, sameId, stemOf } from './watch.ts';

export interface Invariant {
  number: number;
  words: string;
  check(facts: Facts): string[];
  /** Judged once, over all VMs of a schedule. */
  overall?: true;
}

const main = ({ repairs }: Facts) => repairs.find(({ outcome }) => outcome !== 'joined') ?? repairs[0];
const did = ({ acted }: Facts, ...acts: Act[]) => acts.some(act => acted.includes(act));
/** Troubles that outlast the patience of any client. */
const forGood = ['endless', 'silent', 'late-success'];
/** Acts of a person that stand in nobody's way. */
const harmless: Act[] = ['retag', 'snapshot'];
/** A person who is told to act, the outcome and words that say so; and only where something stood in the way for good: what goes by is no excuse. */
const handedOver = (facts: Facts) => {
  const lasting = facts.schedule.events.some(event => event.on === 'call' && (event.lasting || forGood.includes(event.fault)));
  if (!lasting && facts.acted.every(act => harmless.includes(act))) return false;
  const story = main(facts)?.story;
  return story !== null && story !== undefined && story.nextSteps.length > 0 && story.outcome === 'needs-person';
};

function ends(facts: Facts): string[] {
  if (!facts.ended) return ['the repair does not end'];
  const wrong: string[] = [];
  for (const repair of facts.repairs) {
    const usual = usualOutcome[facts.schedule.base];
    if (facts.schedule.events.length === 0 && repair.outcome !== usual)
      wrong.push(`without any fault it ends as ${repair.outcome}, not ${usual}`);
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

/** What takes the original disk is a person's own: its group, or itself. A VM's deletion leaves it. */
function original(facts: Facts): string[] {
  const { watch, writes } = facts;
  const wrong = [...watch.wrongs];
  if (watch.original === undefined && !did(facts, 'delete-original', 'delete-group')) wrong.push('the original OS disk is gone');
  const touched = writes.filter(({ method, path, status }) => sameId(path, watch.originalId) && status < 300 && method !== 'PATCH');
  for (const { method } of touched) wrong.push(`${method} on the original OS disk`);
  return [...wrong, ...unprotected(facts)];
}

/** Even the VM's own boot may write to its disk: a snapshot precedes each that we bring about. */
function unprotected({ writes, watch, repairs }: Facts): string[] {
  const wrong: string[] = [];
  for (const { id } of repairs) {
    const own = writes.filter(({ repairId, status }) => repairId === id && status < 300);
    const snapshot = own.findIndex(({ method, path }) => method === 'PUT' && /\/snapshots\/[^/]+$/.test(path));
    const start = own.findIndex(({ path }) => sameId(path, `${watch.vmId}/start`));
    const off = own.findIndex(({ path }) => sameId(path, `${watch.vmId}/powerOff`));
    // Who has only powered it off, and could not make the snapshot, gives it back its power.
    const givesBack = off !== -1 && off < start && !own.some(({ path, method }) => method === 'PATCH' && sameId(path, watch.vmId));
    if (start !== -1 && (snapshot === -1 || snapshot > start) && !givesBack) wrong.push(`${id} started the VM before there was a snapshot`);
  }
  return wrong;
}

function endState(facts: Facts): string[] {
  const { watch, log } = facts;
  const { vm } = watch;
  if (facts.repairs.length === 0) return [];
  if (vm === undefined) return did(facts, 'delete-vm', 'delete-group') ? [] : ['the VM is gone'];
  const disk = vm.osDisk.diskId;
  if (facts.world.simulator.cloud.estate.disk(disk) === undefined) return [`the VM's OS disk ${last(disk)} does not exist`];
  const isOriginal = sameId(disk, watch.originalId);
  const theirs = watch.swaps.at(-1)?.byPerson ?? false;
  if (!isOriginal && !theirs && !watch.booted.has(disk.toLowerCase()) && !handedOver(facts))
    return [`the VM ends on ${last(disk)}, which has not booted, and no person is told`];
  const power = log.findLast(({ path, status }) => status < 300 && isPower(path, watch.vmId));
  // Whoever has acted on its power last has it as they want it; a disk that a person has put in needs its own start.
  const moved = power?.act !== undefined || theirs;
  if (vm.power !== watch.power && !moved && !handedOver(facts))
    return [`the VM was ${watch.power} and ends ${vm.power}, and no person is told`];
  return [];
}

const isPower = (path: string, vmId: string) => ['start', 'powerOff', 'deallocate'].some(action => sameId(path, `${vmId}/${action}`));

function truth(facts: Facts): string[] {
  const { watch } = facts;
  const wrong: string[] = [];
  for (const { outcome, id } of facts.repairs) {
    if (outcome === 'healthy' && watch.booted.size === 0) wrong.push(`${id} says healthy of a VM that is not`);
    if (outcome === 'booted-unverified' && watch.booted.size === 0) wrong.push(`${id} says booted of a VM that has not come up`);
    if (outcome !== 'repaired') continue;
    const copy = watch.swaps.findLast(({ to }) => isCopyOf(to, id))?.to;
    const disk = copy ?? watch.originalId;
    const taken = watch.swaps.some(({ from, byPerson }) => byPerson && sameId(from, copy));
    if (copy && watch.vm && !taken && !onCopy(facts)) wrong.push(`${id} says repaired, and the VM is not on the repair disk`);
    else if ((watch.ready.get(disk.toLowerCase())?.size ?? 0) < 2) wrong.push(`${id} says repaired, and the agent has not answered twice`);
  }
  const answers = onCopy(facts) && watch.vm?.power === 'running' && (watch.ready.get(watch.vm.osDisk.diskId.toLowerCase())?.size ?? 0) > 0;
  const denied = facts.repairs.find(({ id }) => isCopyOf(watch.vm?.osDisk.diskId ?? '', id))?.outcome;
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
  return repairs.flatMap(repair => {
    const { probe, attempts = [] } = repair.story ?? {};
    const told = [...(probe ? [probe] : []), ...attempts.flatMap(attempt => attempt.scripts)];
    const spoilt = (run: string) => spoiltRuns.some(path => last(path) === run && path.includes(`/${stemOf(repair)}-vm/`));
    return told
      .filter(({ run, result }) => result !== null && spoilt(run))
      .map(({ run }) => `${run} is said to have ended with a result that it did not give`);
  });
}

export const invariants: Invariant[] = [
  { number: 0, words: 'Every repair ends, and says how.', check: ends },
  {
    number: 1,
    words: 'The original OS disk is never attached elsewhere, changed or deleted by us; a snapshot precedes each boot.',
    check: original,
  },
  {
    number: 2,
    words: 'The VM ends with an OS disk: the original with its power state, or the repair disk that booted; else a person is told.',
    check: endState,
  },
  { number: 3, words: 'Everything we created is deleted, or named in the report.', check: leftBehind },
  {
    number: 3,
    words: 'The sweep deletes only what has our tag, our name, our record and a passed expiry, with no repair running; and all that has.',
    check: swept,
    overall: true,
  },
  { number: 4, words: 'One repair per VM at a time.', check: oneAtATime },
  { number: 4, words: 'So many a day per VM, so many at once, and so many percent of a resource group.', check: places, overall: true },
  { number: 5, words: 'No side effect twice that must not happen twice.', check: onlyOnce },
  { number: 6, words: 'Repaired only if the guest answered; healthy only on evidence.', check: truth },
  { number: 7, words: 'No secret in the log, the history, the status or the report.', check: secrets },
  { number: 8, words: 'A script’s success is its own result line with this run’s token.', check: ownResult },
  {
    number: 9,
    words: 'Nothing that costs the owner something is done without consent; in mode review nothing before an approval.',
    check: consented,
  },
];

/** All of them over all VMs of a schedule. */
export function judgeAll(facts: Facts): { invariant: number; what: string }[] {
  const all = [facts, ...facts.others.map(other => ({ ...other, ended: facts.ended, others: [] }))];
  return invariants.flatMap(({ number, check, overall }) =>
    (overall ? [facts] : all).flatMap(each => check(each)).map(what => ({ invariant: number, what })),
  );
}
