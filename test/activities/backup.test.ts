/** Azure Backup's newest recovery point, asked of the simulator: it is told, and never a reason to fail or to wait. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { call, estate, GROUP, LOCATION, OTHER, type Rig, rig, SUBSCRIPTION, vmId } from '../simulator/support/estate.ts';
import { toy } from '../simulator/support/guests.ts';
import { Bench } from './rig.ts';
import { request } from './samples.ts';

const machine = (name: string, backup?: object, changes: object = {}) => ({
  ...{ name, resourceGroup: GROUP, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V2' },
  osDisk: { name: `${name}-os`, sizeGb: 127, contents: toy(name) },
  ...(backup && { backup }),
  ...changes,
});
const virtualMachines = [
  machine('kept', { vault: 'vault-a', policy: 'daily', hoursAgo: 5 }),
  machine('new', { vault: 'vault-a', state: 'IRPending', lastStatus: 'IRPending' }),
  machine('bare'),
  machine('elsewhere', { vault: 'vault-b', resourceGroup: OTHER, hoursAgo: 1 }),
];
const reading = ['Microsoft.Compute/*', 'Microsoft.RecoveryServices/*/read', 'Microsoft.Insights/*/read'];
const grants = [
  { scope: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`, actions: [...reading, 'Microsoft.Authorization/*/read'] },
  { scope: `/subscriptions/${SUBSCRIPTION}`, actions: ['Microsoft.Compute/skus/read'] },
];

let azure: Rig;
let bench: Bench;
beforeAll(async () => {
  azure = await rig(estate({ virtualMachines, grants }), 400);
  bench = new Bench(azure.simulator, { defaults: { mode: 'observe' } });
}, 30_000);
afterAll(() => azure?.simulator.close());
afterEach(() => bench.clearFaults());

const inspect = (name: string) => bench.value('inspectVm', { request: { ...request, vmId: vmId(name) } });
const graph = { method: 'POST', path: 'Microsoft.ResourceGraph' };

test('the newest recovery point, with vault and policy', async () => {
  const { backup } = await inspect('kept');
  expect(backup).toMatchObject({ unread: null, found: { policy: 'daily', state: 'Protected', lastStatus: 'Completed' } });
  expect(backup?.found?.itemId).toMatch(
    /\/vaults\/vault-a\/backupFabrics\/Azure\/protectionContainers\/IaasVMContainer;.*\/protectedItems\/VM;/,
  );
  const hours = (Date.now() - Date.parse(backup?.found?.newest ?? '')) / 3_600_000;
  expect(Math.abs(hours - 5)).toBeLessThan(0.1);
});

test('protected and never backed up, and not protected, are two answers', async () => {
  expect((await inspect('new')).backup?.found).toMatchObject({ newest: null, state: 'IRPending' });
  expect((await inspect('bare')).backup).toMatchObject({ found: null, unread: null });
});

test('an item that may not be read is not there', async () => expect((await inspect('elsewhere')).backup?.found).toBeNull());

test('ids are compared without case', async () =>
  expect(await bench.tools.azure.resourceGraph.backups(vmId('KEPT').replace('resourceGroups', 'RESOURCEGROUPS'))).toHaveLength(1));

test('what would leave the query’s text is never put into it', async () => {
  expect(await bench.tools.azure.resourceGraph.backups(`${vmId('kept')}' or type =~ '`)).toEqual([]);
});

test.each([
  [
    'throttled',
    { answer: { status: 429, headers: { 'Retry-After': '60' }, body: { error: { code: 'RateLimiting', message: 'too many' } } } },
    'RateLimiting',
  ],
  ['forbidden', { answer: { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } } }, 'AuthorizationFailed'],
  ['nonsense', { answer: { status: 200, body: { data: 'no' } } }, 'unexpectedBody'],
  ['cut off', { drop: 'before' }, ''],
])('%s: the VM is inspected all the same, and why is told', async (_, fault, code) => {
  await bench.inject({ match: graph, ...fault });
  const { vm, backup } = await inspect('kept');
  expect(vm?.name).toBe('kept');
  expect(backup?.found).toBeNull();
  expect(backup?.unread).toContain(code);
});

test('it is not waited for', async () => {
  await bench.inject({ match: graph, delaySeconds: 8 });
  const begun = performance.now();
  const { vm, backup } = await inspect('kept');
  expect(performance.now() - begun).toBeLessThan(7000);
  expect([vm?.name, backup?.found, backup?.unread]).toEqual(['kept', null, expect.stringMatching(/./)]);
}, 20_000);

test('the table is asked as any other: an `or` holds where one side does, and no other operator', async () => {
  const ask = (query: string) => call(azure, 'POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', { query });
  const either = await ask("resources | where name =~ 'KEPT' or name =~ 'bare' | project id, name | order by id asc");
  expect(either.body.data.map(({ name }: { name: string }) => name)).toEqual(['bare', 'kept']);
  expect((await ask("resources | where name =~ 'kept' and name =~ 'bare' | project id")).status).toBe(400);
});
