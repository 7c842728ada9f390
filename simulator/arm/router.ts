import type { Cloud, Handler, Routes } from './cloud.ts';
import { ArmError } from './errors.ts';
import type { ArmPath } from './paths.ts';
import { denialRoutes } from './resources/denials.ts';
import { directoryRoutes } from './resources/directory.ts';
import { diskRoutes } from './resources/disks.ts';
import { governanceRoutes } from './resources/governance.ts';
import { healthRoutes } from './resources/health.ts';
import { networkRoutes } from './resources/network.ts';
import { policyRoutes } from './resources/policies.ts';
import { quotaRoutes } from './resources/quota.ts';
import { resourceGraphRoutes } from './resources/resourceGraph.ts';
import { resourceGroupRoutes } from './resources/resourceGroups.ts';
import { roleRoutes } from './resources/roles.ts';
import { runCommandActionRoutes } from './resources/runCommandAction.ts';
import { runCommandRoutes } from './resources/runCommands.ts';
import { serialConsoleRoutes } from './resources/serialConsole.ts';
import { snapshotRoutes } from './resources/snapshots.ts';
import { virtualMachineRoutes } from './resources/virtualMachines.ts';
import { vmDiskRoutes } from './resources/vmDisks.ts';
import { vmPowerRoutes } from './resources/vmPower.ts';

const ROUTES: Routes = {
  ...virtualMachineRoutes,
  ...vmPowerRoutes,
  ...vmDiskRoutes,
  ...runCommandRoutes,
  ...runCommandActionRoutes,
  ...diskRoutes,
  ...snapshotRoutes,
  ...networkRoutes,
  ...quotaRoutes,
  ...resourceGroupRoutes,
  ...governanceRoutes,
  ...denialRoutes,
  ...policyRoutes,
  ...roleRoutes,
  ...healthRoutes,
  ...directoryRoutes,
  ...serialConsoleRoutes,
  ...resourceGraphRoutes,
};
const HANDLERS = new Map(Object.entries(ROUTES).map(([key, handler]) => [key.toLowerCase(), handler]));
/** Types as Azure spells them, by how a client may. */
const SPELLINGS = new Map(
  Object.keys(ROUTES).map(key => {
    const type = key.slice(key.indexOf(' ') + 1).split(':')[0] ?? '';
    return [type.toLowerCase(), type] as const;
  }),
);

/** `Microsoft.Compute/disks`, `Microsoft.Compute/virtualMachines:start`: what is counted. */
export function operationName(method: string, { namespace, type, trailing }: ArmPath): string {
  if (method !== 'POST' || trailing === undefined) return `${namespace}/${type}`;
  return `${namespace}/${type.slice(0, -(trailing.length + 1))}:${trailing}`;
}

/** The id under which a resource is kept: group and types as Azure spells them, names as the client does. */
export function canonicalId(cloud: Cloud, { path, scope, namespace, type, names, trailing }: ArmPath): string {
  const group = cloud.estate.group(scope);
  const spelling = SPELLINGS.get(`${namespace}/${type}`.toLowerCase());
  if (group === undefined || spelling === undefined || trailing !== undefined) return decodeURIComponent(path);
  const [provider, ...types] = spelling.split('/');
  return `${group.id}/providers/${provider}/${types.map((each, index) => `${each}/${names[index]}`).join('/')}`;
}

/** Who answers; refuses what the simulator does not have. */
export function findHandler(method: string, parsed: ArmPath): Handler {
  const name = operationName(method, parsed);
  const list = method === 'GET' && parsed.trailing !== undefined;
  const found =
    HANDLERS.get(`${list ? 'LIST' : method} ${name}`.toLowerCase()) ??
    (method === 'HEAD' ? HANDLERS.get(`GET ${name}`.toLowerCase()) : undefined);
  if (found !== undefined) return found;
  throw new ArmError('type-known', 404, 'InvalidResourceType', `The simulator does not have ${method} on '${name}'.`);
}
