/** Runs the product in this process against a simulator of its own, from the alert to the reports, and keeps every exchange with ARM. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type RunningHost, startHost } from '../../host/index.ts';
import { guests } from '../../simulator/guests/index.ts';
import { openSimulator } from '../../simulator/index.ts';

/** One request of the product and what the simulator answered. */
export interface ArmExchange {
  method: string;
  /** Path and query. */
  url: string;
  requestHeaders: Record<string, string>;
  request: unknown;
  status: number;
  headers: Record<string, string>;
  response: unknown;
}

const root = new URL('../..', import.meta.url).pathname;
const TIME_SCALE = 100;
const DEADLINE_MS = 240_000;
const POLL_MS = 500;
const Scenario = z.looseObject({ virtualMachines: z.array(z.looseObject({ name: z.string(), resourceGroup: z.string() })) });
const Started = z.object({ id: z.string() });
const Repair = z.object({ outcome: z.string().nullish() });

export interface ProductRun {
  exchanges: ArmExchange[];
  /** Outcome of each repair, by VM. */
  outcomes: Record<string, string>;
}

/** Repairs VMs of the demo's estate. @param only names of VMs; all of them when absent */
export async function runProduct(only?: string[]): Promise<ProductRun> {
  const folder = await mkdtemp(join(tmpdir(), 'bootmedic-contract-'));
  const whole = Scenario.parse(JSON.parse(await readFile(join(root, 'simulator/scenarios/demo.json'), 'utf8')));
  const machines = whole.virtualMachines.filter(({ name }) => only?.includes(name) ?? true);
  const scenario = { ...whole, virtualMachines: machines };
  const simulator = await openSimulator({ scenario, guests, runDir: join(folder, 'azure'), timeScale: TIME_SCALE });
  const exchanges: ArmExchange[] = [];
  simulator.cloud.watch = ({ method, url, headers, body }, response) => {
    const copy: unknown = response.body === undefined ? undefined : structuredClone(response.body);
    // As the server sends it.
    const type: Record<string, string> = copy === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
    const answered = { status: response.status, headers: { ...type, ...response.headers }, response: copy };
    exchanges.push({ method, url, requestHeaders: headers, request: body, ...answered });
  };
  try {
    setEnvironment(simulator.info);
    const quiet = () => {};
    const logger = { info: quiet, warn: quiet, error: quiet };
    const host = await startHost({ appRoot: root, entry: 'functions/index.ts', dataDir: join(folder, 'host'), logger });
    try {
      const ids = simulator.cloud.estate.vms().map(({ id, name }) => ({ id, name }));
      const outcomes = await Promise.all(ids.map(async ({ id, name }) => [name, await repair(host, id)] as const));
      return { exchanges, outcomes: Object.fromEntries(outcomes) };
    } finally {
      await host.close();
    }
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function setEnvironment(info: Awaited<ReturnType<typeof openSimulator>>['info']): void {
  Object.assign(process.env, {
    BOOTMEDIC_ARM_ENDPOINT: info.armEndpoint,
    BOOTMEDIC_BLOB_ENDPOINT: info.blobEndpoint,
    IDENTITY_ENDPOINT: info.identityEndpoint,
    IDENTITY_HEADER: info.identityHeader,
    BOOTMEDIC_TIME_SCALE: String(TIME_SCALE),
    BOOTMEDIC_LOG_LEVEL: 'fatal',
    BOOTMEDIC_SETTINGS: JSON.stringify({ defaults: { mode: 'auto', consents: ['upload-dump'] } }),
  });
}

/** Asks for a repair and waits for its end. @returns the outcome */
async function repair({ url, token }: RunningHost, vmId: string): Promise<string> {
  const authorization = `Bearer ${token}`;
  const answer = await fetch(`${url}/api/repairs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ vmId }),
  });
  const { id } = Started.parse(await answer.json());
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const { outcome } = Repair.parse(await (await fetch(`${url}/api/repairs/${id}`, { headers: { authorization } })).json());
    if (outcome) return outcome;
    await sleep(POLL_MS);
  }
  return 'no outcome within the time allowed';
}
