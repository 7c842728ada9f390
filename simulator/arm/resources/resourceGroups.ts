import { z } from 'zod';
import { checkTags, Ignored, parseBody, TagsBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, groupNotFound } from '../errors.ts';
import { runOperation } from '../longRunning.ts';
import type { Json, Resource, ResourceGroup, Subscription } from '../model.ts';
import { groupIdOf, sameId } from '../paths.ts';
import { checkPlace } from './disks.ts';
import { deleteVm } from './virtualMachines.ts';

function groupBody(group: ResourceGroup): Json {
  const { id, name, location, tags, provisioningState, managedBy } = group;
  return {
    ...(managedBy !== undefined && { managedBy }),
    id,
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    tags,
    properties: { provisioningState },
  };
}

function groupOf(request: ArmRequest, cloud: Cloud): ResourceGroup {
  const group = cloud.estate.group(request.id);
  if (group === undefined) throw groupNotFound(request.name);
  return group;
}

const Body = z.looseObject({ location: z.string(), tags: TagsBody.optional(), managedBy: Ignored });

function put(request: ArmRequest, cloud: Cloud): ArmResponse {
  const { location, tags = {} } = parseBody(Body, request.body, cloud);
  if (request.name.length > 90 || !/^[\w().-]*[\w()-]$/.test(request.name))
    throw new ArmError('name-valid', 400, 'InvalidResourceGroupName', `The provided resource group name '${request.name}' is not valid.`);
  checkPlace(location, undefined);
  const existing = cloud.estate.group(request.id);
  if (existing?.provisioningState === 'Deleting')
    throw new ArmError(
      'vm-deleting',
      409,
      'ResourceGroupBeingDeleted',
      `The resource group '${existing.name}' is in deprovisioning state and cannot perform this operation.`,
    );
  if (existing !== undefined && existing.location !== location) {
    throw new ArmError(
      'location-fixed',
      409,
      'InvalidResourceGroupLocation',
      `Invalid resource group location '${location}'. The Resource group already exists in location '${existing.location}'.`,
    );
  }
  const id = `/subscriptions/${request.subscription}/resourceGroups/${request.name}`;
  const group: ResourceGroup = { id, name: request.name, location, tags: checkTags(tags), provisioningState: 'Succeeded' };
  cloud.estate.groups.set(group.id.toLowerCase(), group);
  return { status: existing === undefined ? 201 : 200, body: groupBody(group) };
}

function patch(request: ArmRequest, cloud: Cloud): ArmResponse {
  const group = groupOf(request, cloud);
  const { tags } = parseBody(z.looseObject({ tags: TagsBody.optional() }), request.body, cloud);
  group.tags = checkTags(tags ?? group.tags);
  return { status: 200, body: groupBody(group) };
}

function remove(request: ArmRequest, cloud: Cloud): ArmResponse {
  const group = groupOf(request, cloud);
  group.provisioningState = 'Deleting';
  const headers = runOperation(cloud, request, {
    kind: 'resourceGroup',
    location: group.location,
    seconds: cloud.durations.sample('resourceGroup.delete'),
    complete: () => {
      for (const vm of cloud.estate.vms().filter(vm => groupIdOf(vm.id).toLowerCase() === group.id.toLowerCase())) deleteVm(cloud, vm);
      const kept = cloud.estate.inGroup(group.id).filter(resource => isUsedElsewhere(resource, cloud));
      for (const resource of cloud.estate.inGroup(group.id)) if (!kept.includes(resource)) cloud.estate.delete(resource.id);
      if (kept.length > 0) throw blocked(group, kept);
      cloud.estate.groups.delete(group.id.toLowerCase());
    },
    undo: () => {
      group.provisioningState = 'Succeeded';
    },
  });
  return { status: 202, headers: { ...headers.location, 'Retry-After': cloud.clock.retryAfter(15) } };
}

/** By a VM of another group, which stays. */
const isUsedElsewhere = (resource: Resource, cloud: Cloud): boolean =>
  resource.kind === 'disk' && resource.managedBy !== undefined && cloud.estate.vm(resource.managedBy) !== undefined;

function blocked({ name }: ResourceGroup, kept: Resource[]): ArmError {
  const ids = kept.map(({ id }) => `'${id}'`).join(', ');
  const message = `Deletion of resource group '${name}' failed as resources with identifiers ${ids} could not be deleted: they are in use by resources of other groups.`;
  return new ArmError('group-in-use', 409, 'ResourceGroupDeletionBlocked', message);
}

