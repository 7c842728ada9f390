/** An alert that names a machine by less than its id starts a repair where exactly one VM is meant, and else says why it does not. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fail } from '../../azure/errors.ts';
import type { Machines } from '../../azure/machines.ts';
import { receiveAlert } from '../../functions/triggers/alerts.ts';
import { guests } from '../../simulator/guests/index.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { Bench } from '../activities/rig.ts';
import { GROUP, LOCATION, SUBSCRIPTION, vmId } from '../simulator/support/estate.ts';
import { heartbeat, loadBalancer, probe, vm, workspace } from './alertSamples.ts';
import { appHeader, desk } from './callers.ts';

const by = appHeader('461e8683-5575-4561-ac7f-899cc907d62a', ['ActionGroupsSecureWebhook']);
const till = vm('till-1');
async function deliver(machines: Partial<Machines>, body: unknown) {
  const table = desk({}, { machines: { called: async () => new Map(), behind: async () => [], ...machines } });
  const { status, body: text } = await table.ask(receiveAlert, { by, body });
  return { status, started: table.started as { vmId: string }[], body: JSON.parse(String(text)) };
}
const byComputer = (...names: string[]) => heartbeat(names.map(value => ({ name: 'Computer', value })));
const ofWhom = (found: Record<string, string[]>) => ({ called: async () => new Map(Object.entries(found)) });

describe('a heartbeat that is split by Computer', () => {
  test('starts the repair of the one VM that is called so', async () => {
    const { status, started, body } = await deliver(ofWhom({ TILL: [till] }), byComputer('TILL'));
    expect([status, started.length, body.ignored]).toEqual([202, 1, []]);
    expect(started[0]?.vmId.toLowerCase()).toBe(till);
  });

  test('starts nothing where two are called so, or none, and says so', async () => {
    const { status, started, body } = await deliver(ofWhom({ TWO: [till, vm('till-2')], NONE: [] }), byComputer('TWO', 'NONE'));
    expect([status, started]).toEqual([200, []]);
    expect(body.ignored).toEqual([
      {
        target: 'TWO',
        reason: expect.stringMatching(/^is said of 2 VMs: .*till-1, .*till-2$/),
        remedy: expect.stringContaining('_ResourceId'),
      },
      { target: 'NONE', reason: 'is no VM that bootmedic sees', remedy: expect.stringContaining('_ResourceId') },
    ]);
  });

  test('over a group names no VM of another group; over a workspace it may', async () => {
    const elsewhere = till.replace(/resourcegroups\/[^/]+/, 'resourcegroups/elsewhere');
    const group = till.split('/providers')[0] ?? '';
    const alert = (target: string) => heartbeat([{ name: 'Computer', value: 'TILL' }], { target });
    const both = ofWhom({ TILL: [till, elsewhere] });
    expect((await deliver(both, alert(group))).started.map(each => each.vmId.toLowerCase())).toEqual([till]);
    expect((await deliver(ofWhom({ TILL: [elsewhere] }), alert(group))).started).toEqual([]);
    expect((await deliver(ofWhom({ TILL: [elsewhere] }), alert(workspace))).started).toHaveLength(1);
  });

  test('is to be delivered again where Azure cannot be asked now', async () => {
    const away = async () => {
      throw fail('throttled', 'RateLimiting', 'slow down');
    };
    const { status, started, body } = await deliver({ called: away }, byComputer('TILL'));
    expect([status, started, body.type]).toEqual([503, [], 'urn:bootmedic:problem:azure-away']);
  });
});

test('a load balancer’s probe starts the repair of the VM behind each address', async () => {
  const behind = async (balancer: string, address: string) => (balancer === loadBalancer && address === '10.1.0.4' ? [till] : []);
  const { status, started, body } = await deliver({ behind }, probe(['10.1.0.4', '10.1.0.5']));
  expect([status, started.map(each => each.vmId.toLowerCase())]).toEqual([202, [till]]);
  expect(body.ignored).toEqual([
    { target: '10.1.0.5', reason: 'is no VM that bootmedic sees', remedy: expect.stringContaining('heartbeat') },
  ]);
});

describe('asked of the simulator, whose Resource Graph refuses what it does not understand', () => {
  let simulator: Simulator;
  let machines: Machines;
  beforeAll(async () => {
    const one = (name: string) => ({
      ...{ name, resourceGroup: GROUP, location: LOCATION, size: 'Standard_B2ms', generation: 'V1' },
      image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2016-Datacenter', version: 'latest' },
      osDisk: {
        name: `${name}-os`,
        sku: 'StandardSSD_LRS',
        sizeGb: 127,
        contents: { windows: { build: 14393, language: 'en-US', generation: 'V1' } },
      },
    });
    const scenario = {
      subscriptions: [{ id: SUBSCRIPTION }],
      resourceGroups: [{ name: GROUP, location: LOCATION }],
      virtualMachines: ['till-1', 'till-10'].map(one),
    };
    simulator = await startSimulator({ scenario, guests, runDir: await mkdtemp(join(tmpdir(), 'hints-')), timeScale: 200 });
    machines = new Bench(simulator).tools.azure.machines;
  }, 60_000);
  afterAll(() => simulator?.close());

  test('a name finds its VM, and no other', async () => {
    const found = await machines.called(['till-1.shop.example', 'TILL-10', 'till-2']);
    expect([...found]).toEqual([
      ['till-1.shop.example', [vmId('till-1')]],
      ['TILL-10', [vmId('till-10')]],
      ['till-2', []],
    ]);
  });

  test('an address that no card has in a pool finds nothing', async () => {
    expect(
      await machines.behind(
        `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Network/loadBalancers/lb`,
        '10.0.0.4',
      ),
    ).toEqual([]);
  });
});
