import { toFault } from '../../azure/errors.ts';
import { parseId, sameId } from '../../azure/ids.ts';
import type { ListedVm } from '../../azure/vms.ts';
import type { Activity } from './activity.ts';
import type { Scope } from './contract.ts';

/**
 * The resource group, the availability set, and what shares the value of a tag that the settings name. Where the VMs may not be listed,
 * the group alone is known, and not how large it is.
 */
export const measureScopes: Activity<'measureScopes'> = async ({ vmId }, { azure, settings, log }) => {
  // What else it may be is refused where the VM is read.
  if (!isVm(vmId)) return { scopes: [] };
  const { subscriptionId, resourceGroup } = parseId(vmId);
  const { scopeTags } = settings.defaults;
  const unreadable = (error: unknown): null => {
    const fault = toFault(error);
    if (fault.kind !== 'forbidden' && fault.kind !== 'notFound') throw error;
    log.warn({ fault }, 'the VMs of a scope cannot be listed');
    return null;
  };
  const listGroup = (fresh: boolean) => azure.vms.list(subscriptionId, resourceGroup, fresh).catch(unreadable);
  const isTarget = ({ id }: ListedVm) => sameId(id, vmId);
  const recent = await listGroup(false);
  // A list of some minutes ago may not know it yet.
  const group = recent === null || recent.some(isTarget) ? recent : await listGroup(true);
  const target = group?.find(isTarget);
  const scopes = [groupScope(subscriptionId, resourceGroup, group), ...setScopes(target, group)];
  if (scopeTags.length === 0 || target === undefined) return { scopes };
  const everybody = await azure.vms.list(subscriptionId).catch(unreadable);
  return { scopes: [...scopes, ...scopeTags.flatMap(name => tagScope(subscriptionId, name, target, everybody))] };
};

const isVm = (id: string) =>
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+$/i.test(id);

function groupScope(subscriptionId: string, name: string, vms: ListedVm[] | null): Scope {
  const id = `group /subscriptions/${subscriptionId}/resourceGroups/${name}`.toLowerCase();
  return { id, what: `resource group ${name}`, size: vms?.length ?? null };
}

function setScopes(target: ListedVm | undefined, vms: ListedVm[] | null): Scope[] {
  const set = target?.availabilitySetId;
  if (set == null) return [];
  const size = vms?.filter(({ availabilitySetId }) => sameId(availabilitySetId, set)).length ?? null;
  return [{ id: `set ${set}`.toLowerCase(), what: `availability set ${set.split('/').at(-1)}`, size }];
}

function tagScope(subscriptionId: string, tag: string, target: ListedVm, vms: ListedVm[] | null): Scope[] {
  const value = tagValue(target, tag);
  if (value === undefined) return [];
  const size = vms?.filter(each => tagValue(each, tag) === value).length ?? null;
  // Azure does not tell names of tags apart by case, but values.
  return [{ id: `${`tag /subscriptions/${subscriptionId} ${tag}`.toLowerCase()}=${value}`, what: `tag ${tag}=${value}`, size }];
}

function tagValue({ tags }: ListedVm, name: string): string | undefined {
  return Object.entries(tags).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}
