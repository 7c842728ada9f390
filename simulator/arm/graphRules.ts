/** The rules of Azure Resource Graph. */
import type { Entry } from './gatewayRules.ts';

export const GRAPH_RULES = {
  'graph-knows-backups': [
    'documented',
    'learn.microsoft.com/azure/backup/query-backups-using-azure-resource-graph',
    'recoveryservicesresources has the protected items of Recovery Services vaults, with their newest recovery point, for whoever may read each of them',
  ],
  'graph-knows-service-health': [
    'documented',
    'learn.microsoft.com/azure/service-health/resource-graph-samples',
    'servicehealthresources has the events of Service Health, for whoever may read those of the subscription; its members are spelled EventType, Status, Impact',
  ],
  'graph-query-known': [
    'documented',
    'learn.microsoft.com/azure/governance/resource-graph/concepts/query-language',
    '400 BadRequest for a query that is no KQL, and (stricter) for one outside the part of KQL that is evaluated here',
  ],
  'graph-token-fits': [
    'documented',
    'specification of Microsoft.ResourceGraph 2022-10-01',
    '400 for a $skipToken of another query or other subscriptions',
  ],
  'graph-throttled': [
    'documented',
    'learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests',
    '429 RateLimiting: 15 queries in 5 seconds',
  ],
} as const satisfies Record<string, Entry>;
