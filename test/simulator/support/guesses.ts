/** For each guessed rule a look at what a client sees, and what it is to see with the rule as it is and turned round. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from '../../../simulator/clock.ts';
import { Durations } from '../../../simulator/durations.ts';
import { type OpenSimulator, openSimulator } from '../../../simulator/index.ts';
import { Random } from '../../../simulator/random.ts';
import { type Answer, call, diskId, estate, GROUP, idOf, LOCATION, OTHER, onVm, SUBSCRIPTION, settled, until, vmId } from './estate.ts';
import { doubleGuests, toy } from './guests.ts';

const SUBNET = `${idOf('Microsoft.Network/virtualNetworks', 'vnet-westeurope')}/subnets/default`;
const SCENARIO = {
  virtualMachines: [
    {
      ...{ name: 'broken', resourceGroup: GROUP, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V2' },
      osDisk: { name: 'broken-os', sizeGb: 127, contents: toy('broken', false) },
    },
    {
      ...{ name: 'helper', resourceGroup: OTHER, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V1' },
      osDisk: { name: 'helper-os', sizeGb: 64, contents: toy('helper') },
      dataDisks: [
        { name: 'one', lun: 1, sizeGb: 127, contents: toy('one') },
        { name: 'bare', lun: 3, sizeGb: 4 },
      ],
    },
  ],
};
const NO_COPY = [
  { scope: `/subscriptions/${SUBSCRIPTION}`, actions: ['*'], notActions: ['Microsoft.Compute/disks/beginGetAccess/action'] },
];

export let simulator: OpenSimulator;
export let azure: { simulator: OpenSimulator['info']; token: string };

/** The estate anew. @param scale how many times faster than reality */
export const begin = (flip: string[], scale = 100, changes: object = {}) =>
  simulator.reload(estate({ ...SCENARIO, ...changes }), String(scale), flip);

export async function open(): Promise<void> {
  const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-guesses-'));
  const makeTime = (scale: string) => ({ clock: new Clock(Number(scale) || 100), durations: new Durations(new Random('guesses')) });
  simulator = await openSimulator({ scenario: estate(SCENARIO), guests: doubleGuests, runDir, makeTime });
  const token = simulator.cloud.identity.issue('https://management.azure.com')?.access_token ?? '';
  azure = { simulator: simulator.info, token };
}

const rig = () => azure as Parameters<typeof settled>[0];
export const done = async (answer: Promise<Answer>) => settled(rig(), await answer);
const broken = (method: string, rest = '', body?: unknown) => onVm(rig(), method, 'broken', rest, body);
export const helper = (method: string, rest = '', body?: unknown) => onVm(rig(), method, 'helper', rest, body, {}, OTHER);

const copy = (sizeGb: number) =>
  call(rig(), 'PUT', `${diskId('copy')}?api-version=2026-03-02`, {
    ...{ location: LOCATION },
    properties: { creationData: { createOption: 'Copy', sourceResourceId: diskId('broken-os') }, diskSizeGB: sizeGb },
  });
const swap = (name?: string) =>
  broken('PATCH', '', { properties: { storageProfile: { osDisk: { ...(name && { name }), managedDisk: { id: diskId('copy') } } } } });
async function swapped({ sizeGb = 127, running = false, name }: { sizeGb?: number; running?: boolean; name?: string }) {
  await done(copy(sizeGb));
  if (!running) await done(broken('POST', '/powerOff'));
  return (await swap(name)).status;
}

const create = () =>
  onVm(rig(), 'PUT', 'made', '', {
    location: LOCATION,
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      storageProfile: {
        imageReference: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter-g2', version: 'latest' },
        osDisk: { createOption: 'FromImage' },
      },
      osProfile: { computerName: 'made', adminUsername: 'bootmedic', adminPassword: 'Correct-Horse-1-Battery' },
      networkProfile: {
        networkApiVersion: '2022-11-01',
        networkInterfaceConfigurations: [
          { name: 'made-nic', properties: { ipConfigurations: [{ name: 'one', properties: { subnet: { id: SUBNET } } }] } },
        ],
      },
    },
  });

