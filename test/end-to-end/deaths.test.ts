/**
 * The host's process dies (SIGKILL) before and after each activity of a repair, and between what each write did and its answer: over a hundred
 * times in one repair. Minutes: `npm run tables`; `crash.test.ts` is in `npm test`.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ask, post, startWorld, type World } from './world.ts';

const file = join(tmpdir(), `bootmedic-deaths-${randomUUID()}`);
let world: World;
beforeAll(async () => {
  // A start takes seconds, in which its own time goes on: it must not take the hours that a repair may last.
  world = await startWorld({ timeScale: 20, entry: 'test/end-to-end/dyingApp.ts', env: { BOOTMEDIC_DEATHS: file } });
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

/** Of the one repair that there is; undefined where the host is dead. */
async function outcome(): Promise<string | null | undefined> {
  const answer = await ask(`${world.url}/api/repairs`).catch(() => undefined);
  if (answer === undefined) return undefined;
  const list = (await answer.json().catch(() => ({}))) as { items?: { outcome: string | null }[] };
  return list.items?.[0]?.outcome ?? null;
}

/** Starts the host again each time that it is found dead, until the repair is over. */
async function revived(): Promise<string> {
  for (const deadline = Date.now() + 900_000; Date.now() < deadline; await new Promise(resolve => setTimeout(resolve, 20))) {
    const seen = await outcome();
    if (typeof seen === 'string') return seen;
    if (seen === null) continue;
    await world.killHost();
    // It may die before it says that it is there.
    await world.startHost().catch(() => {});
  }
  throw new Error(`it does not end:\n${world.output().slice(-4000)}`);
}

test('a repair ends as it would have', async () => {
  const before = (await state()).vms.find(({ id }) => id.endsWith('app-nl-01'));
  // It dies before it has answered; the repair is on record by then.
  await post(`${world.url}/api/repairs`, { vmId: before?.id }).catch(() => {});
  expect(await revived()).toBe('repaired');

  const places = readFileSync(file, 'utf8').trim().split('\n');
  const at = (where: string) => places.filter(place => place.startsWith(where)).map(place => place.split(' ')[1] ?? '');
  console.info(
    `${places.length} deaths: ${at('before').length} before an activity, ${at('after').length} after one, ${at('answered').length} at an answer`,
  );
  expect(at('answered').length).toBeGreaterThan(12);
  expect([new Set(at('before')), new Set(at('after'))]).toEqual([new Set(at('after')), new Set(at('before'))]);
  expect(new Set(at('after')).size).toBeGreaterThan(20);

  const { vms, breaches, writes } = await state();
  expect(breaches).toEqual([]);
  expect(vms.find(({ id }) => id.endsWith('app-nl-01'))?.osDiskId).toContain('bootmedic-');
  expect(vms.filter(({ id }) => id.includes('bootmedic-'))).toEqual([]);
  const done = (method: string, path: RegExp) =>
    writes.filter(write => write.method === method && path.test(write.path) && write.status < 300).length;
  expect(done('PUT', /snapshots\/bootmedic-\w+-snap/i)).toBe(1);
  expect(done('POST', /virtualMachines\/app-nl-01\/powerOff$/i)).toBe(3);
  expect(done('POST', /virtualMachines\/app-nl-01\/start$/i)).toBe(3);
  expect(done('PATCH', /virtualMachines\/app-nl-01$/i)).toBe(3);
}, 960_000);
