/** kill -9 of the host in the middle of each phase, of a repair that succeeds at its second attempt and of one that is rolled back. */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { alertFor, ask, post, startWorld, type World } from './world.ts';

const file = join(tmpdir(), `bootmedic-crash-${randomUUID()}`);
let world: World;
beforeAll(async () => {
  const env = { BOOTMEDIC_DEATHS: file, BOOTMEDIC_DEATHS_OF: 'phases' };
  world = await startWorld({ timeScale: 60, entry: 'test/end-to-end/dyingApp.ts', env });
}, 600_000);
afterAll(async () => {
  await world?.close();
  rmSync(file, { force: true });
});

interface State {
  vms: { id: string; osDiskId: string; power: string }[];
  breaches: unknown[];
  writes: { method: string; path: string; status: number }[];
}
const state = async () => (await (await ask(`${world.azure.adminUrl}/state`)).json()) as State;

/** The repairs that there are; undefined where the host is dead. */
async function repairs(): Promise<{ vmId: string; outcome: string | null }[] | undefined> {
  const answer = await ask(`${world.url}/api/repairs`).catch(() => undefined);
  const list = (await answer?.json().catch(() => undefined)) as { items?: { vmId: string; outcome: string | null }[] } | undefined;
  return list?.items;
}

/** Starts the host again each time that it is found dead, until so many repairs are over: VM -> outcome. */
async function revived(count: number): Promise<Record<string, string | null>> {
  for (const deadline = Date.now() + 800_000; Date.now() < deadline; await new Promise(resolve => setTimeout(resolve, 50))) {
    const items = await repairs();
    if (items === undefined) {
      await world.killHost();
      // It may die before it says that it is there.
      await world.startHost().catch(() => {});
    } else if (items.length === count && items.every(({ outcome }) => outcome !== null))
      return Object.fromEntries(items.map(({ vmId, outcome }) => [vmId.split('/').at(-1) ?? '', outcome]));
  }
  throw new Error(`they do not end:\n${world.output().slice(-4000)}`);
}

test('killed once in each phase, two repairs end as they would have', async () => {
  const before = (await state()).vms;
  const vm = (name: string, vms = before) => vms.find(({ id }) => id.endsWith(name));
  // It dies before it has answered, or after; the alert is put down by then.
  await post(`${world.url}/api/alerts`, alertFor(['app-nl-01', 'old-bad-04'].map(name => vm(name)?.id ?? ''))).catch(() => {});
  expect(await revived(2)).toEqual({ 'app-nl-01': 'repaired', 'old-bad-04': 'rolled-back' });
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
  const killedIn = readFileSync(file, 'utf8').trim().split('\n');
  expect(killedIn).toEqual(expect.arrayContaining(phases.map(phase => `in ${phase}`)));

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
}, 900_000);
