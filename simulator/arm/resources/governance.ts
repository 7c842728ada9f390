import { z } from 'zod';
import { checkTags, parseBody, TagsBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { gatewayNotFound } from '../errors.ts';
import type { Json, Lock, Tags } from '../model.ts';
import { nameOf } from '../paths.ts';

/** What an extension resource hangs on: a subscription, a group, or a resource that must exist. */
export function taggedAt(request: ArmRequest, cloud: Cloud): { tags: Tags } {
  const found = cloud.estate.get(request.scope) ?? cloud.estate.group(request.scope) ?? cloud.estate.subscription(nameOf(request.scope));
  if (found === undefined)
    throw gatewayNotFound(request.scope.split('/').slice(6, 8).join('/'), nameOf(request.scope), request.resourceGroup);
  return found;
}

/** Whether one scope lies at or below another. */
export function within(scope: string, above: string): boolean {
  const [low, high] = [`${scope}/`.toLowerCase(), `${above.replace(/\/$/, '')}/`.toLowerCase()];
  return low.startsWith(high);
}

/** Whether the app's identity may do this there. */
export function isAllowed(cloud: Cloud, action: string, scope: string): boolean {
  const covers = (pattern: string) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i').test(action);
  return cloud.estate.grants.some(grant => within(scope, grant.scope) && grant.actions.some(covers) && !grant.notActions.some(covers));
}

function lockBody(lock: Lock): Json {
  const id = `${lock.scope}/providers/Microsoft.Authorization/locks/${lock.name}`;
  return {
    id,
    name: lock.name,
    type: 'Microsoft.Authorization/locks',
    properties: { level: lock.level, ...(lock.notes !== undefined && { notes: lock.notes }) },
  };
}

/** Locks at a scope: those above apply to it; those below are listed too, as Azure does for groups and subscriptions. */
function listLocks(request: ArmRequest, cloud: Cloud): ArmResponse {
  taggedAt(request, cloud);
  const locks = cloud.estate.locks.filter(lock => within(request.scope, lock.scope) || within(lock.scope, request.scope));
  return { status: 200, body: { value: locks.map(lockBody) } };
}

/** Deletes a lock, as an operator does who wants to let somebody in. */
function deleteLock(request: ArmRequest, cloud: Cloud): ArmResponse {
  const { locks } = cloud.estate;
  const index = locks.findIndex(
    lock => lock.name === request.name && within(lock.scope, request.scope) && within(request.scope, lock.scope),
  );
  if (index >= 0) locks.splice(index, 1);
  return { status: index >= 0 ? 200 : 204 };
}

function listPermissions(request: ArmRequest, cloud: Cloud): ArmResponse {
  taggedAt(request, cloud);
  const grants = cloud.estate.grants.filter(grant => within(request.scope, grant.scope));
  return {
    status: 200,
    body: { value: grants.map(({ actions, notActions }) => ({ actions, notActions, dataActions: [], notDataActions: [] })) },
  };
}

const TagsResource = z.looseObject({ properties: z.looseObject({ tags: TagsBody }) });
const TagsPatch = z.looseObject({ operation: z.enum(['Merge', 'Replace', 'Delete']), properties: z.looseObject({ tags: TagsBody }) });

function tagsBody(scope: string, tags: Tags): ArmResponse {
  return {
    status: 200,
    body: {
      id: `${scope}/providers/Microsoft.Resources/tags/default`,
      name: 'default',
      type: 'Microsoft.Resources/tags',
      properties: { tags },
    },
  };
}

function putTags(request: ArmRequest, cloud: Cloud): ArmResponse {
  const holder = taggedAt(request, cloud);
  holder.tags = checkTags(parseBody(TagsResource, request.body, cloud).properties.tags);
  return tagsBody(request.scope, holder.tags);
}

function patchTags(request: ArmRequest, cloud: Cloud): ArmResponse {
  const holder = taggedAt(request, cloud);
  const { operation, properties } = parseBody(TagsPatch, request.body, cloud);
  const { tags } = properties;
  const changed = {
    Merge: () => ({ ...holder.tags, ...tags }),
    Replace: () => tags,
    Delete: () => Object.fromEntries(Object.entries(holder.tags).filter(([name]) => !Object.hasOwn(tags, name))),
  };
  holder.tags = checkTags(changed[operation]());
  return tagsBody(request.scope, holder.tags);
}

function deleteTags(request: ArmRequest, cloud: Cloud): ArmResponse {
  taggedAt(request, cloud).tags = {};
  return { status: 200 };
}

export const governanceRoutes: Routes = {
  'LIST Microsoft.Authorization/locks': listLocks,
  'DELETE Microsoft.Authorization/locks': deleteLock,
  'LIST Microsoft.Authorization/permissions': listPermissions,
  'GET Microsoft.Resources/tags': (request, cloud) => tagsBody(request.scope, taggedAt(request, cloud).tags),
  'PUT Microsoft.Resources/tags': putTags,
  'PATCH Microsoft.Resources/tags': patchTags,
  'DELETE Microsoft.Resources/tags': deleteTags,
};
