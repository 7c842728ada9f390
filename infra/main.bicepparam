using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'prod')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param deployerId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param deployerIsUser = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User') == 'User'
param durableBackend = readEnvironmentVariable('BOOTMEDIC_DURABLE', 'AzureStorage')
// param targets = [ { subscription: '<id>', resourceGroups: ['rg-test'], regions: ['westeurope'] } ]
param heartbeatWorkspaceId = readEnvironmentVariable('BOOTMEDIC_HEARTBEAT_WORKSPACE', '')
// param loadBalancerIds = [ '<id of a Standard load balancer>' ]

// Secrets stand here by name alone: `azd env set BOOTMEDIC_WEBHOOK_URL …`, `azd env set BOOTMEDIC_WEBHOOK_SECRET …` (kept in .azure/ on this
// machine, which git ignores). Then name them in the settings:
//   { notifications: { webhooks: [ { urlSetting: 'BOOTMEDIC_WEBHOOK_URL', secretSetting: 'BOOTMEDIC_WEBHOOK_SECRET' } ] } }
param notifyUrl = readEnvironmentVariable('BOOTMEDIC_WEBHOOK_URL', '')
param notifySecret = readEnvironmentVariable('BOOTMEDIC_WEBHOOK_SECRET', '')

// A first deployment looks and plans, and writes to no VM. Open one resource group at a time:
//   { defaults: { mode: 'observe' }, scopes: [ { match: { resourceGroup: 'rg-test' }, mode: 'review' } ] }
param settings = {
  defaults: { mode: 'observe' }
  // Looks for VMs that run and do not answer, every 15 minutes; in mode observe it reports, and deletes nothing.
  sweep: { schedule: '0 */15 * * * *' }
}
