import { mkdtemp, readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComputeManagementClient } from '@azure/arm-compute';
import { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/core-auth';
import { type Simulator, startSimulator } from '../../../simulator/index.ts';
import { doubleGuests, toy } from './guests.ts';

export const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
export const GROUP = 'rg-shop';
export const OTHER = 'rg-office';
export const LOCATION = 'westeurope';

export function idOf(type: string, name: string, group = GROUP): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${type}/${name}`;
}

export function vmId(name: string, group = GROUP): string {
  return idOf('Microsoft.Compute/virtualMachines', name, group);
}

export function diskId(name: string, group = GROUP): string {
  return idOf('Microsoft.Compute/disks', name, group);
}

/** A broken zonal VM, and a healthy one of another generation without a zone. */
export function estate(changes: object = {}): object {
  return {
    subscriptions: [{ id: SUBSCRIPTION }],
    resourceGroups: [
      { name: GROUP, location: LOCATION },
      { name: OTHER, location: LOCATION },
    ],
    virtualMachines: [
      {
        ...{ name: 'broken', resourceGroup: GROUP, location: LOCATION, zone: '1', size: 'Standard_D2s_v5', generation: 'V2' },
        ...{
          tags: { app: 'shop' },
          lastAgentReadyMinutesAgo: 300,
          osDisk: { name: 'broken-os', sizeGb: 127, contents: toy('broken', false) },
        },
      },
      {
        ...{ name: 'helper', resourceGroup: OTHER, location: LOCATION, zone: '1', size: 'Standard_D2s_v5', generation: 'V1' },
        osDisk: { name: 'helper-os', sizeGb: 64, contents: toy('helper') },
      },
    ],
    ...changes,
  };
}

export interface Rig {
  simulator: Simulator;
  compute: ComputeManagementClient;
  resources: ResourceManagementClient;
  /** Asks the simulator's identity endpoint anew each time: `@azure/identity` keeps tokens for the whole process, and a test may have two simulators. */
  credential: TokenCredential;
  /** A bearer token for ARM. */
  token: string;
}

/** A simulator and the real SDK clients on it, as the product makes them. */
export async function rig(scenario: object = estate(), timeScale = 200): Promise<Rig> {
  const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-simulator-'));
  const simulator = await startSimulator({ scenario, guests: doubleGuests, runDir, timeScale });
  const credential: TokenCredential = {
    async getToken(scope) {
      const resource = String(scope).replace(/\.default$/, '');
      const answer = await fetch(`${simulator.identityEndpoint}?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`, {
        headers: { 'x-identity-header': simulator.identityHeader },
      });
      const { access_token, expires_on } = (await answer.json()) as { access_token: string; expires_on: string };
      return { token: access_token, expiresOnTimestamp: Number(expires_on) * 1000 };
    },
  };
  const options = { endpoint: simulator.armEndpoint, retryOptions: { maxRetries: 0 } };
  const token = (await credential.getToken('https://management.azure.com/.default'))?.token ?? '';
  return {
    simulator,
    credential,
    token,
    compute: new ComputeManagementClient(credential, SUBSCRIPTION, options),
    resources: new ResourceManagementClient(credential, SUBSCRIPTION, options),
  };
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
  body: any;
}

/** A raw request, to see what no SDK shows. */
export async function call(
  rig: Pick<Rig, 'simulator' | 'token'>,
  method: string,
  pathOrUrl: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const ca = await readFile(rig.simulator.caPath);
  const url = new URL(pathOrUrl, rig.simulator.armEndpoint);
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, ca, agent: false, headers: { authorization: `Bearer ${rig.token}`, 'content-type': 'application/json', ...headers } },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Record<string, string>,
            body: text === '' ? undefined : JSON.parse(text),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const COMPUTE_VERSION = '2026-04-01';
const DISK_VERSION = '2026-03-02';

/** Calls on a VM, a disk or a snapshot at the versions the SDK sends. */
export function onVm(
  rig: Pick<Rig, 'simulator' | 'token'>,
  method: string,
  name: string,
  rest = '',
  body?: unknown,
  headers?: Record<string, string>,
  group = GROUP,
): Promise<Answer> {
  return call(rig, method, `${vmId(name, group)}${rest}${rest.includes('?') ? '&' : '?'}api-version=${COMPUTE_VERSION}`, body, headers);
}

export function onDisk(rig: Rig, method: string, name: string, body?: unknown, type = 'disks'): Promise<Answer> {
  return call(rig, method, `${idOf(`Microsoft.Compute/${type}`, name)}?api-version=${DISK_VERSION}`, body);
}

/** Follows `Azure-AsyncOperation` to the end. */
export async function settled(rig: Rig, answer: Answer): Promise<Answer> {
  const url = answer.headers['azure-asyncoperation'] ?? '';
  for (;;) {
    const status = await call(rig, 'GET', url);
    if (status.body.status !== 'InProgress') return status;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Waits until something holds; the test's own timeout ends it. */
export async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise(resolve => setTimeout(resolve, 15));
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the dump is for tests to look into
export async function stateOf(rig: Rig): Promise<any> {
  return (await fetch(`${rig.simulator.adminUrl}/state`)).json();
}
