/**
 * What somebody else may do, by their own role assignments: who asks us for a repair must not get by us what Azure would refuse them.
 * Sources: learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest (`assignedTo` counts groups too),
 * …/role-definitions (NotActions are taken from the same role's Actions only).
 */
import { z } from 'zod';
import type { Arm } from './arm.ts';
import { covers } from './governance.ts';

export interface CallerRights {
  /** Those of `actions` that a principal of Microsoft Entra ID (object id) may not do on a resource. Deny assignments are not looked at. */
  missingFor(principalId: string, id: string, actions: string[]): Promise<string[]>;
}

const assignment = z.object({
  properties: z.object({
    scope: z.string(),
    roleDefinitionId: z.string().regex(/^\/(?:subscriptions|providers)\/[^?#]+$/i),
    condition: z.string().nullish(),
  }),
});
const definition = z.object({
  properties: z.object({
    permissions: z.array(z.object({ actions: z.array(z.string()), notActions: z.array(z.string()).default([]) })),
  }),
});
const version = '2022-04-01';
const pages = 10;

export function callerRights(arm: Pick<Arm, 'read' | 'list'>): CallerRights {
  return {
    async missingFor(principalId, id, actions) {
      if (!/^[0-9a-z-]{1,64}$/i.test(principalId)) return actions;
      const filter = encodeURIComponent(`assignedTo('${principalId}')`);
      const all = await arm.list(`${id}/providers/Microsoft.Authorization/roleAssignments?$filter=${filter}`, version, assignment, pages);
      const ids = new Set(all.flatMap(({ properties }) => (counts(properties, id) ? properties.roleDefinitionId : [])));
      const roles = await Promise.all([...ids].map(role => arm.read(role, version, definition)));
      const permissions = roles.flatMap(({ properties }) => properties.permissions);
      const may = (action: string) =>
        permissions.some(role => role.actions.some(each => covers(each, action)) && !role.notActions.some(each => covers(each, action)));
      return actions.filter(action => !may(action));
    },
  };
}

/** The list also has assignments below the resource. A condition that speaks of compute cannot be judged here, so that it gives nothing. */
function counts({ scope, condition }: z.infer<typeof assignment>['properties'], id: string): boolean {
  const above = `${scope.replace(/\/+$/, '')}/`.toLowerCase();
  const isAbove = `${id}/`.toLowerCase().startsWith(above) || /^\/providers\/microsoft\.management\/managementgroups\//.test(above);
  return isAbove && !/Microsoft\.Compute/i.test(condition ?? '');
}
