/** Azure resource ids: `/subscriptions/S/resourceGroups/G/providers/Namespace/type/name`. Azure compares them without regard to case. */

export interface ResourceId {
  subscriptionId: string;
  resourceGroup: string;
  /** `Microsoft.Compute/virtualMachines`. */
  type: string;
  name: string;
}

const shape = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i;

export function isResourceId(id: string): boolean {
  return shape.test(id);
}

/** @throws Error when it is not the id of a resource in a resource group */
export function parseId(id: string): ResourceId {
  const [, subscriptionId, resourceGroup, type, name] = shape.exec(id) ?? [];
  if (!subscriptionId || !resourceGroup || !type || !name) throw new Error(`not a resource id: ${id}`);
  return { subscriptionId, resourceGroup, type, name };
}

export function formatId(id: ResourceId): string {
  return `/subscriptions/${id.subscriptionId}/resourceGroups/${id.resourceGroup}/providers/${id.type}/${id.name}`;
}

/** The id of a resource that stands beside another one. */
export function sibling(id: string, type: string, name: string): string {
  return formatId({ ...parseId(id), type, name });
}

export function sameId(a: string | null | undefined, b: string | null | undefined): boolean {
  return a != null && b != null && a.toLowerCase() === b.toLowerCase();
}

/** POSTs that change nothing: Azure has no other way to ask. */
const asking = /\/(retrieveBootDiagnosticsData|checkPolicyRestrictions|serialPorts\/0\/connect|Microsoft\.ResourceGraph\/resources)$/i;

export function changesNothing(method: string, path: string): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && asking.test(path));
}

/** The action (as Azure's roles name it) of a request: `PUT …/virtualMachines/x` -> `Microsoft.Compute/virtualMachines/write`. */
export function actionOf(method: string, path: string): string {
  const parts = path.split('/').filter(part => part !== '');
  const at = parts.findLastIndex(part => part.toLowerCase() === 'providers');
  const verb = { PUT: 'write', PATCH: 'write', DELETE: 'delete', GET: 'read', HEAD: 'read' }[method];
  if (at < 0) return `Microsoft.Resources/subscriptions/resourceGroups/${verb ?? 'action'}`;
  const [namespace, ...rest] = parts.slice(at + 1);
  const words = rest.filter((_, n) => n % 2 === 0).join('/');
  return `${namespace}/${words}/${verb ?? 'action'}`;
}
