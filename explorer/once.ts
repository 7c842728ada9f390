/** Invariant 5: nothing twice that must not happen twice; told by the request log, where only what went wrong or a person did explains more. */
import { settings } from './base.ts';
import type { Facts, Logged } from './facts.ts';
import type { CallFault } from './schedule.ts';
import { sameId, stemOf } from './watch.ts';

/** What was accepted and did not (or not in time) come about. */
const cameToNothing: CallFault[] = ['fails', 'fails-after-effect', 'endless', 'silent', 'late-success'];
const bootsPerRepair = settings.defaults.limits.bootsPerRepair;

export function onlyOnce(facts: Facts): string[] {
  const { repairs, writes } = facts;
  return repairs.flatMap(repair => {
    const own = writes.filter(({ repairId, status }) => repairId === repair.id && status < 300);
    return [...madeOnce(facts, own, stemOf(repair)), ...actedOnce(facts, own, repair.id)];
  });
}

const failedAfterwards = ({ orders }: Facts, method: string, path: string) =>
  orders.filter(order => order.method === method && sameId(order.path, path) && cameToNothing.includes(order.fault)).length;
/** Azure has said that it is not there. */
const denied = ({ orders }: Facts, path: string) =>
  orders.filter(order => order.method === 'GET' && sameId(order.path, path) && order.fault === '404').length;

function madeOnce(facts: Facts, own: Logged[], stem: string): string[] {
  const made = own.filter(
    ({ method, path }) => method === 'PUT' && new RegExp(`/${stem}-(vm|snap|first-snap|disk)(/runCommands/[^/]+)?$`).test(path),
  );
  return [...Map.groupBy(made, ({ path }) => path)].flatMap(([path, puts]) => {
    const gone = facts.log.filter(
      each => each.method === 'DELETE' && each.status < 300 && path.toLowerCase().startsWith(each.path.toLowerCase()),
    );
    const allowed = 1 + failedAfterwards(facts, 'PUT', path) + denied(facts, path) + gone.length;
    const what = path.split('/').slice(-1).join('');
    return puts.length > allowed ? [`${what} was made ${puts.length} times, at most ${allowed} expected`] : [];
  });
}

/** Power and swaps of the failed VM, one after the other. */
function actedOnce(facts: Facts, own: Logged[], repairId: string): string[] {
  const { watch, log } = facts;
  const wrong: string[] = [];
  const actions = { start: `${watch.vmId}/start`, powerOff: `${watch.vmId}/powerOff`, swap: watch.vmId };
  const failed = {
    start: failedAfterwards(facts, 'POST', actions.start),
    powerOff: failedAfterwards(facts, 'POST', actions.powerOff),
    swap: failedAfterwards(facts, 'PATCH', actions.swap),
  };
  let before: { is: ReturnType<typeof kindOf>; at: string; person: boolean } | undefined;
  const twice = { start: 0, powerOff: 0 };
  for (const each of log) {
    if (each.status >= 300) continue;
    const person = each.act !== undefined;
    const ours = each.by === repairId;
    const is = kindOf(each, actions);
    if (is === undefined) continue;
    // What a person does at that very moment no look before it can have seen.
    const unseen = before?.person && before.at === each.at;
    if (ours && is !== 'swap' && is === before?.is && !unseen) twice[is]++;
    before = { is, at: each.at, person };
  }
  for (const is of ['start', 'powerOff'] as const)
    if (twice[is] > failed[is]) wrong.push(`${is} was sent ${twice[is] + 1} times with nothing between, and failed ${failed[is]} times`);
  return [...wrong, ...swappedOnce(facts, own, failed.swap), ...bootedSeldom(facts, own, failed)];
}

function kindOf({ method, path, act }: Logged, actions: Record<'start' | 'powerOff' | 'swap', string>) {
  if (act === 'retag' || act === 'resize') return undefined;
  if (method === 'POST' && sameId(path, actions.start)) return 'start';
  if (method === 'POST' && (sameId(path, actions.powerOff) || sameId(path, `${actions.swap}/deallocate`))) return 'powerOff';
  return method === 'PATCH' && sameId(path, actions.swap) ? 'swap' : undefined;
}

/** Each swap that Azure accepted has given the VM another disk. */
function swappedOnce({ watch }: Facts, own: Logged[], failed: number): string[] {
  const sent = own.filter(({ method, path }) => method === 'PATCH' && sameId(path, watch.vmId)).length;
  const seen = watch.swaps.filter(({ byPerson }) => !byPerson).length;
  return sent > seen + failed ? [`the OS disk was swapped ${sent} times, and changed ${seen} times`] : [];
}

/** Boots on the repair disk as often as the settings say; on the original once to see whether a restart is enough, once to give it back. */
function bootedSeldom({ watch, orders }: Facts, own: Logged[], failed: { start: number }): string[] {
  const wrong: string[] = [];
  const starts = own.filter(({ path }) => sameId(path, `${watch.vmId}/start`));
  const onCopy = starts.filter(({ at }) => {
    const to = watch.swaps.findLast(swap => swap.at <= at)?.to ?? watch.originalId;
    return !sameId(to, watch.originalId);
  });
  const troubles = orders.filter(({ path, method }) => method !== 'GET' && path.toLowerCase().startsWith(watch.vmId.toLowerCase())).length;
  if (onCopy.length > bootsPerRepair + failed.start) wrong.push(`the VM was started ${onCopy.length} times on a repair disk`);
  const onOriginal = starts.length - onCopy.length;
  if (onOriginal > 2 + troubles) wrong.push(`the VM was started ${onOriginal} times on its own disk, with ${troubles} troubles`);
  return wrong;
}
