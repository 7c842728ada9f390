/** What stands in the way of a write before it is tried: locks and missing permissions. */
import { z } from 'zod';
import type { Arm } from './arm.ts';

export interface Lock {
  /** The lock's own id; what is before `/providers/Microsoft.Authorization/` is what it locks. */
  id: string;
  level: string;
}

export interface Governance {
  /** Locks on the resource and on all that it lies in. */
  locks(id: string): Promise<Lock[]>;
  /** Those of `actions` that the caller may not do on the resource. */
  missingActions(id: string, actions: string[]): Promise<string[]>;
}

const lockList = z.object({ value: z.array(z.object({ id: z.string(), properties: z.object({ level: z.string() }) })) });
const permissionList = z.object({
  value: z.array(z.object({ actions: z.array(z.string()), notActions: z.array(z.string()).default([]) })),
});

export function governance(arm: Arm): Governance {
  return {
    async locks(id) {
      const { value } = await arm.read(`${id}/providers/Microsoft.Authorization/locks`, '2020-05-01', lockList);
      return value.map(lock => ({ id: lock.id, level: lock.properties.level }));
    },
    async missingActions(id, actions) {
      const { value } = await arm.read(`${id}/providers/Microsoft.Authorization/permissions`, '2022-04-01', permissionList);
      const may = (action: string) =>
        value.some(role => role.actions.some(each => covers(each, action)) && !role.notActions.some(each => covers(each, action)));
      return actions.filter(action => !may(action));
    },
  };
}

/** Roles write `*` for any run of characters, and do not mind case. */
export function covers(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map(part => part.replaceAll(/[.\\+?^${}()|[\]]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}
