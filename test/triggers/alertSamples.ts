/**
 * Alerts in the shapes that Microsoft documents ("Common alert schema", "Sample alert payloads": azure-monitor-docs,
 * articles/azure-monitor/alerts), with names of our own.
 */
const subscription = '/subscriptions/11111111-2222-4333-8444-555555555555';
export const workspace = `${subscription}/resourcegroups/rg-watch/providers/microsoft.operationalinsights/workspaces/law-watch`;
export const loadBalancer = `${subscription}/resourceGroups/rg-shop/providers/Microsoft.Network/loadBalancers/lb-shop`;
export const insights = `${subscription}/resourcegroups/rg-shop/providers/microsoft.insights/components/ai-shop`;
/** Azure writes ids in lower case here, `resourcegroups` included. */
export const vm = (name: string) => `${subscription}/resourcegroups/rg-shop/providers/microsoft.compute/virtualmachines/${name}`;

interface Change {
  target?: string | string[] | null;
  condition?: 'Fired' | 'Resolved';
  alertId?: string;
  more?: object;
}

function alert(monitoringService: string, signalType: string, context: unknown, { target, condition, alertId, more }: Change = {}) {
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: `${subscription}/providers/Microsoft.AlertsManagement/alerts/${alertId ?? '0d2c9b8a-1111-4222-8333-abcdefabcdef'}`,
        alertRule: 'till has stopped answering',
        severity: 'Sev1',
        signalType,
        monitorCondition: condition ?? 'Fired',
        monitoringService,
        alertTargetIDs: typeof target === 'string' ? [target] : target === undefined ? [vm('stays-till')] : target,
        originAlertId: '5f0e_rg-shop_microsoft.insights_metricAlerts_till_123456',
        firedDateTime: '2026-03-01T03:00:24.3713213Z',
        ...(condition === 'Resolved' && { resolvedDateTime: '2026-03-01T03:09:16.2246313Z' }),
        description: '',
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
        ...more,
      },
      alertContext: context,
      customProperties: null,
    },
  };
}

const metricContext = (metricName: string, metricNamespace: string, dimensions: object[] = []) => ({
  properties: null,
  conditionType: 'SingleResourceMultipleMetricCriteria',
  condition: {
    windowSize: 'PT5M',
    allOf: [{ metricName, metricNamespace, operator: 'LessThan', threshold: '1', timeAggregation: 'Average', dimensions, metricValue: 0 }],
    windowStartTime: '2026-03-01T02:55:20.000Z',
    windowEndTime: '2026-03-01T03:00:20.000Z',
  },
});

/** The dimension of a metric holds a bare GUID, which is no id of ARM's. */
export const availability = (change?: Change) =>
  alert(
    'Platform',
    'Metric',
    metricContext('VmAvailabilityMetric', 'Microsoft.Compute/virtualMachines', [
      { name: 'ResourceId', value: '7f1d6a34-1234-4321-8765-0123456789ab' },
    ]),
    { more: { configurationItems: ['stays-till'] }, ...change },
  );

export const probe = (addresses: string[], change?: Change) =>
  alert(
    'Platform',
    'Metric',
    metricContext(
      'DipAvailability',
      'Microsoft.Network/loadBalancers',
      addresses.map(value => ({ name: 'BackendIPAddress', value })),
    ),
    { target: loadBalancer, ...change },
  );

/** Loss of heartbeat by API version 2020-05-01 and later; `dimensions` are what the rule is split by. */
export const heartbeat = (dimensions: { name: string; value: string }[], change?: Change) =>
  alert(
    'Log Alerts V2',
    'Log',
    {
      properties: {},
      conditionType: 'LogQueryCriteria',
      condition: {
        windowSize: 'PT10M',
        allOf: [
          {
            searchQuery: 'Heartbeat | summarize last = max(TimeGenerated) by _ResourceId, Computer | where last < ago(5m)',
            metricMeasureColumn: null,
            targetResourceTypes: "['Microsoft.OperationalInsights/workspaces']",
            operator: 'GreaterThan',
            threshold: '0',
            timeAggregation: 'Count',
            dimensions,
            metricValue: 1,
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
            linkToSearchResultsUI: 'https://portal.azure.com#@tenant/blade/x',
          },
        ],
      },
    },
    { target: workspace, ...change },
  );

