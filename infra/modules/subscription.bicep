// What a subscription needs before its VMs can be repaired: three roles, the group of repair VMs and snapshots, a closed network a region.
targetScope = 'subscription'

import { target as targetType } from 'types.bicep'

param target targetType
param location string
@description('The app’s identity.')
param principalId string

var roles = loadJsonContent('../roles.json')
var repairGroupName = 'rg-bootmedic'

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in roles: {
    name: guid(subscription().id, 'bootmedic', role.scope)
    properties: {
      // A role's name is unique in the tenant.
      roleName: '${role.name} ${subscription().subscriptionId}'
      description: role.description
      type: 'CustomRole'
      assignableScopes: [subscription().id]
      permissions: [{ actions: map(role.actions, each => each.action), notActions: [] }]
    }
  }
]

var roleIds = toObject(roles, role => role.scope, role => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', guid(subscription().id, 'bootmedic', role.scope)))

resource readsSubscription 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, 'subscription')
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: roleIds.subscription }
  dependsOn: [definitions]
}

resource everyTarget 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (empty(target.resourceGroups)) {
  name: guid(subscription().id, principalId, 'target')
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: roleIds.target }
  dependsOn: [definitions]
}

module someTargets 'grant.bicep' = [
  for name in target.resourceGroups: {
    name: 'bootmedic-target-${uniqueString(name)}'
    scope: resourceGroup(name)
    params: { principalId: principalId, roleDefinitionId: roleIds.target }
    dependsOn: [definitions]
  }
]

resource repairGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: repairGroupName
  location: location
  tags: { bootmedic: 'network' }
}

module repairGrant 'grant.bicep' = {
  name: 'bootmedic-repair'
  scope: repairGroup
  params: { principalId: principalId, roleDefinitionId: roleIds.repair }
  dependsOn: [definitions]
}

module networks 'repairNetwork.bicep' = [
  for region in target.regions: {
    name: 'bootmedic-network-${region}'
    scope: repairGroup
    params: { region: region }
  }
]