function list(request: ArmRequest, cloud: Cloud): ArmResponse {
  const prefix = `/subscriptions/${request.subscription}/`.toLowerCase();
  const groups = [...cloud.estate.groups.values()].filter(group => group.id.toLowerCase().startsWith(prefix));
  return { status: 200, body: page(request, cloud, groups.filter(group => matches(request, group)).map(groupBody)) };
}

/** So many of a list as `$top` says, and where the rest is. */
function page({ query, path }: ArmRequest, cloud: Cloud, items: Json[]): Json {
  const [top, start] = [Number(query.get('$top') ?? items.length), Number(query.get('$skiptoken') ?? 0)];
  const next = new URLSearchParams([...query].filter(([name]) => name !== '$skiptoken'));
  next.set('$skiptoken', String(start + top));
  const more = top > 0 && start + top < items.length;
  return { value: items.slice(start, start + top), ...(more && { nextLink: `${cloud.operations.origin}${path}?${next}` }) };
}

/** The filters of ARM's lists: by tag, type, group, name and region, joined by `and`. */
function matches(
  request: ArmRequest,
  resource: { id: string; name: string; location: string; tags: Record<string, string>; type?: string },
): boolean {
  const filter = request.query.get('$filter');
  if (filter === null || filter === '') return true;
  const wanted = Object.fromEntries([...filter.matchAll(/(\w+) eq '([^']*)'/g)].map(([, key = '', value = '']) => [key, value]));
  const { tagName, tagValue, resourceType, resourceGroup, name, location } = wanted;
  if (resourceGroup !== undefined && !sameId(resource.id.split('/')[4], resourceGroup)) return false;
  if (name !== undefined && !sameId(resource.name, name)) return false;
  if (location !== undefined && !sameId(resource.location, location)) return false;
  if (tagName !== undefined && !Object.hasOwn(resource.tags, tagName)) return false;
  if (tagName !== undefined && tagValue !== undefined && resource.tags[tagName] !== tagValue) return false;
  return resourceType === undefined || resource.type?.toLowerCase() === resourceType.toLowerCase();
}

/** A resource as ARM's own lists show it: without the provider's properties. */
function genericBody({ id, name, type, location, tags, timeCreated, provisioningState }: Resource): Json {
  return { id, name, type, location, tags, createdTime: timeCreated.toISOString(), provisioningState };
}

function listResources(request: ArmRequest, cloud: Cloud): ArmResponse {
  const scope = request.path.replace(/\/resources$/i, '/').toLowerCase();
  const found = cloud.estate.all().filter(resource => resource.id.toLowerCase().startsWith(scope));
  return { status: 200, body: page(request, cloud, found.filter(resource => matches(request, resource)).map(genericBody)) };
}

function subscriptionBody(cloud: Cloud, { id, displayName, tags }: Subscription): Json {
  return { id: `/subscriptions/${id}`, subscriptionId: id, tenantId: cloud.identity.tenantId, displayName, state: 'Enabled', tags };
}

export const resourceGroupRoutes: Routes = {
  'GET Microsoft.Resources/subscriptions/resourceGroups': (request, cloud) => ({ status: 200, body: groupBody(groupOf(request, cloud)) }),
  'HEAD Microsoft.Resources/subscriptions/resourceGroups': (request, cloud) => ({
    status: cloud.estate.group(request.id) === undefined ? 404 : 204,
  }),
  'LIST Microsoft.Resources/subscriptions/resourceGroups': list,
  'PUT Microsoft.Resources/subscriptions/resourceGroups': put,
  'PATCH Microsoft.Resources/subscriptions/resourceGroups': patch,
  'DELETE Microsoft.Resources/subscriptions/resourceGroups': remove,
  'LIST Microsoft.Resources/subscriptions/resources': listResources,
  'LIST Microsoft.Resources/subscriptions/resourceGroups/resources': listResources,
  'LIST Microsoft.Resources/subscriptions': (_, cloud) => ({
    status: 200,
    body: { value: [...cloud.estate.subscriptions.values()].map(one => subscriptionBody(cloud, one)) },
  }),
  'GET Microsoft.Resources/subscriptions': (request, cloud) => {
    const found = cloud.estate.subscription(request.subscription);
    return { status: 200, body: found === undefined ? {} : subscriptionBody(cloud, found) };
  },
};
