import { randomUUID } from 'node:crypto';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { gatewayNotFound } from '../errors.ts';
import type { DenyAssignment, Json } from '../model.ts';
import { nameOf } from '../paths.ts';
import { taggedAt, within } from './governance.ts';

/** Whether a deny assignment forbids an action at a path, for the app's identity. */
export function isDenied({ scope, actions, notActions, doNotApplyToChildScopes, exceptApp }: DenyAssignment, action: string, path: string) {
  const covers = (pattern: string) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i').test(action);
  const reaches = within(path, scope) && (!doNotApplyToChildScopes || within(scope, path));
  return !exceptApp && reaches && actions.some(covers) && !notActions.some(covers);
}

const EVERYBODY = { id: '00000000-0000-0000-0000-000000000000', type: 'SystemDefined' };

/** As `learn.microsoft.com/azure/role-based-access-control/list-deny-assignments-rest` shows them. */
function body({ name, scope, actions, notActions, doNotApplyToChildScopes, exceptApp }: DenyAssignment, cloud: Cloud): Json {
  const id = `${scope}/providers/Microsoft.Authorization/denyAssignments/${randomUUID()}`;
  return {
    id,
    name: nameOf(id),
    type: 'Microsoft.Authorization/denyAssignments',
    properties: {
      ...{ denyAssignmentName: name, description: '', scope, doNotApplyToChildScopes, isSystemProtected: true },
      permissions: [{ actions, notActions, dataActions: [], notDataActions: [] }],
      principals: [EVERYBODY],
      excludePrincipals: exceptApp ? [{ id: cloud.identity.principalId, type: 'ServicePrincipal' }] : [],
    },
  };
}

/** Those at a scope, above and below it. */
function list(request: ArmRequest, cloud: Cloud): ArmResponse {
  taggedAt(request, cloud);
  const found = cloud.estate.denials.filter(each => within(request.scope, each.scope) || within(each.scope, request.scope));
  return { status: 200, body: { value: found.map(each => body(each, cloud)) } };
}

function scaleSet(request: ArmRequest, cloud: Cloud): ArmResponse {
  const found = cloud.estate.scaleSets.get(request.id.toLowerCase());
  if (found === undefined) throw gatewayNotFound('Microsoft.Compute/virtualMachineScaleSets', request.name, request.resourceGroup);
  const { id, name, location, orchestrationMode, automaticRepairs } = found;
  return {
    status: 200,
    body: {
      ...{ id, name, location, type: 'Microsoft.Compute/virtualMachineScaleSets', tags: {} },
      properties: { orchestrationMode, automaticRepairsPolicy: { enabled: automaticRepairs, gracePeriod: 'PT10M' } },
    },
  };
}

export const denialRoutes: Routes = {
  'LIST Microsoft.Authorization/denyAssignments': list,
  'GET Microsoft.Compute/virtualMachineScaleSets': scaleSet,
};
