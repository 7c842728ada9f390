/** The view of a fleet, by a table for Durable Functions: a VM is told by the repair that does the work, whoever began it. */
import { expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import { fleetRoutes } from '../../functions/triggers/fleets.ts';
import { derivedRepairId } from '../../functions/triggers/repairId.ts';
import { desk, personHeader } from './callers.ts';

const fleetId = 'f-abcdefghijkl';
const vm = (name: string) => `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/${name}`;
const vmIds = ['own', 'before', 'met', 'met-and-ended', 'next'].map(vm);
const own = (name: string) => derivedRepairId(fleetId, vm(name).toLowerCase());
const [time, end] = ['2026-03-01T00:00:00Z', { headline: 'h', joinedTo: null }];
const running = { runtimeStatus: 'Running' };
const ended = (output: object) => ({ runtimeStatus: 'Completed', output: { ...end, ...output } });

const instances: Record<string, object> = {
  [fleetId]: { name: 'repairFleet', input: { vmIds }, customStatus: { elsewhere: [[1, 'r-theirsbefore']] }, ...running },
  [own('own')]: running,
  'r-theirsbefore': running,
  [own('met')]: ended({ outcome: 'joined', joinedTo: 'r-theirsatonce' }),
  'r-theirsatonce': running,
  [own('met-and-ended')]: ended({ outcome: 'joined', joinedTo: 'r-theirsfaster' }),
  'r-theirsfaster': ended({ outcome: 'repaired' }),
};
const client = {
  async getStatus(id: string) {
    const found = instances[id];
    if (found === undefined) throw new Error('HTTP 404 response');
    return { name: 'repairVm', instanceId: id, createdTime: time, lastUpdatedTime: time, ...found };
  },
} as unknown as DurableClient;

test('a VM under repair by another request is told as that, not as waiting, nor as joined, also before the fleet has looked again', async () => {
  const route = fleetRoutes.find(({ name }) => name === 'getFleet');
  if (route === undefined) throw new Error('there is no such route');
  const { status, body } = await desk({}, {}, null, client).ask(route, {
    method: 'GET',
    by: personHeader('ann', ['Repair.Read']),
    id: fleetId,
  });
  expect([status, JSON.parse(String(body))]).toEqual([
    200,
    {
      ...{ id: fleetId, state: 'running', waiting: [vm('next')], notStarted: [] },
      underWay: [
        { vmId: vm('own'), repairId: own('own') },
        { vmId: vm('before'), repairId: 'r-theirsbefore' },
        { vmId: vm('met'), repairId: 'r-theirsatonce' },
      ],
      ended: [{ vmId: vm('met-and-ended'), repairId: 'r-theirsfaster', outcome: 'repaired' }],
    },
  ]);
});
