/** Resource Graph: what it answers, page by page, and what it refuses; asked by the product's own queries and by others. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { resourceGraph, type SeenVm } from '../../azure/resourceGraph.ts';
import { Throttle } from '../../simulator/arm/throttle.ts';
import { Clock } from '../../simulator/clock.ts';
import { Bench } from '../activities/rig.ts';
import { call, diskId, estate, GROUP, LOCATION, OTHER, type Rig, rig, SUBSCRIPTION, vmId } from './support/estate.ts';
import { toy } from './support/guests.ts';

const machine = (name: string, changes: object = {}) => ({
  ...{ name, resourceGroup: GROUP, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V2' },
  osDisk: { name: `${name}-os`, sizeGb: 127, contents: toy(name) },
  ...changes,
});
const virtualMachines = [
  machine('till-1', { tags: { tier: 'gold' } }),
  machine('till-2', { power: 'deallocated', runningForMinutes: 30, computerName: 'TILL2' }),
  machine('faulty', { platformEvent: { cause: 'host-fault', minutesAgo: 5 } }),
  machine('hidden', { resourceGroup: OTHER }),
];
const own = { tags: { 'bootmedic-repair': 'r-abcdefghijkl' } };
virtualMachines.push(machine('kept', { osDisk: { name: 'kept-os', sizeGb: 64, contents: toy('kept'), ...own } }));
const grants = [{ scope: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`, actions: ['*/read'] }];

let azure: Rig;
let bench: Bench;
beforeAll(async () => {
  azure = await rig(estate({ virtualMachines, grants }), 400);
  bench = new Bench(azure.simulator);
}, 30_000);
afterAll(() => azure?.simulator.close());

const path = '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01';
const ask = (query: string, more: object = {}) => call(azure, 'POST', path, { query, ...more });
const named = (vms: SeenVm[], name: string) => vms.find(vm => vm.name === name);

describe('the product’s queries', () => {
  test('every VM that may be read, with its power and its host’s health', async () => {
    const { found, next } = await bench.tools.azure.resourceGraph.vms([], null);
    expect([found.map(({ name }) => name), next]).toEqual([['faulty', 'kept', 'till-1', 'till-2'], null]);
    expect(named(found, 'till-1')).toMatchObject({
      id: vmId('till-1'),
      windows: true,
      power: 'running',
      tags: { tier: 'gold' },
      host: { state: 'available' },
    });
    expect(named(found, 'till-2')).toMatchObject({
      power: 'deallocated',
      computerName: 'TILL2',
      host: { state: 'unavailable', by: 'person' },
    });
    expect(named(found, 'faulty')?.host).toEqual({ state: 'unavailable', by: 'platform' });
  });

  test('only the subscriptions asked for', async () => {
    const graph = bench.tools.azure.resourceGraph;
    expect((await graph.vms(['99999999-2222-4333-8444-555555555555'], null)).found).toEqual([]);
    expect((await graph.vms([SUBSCRIPTION.toUpperCase()], null)).found).toHaveLength(4);
  });

  test('what bears our tag', async () => {
    expect((await bench.tools.azure.resourceGraph.volumes(null)).found).toEqual([
      { id: diskId('kept-os'), type: 'disk', ...own, sizeGb: 64, sku: 'Premium_LRS', incremental: false, attachedTo: vmId('kept') },
    ]);
  });

  test('a question is no write: neither in the audit nor in the simulator’s journal', async () => {
    await bench.tools.azure.resourceGraph.vms([], null);
    expect((await bench.state()).writes).toEqual([]);
  });
});

describe('pages', () => {
  const query = "resources | where type =~ 'Microsoft.Compute/virtualMachines' | project id, name | order by id asc";
  test('hold what was asked for and lead on until the last', async () => {
    const names: string[] = [];
    let token: string | undefined;
    let pages = 0;
    do {
      const { body } = await ask(query, { options: { $top: 3, ...(token && { $skipToken: token }) } });
      expect(body).toMatchObject({ totalRecords: 4, resultTruncated: 'false' });
      names.push(...body.data.map((row: { name: string }) => row.name));
      token = body.$skipToken;
      pages++;
    } while (token);
    expect([pages, names]).toEqual([2, ['faulty', 'kept', 'till-1', 'till-2']]);
  });

  test('a token of another query is refused; a query without id has no second page', async () => {
    const { body } = await ask(query, { options: { $top: 1 } });
    const other = await ask(`${query} `, { options: { $top: 1, $skipToken: body.$skipToken } });
    expect([other.status, other.body.error.code]).toEqual([400, 'BadRequest']);
    const blind = await ask('resources | project name', { options: { $top: 1 } });
    expect([blind.body.resultTruncated, blind.body.$skipToken]).toEqual(['true', undefined]);
  });
});

test.each([
  ['', 'ends too early'],
  ['vms', "no table 'vms'"],
  ['resources | summarize count() by type', 'summarize'],
  ['resources | where type == "x"', 'not understood'],
  ["resources | where type has 'x'", 'has'],
  ['resources | order by name asc', "'id' is expected"],
  ["resources | project id = strcat('a', 'b')", 'expected'],
  ['resources | join kind=inner (resources | project id) on id', 'leftouter'],
  ['resources | project id | drop', 'drop'],
  ['resources; drop', 'not understood'],
])('%j is refused, not guessed at', async (query, why) => {
  const { status, body } = await ask(query);
  expect([status, body.error.code]).toEqual([400, 'BadRequest']);
  expect(body.error.message).toContain(why);
});

test('more than 15 queries at once are throttled', () => {
  const clock = new Clock(1);
  const throttle = new Throttle(clock);
  const left = Array.from({ length: 15 }, () => throttle.graph()['x-ms-user-quota-remaining']);
  expect([left[0], left.at(-1)]).toEqual(['14', '0']);
  expect(() => throttle.graph()).toThrow(
    expect.objectContaining({ status: 429, code: 'RateLimiting', headers: expect.objectContaining({ 'Retry-After': '1' }) }),
  );
  clock.close();
});

test('a row that is not as expected hides no other', async () => {
  const arm = {
    ask: async (_: string, __: string, ___: unknown, schema: { parse(body: unknown): unknown }) =>
      schema.parse({ data: [{ id: 1 }, { id: 'a', name: 'b' }] }),
  };
  const { found } = await resourceGraph(arm as never).vms([], null);
  expect(found).toEqual([{ id: 'a', name: 'b', tags: {}, windows: false, power: '', computerName: '', createdAt: null, host: null }]);
});
