// Everything that bootmedic needs, at one subscription's scope. `azd up` is the one command; docs/first-deployment.md is the check-list.
targetScope = 'subscription'

import { target } from 'modules/types.bicep'

@minLength(1)
@maxLength(32)
@description('Names the deployment; part of the names of what is made.')
param environmentName string

@description('Where the function app, its storage and its logs live.')
param location string

@description('Whoever deploys (object id in Entra ID): may start and approve repairs. Empty = nobody yet.')
param deployerId string = ''

@description('Whether deployerId is a person; a pipeline’s service principal is none.')
param deployerIsUser bool = true

@description('The subscriptions whose VMs may be looked at and, as the settings allow, repaired. Empty resourceGroups = the whole subscription.')
param targets target[] = [
  { subscription: subscription().subscriptionId, resourceGroups: [], regions: [location] }
]

@description('BOOTMEDIC_SETTINGS: modes, scopes, consents, limits. Empty = mode observe everywhere: nothing is written to any VM.')
param settings object = {}

@secure()
@description('Where people are told of what waits for them (a Teams workflow’s address fits): BOOTMEDIC_WEBHOOK_URL, which settings.notifications names.')
param notifyUrl string = ''

@secure()
@description('The key of its signature: BOOTMEDIC_WEBHOOK_SECRET, which settings.notifications names.')
param notifySecret string = ''

@allowed(['AzureStorage', 'DurableTaskScheduler'])
@description('Where Durable Functions keeps its histories.')
param durableBackend string = 'AzureStorage'

@description('The Log Analytics workspace that the VMs send their Heartbeat to. Empty = no rule for lost heartbeats, which is the rule that sees a blue screen.')
param heartbeatWorkspaceId string = ''

@description('Ids of Standard load balancers whose health probes shall start a look at the machine that answers none. Empty = none.')
param loadBalancerIds array = []

@description('Days for which evidence, dumps and logs are kept, and the audit cannot be changed. Records and the audit are never deleted by themselves.')
@minValue(7)
param keepDays int = 90

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName, bootmedic: 'app' }
var appName = 'func-bootmedic-${token}'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-bootmedic-app-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: { location: location, name: 'id-bootmedic-${token}', tags: tags }
}

module entra 'modules/entra.bicep' = {
  name: 'entra'
  scope: group
  params: {
    uniqueName: 'bootmedic-${token}'
    appHost: '${appName}.azurewebsites.net'
    identityPrincipalId: identity.outputs.principalId
    deployerId: deployerId
    deployerIsUser: deployerIsUser
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: { location: location, token: token, tags: tags, principalId: identity.outputs.principalId, keepDays: keepDays }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: { location: location, token: token, tags: tags, principalId: identity.outputs.principalId, keepDays: keepDays }
}

module durableTask 'modules/durableTask.bicep' = if (durableBackend == 'DurableTaskScheduler') {
  name: 'durable-task'
  scope: group
  params: { location: location, token: token, tags: tags, principalId: identity.outputs.principalId }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    location: location
    name: appName
    tags: union(tags, { 'azd-service-name': 'app' })
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostStorageName: storage.outputs.hostName
    recordsEndpoint: storage.outputs.recordsEndpoint
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    insightsConnectionString: monitoring.outputs.connectionString
    signInAppId: entra.outputs.appId
    audience: entra.outputs.audience
    settings: settings
    notifyUrl: notifyUrl
    notifySecret: notifySecret
    schedulerEndpoint: durableTask.?outputs.endpoint ?? ''
    taskHub: durableTask.?outputs.hub ?? ''
  }
}

module subscriptions 'modules/subscription.bicep' = [
  for each in targets: {
    name: 'bootmedic-${uniqueString(each.subscription, token)}'
    scope: subscription(each.subscription)
    params: { target: each, location: location, principalId: identity.outputs.principalId }
  }
]

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    webhookUrl: 'https://${app.outputs.host}/api/alerts'
    webhookObjectId: entra.outputs.objectId
    webhookAudience: entra.outputs.audience
    targets: targets
    heartbeatWorkspaceId: heartbeatWorkspaceId
    loadBalancerIds: loadBalancerIds
  }
}

module healthAlerts 'modules/healthAlert.bicep' = [
  for each in targets: {
    name: 'bootmedic-health-${uniqueString(each.subscription, token)}'
    scope: resourceGroup(each.subscription, 'rg-bootmedic')
    params: { actionGroupId: alerts.outputs.actionGroupId, tags: tags }
    dependsOn: [subscriptions]
  }
]

@description('The base address of the API and of the page at /api/ui.')
output BOOTMEDIC_URL string = 'https://${app.outputs.host}'

@description('The audience of a token for the API: az account get-access-token --resource <this>.')
output BOOTMEDIC_AUDIENCE string = entra.outputs.audience

output BOOTMEDIC_RECORDS string = storage.outputs.recordsEndpoint
