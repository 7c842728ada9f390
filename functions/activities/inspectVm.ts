import type { Disk } from '../../azure/disks.ts';
import { toFault } from '../../azure/errors.ts';
import type { Lock } from '../../azure/governance.ts';
import { parseId } from '../../azure/ids.ts';
import type { Vm } from '../../azure/vms.ts';
import { policyFor } from '../settings.ts';
import type { Activity } from './activity.ts';
import { lookAtBackup } from './backup.ts';
import type { Policy, Refusal } from './contract.ts';
import { factsOf } from './facts.ts';
import { powerEventsOf, readPowerLog } from './host.ts';
import { actionsFor, refusalsFor } from './preflight.ts';
import type { Tools } from './tools.ts';
import { markOf } from './vmChanges.ts';

/** Reads the VM, and all that speaks against touching it. */
export const inspectVm: Activity<'inspectVm'> = async ({ request }, tools) => {
  const { azure, settings, clock } = tools;
  const question = {
    vmId: request.vmId,
    requestedMode: request.mode,
    requestedConsents: request.consents,
    requestedRestart: request.restartFirst,
  };
  const policyWith = (tags: Record<string, string>) => policyFor(settings, { ...question, tags });
  const refuse = (refusal: Refusal) => ({ vm: null, mark: null, refusals: [refusal], policy: policyWith({}) });

  const wrongKind = kindRefusal(request.vmId);
  if (wrongKind) return refuse(wrongKind);
  const found = await unlessForbidden(azure.vms.get(request.vmId));
  if ('refusal' in found) return refuse(found.refusal);
  const vm = found.value;
  if (vm === undefined) return refuse(notFound(request.vmId));

  const policy = policyWith(vm.tags);
  const asking = lookAtBackup(vm.id, tools);
  const disk = vm.osDisk.id === null ? undefined : await azure.disks.get(vm.osDisk.id);
  const powerEvents = powerEventsOf({ log: (await readPowerLog(vm.id, tools)).value, health: null });
  const refusals = refusalsFor({ vm, disk, powerEvents, ...(await governanceOf(vm, disk, policy, tools)) });
  if (disk === undefined) return { vm: null, mark: null, refusals, policy, backup: await asking };
  const sizes = await azure.capacity.sizes(parseId(vm.id).subscriptionId, vm.location);
  const mark = markOf(vm, clock.now().toISOString());
  const facts = factsOf(vm, disk, sizes.get(vm.size.toLowerCase()), powerEvents);
  return { vm: facts, mark, refusals, policy, backup: await asking };
};

/** Locks and permissions. Who may not read them learns of them from the first write; `observe` writes nothing and needs no lock lifted. */
async function governanceOf(vm: Vm, disk: Disk | undefined, policy: Policy, { azure, log }: Tools) {
  const unless = <T>(what: string, reading: Promise<T>, otherwise: T): Promise<T> =>
    reading.catch(error => {
      const fault = toFault(error);
      if (fault.kind !== 'forbidden' && fault.kind !== 'notFound') throw error;
      log.warn({ fault }, `${what} cannot be read`);
      return otherwise;
    });
  const { governance } = azure;
  const actions = actionsFor(policy.mode);
  const scopes = policy.mode === 'observe' ? [] : [vm.id, ...(disk ? [disk.id] : [])];
  const { subscriptionId, resourceGroup } = parseId(vm.id);
  const writes = policy.mode !== 'observe';
  const [locks, missingActions, denials, groupManager, scaleSet] = await Promise.all([
    Promise.all(scopes.map(scope => unless<Lock[]>('locks', governance.locks(scope), []))),
    unless('permissions', governance.missingActions(vm.id, actions), []),
    writes ? unless('deny assignments', governance.denials(vm.id, actions), []) : [],
    writes ? unless('the resource group', governance.groupManager(subscriptionId, resourceGroup), null) : null,
    vm.scaleSetId ? unless('its scale set', governance.scaleSet(vm.scaleSetId), null) : null,
  ]);
  return { locks: locks.flat(), missingActions, denials, groupManager, scaleSet };
}

async function unlessForbidden<T>(reading: Promise<T>): Promise<{ value: T } | { refusal: Refusal }> {
  try {
    return { value: await reading };
  } catch (error) {
    const fault = toFault(error);
    if (fault.kind !== 'forbidden') throw error;
    // Azure's own message names the action and the scope.
    return {
      refusal: { code: 'forbidden', message: fault.message, remedy: 'Give this identity the target role on the VM’s resource group.' },
    };
  }
}

function notFound(vmId: string): Refusal {
  return {
    code: 'vm-not-found',
    message: `There is no VM ${vmId}.`,
    remedy: 'Check the subscription, resource group and name; without the right to read the group, Azure says the same.',
  };
}

function kindRefusal(vmId: string): Refusal | null {
  if (/\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+$/i.test(vmId)) return null;
  if (/\/virtualMachineScaleSets\//i.test(vmId)) {
    const message = `${vmId} is an instance of a scale set, which replaces its instances itself.`;
    return { code: 'scale-set-instance', message, remedy: 'Reimage or delete the instance; the scale set makes another.' };
  }
  if (/Microsoft\.ClassicCompute/i.test(vmId)) {
    return {
      code: 'classic-vm',
      message: `${vmId} is a classic VM.`,
      remedy: 'Classic VMs were retired in 2023: migrate it to Azure Resource Manager.',
    };
  }
  return { code: 'not-a-vm', message: `${vmId} is not the id of a virtual machine.`, remedy: 'Give the resource id of a virtual machine.' };
}
