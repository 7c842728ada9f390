// A rule on the activity log lives in the subscription that it watches.
param actionGroupId string
param tags object

@description('Resource Health: the VM itself is ill, as far as the platform can see.')
resource unhealthy 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'bootmedic-resource-health'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    description: 'Resource Health says that a VM is unavailable for a reason inside it.'
    scopes: [subscription().id]
    condition: {
      allOf: [
        { field: 'category', equals: 'ResourceHealth' }
        { anyOf: [{ field: 'properties.currentHealthStatus', equals: 'Unavailable' }, { field: 'properties.currentHealthStatus', equals: 'Degraded' }] }
        { field: 'resourceType', equals: 'Microsoft.Compute/virtualMachines' }
      ]
    }
    actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
  }
}
