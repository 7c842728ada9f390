/** The verbs against an app that answers as the real one does; the real one is under test in test/end-to-end. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type FakeApp, fakeApp, sampleItem, sampleRecord, sampleView, vmId } from './samples.ts';

const id = sampleItem('web').id;
const started = { status: 202, body: { id, vmId: vmId('web'), state: 'queued', joined: false, links: {} } };
const ended = (outcome: NonNullable<ReturnType<typeof sampleItem>['outcome']>) =>
  sampleView('web', { state: 'ended', outcome, headline: `It is ${outcome}.`, nextSteps: ['Look at it.'] });
const problem = (status: number, detail: string, errors: object[] = []) => ({
  status,
  body: { type: 'urn:x', title: 'No', status, detail, errors },
});

let app: FakeApp;
afterEach(() => app?.close());

const bootmedic = (...args: string[]) => app.run(...args);

describe('admission', () => {
  const view = {
    limits: { repairsAtOnce: 5, scopePercent: 20 },
    running: [{ repairId: id, vmId: vmId('web'), since: '2026-03-01T03:00:00.000Z' }],
    waiting: [{ repairId: 'r-222222222222', vmId: vmId('db'), since: '2026-03-01T03:01:00.000Z', why: 'few at once', waitsFor: [id] }],
    breakers: [{ finding: '0x000000EF', failuresInARow: 3, lastRepairId: 'r-333333333333', open: true, until: '2026-03-01T09:00:00.000Z' }],
  };

  test('tells who works, who waits for whom and why, and which finding is left alone until when', async () => {
    app = await fakeApp({ 'GET /api/admission': [{ body: view }] });
    const { code, out } = await bootmedic('status', '--admission');
    expect(code).toBe(0);
    for (const text of [`waits for one of ${id}: few at once`, '2026-03-01 09:00 UTC', 'reset-breaker 0x000000EF', '20 %'])
      expect(out.replaceAll(/\s+/g, ' ')).toContain(text);
    expect(JSON.parse((await bootmedic('--json', 'status', '--admission')).out)).toEqual(view);
  });

  test('is about all repairs; a breaker is reset by its finding', async () => {
    app = await fakeApp({ 'POST /api/admission/breakers/0x000000EF/reset': [{ status: 202, body: { ...view, breakers: [] } }] });
    expect((await bootmedic('status', id, '--admission')).error?.message).toContain('all repairs');
    expect((await bootmedic('reset-breaker', '0x000000EF')).out).toBe('0x000000EF is repaired again.\n');
    expect(app.asked[0]?.body).toMatchObject({ by: expect.stringContaining('cli ') });
  });
});

describe('repair', () => {
  test.each([
    ['repaired', 0],
    ['healthy', 0],
    ['rolled-back', 1],
    ['booted-unverified', 1],
    ['refused', 1],
    ['observed', 1],
    ['needs-person', 1],
    ['cancelled', 1],
  ] as const)('%s ends with %i', async (outcome, expected) => {
    app = await fakeApp({
      'POST /api/repairs': [started],
      [`GET /api/repairs/${id}`]: [{ body: sampleView('web', { phase: 'swap', awaiting: 'the swap' }) }, { body: ended(outcome) }],
      [`GET /api/repairs/${id}/report.json`]: [{ body: sampleRecord() }],
    });
    const { code, out } = await bootmedic('repair', vmId('web'), '--consent', 'upload-dump', 'deallocate', '--playbook', 'stop-0xef');
    expect(code).toBe(expected);
    for (const text of [`Started ${id}`, 'the swap', `It is ${outcome}.`, 'Look at it.', `bootmedic report ${id}`])
      expect(out).toContain(text);
    expect(app.asked[0]?.body).toMatchObject({
      vmId: vmId('web'),
      mode: null,
      playbook: 'stop-0xef',
      consents: ['upload-dump', 'deallocate'],
    });
  });

  test('--script sends a file of the operator’s, whole and with its name; what is no text is told before anything is asked', async () => {
    app = await fakeApp({ 'POST /api/repairs': [started] });
    const folder = mkdtempSync(join(tmpdir(), 'bootmedic-script-'));
    const file = (name: string, bytes: string | Uint8Array): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    await bootmedic('repair', vmId('web'), '--detach', '--script', file('mine.ps1', '\ufeff# writes: x\r\n'));
    expect(app.asked[0]?.body).toMatchObject({ script: { name: 'mine.ps1', content: '\ufeff# writes: x\r\n' } });
    const utf16 = await bootmedic('repair', vmId('web'), '--script', file('wide.ps1', Buffer.from('\ufeffx', 'utf16le')));
    expect([utf16.code, utf16.error?.message]).toEqual([2, expect.stringContaining('is not UTF-8')]);
    expect((await bootmedic('repair', vmId('web'), '--script', join(folder, 'none.ps1'))).error?.message).toContain('cannot be read');
    expect(app.asked).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });

  test('observed is what was hoped when it was asked for', async () => {
    app = await fakeApp({ 'POST /api/repairs': [started], [`GET /api/repairs/${id}`]: [{ body: ended('observed') }] });
    expect((await bootmedic('repair', vmId('web'), '--mode', 'observe')).code).toBe(0);
  });

  test('--detach comes back at once; --json is one document', async () => {
    app = await fakeApp({ 'POST /api/repairs': [started], [`GET /api/repairs/${id}`]: [{ body: ended('repaired') }] });
    expect(await bootmedic('repair', vmId('web'), '--detach')).toEqual({ code: 0, out: `${id}  repairs web\n` });
    const { out } = await bootmedic('--json', 'repair', vmId('web'));
    expect(JSON.parse(out)).toMatchObject({ id, outcome: 'repaired' });
  });

  test('a short outage of the app is waited out', async () => {
    const broken = { status: 503, body: 'restarting' };
    app = await fakeApp({ 'POST /api/repairs': [started], [`GET /api/repairs/${id}`]: [broken, { body: ended('repaired') }] });
    expect((await bootmedic('repair', vmId('web'))).code).toBe(0);
  });

  test('bad input comes back with field and remedy', async () => {
    const field = { field: 'consents[0]', problem: 'is not the id of a consent', remedy: 'write it in lower case' };
    app = await fakeApp({ 'POST /api/repairs': [problem(400, 'Nothing was done.', [field])] });
    const { code, error } = await bootmedic('repair', vmId('web'), '--consent', 'X');
    expect([code, error?.message, error?.remedy]).toEqual([2, 'consents[0] is not the id of a consent', 'write it in lower case']);
  });
});

describe('status, report, decisions', () => {
  test('all repairs, and one', async () => {
    const write = {
      phase: 'swap',
      operation: 'update',
      target: vmId('web'),
      why: 'to boot from the repair disk',
      destructive: true,
      atMost: 3,
    };
    const plan = { expectedDowntimeSeconds: 480, missingConsents: ['upload-dump'], keeps: [], writes: [write] };
    app = await fakeApp({
      'GET /api/repairs': [
        {
          body: {
            items: [sampleItem('web', { phase: 'verify', awaiting: 'a sign' }), sampleItem('db', { state: 'ended', outcome: 'healthy' })],
          },
        },
      ],
      [`GET /api/repairs/${id}`]: [
        {
          body: sampleView('web', {
            state: 'waiting-approval',
            phase: 'consent',
            awaiting: 'approval of: the plan',
            planHash: 'abc',
            plan,
          }),
        },
      ],
    });
    const all = (await bootmedic('status')).out.split('\n');
    expect(all[1]).toMatch(/web +2026-07-02 03:14 +verify: a sign$/);
    expect(all[2]).toMatch(/db .*healthy, nothing done$/);
    const one = (await bootmedic('status', id)).out;
    expect(one).toContain(`bootmedic approve ${id}`);
    expect(one).toMatch(/down for about 8 min 00 s:\nswap +update web, at most 3 times \(destructive\) +to boot/);
    expect(one).toContain('consent to: upload-dump');
    expect(JSON.parse((await bootmedic('status', '--json')).out).items).toHaveLength(2);
  });

  test('a report goes to standard output or to a file', async () => {
    app = await fakeApp({
      [`GET /api/repairs/${id}/report.md`]: [{ body: '# Repaired' }],
      [`GET /api/repairs/${id}/report.html?timeZone=Asia%2FKolkata`]: [{ body: '<p>' }],
    });
    const utc = ['--time-zone', 'UTC'];
    expect((await bootmedic('report', id, ...utc)).out).toBe('# Repaired\n');
    const folder = mkdtempSync(join(tmpdir(), 'bootmedic-report-'));
    const file = join(folder, 'r.html');
    expect(await bootmedic('report', id, '--format', 'html', '--out', file, '--time-zone', 'Asia/Kolkata')).toEqual({ code: 0, out: '' });
    expect(readFileSync(file, 'utf8')).toBe('<p>');
    expect((await bootmedic('report', id, ...utc, '--out', join(folder, 'no', 'folder'))).code).toBe(2);
    expect(existsSync(join(folder, 'no'))).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test('a plan: what would be done, in order, what runs, what it costs; and why there is none', async () => {
    const write = {
      phase: 'swap',
      operation: 'Microsoft.Compute/virtualMachines/write',
      target: vmId('web'),
      destructive: false,
      atMost: 3,
    };
    const plan = {
      ...{ hash: 'abcdef0123456789', playbook: { id: 'stop-0xef', title: 'CRITICAL_PROCESS_DIED' }, missingConsents: ['upload-dump'] },
      writes: [{ ...write, why: 'its OS disk becomes the copy', undo: 'its own again' }],
      scripts: [{ script: 'offline-sfc', mode: 'Repair', safety: 'auto_with_snapshot', origin: 'doc', consent: null, sha256: 'c0ffee' }],
      ...{ expectedDowntimeSeconds: 480, keeps: ['The snapshot.'], keepsPerDay: { amount: 1.5, currency: 'EUR' } },
    };
    const finding = { title: 'A process died', stopCode: '0x000000EF', confidence: 'certain' };
    const view = (change: object) => ({ body: { ...sampleView('web', { state: 'ended', outcome: 'observed' }), finding, ...change } });
    app = await fakeApp({ 'POST /api/repairs': [started], [`GET /api/repairs/${id}`]: [view({ plan })] });
    const { code, out } = await bootmedic('plan', vmId('web'));
    expect(code).toBe(0);
    expect(app.asked[0]?.body).toMatchObject({ mode: 'observe', consents: [], restartFirst: true });
    for (const line of [
      /^Found: 0x000000EF, A process died \(certain\)\. Playbook stop-0xef/m,
      /down for about 8 min 00 s/,
      /consent to: upload-dump/,
      /^1 +swap +virtualMachines\/write web, at most 3 times +its OS disk becomes the copy +its own again$/m,
      /^offline-sfc +Repair +on the copy +Microsoft +c0ffee$/m,
      /^Kept afterwards, at most 1\.50 EUR a day together:$/m,
    ])
      expect(out).toMatch(line);
    expect(JSON.parse((await bootmedic('plan', vmId('web'), '--json')).out).plan.hash).toBe(plan.hash);
    await app.close();
    app = await fakeApp({
      'POST /api/repairs': [started],
      [`GET /api/repairs/${id}`]: [view({ outcome: 'unknown', headline: 'Not seen.' })],
    });
    expect(await bootmedic('plan', vmId('web'))).toMatchObject({ code: 1, out: expect.stringContaining('Not seen.') });
  });

  test('the audit: who had what done, and what is not on record', async () => {
    const write = {
      at: '2026-07-02T03:14:07.000Z',
      correlationId: 'corr',
      requestId: 'req-1',
      by: 'anna',
      planHash: 'abc',
      approvedBy: 'bert',
    };
    const operation = 'Microsoft.Compute/virtualMachines/write';
    const writes = [
      { ...write, operation, resource: vmId('web'), status: 200, answered: true, before: '/disks/old', after: '/disks/new' },
      {
        ...write,
        operation: `${operation.replace('write', 'start')}/action`,
        resource: `${vmId('web')}/start`,
        status: 0,
        answered: false,
      },
    ];
    app = await fakeApp({ [`GET /api/repairs/${id}/audit`]: [{ body: { id, writes } }] });
    const { out } = await bootmedic('audit', id);
    expect(out).toMatch(/virtualMachines\/write web \(old → new\) +200 +anna +abc +bert +req-1/);
    expect(out).toMatch(/virtualMachines\/start web +not recorded/);
    expect(JSON.parse((await bootmedic('audit', id, '--json')).out).writes).toHaveLength(2);
    const sweep = 's-abcdefghijkl';
    await app.close();
    app = await fakeApp({ [`GET /api/repairs/${sweep}/audit`]: [{ body: { id: sweep, writes } }] });
    expect((await bootmedic('audit', sweep)).out).toMatch(/start web/);
  });

  test('approve names the plan that waits, or the one that was read', async () => {
    app = await fakeApp({
      [`GET /api/repairs/${id}`]: [{ body: sampleView('web', { planHash: 'abcdef012345' }) }],
      [`POST /api/repairs/${id}/approve`]: [started],
      [`POST /api/repairs/${id}/cancel`]: [started],
    });
    await bootmedic('approve', id);
    expect((await bootmedic('approve', id, '--plan', '012345abcdef')).out).toBe(`${id} goes on.\n`);
    const hashes = app.asked.filter(({ path }) => path.endsWith('/approve')).map(({ body }) => body);
    expect(hashes).toEqual([expect.objectContaining({ planHash: 'abcdef012345' }), expect.objectContaining({ planHash: '012345abcdef' })]);
    expect((await bootmedic('cancel', id)).code).toBe(0);
  });

  test('what the app refuses, what it does not know, what it is not', async () => {
    app = await fakeApp({
      [`GET /api/repairs/${id}`]: [problem(404, 'There is no repair.'), { status: 401, body: '' }, { body: '<html>' }, { body: { a: 1 } }],
      [`GET /api/repairs/${id}/report.md`]: [problem(409, 'It is written later.'), problem(500, 'Look at the log.')],
    });
    expect(await bootmedic('status', id)).toMatchObject({ code: 2, error: { message: 'There is no repair.' } });
    process.env.BOOTMEDIC_APP_TOKEN = 'the-token';
    expect(await bootmedic('status', id)).toMatchObject({ code: 3, error: { remedy: expect.stringContaining('BOOTMEDIC_APP_TOKEN') } });
    delete process.env.BOOTMEDIC_APP_TOKEN;
    expect(app.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer the-token']);
    expect((await bootmedic('status', id)).code).toBe(3);
    expect((await bootmedic('status', id)).code).toBe(3);
    expect((await bootmedic('report', id, '--time-zone', 'UTC')).code).toBe(2);
    expect((await bootmedic('report', id, '--time-zone', 'UTC')).code).toBe(3);
    await app.close();
    expect(await bootmedic('status')).toMatchObject({ code: 3, error: { message: expect.stringContaining(`cannot reach ${app.url}`) } });
  });
});
