import { expect, test } from '@jest/globals';
import { resourceHealth } from '../../azure/health.ts';
import { fakeArm } from './fakeArm.ts';

const vm = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v';
const statuses = `${vm}/providers/Microsoft.ResourceHealth/availabilityStatuses`;
const status = (properties: object, name = 'current') => ({ name, properties });
const read = (properties: object, before: object[] = []) =>
  resourceHealth(fakeArm({ [`${statuses}/current`]: status(properties), [statuses]: [status(properties), ...before] })).read(vm);

/** Words as the specification and Microsoft's pages have them; `reasonType: Unplanned` was seen beside a guest's own crash too. */
test.each([
  [{ availabilityState: 'Available', reasonType: '' }, 'available', 'unknown', false],
  [{ availabilityState: 'Unavailable', reasonType: 'Unplanned' }, 'unavailable', 'platform', false],
  [{ availabilityState: 'Unavailable', reasonType: 'Planned' }, 'unavailable', 'platform', true],
  [{ availabilityState: 'Unavailable', context: 'Platform Initiated', category: 'Planned' }, 'unavailable', 'platform', true],
  [
    { availabilityState: 'Unavailable', healthEventCause: 'PlatformInitiated', healthEventCategory: 'Unplanned' },
    'unavailable',
    'platform',
    false,
  ],
  [{ availabilityState: 'Unavailable', reasonType: 'UserInitiated' }, 'unavailable', 'person', false],
  [{ availabilityState: 'Unavailable', context: 'Customer Initiated', category: 'Not Applicable' }, 'unavailable', 'person', false],
  [{ availabilityState: 'Unavailable', context: 'VM Initiated', reasonType: 'Unplanned' }, 'unavailable', 'guest', false],
  [{ availabilityState: 'Degraded', context: 'Platform Initiated', category: 'Unplanned' }, 'degraded', 'platform', false],
  [{ availabilityState: 'Unknown' }, 'unknown', 'unknown', false],
  [{ availabilityState: null }, 'unknown', 'unknown', false],
])('%j', async (properties, state, by, planned) => {
  expect((await read(properties)).now).toMatchObject({ state, by, planned });
});

test('the time is read in both spellings, texts are bounded, and a time that is none is none', async () => {
  const title = 'x'.repeat(5000);
  expect((await read({ title, occuredTime: '2026-03-01T03:00:00.1234567Z' })).now).toMatchObject({ since: '2026-03-01T03:00:00.123Z' });
  expect((await read({ occurredTime: '2026-03-01T03:00:00Z' })).now.since).toBe('2026-03-01T03:00:00.000Z');
  expect((await read({ title, occuredTime: 'yesterday' })).now).toMatchObject({ since: null, title: 'x'.repeat(300) });
});

test('what was before is told newest first, and at most ten of it', async () => {
  const before = Array.from({ length: 15 }, (_, n) =>
    status({ availabilityState: 'Available', occuredTime: `2026-03-${10 + n}T00:00:00Z` }, `t${n}`),
  );
  const times = (await read({ availabilityState: 'Available' }, before)).before.map(({ since }) => since?.slice(8, 10));
  expect(times).toEqual(['24', '23', '22', '21', '20', '19', '18', '17', '16', '15']);
});
