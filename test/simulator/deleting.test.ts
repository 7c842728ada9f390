import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  call,
  diskId,
  estate,
  GROUP,
  LOCATION,
  OTHER,
  onDisk,
  onVm,
  type Rig,
  rig,
  SUBSCRIPTION,
  settled,
  until,
} from './support/estate.ts';

let azure: Rig;
beforeAll(async () => {
  azure = await rig(estate({}), 400);
}, 30_000);
afterAll(() => azure?.simulator.close());

const done = async (answer: Promise<Answer>) => settled(azure, await answer);
type Answer = Awaited<ReturnType<typeof call>>;
/** What its Location says in the end. */
async function deleteGroup(of = azure): Promise<Answer> {
  const { headers } = await call(of, 'DELETE', `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}?api-version=2025-04-01`);
  const { pathname, search } = new URL(String(headers.location));
  return until(async () => {
    const answer = await call(of, 'GET', `${pathname}${search}`);
    return answer.status !== 202 && answer;
  });
}
const onHelper = (method: string, rest: string, body?: unknown) => onVm(azure, method, 'helper', rest, body, {}, OTHER);

test('a group goes with all that is in it, but for a disk that a VM of another group has: then it stays, and says so', async () => {
  await done(
    onDisk(azure, 'PUT', 'lent', {
      location: LOCATION,
      zones: ['1'],
      properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 8 },
    }),
  );
  await done(onHelper('POST', '/attachDetachDataDisks', { dataDisksToAttach: [{ diskId: diskId('lent'), lun: 0 }] }));
  const end = await deleteGroup();
  expect(end.body.error).toMatchObject({ code: 'ResourceGroupDeletionBlocked', message: expect.stringContaining(diskId('lent')) });
  expect([(await onVm(azure, 'GET', 'broken')).status, (await onDisk(azure, 'GET', 'broken-os')).status]).toEqual([404, 404]);
  expect((await onDisk(azure, 'GET', 'lent')).body.properties.diskState).toBe('Attached');
  await done(onHelper('POST', '/attachDetachDataDisks', { dataDisksToDetach: [{ diskId: diskId('lent') }] }));
  await deleteGroup();
  expect((await onDisk(azure, 'GET', 'lent')).status).toBe(404);
});

test('a VM whose deletion is asked for twice is deleted once', async () => {
  // Slow enough that the second comes while the first is under way.
  const slow = await rig(estate({}), 20);
  const onDoomed = (method: string) => onVm(slow, method, 'helper', '', undefined, {}, OTHER);
  const [first, second] = await Promise.all([onDoomed('DELETE'), onDoomed('DELETE')]);
  expect([first.status, second.status]).toEqual([202, 202]);
  await Promise.all([settled(slow, first), settled(slow, second)]);
  expect((await onDoomed('GET')).status).toBe(404);
  await slow.simulator.close();
});

test('what is under way on a VM when its group goes ends in the words of the VM that is not there, and nothing else', async () => {
  const doomed = await rig(estate({}), 100);
  const late = { match: { method: 'POST', path: '/start' }, lateSeconds: 300 };
  await fetch(`${doomed.simulator.adminUrl}/faults`, { method: 'POST', body: JSON.stringify(late) });
  await settled(doomed, await onVm(doomed, 'POST', 'broken', '/deallocate'));
  const start = await onVm(doomed, 'POST', 'broken', '/start');
  expect(start.status).toBe(202);
  await deleteGroup(doomed);
  // Operations are not looked at more often than their throttle allows.
  await new Promise(resolve => setTimeout(resolve, 3500));
  expect((await settled(doomed, start)).body).toMatchObject({ status: 'Failed', error: { code: 'ResourceNotFound' } });
  expect((await onVm(doomed, 'GET', 'broken')).status).toBe(404);
  await doomed.simulator.close();
});
