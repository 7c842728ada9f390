/** Alerts in the shapes that Microsoft documents ("Common alert schema", learn.microsoft.com), with names of our own. */
const subscription = '/subscriptions/11111111-2222-4333-8444-555555555555';
const common = { description: '', essentialsVersion: '1.0', alertContextVersion: '1.0' };

/** Azure writes the target's id in lower case, `resourcegroups` included. */
export const metricAlert = {
  schemaId: 'azureMonitorCommonAlertSchema',
  data: {
    essentials: {
      ...common,
      alertId: `${subscription}/providers/Microsoft.AlertsManagement/alerts/0d2c9b8a-1111-4222-8333-abcdefabcdef`,
      alertRule: 'till has stopped answering',
      severity: 'Sev1',
      signalType: 'Metric',
      monitorCondition: 'Fired',
      monitoringService: 'Platform',
      alertTargetIDs: [`${subscription}/resourcegroups/rg-shop/providers/microsoft.compute/virtualmachines/stays-till`],
      configurationItems: ['stays-till'],
      originAlertId: '5f0e_rg-shop_microsoft.insights_metricAlerts_till_123456',
      firedDateTime: '2026-03-01T03:00:24.3713213Z',
      resolvedDateTime: '2026-03-01T03:09:16.2246313Z',
    },
    alertContext: {
      properties: null,
      conditionType: 'SingleResourceMultipleMetricCriteria',
      condition: {
        windowSize: 'PT5M',
        allOf: [
          {
            metricName: 'Percentage CPU',
            operator: 'LessThan',
            threshold: '0.1',
            dimensions: [{ name: 'ResourceId', value: 'x' }],
            metricValue: 0,
          },
        ],
      },
    },
    customProperties: null,
  },
};

/** A log alert that is not split by resource names its workspace. */
export const logAlert = {
  ...metricAlert,
  data: {
    essentials: {
      ...common,
      alertId: `${subscription}/providers/Microsoft.AlertsManagement/alerts/7c6b5a4d-1111-4222-8333-abcdefabcdef`,
      alertRule: 'heartbeats are missing',
      severity: 'Sev1',
      signalType: 'Log',
      monitorCondition: 'Fired',
      monitoringService: 'Log Alerts V2',
      alertTargetIDs: [`${subscription}/resourcegroups/rg-watch/providers/microsoft.OperationalInsights/workspaces/law-watch`],
      originAlertId: '12345678-4444-4444-4444-1234567890ab',
      firedDateTime: '2026-03-01T03:00:31.9876543Z',
    },
    alertContext: { conditionType: 'LogQueryCriteria', condition: { allOf: [{ searchQuery: 'Heartbeat', dimensions: [] }] } },
  },
};
