/** The whole house in its own processes: the built host and the built simulator, talking over real https. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asDeployed, exchangesFile, leaveActions } from './deployed.ts';

/** Shown to every host of these tests, which is started with it. */
const token = randomBytes(32).toString('base64url');

const root = new URL('../..', import.meta.url).pathname;

export interface AzureReady {
  armEndpoint: string;
  blobEndpoint: string;
  identityEndpoint: string;
  identityHeader: string;
  caPath: string;
  adminUrl: string;
}

export interface World {
  azure: AzureReady;
  /** The host's address; changes when it is restarted. */
  url: string;
  folder: string;
  /** Everything the host wrote to its standard output and error so far. */
  output(): string;
  /** `kill -9` of the host's process. */
  killHost(): Promise<void>;
  startHost(): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  scenario?: string;
  /** A pwsh that the guests run scripts with. */
  powershell?: string;
  timeScale?: number;
  settings?: unknown;
  env?: Record<string, string>;
  /** Folder of the app; the built sources when absent. */
  app?: string;
  /** Of the app, in its folder; the built one when absent. */
  entry?: string;
}

const demoScenario = join(root, 'simulator/scenarios/demo.json');
export const autoSettings = { defaults: { mode: 'auto', consents: ['upload-dump'], limits: { scopePercent: 100, burstVms: 4 } } };

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-e2e-'));
  const timeScale = String(options.timeScale ?? 100);
  const exchanges = exchangesFile();
  const simulatorArguments = [
    '--port',
    '0',
    '--scenario',
    asDeployed(options.scenario ?? demoScenario, folder),
    '--time-scale',
    timeScale,
    '--run-dir',
    join(folder, 'azure'),
    ...(options.powershell === undefined ? [] : ['--powershell', options.powershell]),
    ...(exchanges === undefined ? [] : ['--exchanges', exchanges]),
  ];
  const simulator = start('dist/simulator/main.js', simulatorArguments, {});
  const azure = JSON.parse(await simulator.ready) as AzureReady;
  let host: Started | undefined;
  let output = '';
  const world: World = {
    azure,
    url: '',
    folder,
    output: () => output + (host?.output() ?? ''),
    async killHost() {
      await host?.stop('SIGKILL');
      output += host?.output() ?? '';
      host = undefined;
    },
    async startHost() {
      host = start(
        'dist/host/main.js',
        ['--app', options.app ?? root, '--data', join(folder, 'host'), '--port', '0', ...(options.entry ? ['--entry', options.entry] : [])],
        environment(azure, timeScale, options),
      );
      world.url = (JSON.parse(await host.ready) as { url: string }).url;
    },
    async close() {
      await host?.stop('SIGTERM');
      await leaveActions(azure.adminUrl);
      await simulator.stop('SIGTERM');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  await world.startHost();
  return world;
}

function environment(azure: AzureReady, timeScale: string, options: WorldOptions): Record<string, string> {
  return {
    BOOTMEDIC_ARM_ENDPOINT: azure.armEndpoint,
    BOOTMEDIC_BLOB_ENDPOINT: azure.blobEndpoint,
    IDENTITY_ENDPOINT: azure.identityEndpoint,
    IDENTITY_HEADER: azure.identityHeader,
    NODE_EXTRA_CA_CERTS: azure.caPath,
    BOOTMEDIC_TIME_SCALE: timeScale,
    BOOTMEDIC_SETTINGS: JSON.stringify(options.settings ?? autoSettings),
    BOOTMEDIC_HOST_TOKEN: token,
    ...options.env,
  };
}

interface Started {
  /** The process' first line of output. */
  ready: Promise<string>;
  output(): string;
  stop(signal: NodeJS.Signals): Promise<void>;
}

function start(program: string, args: string[], env: Record<string, string>): Started {
  const child = spawn(process.execPath, [join(root, program), ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      const line = output.split('\n').find(text => text.startsWith('{') && /"(url|armEndpoint)"/.test(text));
      if (line) resolve(line);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.once('exit', code => reject(new Error(`${program} ended with ${code} before it was ready:\n${output}`)));
  });
  return { ready, output: () => output, stop: signal => stop(child, signal) };
}

function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise(resolve => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

export function alertFor(
  targets: string[],
  monitorCondition = 'Fired',
  alertId = '/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/a1',
) {
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId,
        alertRule: 'heartbeat lost',
        severity: 'Sev1',
        signalType: 'Metric',
        monitorCondition,
        monitoringService: 'Platform',
        alertTargetIDs: targets,
        originAlertId: 'o1',
        firedDateTime: new Date().toISOString(),
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
      },
      alertContext: {},
    },
  };
}

/** An address as a browser opens it: it keeps the token as a cookie, and shows the address without it. */
export const opened = (url: string) => `${url}?token=${token}`;

/** As fetch, by who may do everything. */
export function ask(url: string, { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
  return fetch(url, { ...init, headers: { authorization: `Bearer ${token}`, ...headers } });
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
  const response = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    redirect: 'manual',
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {}, headers: response.headers };
}

export interface RepairView {
  id: string;
  state: string;
  outcome: string | null;
  phase?: string;
  [field: string]: unknown;
}

/** Seconds without any sign of work from the host after which nothing is waited for: a machine that has much to do is slow, but not still. */
const stillSeconds = 90;

/** Waits until a repair has an outcome; `seen` is told of every look before that. */
export async function ended(world: World, id: string, seen?: (view: RepairView) => Promise<void> | void): Promise<RepairView> {
  let last: RepairView | undefined;
  for (let moved = Date.now(), told = -1; Date.now() - moved < stillSeconds * 1000; ) {
    if (seen || (await mayBeOver(world, id))) {
      const response = await ask(`${world.url}/api/repairs/${id}`, { redirect: 'manual' }).catch(() => undefined);
      if (response?.status === 200) {
        last = (await response.json()) as RepairView;
        if (last.outcome) return last;
        await seen?.(last);
      }
    }
    if (world.output().length !== told) moved = Date.now();
    told = world.output().length;
    await new Promise(resolve => setTimeout(resolve, seen ? 100 : 250));
  }
  throw new Error(
    `${id} does not end: nothing has happened for ${stillSeconds} s; last seen: ${JSON.stringify(last)}\n${world.output().slice(-4000)}`,
  );
}

/** As Durable Functions says it: the API's view is read of several blobs, which dozens of repairs at ten looks a second would feel. */
async function mayBeOver(world: World, id: string): Promise<boolean> {
  const answer = await ask(`${world.url}/runtime/webhooks/durabletask/instances/${id}?showInput=false`).catch(() => undefined);
  if (!answer?.ok) return answer !== undefined;
  const { runtimeStatus } = (await answer.json()) as { runtimeStatus: string };
  return !['Pending', 'Running'].includes(runtimeStatus);
}
