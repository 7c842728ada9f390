/** Invariant 3: what is left of repairs, and what a sweep may take of it. */
import { type Facts, type Logged, onCopy, type Repair } from './facts.ts';
import { last, sameId, stemOf } from './watch.ts';

/** What a sweep has deleted after the repair is no longer left. */
export function leftBehind(facts: Facts): string[] {
  const { watch, world, repairs, log, decoys, acted } = facts;
  const wrong: string[] = [];
  const named = repairs.flatMap(({ story }) => story?.leftovers ?? []);
  const isNamed = (id: string) => named.some(leftover => sameId(leftover.resourceId, id) && leftover.reason !== '');
  if (repairs.some(({ story }) => story === null)) return [];
  const bySomebody = (id: string) =>
    log.some(({ act, method, status, path }) => act && method === 'PUT' && status < 300 && sameId(path, id));
  for (const { id } of world.simulator.cloud.estate.all()) {
    const ours = repairs.find(repair => last(id).startsWith(`${stemOf(repair)}-`));
    // What belongs to no repair of this VM is another VM's, a person's, or the network of all repair VMs of a region, which costs nothing.
    if (ours === undefined || watch.before.has(id.toLowerCase()) || decoys.includes(id) || bySomebody(id)) continue;
    if (sameId(id, watch.vm?.osDisk.diskId)) continue;
    // The VM was handed over on it, and a person has taken it away or deleted the VM since: it is the owner's.
    if (watch.vm === undefined && acted.includes('delete-vm') && sameId(watch.swaps.at(-1)?.to, id) && watch.booted.has(id.toLowerCase()))
      continue;
    if (watch.swaps.some(({ from, booted, byPerson }) => sameId(from, id) && booted && byPerson)) continue;
    const withVm = /-(osdisk|nic(-[0-9a-f]{8})?)$/.test(id) && named.some(({ resourceId }) => last(resourceId) === `${stemOf(ours)}-vm`);
    if (!withVm && !isNamed(id)) wrong.push(`${last(id)} is left and not named in the report`);
  }
  // The VM's own, or one that a person has put in its place before the repair.
  const replaced = watch.swaps.findLast(({ to }) => sameId(to, watch.vm?.osDisk.diskId))?.from ?? watch.originalId;
  const isThere = world.simulator.cloud.estate.disk(replaced) !== undefined;
  if (onCopy(facts) && isThere && !isNamed(replaced)) wrong.push('the replaced original OS disk is not named in the report');
  return [...wrong, ...unowned(facts)];
}

/** What we have made, by the request log, bears the name of a repair. */
function unowned({ writes, world }: Facts): string[] {
  const { estate } = world.simulator.cloud;
  const made = writes.filter(
    ({ method, path, status }) => method === 'PUT' && status < 300 && /\/(disks|snapshots|virtualMachines)\/[^/]+$/.test(path),
  );
  return made
    .filter(({ path, repairId }) => estate.get(path) !== undefined && !last(path).startsWith(stemOf({ id: repairId })))
    .map(({ path, repairId }) => `${last(path)} was made by ${repairId} and does not bear its name`);
}

export function swept(facts: Facts): string[] {
  const { log, sweeps, decoys, world } = facts;
  const { estate } = world.simulator.cloud;
  const all = [facts, ...facts.others].flatMap(({ repairs }) => repairs);
  const deletes = log.filter(({ by, method, status }) => method === 'DELETE' && status < 300 && by !== undefined && sweeps.includes(by));
  const wrong = deletes.flatMap(each => whyNot(each, facts, all).map(why => `the sweep deleted ${last(each.path)}: ${why}`));
  for (const id of decoys) if (estate.get(id) === undefined) wrong.push(`the sweep took ${last(id)}, which is not ours`);
  return wrong;
}

function whyNot({ path, at, by }: Logged, facts: Facts, repairs: Repair[]): string[] {
  const seen = facts.deletions.findLast(each => sameId(each.path, path) && each.at <= at);
  const repair = repairs.find(({ id }) => id === seen?.tags['bootmedic-repair']);
  const named = repair?.story?.leftovers.find(({ resourceId }) => sameId(resourceId, path));
  const vmOf = (id: string) => repairs.find(each => each.id === id)?.story?.request.vmId;
  const running = seen?.running.filter(id => id !== by && (id === repair?.id || sameId(vmOf(id), repair?.story?.request.vmId))) ?? [];
  const passed = (expires: string | null | undefined) => Date.parse(expires ?? '') < Date.parse(at);
  return [
    ...(repair ? [] : ['it does not bear the tag of a repair']),
    ...(repair && last(path).startsWith(`${stemOf(repair)}-`) ? [] : ['its name is not one of ours']),
    ...(named ? [] : ['no record names it']),
    ...(passed(seen?.tags['bootmedic-expires']) && passed(named?.expires) ? [] : ['it has not expired']),
    ...(running.length === 0 ? [] : [`${running[0]} was running`]),
  ];
}
