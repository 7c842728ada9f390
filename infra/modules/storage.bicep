param location string
param token string
param tags object
param principalId string
param keepDays int

var containers = ['records', 'evidence', 'dumps', 'audit']

// Built-in roles: learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

@description('Durable Functions and the deployed package. No shared keys anywhere.')
resource host 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: take('sthost${token}', 24)
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'
    resource deployments 'containers' = { name: 'deployments' }
  }
}

@description('What a repair leaves to read. Dumps hold memory contents: nobody but the identity has a role here.')
resource records 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: take('stbmed${token}', 24)
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 14 }
      containerDeleteRetentionPolicy: { enabled: true, days: 14 }
    }

    resource each 'containers' = [for name in containers: { name: name }]
  }

  resource ageing 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'dumps-and-evidence'
            type: 'Lifecycle'
            enabled: true
            definition: {
              filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: ['dumps/', 'evidence/'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: keepDays } } }
            }
          }
        ]
      }
    }
  }
}

@description('Lines of the audit can be added, and for keepDays neither changed nor removed, as long as this policy is there: lock it when you are sure of it.')
resource auditIsAppendOnly 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2024-01-01' = {
  name: '${records.name}/default/audit/default'
  properties: { immutabilityPeriodSinceCreationInDays: keepDays, allowProtectedAppendWrites: true }
  dependsOn: [records::blobs::each]
}

resource hostGrants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [blobDataOwner, queueDataContributor, tableDataContributor]: {
    name: guid(host.id, principalId, role)
    scope: host
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

@description('Contains the action that signs user-delegation SAS.')
resource recordsGrant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(records.id, principalId, blobDataContributor)
  scope: records
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}

output hostName string = host.name
output deploymentContainerUrl string = '${host.properties.primaryEndpoints.blob}deployments'
output recordsEndpoint string = 'https://${records.name}.blob.${environment().suffixes.storage}'