export const command = (script: string, more: object = {}, name = 'job') =>
  helper('PUT', `/runCommands/${name}`, { location: LOCATION, properties: { source: { script }, asyncExecution: true, ...more } });
const viewed = async (name = 'job') => (await helper('GET', `/runCommands/${name}?$expand=instanceView`)).body.properties;
export const ended = (name = 'job') =>
  until(async () => {
    const { instanceView } = await viewed(name);
    return !['Pending', 'Running'].includes(instanceView.executionState) && instanceView;
  });
export const notes = () => (simulator.cloud.estate.ownedDisk(diskId('one', OTHER)).contents as unknown as { notes: string[] }).notes;

const retrieve = async () => (await helper('POST', '/retrieveBootDiagnosticsData')).body;
const log = async () => {
  // Reads are throttled.
  await sleep(100);
  return (await fetch((await retrieve()).serialConsoleLogBlobUri)).text();
};

const connect = async () => {
  const path = `${vmId('helper', OTHER)}/providers/Microsoft.SerialConsole/serialPorts/0/connect?api-version=2018-05-01`;
  return String((await call(rig(), 'POST', path)).body.connectionString);
};
/** What COM1 says in a second of wall time to somebody who is silent, and whether the socket bears a word. */
async function listen() {
  await done(helper('POST', '/restart'));
  const socket = new WebSocket(`${await connect()}?authorization=${azure.token}`);
  let heard = '';
  let open = true;
  socket.addEventListener('message', async ({ data }) => {
    heard += typeof data === 'string' ? data : await data.text();
  });
  socket.addEventListener('close', () => {
    open = false;
  });
  await sleep(1000);
  socket.send('hello');
  await sleep(200);
  socket.close();
  return { hears: heard.includes('up'), open };
}

interface Probe {
  /** What a client sees. */
  look: () => Promise<unknown>;
  guess: unknown;
  flipped: unknown;
  scale?: number;
  scenario?: object;
}

