/** kill -9 of the host in the middle of each phase, of a repair that succeeds at its second attempt and of one that is rolled back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ask, ended, post, startWorld, type World } from './world.ts';

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
const state = async () => (await (await ask(`${world.azure.adminUrl}/state`)).json()) as State;

/** The phase as Durable Functions shows it: faster than the API, for phases that last some milliseconds. */
async function phaseOf(id: string): Promise<string | undefined> {
  const answer = await ask(`${world.url}/runtime/webhooks/durabletask/instances/${id}`).catch(() => undefined);
  if (!answer?.ok) return undefined;
  const { customStatus, runtimeStatus } = (await answer.json()) as { customStatus: { phase?: string } | null; runtimeStatus: string };
  return runtimeStatus === 'Completed' ? 'over' : customStatus?.phase;
}

/** Kills the host the first time that one of the repairs is seen in a phase, until all are over; the phases in which it was killed. */
async function killInEachPhase(ids: string[]): Promise<Set<string>> {
  const killedIn = new Set<string>();
  const over = new Set<string>();
  const deadline = Date.now() + 240_000;
  while (over.size < ids.length && Date.now() < deadline) {
    for (const id of ids) {
      const phase = await phaseOf(id);
      if (phase === 'over') over.add(id);
      if (phase === undefined || phase === 'over' || killedIn.has(phase)) continue;
      killedIn.add(phase);
      await world.killHost();
      await world.startHost();
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  return killedIn;
}

test('killed once in each phase, two repairs end as they would have', async () => {
  const before = (await state()).vms;
  const vm = (name: string, vms = before) => vms.find(({ id }) => id.endsWith(name));
  const start = async (name: string) => String((await post(`${world.url}/api/repairs`, { vmId: vm(name)?.id })).body.id);
  const ids = [await start('app-nl-01'), await start('old-bad-04')];
  const killedIn = await killInEachPhase(ids);
  const phases = [
    'inspect',
    'diagnose',
    'plan',
    'restart',
    'provision',
    'protect',
    'probe',
    'repair',
    'swap',
    'verify',
    'roll back',
    'report',
    'clean up',
  ];
  expect([...killedIn]).toEqual(expect.arrayContaining(phases));

  const [repaired, rolledBack] = await Promise.all(ids.map(id => ended(world, id)));
  expect([repaired?.outcome, rolledBack?.outcome]).toEqual(['repaired', 'rolled-back']);
  const { vms, breaches, writes } = await state();
  expect(vm('app-nl-01', vms)?.osDiskId).toContain('bootmedic-');
  expect(vm('old-bad-04', vms)).toMatchObject({ osDiskId: vm('old-bad-04')?.osDiskId, power: 'running' });
  expect(vms.filter(({ id }) => id.includes('bootmedic-'))).toEqual([]);
  expect(breaches).toEqual([]);

  const done = (method: string, path: RegExp) =>
    writes.filter(write => write.method === method && path.test(write.path) && write.status < 300).length;
  // Two copies there, one back between the attempts; one copy there, one back: as often as without any crash.
  expect(done('PUT', /snapshots\/bootmedic-\w+-snap/i)).toBe(2);
  expect(done('PUT', /snapshots\/bootmedic-\w+-first-snap/i)).toBe(2);
  // The restart, then before each work on the disk; the restart, then each boot.
  expect(done('POST', /virtualMachines\/app-nl-01\/powerOff$/i)).toBe(3);
  expect(done('POST', /virtualMachines\/app-nl-01\/start$/i)).toBe(3);
  expect(done('PATCH', /virtualMachines\/app-nl-01$/i)).toBe(3);
  expect(done('PATCH', /virtualMachines\/old-bad-04$/i)).toBe(2);
}, 300_000);
