/**
 * The embedded Functions host: runs the entry that Azure would load, without Azure. It is compatible with the protocol between the
 * Functions host and @azure/functions + durable-functions 3.5; it is not the Functions runtime. One registration set per process.
 */
import { resolve } from 'node:path';
import { openDatabase } from './database.ts';
import { Engine } from './engine.ts';
import { supplyFunctionsCore } from './functionsCore.ts';
import { type HostSettings, readHostJson } from './hostJson.ts';
import { type RunningServer, startHttpServer } from './httpServer.ts';
import { createInvocationLog, writeAt } from './invocationLog.ts';
import { createInvoker } from './invoke.ts';
import { loadApp } from './loadApp.ts';
import { jsonLinesLogger, type Logger } from './logger.ts';
import { handleManagement, managementUrls } from './management.ts';
import { buildRegistry } from './registry.ts';
import { startTimerTriggers } from './timerTriggers.ts';

export type { Logger } from './logger.ts';

export interface HostOptions {
  /** Folder with host.json and package.json. */
  appRoot: string;
  /** Path or glob, relative to appRoot; package.json `main` by default. */
  entry?: string;
  /** Where everything durable is kept; one host at a time. */
  dataDir: string;
  /** 0, the default, takes a free one. */
  port?: number;
  logger?: Logger;
}

export interface RunningHost {
  /** `http://127.0.0.1:port` */
  url: string;
  /** Stops taking work, waits a little for what runs, and gives the data folder back. */
  close(): Promise<void>;
}

/** How long running HTTP requests may take to end when the host stops. */
const STOP_GRACE_MS = 3000;

let isTaken = false;

/** @throws Error in one sentence when the app, its host.json or the data folder cannot be used. */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const logger = options.logger ?? jsonLinesLogger();
  const settings = readHostJson(options.appRoot);
  if (isTaken) throw new Error('This process already had a host: the Functions library keeps one set of registrations per process');
  isTaken = true;
  const database = openDatabase(resolve(options.dataDir));
  try {
    const running = await startParts(options, settings, logger, database);
    return {
      url: running.url,
      close: async () => {
        await running.close();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function startParts(options: HostOptions, settings: HostSettings, logger: Logger, database: ReturnType<typeof openDatabase>) {
  const { appRoot, entry, port = 0 } = options;
  const core = supplyFunctionsCore((level, category, message) => writeAt(logger, level, { category }, message));
  await loadApp(appRoot, entry);
  core.lock();
  const registry = buildRegistry(core.registrations);
  const capabilities = await core.programmingModel()?.getCapabilities({});
  if (capabilities?.HttpUri)
    throw new Error('The embedded host cannot run this app: app.setup({ enableHttpStream: true }) is not supported');
  for (const remark of settings.remarks) logger.warn({}, remark);

  let url = '';
  const invoker = createInvoker(core, createInvocationLog(logger, settings.logLevels), () => clientInput(url, settings.hubName));
  const engine = new Engine({ ...settings, database, registry, invoker, logger });
  const { store, entities } = engine;
  const wake = { wakeInstance: (id: string) => engine.wakeInstance(id), wakeEntity: (id: string) => engine.wakeEntity(id) };
  const management = { store, entities, registry, hubName: settings.hubName, ...wake };
  const server: RunningServer = await startHttpServer(
    {
      ...{ functions: registry.all('http'), routePrefix: settings.routePrefix, invoker, logger },
      manage: request => handleManagement(management, request),
    },
    port,
  );
  url = server.url;
  // Without it the SDK's client rewrites every URL to localhost:7071.
  process.env.WEBSITE_HOSTNAME = new URL(url).host;
  for (const hook of core.hooks.get('appStart') ?? []) await hook({ appHookData: {} });
  const timers = startTimerTriggers({ functions: registry.all('timer'), invoker, logger, store });
  engine.start();
  logger.info({ url, functions: core.registrations.length }, 'embedded host started; compatible with the Functions protocol');
  return {
    url,
    close: async () => {
      timers.stop();
      // The activities that still run may call the management API: the server ends last.
      await engine.close();
      await server.close(STOP_GRACE_MS);
      for (const hook of core.hooks.get('appTerminate') ?? []) await hook({ appHookData: {} });
    },
  };
}

/** What a durable client binding receives: the client calls the loopback, which needs no key. */
function clientInput(url: string, taskHubName: string): string {
  const base = `${url}/runtime/webhooks/durabletask`;
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]`;
  return JSON.stringify({
    taskHubName,
    creationUrls: {
      createNewInstancePostUri: create,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}`,
    },
    managementUrls: managementUrls(url, taskHubName, 'INSTANCEID', 'INSTANCEID'),
    baseUrl: base,
    requiredQueryStringParameters: '',
    rpcBaseUrl: `${url}/durabletask/`,
  });
}
