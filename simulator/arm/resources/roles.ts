/** Role assignments and definitions: read by whoever wants to know what somebody else may do. */
import { createHash } from 'node:crypto';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError } from '../errors.ts';
import type { Json, RoleAssignment } from '../model.ts';
import { subscriptionOf } from '../paths.ts';
import { taggedAt, within } from './governance.ts';

/** The same id for the same words, as a GUID. */
function guidOf(...words: string[]): string {
  const hex = createHash('sha256').update(words.join('\n')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

const definitionId = (subscription: string, { role }: RoleAssignment) =>
  `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${guidOf(role.name)}`;

function assignmentBody(subscription: string, assignment: RoleAssignment): Json {
  const { principalId, members, scope, role, condition } = assignment;
  const name = guidOf(principalId, scope, role.name);
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    name,
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      ...{ scope, principalId, roleDefinitionId: definitionId(subscription, assignment) },
      ...{ principalType: members.length > 0 ? 'Group' : 'User', condition: condition ?? null },
    },
  };
}

/** At, above and below the scope; `atScope()` leaves out what is below. */
function listAssignments(request: ArmRequest, cloud: Cloud): ArmResponse {
  taggedAt(request, cloud);
  const filter = request.query.get('$filter') ?? '';
  const [, principal] = /^assignedTo\('([0-9A-Za-z-]+)'\)$/.exec(filter) ?? [];
  if (filter !== '' && filter !== 'atScope()' && principal === undefined)
    throw new ArmError('role-assignment-filter', 400, 'InvalidFilter', `The filter '${filter}' is not supported.`);
  const found = cloud.estate.roleAssignments.filter(({ scope, principalId, members }) => {
    const below = within(scope, request.scope) && filter !== 'atScope()';
    const theirs = principal === undefined || [principalId, ...members].includes(principal);
    return theirs && (within(request.scope, scope) || below);
  });
  return { status: 200, body: { value: found.map(each => assignmentBody(request.subscription, each)) } };
}

function getDefinition(request: ArmRequest, cloud: Cloud): ArmResponse {
  const found = cloud.estate.roleAssignments.find(({ role }) => guidOf(role.name) === request.name);
  if (found === undefined)
    throw new ArmError(
      'resource-exists',
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${request.name}' does not exist.`,
    );
  const { name, actions, notActions } = found.role;
  const permissions = [{ actions, notActions, dataActions: [], notDataActions: [] }];
  const properties = { roleName: name, type: 'BuiltInRole', description: '', assignableScopes: ['/'], permissions };
  const id = definitionId(subscriptionOf(request.id), found);
  return { status: 200, body: { id, name: request.name, type: 'Microsoft.Authorization/roleDefinitions', properties } };
}

export const roleRoutes: Routes = {
  'LIST Microsoft.Authorization/roleAssignments': listAssignments,
  'GET Microsoft.Authorization/roleDefinitions': getDefinition,
};