/** The older form, which brings the rows along where they are few enough. */
export const logSearchV1 = (columns: string[], rows: string[][], change?: Change) =>
  alert(
    'Log Analytics',
    'Log',
    {
      SearchQuery: 'Heartbeat | summarize AggregatedValue = count() by bin(TimeGenerated, 5m), Computer, _ResourceId',
      SearchIntervalStartTimeUtc: '3/1/2026 2:45:31 AM',
      SearchIntervalEndtimeUtc: '3/1/2026 3:00:31 AM',
      ResultCount: rows.length,
      WorkspaceId: '33333333-4444-4555-8666-777777777777',
      Threshold: 1,
      Operator: 'Less Than',
      Dimensions: [],
      SearchResults: {
        tables: [{ name: 'PrimaryResult', columns: columns.map(name => ({ name, type: 'string' })), rows }],
        dataSources: [{ resourceId: workspace, tables: ['Heartbeat'] }],
      },
      IncludedSearchResults: 'True',
      AlertType: 'Metric measurement',
    },
    { target: workspace, ...change },
  );

/** A rule of one's own over a table of one's own, whose rows a program has sent. */
export const customLog = (dimensions: { name: string; value: string }[]) =>
  alert(
    'Log Alerts V2',
    'Log',
    {
      properties: { team: 'tills' },
      conditionType: 'LogQueryCriteria',
      condition: {
        windowSize: 'PT5M',
        allOf: [
          {
            searchQuery: 'TillAgent_CL | where State_s == "down" | summarize n = count() by _ResourceId, Till_s',
            metricMeasureColumn: 'n',
            targetResourceTypes: "['Microsoft.OperationalInsights/workspaces']",
            operator: 'GreaterThan',
            threshold: '0',
            timeAggregation: 'Total',
            dimensions,
            metricValue: 3,
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
            linkToSearchResultsUI: 'https://portal.azure.com#@tenant/blade/x',
            linkToFilteredSearchResultsUI: 'https://portal.azure.com#@tenant/blade/y',
            linkToSearchResultsAPI: 'https://api.loganalytics.io/v1/workspaces/x/query',
            linkToFilteredSearchResultsAPI: 'https://api.loganalytics.io/v1/workspaces/x/query?y',
          },
        ],
        windowStartTime: '2026-03-01T02:55:20Z',
        windowEndTime: '2026-03-01T03:00:20Z',
      },
    },
    { target: workspace },
  );

/** Of a search in an Application Insights resource, in the older form: no workspace, but an `ApplicationId`. */
export const applicationInsights = (columns: string[], rows: string[][]) =>
  alert(
    'Application Insights',
    'Log',
    {
      SearchQuery: 'requests | where resultCode == "500" | summarize AggregatedValue = count() by bin(timestamp, 5m), cloud_RoleInstance',
      SearchIntervalStartTimeUtc: '3/1/2026 2:45:31 AM',
      SearchIntervalEndtimeUtc: '3/1/2026 3:00:31 AM',
      ResultCount: rows.length,
      LinkToSearchResults: 'https://portal.azure.com/#Analyticsblade/search/index?_timeInterval.intervalEnd=x',
      SearchIntervalDurationMin: '15',
      SearchIntervalInMin: '15',
      Threshold: 10000.0,
      Operator: 'Less Than',
      ApplicationId: '8e20151d-75b2-4d66-b965-153fb69d65a6',
      Dimensions: [],
      SearchResults: {
        tables: [{ name: 'PrimaryResult', columns: columns.map(name => ({ name, type: 'string' })), rows }],
        dataSources: [{ resourceId: insights, tables: ['requests'] }],
      },
      IncludedSearchResults: 'True',
      AlertType: 'Metric measurement',
    },
    { target: insights },
  );

