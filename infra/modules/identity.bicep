param location string
param name string
param tags object

@description('The one identity by which bootmedic acts. Its rights are the roles in ../roles.json, and its own storage.')
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
