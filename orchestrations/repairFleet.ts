/**
 * Many VMs by one call: one first, and proven, before a second is touched; then a few at once, another one as soon as one has ended; and no
 * further one once too many have failed. A control loop over top-level repairs with ids of their own: it looks, starts, waits, and begins
 * its history anew from time to time.
 */
import type { FleetEnd, FleetProgress, FleetRequest } from '../functions/activities/contract.ts';
import { Again, call, now, type Step, show, sleep } from './steps.ts';

/** Looks before the history begins anew; each leaves some events in it. */
const looksPerRun = 50;
const pauseSeconds = 30;

export function* repairFleet(request: FleetRequest, fleetId: string): Step<FleetEnd | Again<FleetRequest>> {
  let progress = request.progress ?? { startedAt: yield* now(), underWay: [], ended: [], notStarted: [], waiting: request.vmIds };
  for (let look = 0; look < looksPerRun; look++) {
    progress = yield* see(progress);
    const failed = failures(progress);
    if (failed >= request.mostFailures) progress = stop(progress, `${failed} repairs of this fleet have failed`);
    const next = progress.waiting.slice(0, room(progress, request.atOnce));
    if (next.length > 0) progress = yield* start(progress, next, fleetId, request);
    if (progress.underWay.length === 0 && progress.waiting.length === 0) return { endedAt: yield* now(), ...countsOf(progress), progress };
    const { done, all } = countsOf(progress);
    yield* show({
      state: 'running',
      phase: 'fleet',
      step: `${done} of ${all}`,
      awaiting: `${progress.underWay.length} repairs under way`,
      elsewhere: elsewhere(progress, request.vmIds),
    });
    yield* sleep(pauseSeconds);
  }
  return new Again({ ...request, progress });
}

const isWell = ({ outcome }: FleetProgress['ended'][number]) => outcome === 'repaired';
/** `healthy`, `refused` and the like say nothing of whether the repair helps. */
const hasFailed = ({ outcome }: FleetProgress['ended'][number]) => outcome === 'rolled-back' || outcome === 'needs-person';
const failures = ({ ended }: FleetProgress) => ended.filter(hasFailed).length;

/** Before one is proven, one at a time. */
function room({ underWay, ended }: FleetProgress, atOnce: number): number {
  const width = ended.some(isWell) ? atOnce : 1;
  return Math.max(0, width - underWay.length);
}

function stop(progress: FleetProgress, why: string): FleetProgress {
  const left = progress.waiting.map(vmId => ({ vmId, why }));
  return { ...progress, waiting: [], notStarted: [...progress.notStarted, ...left] };
}

/** A status holds 16 KB: of more than a few hundred the view does not tell. */
function elsewhere({ underWay, ended }: FleetProgress, vmIds: string[]): [number, string][] {
  const others = [...underWay, ...ended].filter(each => each.elsewhere);
  return others.slice(-300).map(({ vmId, repairId }) => [vmIds.indexOf(vmId), repairId]);
}

function* see(progress: FleetProgress): Step<FleetProgress> {
  if (progress.underWay.length === 0) return progress;
  const { repairs } = yield* call('readRepairs', { repairIds: progress.underWay.map(({ repairId }) => repairId) });
  const seen = new Map(repairs.map(repair => [repair.repairId, repair]));
  const underWay: FleetProgress['underWay'] = [];
  const ended = [...progress.ended];
  for (const each of progress.underWay) {
    const { outcome = null, joinedTo = null } = seen.get(each.repairId) ?? {};
    if (outcome === null) underWay.push(each);
    // Another repair of the VM was begun at the same moment: that one does the work.
    else if (joinedTo !== null) underWay.push({ ...each, repairId: joinedTo, elsewhere: true });
    else ended.push({ ...each, outcome });
  }
  return { ...progress, underWay, ended };
}

function* start(
  progress: FleetProgress,
  vmIds: string[],
  fleetId: string,
  { mode, requestedBy, caller }: FleetRequest,
): Step<FleetProgress> {
  const { started } = yield* call('startFleetRepairs', { fleetId, vmIds, mode, requestedBy, caller });
  return { ...progress, waiting: progress.waiting.slice(vmIds.length), underWay: [...progress.underWay, ...started] };
}

function countsOf({ ended, underWay, waiting, notStarted }: FleetProgress): Omit<FleetEnd, 'endedAt' | 'progress'> {
  const all = ended.length + underWay.length + waiting.length + notStarted.length;
  return {
    all,
    done: ended.length,
    repaired: ended.filter(isWell).length,
    failed: ended.filter(hasFailed).length,
    notStarted: notStarted.length,
  };
}
