/** Azure's own view: Resource Health, the activity log, boot diagnostics turned on while a VM runs. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, estate, GROUP, LOCATION, onVm, type Rig, rig, SUBSCRIPTION, settled, until, vmId } from './support/estate.ts';
import { toy } from './support/guests.ts';

const machine = (name: string, changes: object = {}) => ({
  ...{ name, resourceGroup: GROUP, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V2' },
  osDisk: { name: `${name}-os`, sizeGb: 127, contents: toy(name, false) },
  ...changes,
});
const virtualMachines = [
  machine('stopped-screen'),
  machine('faulty', { platformEvent: { cause: 'host-fault', minutesAgo: 5 } }),
  machine('maintained', { platformEvent: { cause: 'maintenance', minutesAgo: 50, endedMinutesAgo: 40 } }),
  machine('resting', { power: 'deallocated', runningForMinutes: 30 }),
  machine('blind', { bootDiagnostics: false }),
  machine('own', { bootDiagnostics: { storageUri: 'https://gone.blob.core.invalid/' } }),
];
let azure: Rig;
beforeAll(async () => {
  azure = await rig(estate({ virtualMachines }), 400);
}, 30_000);
afterAll(() => azure?.simulator.close());

const get = async (path: string) => {
  const answer = await call(azure, 'GET', path);
  expect(answer.status).toBe(200);
  return answer.body;
};
const statuses = `/providers/Microsoft.ResourceHealth/availabilityStatuses`;
const health = async (name: string) => (await get(`${vmId(name)}${statuses}/current?api-version=2022-10-01`)).properties;

describe('Resource Health', () => {
  test('sees the host: a stop screen is Available, a fault of the host is not, whatever the guest shows', async () => {
    expect(await health('stopped-screen')).toMatchObject({ availabilityState: 'Available' });
    expect(await health('faulty')).toMatchObject({
      availabilityState: 'Unavailable',
      context: 'Platform Initiated',
      category: 'Unplanned',
    });
    expect(await health('resting')).toMatchObject({ availabilityState: 'Unavailable', reasonType: 'UserInitiated' });
  });

  test('lists what was before, after what is', async () => {
    const { value } = await get(`${vmId('maintained')}${statuses}?api-version=2022-10-01`);
    expect(value.map((each: { properties: object }) => each.properties)).toMatchObject([
      { availabilityState: 'Available' },
      { availabilityState: 'Unavailable', category: 'Planned' },
    ]);
    expect(value[0].name).toBe('current');
    expect(Date.parse(value[0].properties.occuredTime)).toBeGreaterThan(Date.parse(value[1].properties.occuredTime));
  });
});

describe('the activity log', () => {
  const events = async (name: string) => {
    const filter = `eventTimestamp ge '${new Date(Date.now() - 3600_000).toISOString()}' and resourceUri eq '${vmId(name).toUpperCase()}'`;
    const query = new URLSearchParams({ 'api-version': '2015-04-01', $filter: filter });
    const path = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values?${query}`;
    const found = [];
    for (let next = path; next; ) {
      const { value, nextLink } = await get(next);
      expect(value.length).toBeLessThanOrEqual(20);
      found.push(...value);
      // Not before it became available for querying.
      for (const { submissionTimestamp } of value) expect(Date.parse(submissionTimestamp)).toBeLessThanOrEqual(Date.now());
      next = nextLink ?? '';
    }
    return found.map(({ operationName, status, caller }) => [operationName.value.split('/').slice(2).join('/'), status.value, caller]);
  };

  test('has who stopped a VM, and what the host did, from before the simulator began', async () => {
    expect(await events('resting')).toEqual([['deallocate/action', 'Succeeded', 'operator@contoso.example']]);
    expect(await events('maintained')).toEqual([
      ['Resolved/action', 'Resolved', undefined],
      ['Activated/action', 'Active', undefined],
    ]);
    expect(await events('stopped-screen')).toEqual([]);
  });

  test('has what was asked of it, not at once, in pages, newest first', async () => {
    for (let n = 0; n < 11; n++) {
      await settled(azure, await onVm(azure, 'POST', 'stopped-screen', '/restart'));
      await events('stopped-screen');
    }
    const all = await until(async () => {
      const found = await events('stopped-screen');
      // What arrives between two pages shows the last entry of the first one twice.
      return found.length === 22 && found[0]?.[1] === 'Succeeded' && found;
    });
    expect(all.map(([operation]) => operation)).toEqual(all.map(() => 'restart/action'));
    expect(all.slice(0, 2).map(([, status]) => status)).toEqual(['Succeeded', 'Started']);
  }, 20_000);
});

describe('boot diagnostics', () => {
  const retrieve = (name: string) => onVm(azure, 'POST', name, '/retrieveBootDiagnosticsData');

  test('turned on while a VM runs show its screen, and its log from the next start on', async () => {
    expect((await retrieve('blind')).status).toBe(409);
    const on = { properties: { diagnosticsProfile: { bootDiagnostics: { enabled: true } } } };
    expect((await settled(azure, await onVm(azure, 'PATCH', 'blind', '', on))).body.status).toBe('Succeeded');
    const { body } = await retrieve('blind');
    expect((await fetch(body.consoleScreenshotBlobUri)).status).toBe(200);
    expect((await fetch(body.serialConsoleLogBlobUri)).status).toBe(404);
    await settled(azure, await onVm(azure, 'POST', 'blind', '/restart'));
    await until(async () => (await fetch((await retrieve('blind')).body.serialConsoleLogBlobUri)).status === 200);
  });

  test('in an account of the owner’s are said to be there', async () => {
    const { body } = await retrieve('own');
    expect(new URL(body.consoleScreenshotBlobUri).host).toBe('gone.blob.core.invalid');
  });
});
