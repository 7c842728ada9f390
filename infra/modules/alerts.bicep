// What wakes bootmedic. A blue-screened VM looks running and available to Azure: only its lost heartbeat tells.
import { target } from 'types.bicep'

param location string
param token string
param tags object
param webhookUrl string
param webhookObjectId string
param webhookAudience string
param targets target[]
param heartbeatWorkspaceId string
@description('Standard load balancers whose health probes are watched.')
param loadBalancerIds array

resource actions 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-bootmedic-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'bootmedic'
    webhookReceivers: [
      {
        name: 'bootmedic'
        serviceUri: webhookUrl
        useCommonAlertSchema: true
        useAadAuth: true
        objectId: webhookObjectId
        identifierUri: webhookAudience
        tenantId: tenant().tenantId
      }
    ]
  }
}

@description('Split by resource id: without that the alert names the workspace, and nobody knows which VM is silent.')
resource heartbeat 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = if (!empty(heartbeatWorkspaceId)) {
  name: 'bootmedic-heartbeat-lost'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'bootmedic: heartbeat lost'
    description: 'A VM that sent heartbeats in the last day has sent none for ten minutes.'
    severity: 1
    enabled: true
    scopes: [heartbeatWorkspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'P1D'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: 'Heartbeat | where ResourceType == "virtualMachines" | summarize Last = max(TimeGenerated) by _ResourceId | where Last < ago(10m)'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          resourceIdColumn: '_ResourceId'
          dimensions: [{ name: '_ResourceId', operator: 'Include', values: ['*'] }]
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [actions.id] }
  }
}

@description('VmAvailabilityMetric below 1: host signals, so that it sees a stopped host and not a blue screen. One rule a subscription and region.')
resource availability 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for each in flatten(map(targets, one => map(one.regions, region => { subscription: one.subscription, region: region }))): {
    name: 'bootmedic-availability-${uniqueString(each.subscription)}-${each.region}'
    location: 'global'
    tags: tags
    properties: {
      description: 'A VM has been unavailable for five minutes.'
      severity: 1
      enabled: true
      scopes: ['/subscriptions/${each.subscription}']
      targetResourceType: 'Microsoft.Compute/virtualMachines'
      targetResourceRegion: each.region
      evaluationFrequency: 'PT1M'
      windowSize: 'PT5M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'unavailable'
            metricNamespace: 'Microsoft.Compute/virtualMachines'
            metricName: 'VmAvailabilityMetric'
            operator: 'LessThan'
            threshold: 1
            timeAggregation: 'Average'
          }
        ]
      }
      actions: [{ actionGroupId: actions.id }]
    }
  }
]

@description('Split by address: it is all that a load balancer knows of its machines. 0 = none of the probes of that machine was answered.')
resource probes 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for each in loadBalancerIds: {
    name: 'bootmedic-probe-${uniqueString(each)}'
    location: 'global'
    tags: tags
    properties: {
      description: 'A machine behind a load balancer has answered no health probe for five minutes.'
      severity: 1
      enabled: true
      scopes: [each]
      evaluationFrequency: 'PT1M'
      windowSize: 'PT5M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'unanswered'
            metricNamespace: 'Microsoft.Network/loadBalancers'
            metricName: 'DipAvailability'
            operator: 'LessThan'
            threshold: 1
            timeAggregation: 'Average'
            dimensions: [{ name: 'BackendIPAddress', operator: 'Include', values: ['*'] }]
          }
        ]
      }
      actions: [{ actionGroupId: actions.id }]
    }
  }
]

output actionGroupId string = actions.id
