import { z } from 'zod';
import { parseBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError } from '../errors.ts';
import type { PolicyRule } from '../model.ts';
import type { ArmPath } from '../paths.ts';
import { within } from './governance.ts';

/** Refuses what a policy denies. */
export function checkPolicies(cloud: Cloud, method: string, { namespace, type, path, names }: ArmPath, body: unknown): void {
  if (method !== 'PUT') return;
  const denying = cloud.estate.policies.find(rule => denies(rule, `${namespace}/${type}`, decodeURIComponent(path), body));
  if (denying === undefined) return;
  throw new ArmError(
    'policy-allows',
    403,
    'RequestDisallowedByPolicy',
    `Resource '${names.at(-1)}' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"${denying.name}","id":"${assignmentId(denying)}"}}]'.`,
  );
}

function denies({ scope, type, field, allowed }: PolicyRule, wanted: string, path: string, body: unknown): boolean {
  if (type.toLowerCase() !== wanted.toLowerCase() || !within(path, scope)) return false;
  const value = field
    .split('.')
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
      body,
    );
  if (value === undefined) return true;
  return allowed !== null && !allowed.some(each => each.toLowerCase() === String(value).toLowerCase());
}

function assignmentId({ scope, name }: PolicyRule): string {
  return `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`;
}

const Question = z.strictObject({
  resourceDetails: z.strictObject({
    resourceContent: z.looseObject({ type: z.string() }),
    apiVersion: z.string().optional(),
    scope: z.string().optional(),
  }),
  pendingFields: z.array(z.unknown()).optional(),
});

/** `learn.microsoft.com/rest/api/policyinsights/policy-restrictions/check-at-resource-group-scope`. */
function check(request: ArmRequest, cloud: Cloud): ArmResponse {
  const { resourceContent } = parseBody(Question, request.body, cloud).resourceDetails;
  const { type } = resourceContent;
  const denying = cloud.estate.policies.filter(rule => denies(rule, type, request.scope, resourceContent));
  const policyEvaluations = denying.map(rule => ({
    policyInfo: {
      policyDefinitionId: `/subscriptions/${request.subscription}/providers/Microsoft.Authorization/policyDefinitions/${rule.name}`,
      policyAssignmentId: assignmentId(rule),
    },
    evaluationResult: 'NonCompliant',
    evaluationDetails: {
      evaluatedExpressions: [{ result: 'True', expressionKind: 'Field', expression: rule.field, path: rule.field, operator: 'NotIn' }],
    },
    effectDetails: { policyEffect: 'Deny' },
  }));
  return { status: 200, body: { fieldRestrictions: [], contentEvaluationResult: { policyEvaluations } } };
}

export const policyRoutes: Routes = { 'POST Microsoft.PolicyInsights/:checkPolicyRestrictions': check };