export const administrative = (operationName: string, status: string, change?: Change) =>
  alert(
    'Activity Log - Administrative',
    'Activity Log',
    {
      authorization: { action: operationName, scope: vm('stays-till') },
      channels: 'Operation',
      claims: '{"aud":"https://management.core.windows.net/"}',
      caller: '99999999-8888-4777-8666-555555555555',
      eventSource: 'Administrative',
      eventTimestamp: '2026-03-01T02:59:31.2917159+00:00',
      level: 'Informational',
      operationName,
      status,
      subStatus: '',
    },
    change,
  );

export const resourceHealth = (
  cause: string,
  currentHealthStatus = 'Unavailable',
  status = 'Active',
  monitoringService = 'Resource Health',
) =>
  alert(monitoringService, 'Activity Log', {
    channels: 'Admin, Operation',
    eventSource: 'ResourceHealth',
    level: 'Critical',
    operationName: 'Microsoft.Resourcehealth/healthevent/Activated/action',
    properties: { title: 'Not responding', details: null, currentHealthStatus, previousHealthStatus: 'Available', type: 'Downtime', cause },
    status,
  });

/** `channels`, `eventSource` and `level` are numbers here, and the target is the subscription. */
export const serviceHealth = () =>
  alert(
    'ServiceHealth',
    'ActivityLog',
    {
      authorization: null,
      channels: 1,
      claims: null,
      eventSource: 2,
      level: 3,
      operationName: 'Microsoft.ServiceHealth/incident/action',
      properties: {
        title: 'Virtual Machines in West Europe',
        service: 'Virtual Machines',
        region: 'West Europe',
        incidentType: 'Incident',
        trackingId: 'ABCD-EF0',
        stage: 'Active',
        impactedServices: [{ ImpactedRegions: [{ RegionName: 'West Europe' }], ServiceName: 'Virtual Machines' }],
      },
      status: 'Active',
    },
    { target: subscription },
  );

export const smartDetection = () =>
  alert(
    'SmartDetector',
    'Log',
    { DetectionSummary: 'Calls take longer than they did', DetectedValue: '0.45 sec', SmartDetectorId: 'DependencyPerformance' },
    { target: `${subscription}/resourcegroups/rg-shop/providers/microsoft.insights/components/ai-shop` },
  );

export const prometheus = () =>
  alert(
    'Prometheus',
    'Metric',
    { interval: 'PT1M', expression: 'up == 0', expressionValue: '0', for: 'PT2M', labels: { cluster: 'aks' }, annotations: {} },
    { target: `${subscription}/resourcegroups/rg-shop/providers/microsoft.monitor/accounts/prom` },
  );

/** Its essentials are mostly null. */
export const budget = () =>
  alert(
    'CostAlerts',
    'x',
    { AlertCategory: 'budgets', AlertData: { BudgetType: 'Cost' } },
    { target: null, more: { alertRule: null, severity: null, signalType: null, configurationItems: ['budgets'], originAlertId: null } },
  );

/** What actions without the common alert schema send, by their `schemaId`; the last has none. */
export const legacy = [
  { schemaId: 'AzureMonitorMetricAlert', data: { version: '2.0', status: 'Activated', context: { resourceId: vm('stays-till') } } },
  {
    schemaId: 'Microsoft.Insights/activityLogs',
    data: { status: 'Activated', context: { activityLog: { resourceId: vm('stays-till') } } },
  },
  { schemaId: 'Microsoft.Insights/LogAlert', data: { SubscriptionId: '1', AlertRuleName: 'x', SearchQuery: 'Heartbeat' } },
  { status: 'Activated', context: { resourceName: 'stays-till', conditionType: 'Metric' } },
];
