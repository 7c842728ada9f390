/** The least-privilege roles of `infra/roles.json`: what the product may do, at which of three scopes, and why. */
import { z } from 'zod';
import roleFile from '../infra/roles.json' with { type: 'json' };

const scopes = ['subscription', 'target', 'repair'] as const;
const rolesSchema = z.array(
  z.strictObject({
    scope: z.enum(scopes),
    name: z.string(),
    description: z.string(),
    actions: z.array(z.strictObject({ action: z.string().regex(/^Microsoft\.[A-Za-z.]+(\/[A-Za-z]+)+$/), why: z.string() })),
  }),
);
export type RoleScope = (typeof scopes)[number];
export const roles = rolesSchema.parse(roleFile);

/** The group of repair VMs and snapshots; every other group is a target's. */
const repairGroup = 'rg-bootmedic';

/** Which role has to allow an action at a scope: a resource group's id, a subscription's, or `/`. */
export function roleScopeOf(scope: string): RoleScope {
  const group = scope.split('/')[4];
  if (group === undefined) return 'subscription';
  return group.toLowerCase() === repairGroup ? 'repair' : 'target';
}

/** Grants for a simulated estate, as a deployment assigns them. */
export function grantsFor(groups: { subscription: string; name: string }[]): { scope: string; actions: string[] }[] {
  const actionsOf = (scope: RoleScope) => roles.filter(role => role.scope === scope).flatMap(role => role.actions.map(each => each.action));
  const subscriptions = [...new Set(groups.map(group => group.subscription))];
  return [
    ...subscriptions.flatMap(id => [
      { scope: `/subscriptions/${id}`, actions: actionsOf('subscription') },
      { scope: `/subscriptions/${id}/resourceGroups/${repairGroup}`, actions: actionsOf('repair') },
    ]),
    ...groups.map(({ subscription, name }) => ({
      scope: `/subscriptions/${subscription}/resourceGroups/${name}`,
      actions: actionsOf('target'),
    })),
  ];
}

export interface Difference {
  role: RoleScope;
  action: string;
}

/** What was used and no role allows, and what a role allows and nothing used. `used`: lines of `action scope`. */
export function compareRoles(used: Iterable<string>): { missing: Difference[]; unused: Difference[] } {
  const key = (role: RoleScope, action: string) => `${role} ${action}`.toLowerCase();
  const given = new Map(roles.flatMap(({ scope, actions }) => actions.map(({ action }) => [key(scope, action), { role: scope, action }])));
  const taken = new Map<string, Difference>();
  for (const line of used) {
    const [action = '', scope = '/'] = line.split(' ');
    // What the subscription's role allows holds below it too.
    const role = given.has(key('subscription', action)) ? 'subscription' : roleScopeOf(scope);
    taken.set(key(role, action), { role, action });
  }
  return {
    missing: [...taken].filter(([each]) => !given.has(each)).map(([, difference]) => difference),
    unused: [...given].filter(([each]) => !taken.has(each)).map(([, difference]) => difference),
  };
}
