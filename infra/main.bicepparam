using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'prod')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param deployerId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param heartbeatWorkspaceId = readEnvironmentVariable('BOOTMEDIC_HEARTBEAT_WORKSPACE', '')

// A first deployment looks and plans, and writes to no VM. Open one resource group at a time:
//   { defaults: { mode: 'observe' }, scopes: [ { match: { resourceGroup: 'rg-test' }, mode: 'review' } ] }
param settings = {
  defaults: { mode: 'observe' }
}
