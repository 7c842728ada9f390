import { parseId, sameId } from '../../azure/ids.ts';
import type { Vm } from '../../azure/vms.ts';
import type { Activity } from './activity.ts';
import type { VmChange } from './contract.ts';
import { readPowerLog } from './host.ts';
import type { Tools } from './tools.ts';
import { changesSince, gone, markOf, originalGone, wasOperated } from './vmChanges.ts';

/** Seconds until a VM that is at something is looked at again. */
const pause = 5;

export const watchVm: Activity<'watchVm'> = async ({ vmId, disks, since, compare }, tools) => {
  const { azure, clock } = tools;
  // Azure's caches say "not found" of what is there now and then.
  const vm = (await azure.vms.get(vmId)) ?? (await azure.vms.get(vmId));
  if (vm === undefined) {
    const { subscriptionId, resourceGroup } = parseId(vmId);
    return { done: true, value: { mark: null, changes: [gone(vmId, await azure.network.groupState(subscriptionId, resourceGroup))] } };
  }
  if (vm.provisioning === 'busy') return { done: false, checkAfterSeconds: pause, awaiting: `${vm.name} (${vm.provisioningState})` };

  const mark = markOf(vm, clock.now().toISOString());
  const changes = [...changesSince(vm, disks, since, compare), ...(await lostOriginal(vm, disks, tools))];
  // The log is asked only about what the VM itself does not explain.
  if (since !== null && compare === 'all' && wasOperated(since, mark) && changes.every(({ means }) => means === 'nothing')) {
    const { value: log } = await readPowerLog(vmId, tools, true);
    changes.push(...operated(vm, since, log, changes));
  }
  return { done: true, value: { mark, changes } };
};

/** Somebody tidies up "unattached" disks while the VM is on the copy. */
async function lostOriginal(vm: Vm, { original, copy }: { original: string; copy: string | null }, { azure }: Tools): Promise<VmChange[]> {
  if (!sameId(vm.osDisk.id, copy)) return [];
  const disk = (await azure.disks.get(original)) ?? (await azure.disks.get(original));
  return disk === undefined ? [originalGone(vm, original)] : [];
}

type Log = Awaited<ReturnType<typeof readPowerLog>>['value'];

/**
 * An operation on it ended that left no trace in what it is. The log lags by minutes, so that its silence proves nothing: only changed
 * tags, or a late operation of ours, are believed to be the whole reason.
 */
function operated(vm: Vm, since: { at: string; power: string }, log: Log, changes: VmChange[]): VmChange[] {
  const events = (log ?? []).filter(({ at }) => Date.parse(at) > Date.parse(since.at));
  const others = events.find(({ by }) => by !== 'us');
  const explained = log !== null && others === undefined && (changes.length > 0 || events.length > 0);
  if (explained) return [];
  const was = since.power === 'running' ? 'restarted' : 'started and stopped';
  const told = others
    ? `${vm.name} was ${was} by ${others.by === 'platform' ? 'Azure' : 'somebody'} (${others.what} at ${others.at})`
    : `something was done to ${vm.name} that was not this repair’s doing: it may have been ${was}`;
  const remedy = `${since.power === 'running' ? 'Let it come up' : `Start ${vm.name} when it is wanted`}; if it still does not boot, start the repair again: what was seen and copied before is out of date.`;
  return [{ code: 'vm-was-operated', what: told, means: 'hands-off', remedy }];
}
