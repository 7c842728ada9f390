/** The least-privilege roles of `infra/roles.json`: what the product may do, at which of three scopes, and why. */
import { z } from 'zod';
import roleFile from '../infra/roles.json' with { type: 'json' };

const scopes = ['subscription', 'target', 'repair'] as const;
const rolesSchema = z.array(
  z.strictObject({
    scope: z.enum(scopes),
    name: z.string(),
    description: z.string(),
    actions: z.array(
      z.strictObject({
        action: z.string().regex(/^Microsoft\.[A-Za-z.]+(\/[A-Za-z]+)+$/),
        why: z.string(),
        /** Why the end-to-end tests do not come to it. */ seldom: z.string().optional(),
      }),
    ),
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

/**
 * What was used and no role allows, and what a role allows and nothing used: an action that is marked as seldom counts the other way round.
 * `used`: lines of `action scope`.
 */
export function compareRoles(used: Iterable<string>): { missing: Difference[]; unused: Difference[]; notSeldom: Difference[] } {
  const key = (role: RoleScope, action: string) => `${role} ${action}`.toLowerCase();
  const all = roles.flatMap(({ scope, actions }) => actions.map(each => ({ role: scope, ...each })));
  const given = new Set(all.map(({ role, action }) => key(role, action)));
  const taken = new Map<string, Difference>();
  for (const line of used) {
    const [action = '', scope = '/'] = line.split(' ');
    // What the subscription's role allows holds below it too.
    const role = given.has(key('subscription', action)) ? 'subscription' : roleScopeOf(scope);
    taken.set(key(role, action), { role, action });
  }
  const isTaken = ({ role, action }: Difference) => taken.has(key(role, action));
  const plain = ({ role, action }: Difference) => ({ role, action });
  return {
    missing: [...taken].filter(([each]) => !given.has(each)).map(([, difference]) => difference),
    unused: all.filter(each => each.seldom === undefined && !isTaken(each)).map(plain),
    notSeldom: all.filter(each => each.seldom !== undefined && isTaken(each)).map(plain),
  };
}
