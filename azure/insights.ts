/** Application Insights, as OpenTelemetry's exporters write to it. */
import { DefaultAzureCredential } from '@azure/identity';
import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';

/** By the app's identity: the component lets nobody in by its key alone (infra/modules/monitoring.bicep). @throws Error where the string cannot be read */
export function insightsExporters(connectionString: string): { spans: AzureMonitorTraceExporter; metrics: AzureMonitorMetricExporter } {
  const options = { connectionString, credential: new DefaultAzureCredential(), disableOfflineStorage: true };
  return { spans: new AzureMonitorTraceExporter(options), metrics: new AzureMonitorMetricExporter(options) };
}
