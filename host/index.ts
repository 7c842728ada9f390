/**
 * The embedded Functions host: runs the entry that Azure would load, without Azure. It is compatible with the protocol between the
 * Functions host and @azure/functions + durable-functions 3.5; it is not the Functions runtime. One registration set per process.
 */
import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from './database.ts';
import { Engine } from './engine.ts';
import { type FunctionsCore, supplyFunctionsCore } from './functionsCore.ts';
import { createGate, type Gate } from './gate.ts';
import { type HostSettings, readHostJson } from './hostJson.ts';
import { type RunningServer, startHttpServer } from './httpServer.ts';
import { createInvocationLog, writeAt } from './invocationLog.ts';
import { createInvoker } from './invoke.ts';
import { loadApp } from './loadApp.ts';
import { jsonLinesLogger, type Logger } from './logger.ts';
import { handleManagement, managementUrls } from './management.ts';
import { buildRegistry, type Registry } from './registry.ts';
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
  /** What a caller must show (`Authorization: Bearer …`); a random one by default. */
  token?: string;
}

export interface RunningHost {
  /** `http://127.0.0.1:port` */
  url: string;
  token: string;
  /** Stops taking work, waits a little for what runs, and gives the data folder back. */
  close(): Promise<void>;
}

/** How long running HTTP requests may take to end when the host stops. */
const STOP_GRACE_MS = 3000;

let isTaken = false;

/** @throws Error in one sentence when the app, its host.json or the data folder cannot be used. */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const settings = take(options.appRoot);
  const database = openDatabase(resolve(options.dataDir));
  try {
    const app = await loadParts(options, settings);
    const { url, token, close } = await startParts(app, options.port ?? 0, database);
    return { url, token, close };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A host in a process that outlives it: it can be left as a crash leaves it. */
export interface HostLife extends RunningHost {
  /** `Running`, `Completed`, …; undefined = there is no such instance. */
  status(instanceId: string): string | undefined;
  /** The whole history as JSON text. */
  history(instanceId: string): string;
  /** As if the process had died: what runs is not waited for, and none of its results is stored. */
  abandon(): void;
}

export interface LoadedHost {
  /** One life at a time; each begins from what the data folder holds. */
  run(dataDir: string): Promise<HostLife>;
}

/** Loads the app once, for many lives of a host in one process. @throws as startHost */
export async function loadHost(options: Omit<HostOptions, 'dataDir' | 'port'>): Promise<LoadedHost> {
  const app = await loadParts(options, take(options.appRoot));
  return { run: dataDir => startParts(app, 0, openDatabase(resolve(dataDir))) };
}

function take(appRoot: string): HostSettings {
  const settings = readHostJson(appRoot);
  if (isTaken) throw new Error('This process already had a host: the Functions library keeps one set of registrations per process');
  isTaken = true;
  return settings;
}

interface LoadedApp {
  settings: HostSettings;
  logger: Logger;
  gate: Gate;
  core: FunctionsCore;
  registry: Registry;
}

async function loadParts(options: Omit<HostOptions, 'dataDir'>, settings: HostSettings): Promise<LoadedApp> {
  const { appRoot, entry, logger = jsonLinesLogger() } = options;
  const core = supplyFunctionsCore((level, category, message) => writeAt(logger, level, { category }, message));
  // What App Service says where its authentication stands before the app: here the gate does.
  process.env.WEBSITE_AUTH_ENABLED = 'True';
  process.env.BOOTMEDIC_LOCAL_GATE = 'True';
  await loadApp(appRoot, entry);
  core.lock();
  const registry = buildRegistry(core.registrations);
  const capabilities = await core.programmingModel()?.getCapabilities({});
  if (capabilities?.HttpUri)
    throw new Error('The embedded host cannot run this app: app.setup({ enableHttpStream: true }) is not supported');
  for (const remark of settings.remarks) logger.warn({}, remark);
  return { settings, logger, gate: createGate(options.token), core, registry };
}

async function startParts({ settings, logger, gate, core, registry }: LoadedApp, port: number, database: DatabaseSync): Promise<HostLife> {
  const here = { url: '', hubName: settings.hubName, key: gate.key };
  const invoker = createInvoker(core, createInvocationLog(logger, settings.logLevels), clientInputs(here));
  const engine = new Engine({ ...settings, database, registry, invoker, logger });
  const { store, entities } = engine;
  const wake = { wakeInstance: (id: string) => engine.wakeInstance(id), wakeEntity: (id: string) => engine.wakeEntity(id) };
  const management = { store, entities, registry, hubName: settings.hubName, ...wake };
  const server: RunningServer = await startHttpServer(
    {
      ...{ functions: registry.all('http'), routePrefix: settings.routePrefix, invoker, logger, gate },
      manage: request => handleManagement(management, request),
    },
    port,
  );
  const { url } = server;
  here.url = url;
  // Without it the SDK's client rewrites every URL to localhost:7071.
  process.env.WEBSITE_HOSTNAME = new URL(url).host;
  for (const hook of core.hooks.get('appStart') ?? []) await hook({ appHookData: {} });
  const timers = startTimerTriggers({ functions: registry.all('timer'), invoker, logger, store });
  engine.start();
  logger.info({ url, functions: core.registrations.length }, 'embedded host started; compatible with the Functions protocol');
  return {
    url,
    token: gate.token,
    status: id => store.instance(id)?.status,
    history: id => JSON.stringify(store.history(id)),
    abandon: () => {
      timers.stop();
      engine.abandon();
      server.abandon();
      database.close();
    },
    close: async () => {
      timers.stop();
      // The activities that still run may call the management API: the server ends last.
      await engine.close();
      await server.close(STOP_GRACE_MS);
      for (const hook of core.hooks.get('appTerminate') ?? []) await hook({ appHookData: {} });
      database.close();
    },
  };
}

/** Apart from the host's parts: the SDK keeps the last invocation of each runbook, and with it all that this closure sees. */
const clientInputs = (here: { url: string; hubName: string; key: string }) => () => clientInput(here.url, here.hubName, here.key);

/** What a durable client binding receives: the client calls the loopback by a way of its own. */
function clientInput(url: string, taskHubName: string, key: string): string {
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
    rpcBaseUrl: `${url}/durabletask/${key}/`,
  });
}
