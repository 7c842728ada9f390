/** The app's host.json, as far as this host honours it; every setting that it does not is named, so that nobody counts on it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorText } from './logger.ts';

export interface HostSettings {
  /** Without slashes at its ends; '' for none. */
  routePrefix: string;
  hubName: string;
  maxConcurrentActivities: number;
  maxConcurrentOrchestrators: number;
  maxConcurrentEntities: number;
  /** Least level by category, as in `logging.logLevel`. */
  logLevels: Record<string, string>;
  /** Settings that Azure would honour and this host does not, and settings that nobody knows, one sentence each. */
  remarks: string[];
}

const count = z.number().int().positive();
const hostJson = z.looseObject({
  version: z.literal('2.0'),
  extensions: z
    .looseObject({
      http: z.looseObject({ routePrefix: z.string().optional() }).optional(),
      durableTask: z
        .looseObject({
          hubName: z.string().min(1).optional(),
          maxConcurrentActivityFunctions: count.optional(),
          maxConcurrentOrchestratorFunctions: count.optional(),
          maxConcurrentEntityFunctions: count.optional(),
        })
        .optional(),
    })
    .optional(),
  logging: z.looseObject({ logLevel: z.record(z.string(), z.string()).optional() }).optional(),
});

/** Documented settings that have no effect here. Source: "host.json reference" and "Durable Functions settings" on Microsoft Learn. */
const WITHOUT_EFFECT: Record<string, string[]> = {
  '': [
    ...['aggregator', 'applicationInsights', 'concurrency', 'extensionBundle', 'functionTimeout', 'functions', 'healthMonitor'],
    ...['managedDependency', 'singleton', 'telemetryMode', 'watchDirectories', 'watchFiles'],
  ],
  'extensions.http': ['customHeaders', 'dynamicThrottlesEnabled', 'hsts', 'maxConcurrentRequests', 'maxOutstandingRequests'],
  'extensions.durableTask': [
    ...['storageProvider', 'tracing', 'httpSettings', 'notifications', 'extendedSessionsEnabled', 'extendedSessionIdleTimeoutInSeconds'],
    ...['useAppLease', 'useGracefulShutdown', 'maxEntityOperationBatchSize', 'storeInputsInOrchestrationHistory', 'queryStatusSettings'],
    ...['maxGrpcMessageSizeInBytes', 'grpcHttpClientTimeout', 'overridableExistingInstanceStates', 'maxOrchestrationActions'],
    ...['rollbackEntityOperationsOnExceptions', 'entityMessageReorderWindowInMinutes', 'localRpcEndpointEnabled', 'defaultVersion'],
    ...['versionMatchStrategy', 'versionFailureStrategy', 'customLifeCycleNotificationHelperType'],
  ],
  logging: ['applicationInsights', 'console', 'fileLoggingMode', 'logToConsole', 'isEnabled'],
};
const HONOURED: Record<string, string[]> = {
  '': ['version', 'extensions', 'logging', '$schema'],
  extensions: ['http', 'durableTask'],
  'extensions.http': ['routePrefix'],
  'extensions.durableTask': [
    ...['hubName', 'maxConcurrentActivityFunctions', 'maxConcurrentOrchestratorFunctions', 'maxConcurrentEntityFunctions'],
  ],
  logging: ['logLevel'],
};
/** Azure's default on one processor; it multiplies by their number. */
const DEFAULT_CONCURRENCY = 10;

/** @throws Error that names the file and the field. */
export function readHostJson(appRoot: string): HostSettings {
  const file = join(appRoot, 'host.json');
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`Cannot read ${file}: ${errorText(error)}`);
  }
  const parsed = hostJson.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { extensions = {}, logging } = parsed.data;
  const { http = {}, durableTask = {} } = extensions;
  return {
    routePrefix: (http.routePrefix ?? 'api').replace(/^\/+|\/+$/g, ''),
    hubName: durableTask.hubName ?? 'embedded',
    maxConcurrentActivities: durableTask.maxConcurrentActivityFunctions ?? DEFAULT_CONCURRENCY,
    maxConcurrentOrchestrators: durableTask.maxConcurrentOrchestratorFunctions ?? DEFAULT_CONCURRENCY,
    maxConcurrentEntities: durableTask.maxConcurrentEntityFunctions ?? DEFAULT_CONCURRENCY,
    logLevels: logging?.logLevel ?? {},
    remarks: [
      ...remarks('', parsed.data),
      ...remarks('extensions', extensions),
      ...remarks('extensions.http', http),
      ...remarks('extensions.durableTask', durableTask),
      ...remarks('logging', logging ?? {}),
    ],
  };
}

function remarks(section: string, settings: Record<string, unknown>): string[] {
  return Object.keys(settings)
    .filter(key => !HONOURED[section]?.includes(key))
    .map(key => {
      const path = section === '' ? key : `${section}.${key}`;
      const isKnown = WITHOUT_EFFECT[section]?.includes(key) ?? false;
      return isKnown ? `host.json: ${path} has no effect on the embedded host` : `host.json: ${path} is not a known setting`;
    });
}
