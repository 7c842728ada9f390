/** `bootmedic fleet`, against an app that answers as the real one does. */
import { afterEach, expect, test } from '@jest/globals';
import type { z } from 'zod';
import type { fleetView } from '../../functions/triggers/schemas.ts';
import { type FakeApp, fakeApp, vmId } from './samples.ts';

let app: FakeApp;
afterEach(() => app?.close());

const id = 'f-222222222222';
const [web, db] = [vmId('web'), vmId('db')];
const view = (change: Partial<z.infer<typeof fleetView>>): z.infer<typeof fleetView> => ({
  ...{ id, state: 'running', waiting: [], underWay: [], ended: [], notStarted: [] },
  ...change,
});
const ofWeb = { vmId: web, repairId: 'r-222222222222' };
const repaired = view({
  state: 'ended',
  ended: [ofWeb, { vmId: db, repairId: 'r-333333333333' }].map(each => ({ ...each, outcome: 'repaired' })),
});
const looks = [
  { body: view({ waiting: [db], underWay: [ofWeb] }) },
  { status: 503, body: 'restarting' },
  { body: view({ ended: [{ ...ofWeb, outcome: 'repaired' }], underWay: [{ vmId: db, repairId: 'r-333333333333' }] }) },
];

const bootmedic = (...args: string[]) => app.run(...args);

test('a fleet is begun and followed: each change once, and how it ended', async () => {
  app = await fakeApp({
    'POST /api/fleets': [{ status: 202, body: view({ waiting: [web, db] }) }],
    [`GET /api/fleets/${id}`]: [...looks, { body: repaired }],
  });
  const { code, out } = await bootmedic('fleet', web, db, '--at-once', '3', '--mode', 'review');
  expect(app.asked[0]?.body).toEqual({ vmIds: [web, db], mode: 'review', atOnce: 3 });
  expect(code).toBe(0);
  expect(out).toContain(`Began ${id} of 2 VMs`);
  for (const once of ['web  is under repair  r-222222222222\n', 'web  repaired  r-222222222222\n', 'db  is under repair  r-333333333333\n'])
    expect(out.split(/\nVM +outcome/)[0]?.split(once)).toHaveLength(2);
  expect(out).toContain(`${id}: 2 of 2 repaired.`);
}, 15_000);

test('one that was begun is followed by its id; what was not started or not repaired is not as hoped', async () => {
  const notStarted = [{ vmId: db, why: '1 repairs of this fleet have failed' }];
  app = await fakeApp({
    [`GET /api/fleets/${id}`]: [{ body: view({ state: 'ended', ended: [{ ...ofWeb, outcome: 'rolled-back' }], notStarted }) }],
  });
  const { code, out } = await bootmedic('fleet', id);
  expect(code).toBe(1);
  expect(out.replaceAll(/\s+/g, ' ')).toContain('db was not started 1 repairs of this fleet have failed');
  expect(JSON.parse((await bootmedic('fleet', id, '--json')).out)).toMatchObject({ id, notStarted });
});

test('--detach comes back at once; ids and limits that are wrong are told before anything is asked', async () => {
  app = await fakeApp({
    'POST /api/fleets': [{ status: 202, body: view({ waiting: [web, db] }) }],
    [`GET /api/fleets/${id}`]: [looks[0] ?? { body: '' }],
  });
  expect((await bootmedic('fleet', web, db, '--detach')).code).toBe(0);
  const asked = app.asked.length;
  expect((await bootmedic('fleet', id, web)).error?.exitCode).toBe(2);
  await expect(bootmedic('fleet', 'nonsense', web)).rejects.toThrow(/virtualMachines/);
  await expect(bootmedic('fleet', web, db, '--at-once', '0')).rejects.toThrow(/whole number/);
  expect(app.asked).toHaveLength(asked);
});
