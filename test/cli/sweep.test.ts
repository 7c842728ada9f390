/** `bootmedic sweep` and `bootmedic leftovers`, against an app that answers as the real one does. */
import { afterEach, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { sweep } from '../../cli/sweep.ts';
import type { SweepReport } from '../../functions/activities/contract.ts';
import type { leftoverList } from '../../functions/triggers/schemas.ts';
import { type FakeApp, fakeApp, memoryTerminal, vmId } from './samples.ts';

let app: FakeApp;
afterEach(() => app?.close());

const report: SweepReport = {
  ...{
    schema: 1,
    sweepId: 's-111111111111',
    requestedBy: 'http',
    startedAt: '2026-03-01T03:00:00.000Z',
    endedAt: '2026-03-01T03:02:00.000Z',
  },
  ...{ looked: 12, counts: { deallocated: 4 }, purged: 0, faults: [], deleted: ['/snapshots/gone'] },
  ill: [{ vmId: vmId('web'), finding: '0x000000EF', repairId: 'r-222222222222', why: 'The agent says nothing' }],
  passed: [{ vmId: vmId('db'), why: 'healthy: The agent\u001b[31m answers' }],
  leftovers: [],
};
const list: z.infer<typeof leftoverList> = {
  ...{ at: report.endedAt, monthlyUsd: 2.5 },
  items: [
    {
      ...{ resourceId: '/x/snapshots/kept', type: 'snapshot', repairId: 'r-333333333333', expires: '2026-03-08', sizeGb: 127 },
      ...{ monthlyUsd: 2.5, due: false, why: 'its time is not up' },
    },
    {
      ...{ resourceId: '/x/disks/odd', type: 'disk', repairId: 'r-444444444444', expires: null, sizeGb: 0, monthlyUsd: null, due: true },
      why: 'up',
    },
  ],
};
const none = { at: null, items: [], monthlyUsd: 0 };
const started = { status: 202, body: { sweepId: report.sweepId, joined: false } };

const bootmedic = (...args: string[]) => app.run(...args);

test('a sweep is begun, waited for past the report of another, and told; what a name holds cannot reach the terminal', async () => {
  const before = { body: { ...report, sweepId: 's-000000000000', looked: 99 } };
  app = await fakeApp({
    'POST /api/sweeps': [started],
    'GET /api/leftovers': [{ body: none }, { status: 503, body: 'restarting' }, { body: list }],
    'GET /api/sweeps/latest': [before, before, { body: report }],
  });
  const { code, out } = await bootmedic('sweep');
  expect(code).toBe(0);
  for (const text of [
    'Began s-111111111111',
    '12 VM(s) looked at, 1 ill',
    '4 deallocated',
    '0x000000EF',
    'r-222222222222',
    'healthy: The agent',
  ])
    expect(out).toContain(text);
  expect(out).not.toContain('99');
  expect(out).not.toContain('\u001b');
  expect(app.asked[0]).toMatchObject({ method: 'POST', path: '/api/sweeps' });
});

test('--latest begins none, --json is what the app answers; a part that failed is told and makes the exit code 1', async () => {
  const faults: SweepReport['faults'] = [
    { step: 'look for leftovers', fault: { kind: 'throttled', code: 'TooManyRequests', message: 'later' } },
  ];
  app = await fakeApp({ 'GET /api/leftovers': [{ body: list }], 'GET /api/sweeps/latest': [{ body: { ...report, faults } }] });
  const { code, out } = await bootmedic('sweep', '--latest');
  expect([code, out]).toEqual([1, expect.stringContaining('Could not look for leftovers: later')]);
  expect(JSON.parse((await bootmedic('sweep', '--latest', '--json')).out)).toEqual({ ...report, faults });
  expect(app.asked.every(({ method }) => method === 'GET')).toBe(true);
});

test('where none has ended, that is told, with what to do', async () => {
  app = await fakeApp({
    'GET /api/leftovers': [{ body: none }],
    'POST /api/sweeps': [{ ...started, body: { ...started.body, joined: true } }],
  });
  expect((await bootmedic('sweep', '--latest')).error).toMatchObject({ remedy: 'bootmedic sweep begins one', exitCode: 2 });
  expect((await bootmedic('leftovers')).out).toContain('bootmedic sweep begins one');
  const terminal = memoryTerminal();
  const waits = sweep({ app: app.url, data: 'x', patience: 1 }, terminal, new AbortController().signal);
  await expect(waits).rejects.toMatchObject({ message: expect.stringContaining('no report of sweep s-111111111111'), exitCode: 3 });
  expect(terminal.text()).toContain('Joined');
});

test('leftovers are listed with size, cost, expiry and why', async () => {
  app = await fakeApp({ 'GET /api/leftovers': [{ body: list }] });
  const { code, out } = await bootmedic('leftovers');
  expect(code).toBe(0);
  expect(out).toMatch(/snapshot +kept +127 GiB +\$2\.50 +2026-03-08 +r-333333333333 +its time is not up\n/);
  expect(out).toMatch(/disk +odd +not known +— +r-444444444444 +the next sweep deletes it\n/);
  expect(out).toContain('About $2.50 a month by list price, as of 2026-03-01 03:02 UTC.');
  expect(JSON.parse((await bootmedic('leftovers', '--json')).out)).toEqual(list);
});
