/** A request's path taken apart. Names keep their case; everything is compared without it, as Azure does. */
export interface ArmPath {
  /** The path as sent, without the query. */
  path: string;
  /** What stands before the last `/providers/`: the parent of an extension resource, else the resource group or subscription. */
  scope: string;
  subscription?: string;
  resourceGroup?: string;
  /** e.g. `Microsoft.Compute`; `Microsoft.Resources` for subscriptions and resource groups. */
  namespace: string;
  /** e.g. `virtualMachines/runCommands`. */
  type: string;
  /** One name per type segment; one fewer where the path ends in a type: a list, or an action. */
  names: string[];
  /** The last segment of a path that ends in a type. */
  trailing?: string;
}

/** Takes a path apart; undefined when it cannot be one of ARM's. */
export function parsePath(sent: string): ArmPath | undefined {
  // Clients join their paths carelessly (`az resource show`), and ARM does not mind.
  const path = sent.replaceAll(/\/{2,}/g, '/');
  const segments = path.split('/').slice(1).map(decodeURIComponent);
  if (segments.some(segment => segment === '')) return undefined;
  if (!['subscriptions', 'providers', 'tenants'].includes(segments[0]?.toLowerCase() ?? '')) return undefined;
  const marker = segments.findLastIndex(segment => segment.toLowerCase() === 'providers');
  const nested = marker >= 0 && marker + 2 < segments.length;
  const pairs = nested ? segments.slice(marker + 2) : segments;
  const types = pairs.filter((_, index) => index % 2 === 0);
  const named = pairs.filter((_, index) => index % 2 === 1);
  const subscription = segments[0]?.toLowerCase() === 'subscriptions' ? segments[1] : undefined;
  const resourceGroup = segments[2]?.toLowerCase() === 'resourcegroups' ? segments[3] : undefined;
  const trailing = pairs.length % 2 === 1 ? types.at(-1) : undefined;
  return {
    path,
    scope: nested ? `/${segments.slice(0, marker).join('/')}` : '/',
    ...(subscription !== undefined && { subscription }),
    ...(resourceGroup !== undefined && { resourceGroup }),
    namespace: (nested ? segments[marker + 1] : undefined) ?? 'Microsoft.Resources',
    type: types.join('/'),
    names: named,
    ...(trailing !== undefined && { trailing }),
  };
}

/** The last segment of a resource id. */
export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** Ids are compared without case. */
export function sameId(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();
}

/** `/subscriptions/S/resourceGroups/G` of an id below it. */
export function groupIdOf(id: string): string {
  return id.split('/').slice(0, 5).join('/');
}

export function subscriptionOf(id: string): string {
  return id.split('/')[2] ?? '';
}

/** The id of a top-level resource of a provider in a group. */
export function resourceId(subscription: string, group: string, type: string, name: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${type}/${name}`;
}
