// Who may call bootmedic: an app registration with a role for each thing one may do, and no secret (the app's identity vouches for it).
extension microsoftGraphV1

param uniqueName string
param appHost string
param identityPrincipalId string
@description('Object id of a user who gets the roles Repair.Start and Repair.Approve; empty = nobody.')
param deployerId string
@description('False = whoever deploys is an app, which cannot be given Repair.Approve.')
param deployerIsUser bool

var audience = 'api://${uniqueName}'
// The service principal by which Azure Monitor's action groups call secure webhooks: learn.microsoft.com/azure/azure-monitor/alerts/action-groups
var actionGroupsAppId = '461e8683-5575-4561-ac7f-899cc907d62a'
var roles = [
  { value: 'Repair.Read', text: 'Read repairs and their reports', members: ['User', 'Application'] }
  { value: 'Repair.Start', text: 'Start and cancel repairs', members: ['User', 'Application'] }
  { value: 'Repair.Approve', text: 'Approve or reject what a repair wants to do', members: ['User'] }
  { value: 'ActionGroupsSecureWebhook', text: 'Deliver alerts', members: ['Application'] }
]
var deployersRoles = concat(['Repair.Read', 'Repair.Start'], deployerIsUser ? ['Repair.Approve'] : [])

resource registration 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: 'bootmedic'
  signInAudience: 'AzureADMyOrg'
  identifierUris: [audience]
  // Only an owner of the registration can make the action group's secure webhook: learn.microsoft.com/azure/azure-monitor/alerts/action-groups
  owners: { relationships: empty(deployerId) ? [] : [deployerId], relationshipSemantics: 'append' }
  appRoles: [
    for role in roles: {
      id: guid(uniqueName, role.value)
      value: role.value
      displayName: role.value
      description: role.text
      allowedMemberTypes: role.members
      isEnabled: true
    }
  ]
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [
      {
        id: guid(uniqueName, 'user_impersonation')
        value: 'user_impersonation'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Use bootmedic'
        adminConsentDescription: 'Use bootmedic as the signed-in user'
        userConsentDisplayName: 'Use bootmedic'
        userConsentDescription: 'Use bootmedic as yourself'
      }
    ]
    // The Azure CLI, so that `az account get-access-token` serves the command line.
    preAuthorizedApplications: [
      { appId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', delegatedPermissionIds: [guid(uniqueName, 'user_impersonation')] }
    ]
  }
  web: {
    redirectUris: ['https://${appHost}/.auth/login/aad/callback']
    implicitGrantSettings: { enableIdTokenIssuance: true }
  }

  resource vouched 'federatedIdentityCredentials@v1.0' = {
    name: '${uniqueName}/app-identity'
    audiences: ['api://AzureADTokenExchange']
    issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
    subject: identityPrincipalId
  }
}

@description('Nobody gets in without a role.')
resource principal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: registration.appId
  appRoleAssignmentRequired: true
}

resource actionGroups 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: actionGroupsAppId
}

resource alertRole 'Microsoft.Graph/appRoleAssignedTo@v1.0' = {
  appRoleId: guid(uniqueName, 'ActionGroupsSecureWebhook')
  principalId: actionGroups.id
  resourceId: principal.id
}

resource deployerRoles 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for role in (empty(deployerId) ? [] : deployersRoles): {
    appRoleId: guid(uniqueName, role)
    principalId: deployerId
    resourceId: principal.id
  }
]

output appId string = registration.appId
output objectId string = registration.id
output audience string = audience
