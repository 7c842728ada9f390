/** What else Azure is asked, with a field missing or another in its place: a value or a fault that says what is wrong; nothing is written for it. */
import { expect, test } from '@jest/globals';
import type { Bench } from '../activities/rig.ts';
import { names, request } from '../activities/samples.ts';
import fc from '../fastCheck.ts';
import { diskId, idOf, LOCATION } from '../simulator/support/estate.ts';
import { bench, inspectBefore, vm } from './inspected.ts';
import { isUnpolluted, mutated } from './odd.ts';

inspectBefore();

const snapshotId = idOf('Microsoft.Compute/snapshots', names.snapshot);
const copyId = idOf('Microsoft.Compute/disks', names.disk);
const tags = { 'bootmedic-repair': 'r-abcdefghijkl', 'bootmedic-expires': '2026-01-01T00:00:00.000Z' };
const volume = (id: string) => ({ id, location: LOCATION, tags, sku: { name: 'Standard_LRS' } });
const made = { provisioningState: 'Succeeded', diskSizeGB: 127, timeCreated: '2026-01-01T00:00:00Z', uniqueId: 'u' };
const snapshot = {
  ...volume(snapshotId),
  properties: { ...made, incremental: true, creationData: { createOption: 'Copy', sourceResourceId: diskId('broken-os') } },
};
const copy = { ...volume(copyId), properties: { ...made, creationData: { createOption: 'Copy', sourceResourceId: snapshotId } } };
const health = {
  value: [
    {
      id: `${request.vmId}/providers/Microsoft.ResourceHealth/availabilityStatuses/current`,
      properties: { availabilityState: 'Available', occurredTime: '2026-01-01T00:00:00Z', reasonType: '', summary: 's', context: '' },
    },
  ],
};
const events = {
  value: [
    {
      ...{ eventTimestamp: '2026-01-01T00:00:00Z', operationName: { value: 'Microsoft.Compute/virtualMachines/start/action' } },
      ...{
        status: { value: 'Succeeded' },
        caller: 'anna',
        correlationId: 'c',
        resourceId: request.vmId,
        category: { value: 'Administrative' },
      },
    },
  ],
};
const suspects = {
  totalRecords: 1,
  count: 1,
  data: [{ id: request.vmId, name: 'broken', tags, osType: 'Windows', power: 'PowerState/running' }],
};
const volumes = {
  totalRecords: 1,
  count: 1,
  data: [{ id: snapshotId, type: 'microsoft.compute/snapshots', tags, sizeGb: 127, sku: 'Standard_LRS' }],
};

type Act = () => ReturnType<Bench['act']>;
const asks = (): { path: string; method: 'GET' | 'POST'; body: unknown; act: Act }[] => [
  {
    ...{ path: 'snapshots/', method: 'GET', body: snapshot },
    act: () => bench.act('ensureSnapshotDeleted', { snapshotId }),
  },
  { path: 'disks/', method: 'GET', body: copy, act: () => bench.act('ensureLeftoverDeleted', { resourceId: copyId }) },
  { path: 'snapshots/', method: 'GET', body: snapshot, act: () => bench.act('ensureLeftoverDeleted', { resourceId: snapshotId }) },
  { path: 'availabilityStatuses', method: 'GET', body: health, act: () => bench.act('diagnoseVm', { vm }) },
  { path: 'eventtypes/management', method: 'GET', body: events, act: () => bench.act('inspectVm', { request }) },
  { path: 'ResourceGraph/resources', method: 'POST', body: suspects, act: () => bench.act('findSuspects', { token: null }) },
  { path: 'ResourceGraph/resources', method: 'POST', body: volumes, act: () => bench.act('findLeftovers', { token: null }) },
];

test('snapshots, disks, health, the activity log and Resource Graph', async () => {
  const cases = fc.constantFrom(...asks()).chain(ask => mutated(ask.body).map(body => ({ ...ask, body })));
  let refused = 0;
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ path, method, act, body }) => {
      await bench.inject({ match: { method, path }, times: 6, answer: { status: 200, body: body ?? null } });
      const reply = await act();
      await bench.clearFaults();
      if (reply.ok) answered++;
      else {
        refused++;
        expect(reply.fault.message.length).toBeGreaterThan(5);
        // No programming error in disguise.
        expect([path, JSON.stringify(body)?.slice(0, 300), reply.fault.message, reply.fault.code]).not.toContain('internal');
      }
      expect(isUnpolluted()).toBe(true);
    }),
    { numRuns: 100 },
  );
  expect([refused, answered].every(count => count > 0)).toBe(true);
  const { writes } = await bench.state();
  // What is still judged as ours may be deleted, and nothing else is.
  for (const { method, path } of writes) expect([method, path]).toEqual(['DELETE', snapshotId]);
}, 120_000);
