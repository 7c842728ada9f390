/** Who may do what: a request's own action, and the actions on what its body names (ARM's linked access check). */
import type { Cloud } from './cloud.ts';
import { ArmError } from './errors.ts';
import { type ArmPath, parsePath } from './paths.ts';
import { isDenied } from './resources/denials.ts';
import { isAllowed } from './resources/governance.ts';

/** `Microsoft.Compute/virtualMachines/start/action`, as role definitions name it. */
function actionOf(method: string, { namespace, type, trailing }: ArmPath): string {
  // Asking what policies would say is reading.
  if (namespace.toLowerCase() === 'microsoft.policyinsights') return `${namespace}/${type}/read`;
  if (method === 'POST' && trailing !== undefined) return `${namespace}/${type}/action`;
  const verb = { GET: 'read', HEAD: 'read', DELETE: 'delete' }[method] ?? 'write';
  return `${namespace}/${type}/${verb}`;
}

/** @throws ArmError 403 when the identity lacks the action on the path, or one on a resource that the body names */
export function checkAccess(cloud: Cloud, method: string, parsed: ArmPath, body: unknown): void {
  if (parsed.namespace === 'Microsoft.Resources' && parsed.type === 'subscriptions') return;
  // At the tenant, where no role is assigned: it shows what may be read, and refuses nobody.
  if (parsed.namespace.toLowerCase() === 'microsoft.resourcegraph' || parsed.type.toLowerCase() === 'tenants') return;
  const action = actionOf(method, parsed);
  const path = decodeURIComponent(parsed.path);
  if (!isAllowed(cloud, action, path)) throw denied(cloud, action, path);
  const denial = cloud.estate.denials.find(each => isDenied(each, action, path));
  if (denial !== undefined) throw deniedByAssignment(cloud, action, path, denial.name);
  cloud.journal.act(action, path);
  if (method === 'GET' || method === 'HEAD' || !cloud.rules.holds('linked-action-allowed')) return;
  for (const linked of linkedIn(body, parsed)) {
    if (!isAllowed(cloud, linked.action, linked.id)) throw linkDenied(cloud, action, path, linked);
    cloud.journal.act(linked.action, linked.id);
  }
}

interface Linked {
  id: string;
  action: string;
}

/** What has to be allowed on a resource of a type before another may refer to it. */
const joins: Record<string, string> = {
  'microsoft.network/virtualnetworks/subnets': 'Microsoft.Network/virtualNetworks/subnets/join/action',
  'microsoft.network/networksecuritygroups': 'Microsoft.Network/networkSecurityGroups/join/action',
  'microsoft.network/networkinterfaces': 'Microsoft.Network/networkInterfaces/join/action',
  'microsoft.compute/diskencryptionsets': 'Microsoft.Compute/diskEncryptionSets/read',
};

function linkedIn(body: unknown, { namespace, type }: ArmPath): Linked[] {
  const copying = /^microsoft\.compute\/(disks|snapshots)$/i.test(`${namespace}/${type}`);
  return idsIn(body).flatMap(id => {
    const named = parsePath(id);
    const kind = `${named?.namespace}/${named?.type}`.toLowerCase();
    const data = /^microsoft\.compute\/(disks|snapshots)$/.exec(kind)?.[1];
    if (data !== undefined) return [{ id, action: `Microsoft.Compute/${data}/${copying ? 'beginGetAccess/action' : 'write'}` }];
    const action = joins[kind];
    return action === undefined ? [] : [{ id, action }];
  });
}

/** All resource ids in a body, wherever they stand. */
function idsIn(value: unknown): string[] {
  if (typeof value === 'string') return /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\//i.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(idsIn) : [];
}

function denied({ identity: { clientId, principalId } }: Cloud, action: string, path: string): ArmError {
  return new ArmError(
    'action-allowed',
    403,
    'AuthorizationFailed',
    `The client '${clientId}' with object id '${principalId}' does not have authorization to perform action '${action}' over scope '${path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

function deniedByAssignment({ identity: { clientId, principalId } }: Cloud, action: string, path: string, name: string): ArmError {
  return new ArmError(
    'deny-assignment',
    403,
    'DenyAssignmentAuthorizationFailed',
    `The client '${clientId}' with object id '${principalId}' has permission to perform action '${action}' on scope '${path}'; however, the access is denied because of the deny assignment with name '${name}'.`,
  );
}

function linkDenied({ identity: { clientId, principalId } }: Cloud, action: string, path: string, linked: Linked): ArmError {
  return new ArmError(
    'linked-action-allowed',
    403,
    'LinkedAuthorizationFailed',
    `The client '${clientId}' with object id '${principalId}' has permission to perform action '${action}' on scope '${path}'; however, it does not have permission to perform action(s) '${linked.action}' on the linked scope(s) '${linked.id}' (respectively) or the linked scope(s) are invalid.`,
  );
}
