param location string
param name string
param tags object
param identityId string
param identityClientId string
param hostStorageName string
param recordsEndpoint string
param deploymentContainerUrl string
param insightsConnectionString string
param signInAppId string
@description('The address by which a token names the app: api://…')
param audience string
param settings object
@secure()
@description('Where people are told of what waits for them: the app setting BOOTMEDIC_WEBHOOK_URL. Empty = there is none.')
param notifyUrl string
@secure()
@description('The key of its signature: the app setting BOOTMEDIC_WEBHOOK_SECRET. Empty = there is none.')
param notifySecret string
@description('Of a Durable Task Scheduler; empty = histories are kept in the host storage account.')
param schedulerEndpoint string
param taskHub string

var durableOverrides = empty(schedulerEndpoint)
  ? []
  : [
      { name: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING', value: 'Endpoint=${schedulerEndpoint};Authentication=ManagedIdentity;ClientID=${identityClientId}' }
      { name: 'AzureFunctionsJobHost__extensions__durableTask__hubName', value: taskHub }
      { name: 'AzureFunctionsJobHost__extensions__durableTask__storageProvider__type', value: 'azureManaged' }
      { name: 'AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName', value: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING' }
    ]

var notifySettings = concat(
  empty(notifyUrl) ? [] : [{ name: 'BOOTMEDIC_WEBHOOK_URL', value: notifyUrl }],
  empty(notifySecret) ? [] : [{ name: 'BOOTMEDIC_WEBHOOK_SECRET', value: notifySecret }]
)

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      scaleAndConcurrency: { maximumInstanceCount: 40, instanceMemoryMB: 2048 }
      runtime: { name: 'node', version: '24' }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      appSettings: concat(
        [
          { name: 'AzureWebJobsStorage__accountName', value: hostStorageName }
          { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
          { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
          { name: 'AZURE_CLIENT_ID', value: identityClientId }
          { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnectionString }
          { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'Authorization=AAD;ClientId=${identityClientId}' }
          // The exporter's own statistics, which go to Microsoft.
          { name: 'APPLICATIONINSIGHTS_STATSBEAT_DISABLED', value: 'true' }
          { name: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID', value: identityClientId }
          { name: 'BOOTMEDIC_BLOB_ENDPOINT', value: recordsEndpoint }
          { name: 'BOOTMEDIC_SETTINGS', value: string(settings) }
        ],
        durableOverrides,
        notifySettings
      )
    }
  }

  resource noBasicFtp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource noBasicScm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  @description('Every request carries a token of our registration, or is sent to sign in, before the app sees it. The app then looks at the roles.')
  resource authentication 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true }
      globalValidation: { requireAuthentication: true, unauthenticatedClientAction: 'RedirectToLoginPage', redirectToProvider: 'azureActiveDirectory' }
      httpSettings: { requireHttps: true }
      login: { tokenStore: { enabled: false } }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: signInAppId
            clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
          validation: { allowedAudiences: [signInAppId, audience] }
        }
      }
    }
  }
}

output host string = app.properties.defaultHostName
