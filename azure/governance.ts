/** What stands in the way of a write before it is tried: locks, missing permissions, what others manage, what policies deny. */
import { z } from 'zod';
import type { Arm } from './arm.ts';
import { sameId } from './ids.ts';

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
  /** Those of `actions` that a deny assignment forbids everybody whom it does not exclude by name. */
  denials(id: string, actions: string[]): Promise<Denial[]>;
  /** What manages the resource group: a managed application, a Databricks workspace; null = its owner does. */
  groupManager(subscriptionId: string, resourceGroup: string): Promise<string | null>;
  scaleSet(id: string): Promise<ScaleSet>;
  /** Names of the policy assignments that would deny the creation of this in a resource group: Azure's own dry run. */
  deniedBy(subscriptionId: string, resourceGroup: string, content: Content): Promise<string[]>;
}

export interface Denial {
  /** Its name for people. */
  name: string;
  actions: string[];
}

export interface ScaleSet {
  flexible: boolean;
  /** It replaces members that it takes for unhealthy. */
  automaticRepairs: boolean;
}

/** A resource as it stands on the wire, without its name: what a policy is asked about. */
export interface Content {
  /** `Microsoft.Compute/disks`. */
  type: string;
  location: string;
  tags: Record<string, string>;
  zones?: string[];
  sku?: object;
  properties: object;
}

const lockList = z.object({ value: z.array(z.object({ id: z.string(), properties: z.object({ level: z.string() }) })) });
const permissionList = z.object({
  value: z.array(z.object({ actions: z.array(z.string()), notActions: z.array(z.string()).default([]) })),
});
const words = z
  .array(z.string())
  .nullish()
  .transform(list => list ?? []);
/** learn.microsoft.com/azure/role-based-access-control/list-deny-assignments-rest */
const denyAssignment = z.object({
  properties: z.object({
    denyAssignmentName: z.string().default('without a name'),
    scope: z.string(),
    doNotApplyToChildScopes: z.boolean().nullish(),
    permissions: z.array(z.object({ actions: words, notActions: words })),
    excludePrincipals: z
      .array(z.object({ id: z.string() }))
      .nullish()
      .transform(list => list ?? []),
  }),
});
const scaleSetBody = z.object({
  properties: z.object({
    orchestrationMode: z.string().nullish(),
    automaticRepairsPolicy: z.object({ enabled: z.boolean().nullish() }).nullish(),
  }),
});
/** learn.microsoft.com/rest/api/policyinsights/policy-restrictions/check-at-resource-group-scope */
const restrictions = z.object({
  contentEvaluationResult: z
    .object({
      policyEvaluations: z
        .array(
          z.object({
            policyInfo: z.object({ policyAssignmentId: z.string().nullish() }).nullish(),
            evaluationResult: z.string(),
            effectDetails: z.object({ policyEffect: z.string().nullish() }).nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});
/** Virtual machines have versions of their own. */
const contentVersion = (type: string) => (/\/virtualMachines$/i.test(type) ? '2024-07-01' : '2024-03-02');

export function governance(arm: Arm): Governance {
  return {
    async locks(id) {
      const { value } = await arm.read(`${id}/providers/Microsoft.Authorization/locks`, '2020-05-01', lockList);
      return value.map(lock => ({ id: lock.id, level: lock.properties.level }));
    },
    async missingActions(id, actions) {
      const { value } = await arm.read(`${id}/providers/Microsoft.Authorization/permissions`, '2022-04-01', permissionList);
      const may = (action: string) => value.some(role => allows(role, action));
      return actions.filter(action => !may(action));
    },
    async denials(id, actions) {
      const all = await arm.list(`${id}/providers/Microsoft.Authorization/denyAssignments`, '2022-04-01', denyAssignment, 5);
      const us = all.length === 0 ? null : objectIdOf(await arm.token());
      return all
        .filter(({ properties }) => reaches(properties, id) && !properties.excludePrincipals.some(each => sameId(each.id, us)))
        .map(({ properties: { denyAssignmentName, permissions } }) => ({
          name: denyAssignmentName,
          actions: actions.filter(action => permissions.some(each => allows(each, action))),
        }))
        .filter(denial => denial.actions.length > 0);
    },
    async groupManager(subscriptionId, resourceGroup) {
      return (await arm.resources(subscriptionId).resourceGroups.get(resourceGroup)).managedBy ?? null;
    },
    async scaleSet(id) {
      const { properties } = await arm.read(id, '2024-07-01', scaleSetBody);
      return {
        flexible: properties.orchestrationMode === 'Flexible',
        automaticRepairs: properties.automaticRepairsPolicy?.enabled === true,
      };
    },
    async deniedBy(subscriptionId, resourceGroup, content) {
      const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions`;
      const question = { resourceDetails: { resourceContent: content, apiVersion: contentVersion(content.type) } };
      const answer = await arm.ask(path, '2023-03-01', question, restrictions);
      const evaluations = answer.contentEvaluationResult?.policyEvaluations ?? [];
      const denying = evaluations.filter(
        ({ evaluationResult, effectDetails }) =>
          /^noncompliant$/i.test(evaluationResult) && /^deny$/i.test(effectDetails?.policyEffect ?? 'deny'),
      );
      return [...new Set(denying.map(({ policyInfo }) => policyInfo?.policyAssignmentId?.split('/').at(-1) ?? 'a policy without a name'))];
    },
  };
}

function allows({ actions, notActions }: { actions: string[]; notActions: string[] }, action: string): boolean {
  return actions.some(each => covers(each, action)) && !notActions.some(each => covers(each, action));
}

/** A deny assignment is listed at the scopes below it, and above it. */
function reaches({ scope, doNotApplyToChildScopes }: z.infer<typeof denyAssignment>['properties'], id: string): boolean {
  const [high, low] = [`${scope.replace(/\/$/, '')}/`.toLowerCase(), `${id}/`.toLowerCase()];
  return doNotApplyToChildScopes ? low === high : low.startsWith(high);
}

/** The claim `oid` of an access token of ours; it is not checked, for nothing is allowed by it. Null = there is none. */
function objectIdOf(token: string): string | null {
  try {
    const claims = z.object({ oid: z.string() }).safeParse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()));
    return claims.data?.oid ?? null;
  } catch {
    return null;
  }
}

/** Roles write `*` for any run of characters, and do not mind case. */
export function covers(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map(part => part.replaceAll(/[.\\+?^${}()|[\]]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}