export const PROBES: Record<string, Probe> = {
  'child-exists': {
    look: async () => (await broken('GET', '/runCommands/none')).body.error.code,
    guess: 'NotFound',
    flipped: 'ResourceNotFound',
  },
  'body-members-known': {
    look: async () => (await broken('PATCH', '', { tags: {}, properties: { storageProfile: { colour: 'red' } } })).status,
    ...{ guess: 400, flipped: 200 },
  },
  'linked-action-allowed': { look: async () => (await copy(127)).status, guess: 403, flipped: 202, scenario: { grants: NO_COPY } },
  'create-powers-on': {
    look: async () => {
      const answer = await create();
      let early = false;
      await until(async () => {
        // Reads are throttled.
        await sleep(100);
        const { provisioningState, instanceView } = (await onVm(rig(), 'GET', 'made', '?$expand=instanceView')).body.properties;
        const running = instanceView.statuses.some(({ code }: { code: string }) => code === 'PowerState/running');
        early ||= running && provisioningState === 'Creating';
        return running && provisioningState === 'Succeeded';
      });
      return [answer.status, early];
    },
    ...{ guess: [201, true], flipped: [201, false], scale: 200 },
  },
  'power-shows-updating': {
    look: async () => {
      await broken('POST', '/deallocate');
      return (await broken('GET')).body.properties.provisioningState;
    },
    ...{ guess: 'Updating', flipped: 'Succeeded', scale: 20 },
  },
  'nic-name': {
    look: async () => {
      await done(create());
      const [nic] = (await onVm(rig(), 'GET', 'made')).body.properties.networkProfile.networkInterfaces;
      const { status } = await call(rig(), 'GET', `${nic.id}?api-version=2024-05-01`);
      return [
        nic.id
          .split('/')
          .at(-1)
          .replace(/[0-9a-f]{8}$/, 'HEX'),
        status,
      ];
    },
    ...{ guess: ['made-nic', 200], flipped: ['made-nic-HEX', 200] },
  },
  'detach-known-disk': {
    look: async () => {
      const answer = await helper('POST', '/attachDetachDataDisks', { dataDisksToDetach: [{ diskId: diskId('helper-os', OTHER) }] });
      if (answer.status === 202) await settled(rig(), answer);
      return [answer.status, (await helper('GET')).body.properties.storageProfile.dataDisks.length];
    },
    ...{ guess: [400, 2], flipped: [202, 2] },
  },
  'swap-disk-name': { look: () => swapped({}), guess: 400, flipped: 200 },
  'swap-same-size': { look: () => swapped({ sizeGb: 256, name: 'copy' }), guess: 400, flipped: 200 },
  'swap-on-running-vm': { look: () => swapped({ running: true, name: 'copy' }), guess: 200, flipped: 409 },
  'run-command-agent-ready': {
    look: async () => {
      const body = { location: LOCATION, properties: { source: { script: 'print hello' }, asyncExecution: true } };
      const answer = await broken('PUT', '/runCommands/job', body);
      return [answer.status, answer.body.error?.code, answer.status === 201 && (await settled(rig(), answer)).body.error.code];
    },
    ...{
      guess: [409, 'VMAgentStatusCommunicationError', false],
      flipped: [201, undefined, 'VMAgentStatusCommunicationError'],
      scale: 1500,
    },
  },
  'run-command-output-blob': {
    look: async () => {
      await command('print hello', { outputBlobUri: 'https://127.0.0.1:9/account/outputs/nowhere?sig=none' });
      const { executionState, output } = await ended();
      return [executionState, output];
    },
    ...{ guess: ['Failed', ''], flipped: ['Succeeded', 'hello\n'] },
  },
  'run-command-timed-out': {
    look: async () => {
      await done(command('sleep 60\nnote late'));
      const { status } = await helper('DELETE', '/runCommands/job');
      const then = [...notes()];
      await sleep(900);
      return [status, then, notes()];
    },
    ...{ guess: [202, [], []], flipped: [202, [], ['late']] },
  },
  'run-command-no-secret': {
    look: async () => {
      await command('print hello', { outputBlobUri: 'https://127.0.0.1:9/account/outputs/nowhere?sig=none' });
      return (await viewed()).outputBlobUri;
    },
    ...{ guess: 'https://127.0.0.1:9/account/outputs/nowhere', flipped: 'https://127.0.0.1:9/account/outputs/nowhere?sig=none' },
  },
  'boot-diagnostics-overwritten': {
    look: async () => {
      const starts = (text: string) => text.split('\n').filter(line => line.includes('starts'));
      const first = starts(await until(async () => (await log()).includes('up') && log()));
      await done(helper('POST', '/restart'));
      const second = await until(async () => {
        const told = starts(await log());
        return told.at(-1) !== first.at(-1) && told;
      });
      const boots = second.length;
      await done(helper('POST', '/powerOff'));
      return [boots, (await fetch((await retrieve()).consoleScreenshotBlobUri)).status];
    },
    ...{ guess: [1, 200], flipped: [2, 404] },
  },
  'activity-log-lags': {
    look: async () => {
      for (let n = 0; n < 3; n++) await done(helper('POST', '/restart'));
      const filter = `eventTimestamp ge '${new Date(Date.now() - 3600_000).toISOString()}'`;
      const query = new URLSearchParams({ 'api-version': '2015-04-01', $filter: filter });
      const { body } = await call(
        rig(),
        'GET',
        `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values?${query}`,
      );
      return [body.value.length, 'nextLink' in body];
    },
    ...{ guess: [0, false], flipped: [5, true] },
  },
  'serial-console-session': {
    look: async () => {
      const url = (await connect()).replace('wss', 'https').replace('/client', '/adminCommand/nmi');
      const nmi = { command: 'nmi', requestId: '6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601', commandParameters: {} };
      return (await call(rig(), 'POST', url, nmi)).status;
    },
    ...{ guess: 404, flipped: 200 },
  },
  'serial-console-listens': { look: listen, guess: { hears: true, open: false }, flipped: { hears: false, open: true } },
  'new-disk-uninitialised': {
    look: async () => {
      await command('disks');
      return (await ended()).output;
    },
    ...{ guess: '1:127:one\n', flipped: '1:127:one 3:4:undefined\n' },
  },
};
