import type { LoggedPowerEvent } from '../../azure/activityLog.ts';
import type { Clock } from '../../azure/clock.ts';
import { parseId, sameId } from '../../azure/ids.ts';
import type { Vm } from '../../azure/vms.ts';
import type { Activity } from './activity.ts';
import type { PowerEvent, VmChange, VmMark } from './contract.ts';
import { readPowerLog } from './host.ts';
import type { Tools } from './tools.ts';
import { changesSince, gone, markOf, originalGone, wasOperated } from './vmChanges.ts';
import { withdrawnFrom } from './withdrawn.ts';

/** Seconds until a VM that is at something is looked at again. */
const pause = 5;
/** So many seconds the activity log is given to tell who it was, and so many lie between two looks. */
const lag = { most: 300, pause: 30 };

export const watchVm: Activity<'watchVm'> = async ({ vmId, disks, since, compare, wanted }, tools) => {
  const { azure, clock, settings } = tools;
  // Azure's caches say "not found" of what is there now and then.
  const vm = (await azure.vms.get(vmId)) ?? (await azure.vms.get(vmId));
  if (vm === undefined) {
    const { subscriptionId, resourceGroup } = parseId(vmId);
    return { done: true, value: { mark: null, changes: [gone(vmId, await azure.network.groupState(subscriptionId, resourceGroup))] } };
  }
  if (vm.provisioning === 'busy') return { done: false, checkAfterSeconds: pause, awaiting: `${vm.name} (${vm.provisioningState})` };

  const mark = markOf(vm, clock.now().toISOString());
  const withdrawn = wanted === undefined ? [] : withdrawnFrom(vm, wanted, settings);
  if (withdrawn.length > 0) return { done: true, value: { mark, changes: withdrawn } };
  const changes = [...changesSince(vm, disks, since, compare), ...(await lostOriginal(vm, disks, tools))];
  // The log is asked only about what the VM itself does not explain: who moved its power, or did what left no trace.
  const power = changes.find(({ code }) => code === 'vm-started' || code === 'vm-stopped');
  const traceless = since !== null && wasOperated(since, mark) && changes.every(({ means }) => means === 'nothing');
  if (since === null || compare === 'identity' || !(power || traceless)) return { done: true, value: { mark, changes } };

  const { value: log } = await readPowerLog(vmId, tools, true);
  const events = log?.filter(({ at, what }) => Date.parse(at) > Date.parse(since.at) && (!power || moves[power.code]?.includes(what)));
  const silent = events !== undefined && !tellsOf(events, mark, clock) && (power !== undefined || changes.length === 0);
  if (silent && mark.operatedAt !== null && clock.since(mark.operatedAt) < lag.most)
    return { done: false, checkAfterSeconds: lag.pause, awaiting: 'the activity log, which tells late who it was' };
  const known = events && tellsOf(events, mark, clock) ? events : undefined;
  const told = power ? changes.map(change => (change === power ? ourOwn(vm, power, known) : change)) : changes;
  return { done: true, value: { mark, changes: power ? told : [...changes, ...operated(vm, since, events ?? null, changes)] } };
};

/** Whether the log has what was done last, not only something before it: the two times are of the same end, as two services tell it. */
function tellsOf(events: LoggedPowerEvent[], { operatedAt }: VmMark, clock: Clock): boolean {
  const least = operatedAt === null ? 0 : Date.parse(operatedAt) - (60 * 1000) / clock.timeScale;
  return events.some(({ at }) => Date.parse(at) >= least);
}

const moves: { [code: string]: PowerEvent['what'][] } = {
  'vm-started': ['start', 'restart', 'redeploy'],
  'vm-stopped': ['power-off', 'deallocate'],
};

/**
 * A request of ours whose answer was lost, and that was repeated, may be carried out twice, the second time much later. That is nobody
 * else’s act; but what ran meanwhile is newer than our copy. A repair never deallocates.
 */
function ourOwn(vm: Vm, change: VmChange, events: LoggedPowerEvent[] | undefined): VmChange {
  if (!events?.length || events.some(({ by }) => by !== 'us')) return change;
  if (change.code === 'vm-stopped')
    return vm.power === 'stopped'
      ? { ...change, what: `a power off of this repair came late to ${vm.name}`, means: 'nothing', remedy: '' }
      : change;
  const remedy = 'Start the repair again: what was copied before is out of date.';
  return { ...change, what: `a start of this repair came late to ${vm.name}`, means: 'give-back', remedy };
}

/** Somebody tidies up "unattached" disks while the VM is on the copy. */
async function lostOriginal(vm: Vm, { original, copy }: { original: string; copy: string | null }, { azure }: Tools): Promise<VmChange[]> {
  if (!sameId(vm.osDisk.id, copy)) return [];
  const disk = (await azure.disks.get(original)) ?? (await azure.disks.get(original));
  return disk === undefined ? [originalGone(vm, original)] : [];
}

/**
 * An operation on it ended that left no trace in what it is. The log lags by minutes, so that its silence proves nothing: only changed
 * tags, or a late operation of ours, are believed to be the whole reason.
 */
function operated(vm: Vm, since: VmMark, events: LoggedPowerEvent[] | null, changes: VmChange[]): VmChange[] {
  const others = events?.find(({ by }) => by !== 'us');
  const explained = events !== null && others === undefined && (changes.length > 0 || events.length > 0);
  if (explained) return [];
  const was = since.power === 'running' ? 'restarted' : 'started and stopped';
  const told = others
    ? `${vm.name} was ${was} by ${others.by === 'platform' ? 'Azure' : 'somebody'} (${others.what} at ${others.at})`
    : `something was done to ${vm.name} that was not this repair’s doing: it may have been ${was}`;
  const remedy = `${since.power === 'running' ? 'Let it come up' : `Start ${vm.name} when it is wanted`}; if it still does not boot, start the repair again: what was seen and copied before is out of date.`;
  return [{ code: 'vm-was-operated', what: told, means: 'hands-off', remedy }];
}
