/** Who may do what in a scenario, and what stands in the way: the fields of it. */
import { z } from 'zod';

export const governance = {
  /** What the app's identity may do; everything when absent. */
  grants: z
    .array(z.strictObject({ scope: z.string(), actions: z.array(z.string()), notActions: z.array(z.string()).default([]) }))
    .optional(),
  /** What others may do; the app's own identity has its grants. */
  roleAssignments: z
    .array(
      z.strictObject({
        principalId: z.string(),
        members: z.array(z.string()).default([]),
        scope: z.string(),
        role: z.strictObject({ name: z.string(), actions: z.array(z.string()), notActions: z.array(z.string()).default([]) }),
        condition: z.string().optional(),
      }),
    )
    .default([]),
  locks: z
    .array(
      z.strictObject({ name: z.string(), scope: z.string(), level: z.enum(['CanNotDelete', 'ReadOnly']), notes: z.string().optional() }),
    )
    .default([]),
  /** What nobody may do, whatever their roles say; a managed application has one. */
  denyAssignments: z
    .array(
      z.strictObject({
        ...{ name: z.string(), scope: z.string(), actions: z.array(z.string()), notActions: z.array(z.string()).default([]) },
        ...{ doNotApplyToChildScopes: z.boolean().default(false), exceptApp: z.boolean().default(false) },
      }),
    )
    .default([]),
  /** Policies with the effect deny. */
  policies: z
    .array(
      z.strictObject({
        ...{ name: z.string(), scope: z.string(), type: z.string(), field: z.string() },
        allowed: z.array(z.string()).nullable().default(null),
      }),
    )
    .default([]),
};
