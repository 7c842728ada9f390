/** kill -9 of the host in the middle of each phase: the same end, and nothing done twice that must not be. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ended, post, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ timeScale: 60 });
}, 60_000);
afterAll(() => world?.close());

interface State {
  vms: { id: string; osDiskId: string; power: string }[];
  breaches: unknown[];
  writes: { method: string; path: string; status: number }[];
}

test('killed once in each phase, the repair ends as it would have', async () => {
  const state = async () => (await (await fetch(`${world.azure.adminUrl}/state`)).json()) as State;
  const vm = (await state()).vms.find(({ id }) => id.endsWith('web-en-02'));
  const { body } = await post(`${world.url}/api/repairs`, { vmId: vm?.id });
  const killedIn = new Set<string>();
  const view = await ended(world, String(body.id), async ({ phase }) => {
    if (!phase || killedIn.has(phase)) return;
    killedIn.add(phase);
    await world.killHost();
    await world.startHost();
  });
  expect(view.outcome).toBe('repaired');
  expect([...killedIn]).toEqual(expect.arrayContaining(['provision', 'protect', 'probe', 'repair', 'swap', 'verify']));
  const { vms, breaches, writes } = await state();
  expect(vms.find(({ id }) => id.endsWith('web-en-02'))?.osDiskId).toContain('bootmedic-');
  expect(breaches).toEqual([]);
  const done = (method: string, path: RegExp) =>
    writes.filter(write => write.method === method && path.test(write.path) && write.status < 300).length;
  expect(done('PUT', /snapshots\/bootmedic-/)).toBe(1);
  expect(done('PATCH', /virtualMachines\/web-en-02$/i)).toBe(1);
  expect(done('POST', /web-en-02\/powerOff/i)).toBe(1);
}, 300_000);
