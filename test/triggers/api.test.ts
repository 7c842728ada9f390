import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { known } from '../../functions/known.ts';
import { named } from '../../functions/triggers/schemas.ts';
import { sha256Of } from '../../playbooks/operatorScript.ts';
import { availability, heartbeat, legacy, workspace } from './alertSamples.ts';
import { type Server, startServer } from './server.ts';

const group = '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-shop';
const vmId = (name: string) => `${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
const unknownId = 'r-222222222222';

let server: Server;
beforeAll(async () => {
  // Each that is cancelled waits two minutes of Azure's before it gives its VM back.
  server = await startServer(120);
});
afterAll(() => server?.stop());

const start = async (name: string, more: object = {}) => (await server.post('/api/repairs', { vmId: vmId(name), ...more })).body;
const ended = (id: string) => server.until(id, view => view.state === 'ended');

describe('a repair', () => {
  test('is started, shown while it waits, approved by its plan alone, cancelled, and reported', async () => {
    const answer = await server.post('/api/repairs', { vmId: vmId('asks-1'), requestedBy: 'cli anna' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/repairs/${answer.body.id}`);
    expect(answer.body).toMatchObject({ vmId: vmId('asks-1'), state: 'queued', joined: false });
    const { id, links } = answer.body;

    const waiting = await server.until(id, view => view.state === 'waiting-approval');
    expect(waiting).toMatchObject({
      outcome: null,
      phase: 'consent',
      awaiting: 'approval of: upload-dump',
      requestedBy: `cli anna (${userInfo().username})`,
      stopCode: '0x000000EF',
    });
    expect(waiting.timeline.map((each: { step: string }) => each.step)).toEqual(['ensurePoweredOff']);
    expect((await server.get(links.report)).status).toBe(200);

    const wrong = await server.post(links.approve, { planHash: 'c'.repeat(64) });
    expect([wrong.status, wrong.body.errors[0]?.field]).toEqual([409, 'planHash']);
    expect((await server.post(links.approve, { planHash: waiting.planHash.slice(0, 12), by: 'Anna' })).status).toBe(202);
    await server.until(id, view => view.phase === 'protect');
    expect((await server.post(links.approve, { planHash: waiting.planHash })).body.type).toBe('urn:bootmedic:problem:not-waiting');

    expect((await server.post(links.cancel)).status).toBe(202);
    const view = await ended(id);
    expect(view).toMatchObject({ outcome: 'cancelled', plan: { hash: waiting.planHash }, finding: { id: 'azure-0xef' } });
    expect(view.headline).toContain(`was cancelled by ${userInfo().username}`);
    expect((await server.records.readRecord(id))?.story).toMatchObject({
      request: { caller: { kind: 'local', name: userInfo().username } },
      decisions: [
        {
          verb: 'approve',
          by: `Anna (${userInfo().username})`,
          role: 'Repair.Approve',
          asked: ['upload-dump'],
          planHash: waiting.planHash,
        },
      ],
    });
    expect((await server.post(links.cancel)).body.type).toBe('urn:bootmedic:problem:already-ended');
  });

  test('that nobody may see who is not known, nor may approve by opening a link', async () => {
    const { id, links } = await start('asks-3');
    const { planHash } = await server.until(id, view => view.state === 'waiting-approval');
    for (const path of [links.self, links.report, '/api/repairs']) expect((await server.get(path, { authorization: '' })).status).toBe(401);
    expect((await server.get(`${links.approve}?planHash=${planHash}`)).status).toBe(405);
    expect((await server.get(links.self)).body.state).toBe('waiting-approval');
    await server.post(links.reject, { planHash });
    await ended(id);
  });

  test('with a script of the operator’s keeps its text as evidence, and of it only hash and blob in the history', async () => {
    const content = '# writes: one file\n# undone by: Revert\nGet-Disk\n';
    const { id } = await start('healthy-script', { script: { name: 'mine.ps1', content } });
    const blob = `${id}/operator-script.ps1`;
    expect(Buffer.from((await server.records.readEvidence(blob)) ?? '').toString()).toBe(content);
    const instance = (await server.get(`/durabletask/instances/${id}?showHistory=true&showHistoryOutput=true`)).body;
    const { script } = typeof instance.input === 'string' ? JSON.parse(instance.input) : instance.input;
    expect(script).toEqual({ name: 'mine.ps1', sha256: sha256Of(content), blob, writes: 'one file', undoneBy: 'Revert' });
    expect(JSON.stringify(instance)).not.toContain('Get-Disk');
    await ended(id);
  });

  test.each<[script: object, field: string, problem: string]>([
    [{ name: 'mine.ps1', content: 'Get-Disk' }, 'script.content', 'has no comment "# writes: ..."'],
    [{ name: 'mine.ps1', content: 'x'.repeat(300_000) }, 'script.content', 'is longer than 262144 bytes'],
    [{ name: '../mine.ps1', content: 'x' }, 'script.name', ''],
    [{ content: 'x' }, 'script.name', 'is missing'],
    [{ name: 'mine.ps1' }, 'script.content', 'is missing'],
    [{ blob: 'none.ps1' }, 'script.blob', 'is not in the container scripts'],
    [{ blob: 'none.ps1', name: 'x' }, 'script.blob', 'beside name or content'],
  ])('with a script that cannot be run is refused by its field', async (script, field, problem) => {
    const answer = await server.post('/api/repairs', { vmId: vmId('healthy-refused'), script });
    expect([answer.status, answer.body.errors[0]]).toMatchObject([400, { field, problem: expect.stringContaining(problem) }]);
    expect(answer.body.errors[0].remedy.length).toBeGreaterThan(5);
  });

  test('with a script and a playbook is refused', async () => {
    const answer = await server.post('/api/repairs', { vmId: vmId('healthy-refused'), script: { blob: 'x' }, playbook: 'stop-0xef' });
    expect(answer.body.errors[0]).toMatchObject({ field: 'playbook', problem: expect.stringContaining('contradicts script') });
  });

  test('that is rejected ends so', async () => {
    const { id, links } = await start('asks-2');
    const { planHash } = await server.until(id, view => view.state === 'waiting-approval');
    expect((await server.post(links.reject, { planHash })).status).toBe(202);
    expect((await ended(id)).headline).toContain('rejected');
  });

  test('of a VM that is under repair joins it, also when the id is written in another case', async () => {
    const first = await start('stays-1');
    await server.until(first.id, view => view.state === 'running');
    const second = await server.post('/api/repairs', { vmId: vmId('stays-1').toUpperCase() });
    expect([second.status, second.headers.get('location')]).toEqual([200, `/api/repairs/${first.id}`]);
    expect(second.body).toMatchObject({ id: first.id, joined: true, state: 'running' });
    await server.post(first.links.cancel);
    await ended(first.id);
    const third = await start('stays-1');
    expect(third.joined).toBe(false);
    await server.post(third.links.cancel);
    await ended(third.id);
  });

  test('started twice at the very same time is done once; the other one points to it', async () => {
    const both = await Promise.all([start('stays-2'), start('stays-2')]);
    const running = await Promise.all(
      both.map(({ id }) => server.until(id, view => view.state === 'running' || view.outcome === 'joined')),
    );
    const [winner] = running.filter(view => view.state === 'running');
    if (both[0].id !== both[1].id) {
      const loser = both.find(({ id }) => id !== winner.id);
      const answer = await server.get(`/api/repairs/${loser.id}`);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, `/api/repairs/${winner.id}`]);
    }
    await server.post(`/api/repairs/${winner.id}/cancel`);
    await ended(winner.id);
  });

  test('whose orchestration was killed is told as unknown, and does not block its VM', async () => {
    const { id } = await start('stays-3');
    await server.until(id, view => view.phase === 'protect');
    expect((await server.post(`/durabletask/instances/${id}/terminate?reason=x`)).status).toBe(202);
    expect(await ended(id)).toMatchObject({ outcome: 'unknown', headline: expect.stringContaining('without a report (Terminated)') });
    expect((await server.get(`/api/repairs/${id}/report`)).status).toBe(409);
    const next = await start('stays-3');
    expect(next.joined).toBe(false);
    await server.until(next.id, view => view.phase === 'protect');
    await server.post(next.links.cancel);
    await ended(next.id);
  });

  test('whose orchestration was killed does not keep its place from other VMs', async () => {
    const killed = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(letter => start(`stays-killed-${letter}`)));
    for (const { id } of killed) {
      await server.until(id, view => view.state === 'running');
      await server.post(`/durabletask/instances/${id}/terminate?reason=x`);
      await ended(id);
    }
    const { id } = await start('healthy-after-them');
    expect(await ended(id)).toMatchObject({ outcome: 'healthy' });
  });

  test('waits for the others of its scope, which admission and its own status tell; the dead are released', async () => {
    const first = await start('few-1');
    await server.until(first.id, view => view.phase === 'protect');
    const second = await start('few-2');
    const waiting = await server.until(second.id, view => view.awaiting !== '');
    expect(waiting).toMatchObject({ state: 'queued', awaiting: expect.stringContaining(`waits for ${first.id}`) });
    const { body, status } = await server.get('/api/admission');
    expect([status, named.Admission.parse(body)]).toEqual([200, body]);
    expect(body.running).toEqual([expect.objectContaining({ repairId: first.id, self: `/api/repairs/${first.id}` })]);
    expect(body.waiting).toEqual([
      expect.objectContaining({ repairId: second.id, waitsFor: [first.id], why: waiting.awaiting.split(';')[0] }),
    ]);
    for (const { id } of [first, second]) {
      await server.post(`/durabletask/instances/${id}/terminate?reason=x`);
      await ended(id);
    }
    expect((await server.get('/api/admission')).body).toMatchObject({ running: [], waiting: [] });
  });

  test('that fails counts for the breaker of its finding, which an approver resets', async () => {
    const none = await server.post('/api/admission/breakers/0x000000EF/reset', {});
    expect([none.status, none.body.errors[0].field]).toEqual([404, 'finding']);
    expect((await server.post('/api/admission/breakers/a%20b/reset', {})).body.errors[0].field).toBe('finding');
    const id = 'r-aaaaaaaaaaaa';
    const end = { finding: '0x000000EF', repairId: id, failed: true, at: '2026-03-01T03:00:00.000Z' };
    expect((await server.post('/durabletask/entities/admission/all?op=noteEnd', end)).status).toBe(202);
    const { breakers } = (await server.get('/api/admission')).body;
    expect(breakers).toEqual([expect.objectContaining({ finding: '0x000000EF', failuresInARow: 1, lastRepairId: id, open: false })]);
    const reset = await server.post(breakers[0].reset, { by: 'Anna' });
    expect([reset.status, reset.body.breakers]).toEqual([202, []]);
    expect((await server.get('/api/admission')).body.breakers).toEqual([]);
  });

  test('that is refused says why', async () => {
    const { id } = await start('gone');
    expect(await ended(id)).toMatchObject({
      outcome: 'refused',
      headline: expect.stringContaining('There is no such VM'),
      nextSteps: ['Check.'],
    });
  });

  test('is listed with the others, by state and VM, page by page', async () => {
    const { id } = await start('healthy-list');
    await ended(id);
    const stays = await start('stays-list');
    const list = (query: string) =>
      server.get(`/api/repairs?${query}`).then(({ body }) => body.items.map((item: { id: string }) => item.id));
    expect(await list('vm=HEALTHY-list&state=ended')).toEqual([id]);
    expect(await list(`vm=${encodeURIComponent(vmId('stays-list'))}`)).toEqual([stays.id]);
    expect(await list('vm=stays-list&state=ended')).toEqual([]);
    expect((await list('')).slice(0, 2)).toEqual([stays.id, id]);
    const page = (await server.get('/api/repairs?limit=1')).body;
    expect(page.items.map((item: { id: string }) => item.id)).toEqual([stays.id]);
    expect((await server.get(`${page.next}&code=a-function-key`)).body.items[0].id).toBe(id);
    await server.post(stays.links.cancel);
    await ended(stays.id);
  });
});

test('answers are as the description says', async () => {
  const answer = await start('healthy-described');
  const view = await ended(answer.id);
  const list = (await server.get('/api/repairs')).body;
  const alert = (await server.post('/api/alerts', heartbeat([]))).body;
  const problem = (await server.post('/api/repairs', {})).body;
  const given: [keyof typeof named, unknown][] = [
    ['RepairStarted', answer],
    ['Repair', view],
    ['RepairList', list],
    ['AlertAnswer', alert],
    ['Problem', problem],
  ];
  for (const [name, body] of given) expect([name, named[name].parse(body)]).toEqual([name, body]);
});

describe('a report', () => {
  let id: string;
  beforeAll(async () => {
    ({ id } = await start('healthy-report'));
    await ended(id);
  });

  test.each([
    ['report', 'text/html,*/*;q=0.1', 'text/html; charset=utf-8', /^<!doctype html>[\s\S]*data:image\/png;base64,iVBOR/i],
    ['report.html', '*/*', 'text/html; charset=utf-8', /^<!doctype html>/i],
    ['report', 'text/markdown', 'text/markdown; charset=utf-8', /^# /],
    ['report.md', 'application/json', 'text/markdown; charset=utf-8', /^# /],
    ['report', '*/*', 'application/json', /^\{"schema":1/],
    ['report.json', 'text/html', 'application/json', /^\{"schema":1/],
  ])('%s for %s is %s', async (file, accept, type, text) => {
    const answer = await server.get(`/api/repairs/${id}/${file}`, { accept });
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-content-type-options')]).toEqual([
      200,
      type,
      'nosniff',
    ]);
    expect(answer.text).toMatch(text);
  });

  test('tells times in the zone that is asked for, and refuses what is none', async () => {
    for (const file of ['report.html', 'report.md'])
      expect((await server.get(`/api/repairs/${id}/${file}?timeZone=Asia/Kolkata`)).text).toContain('GMT+5:30');
    const fleet = (await server.get('/api/report?timeZone=Asia/Kolkata', { accept: 'text/html' })).text;
    for (const words of ['GMT+5:30', `${server.url}/api/ui</dd>`]) expect(fleet).toContain(words);
    const wrong = await server.get(`/api/repairs/${id}/report.md?timeZone=Mars`);
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([400, 'timeZone']);
  });

  test('as JSON is the record', async () => {
    expect((await server.get(`/api/repairs/${id}/report.json`)).body).toEqual(await server.records.readRecord(id));
  });

  test('cannot be had as a picture, nor of a repair that never was', async () => {
    const answer = await server.get(`/api/repairs/${id}/report`, { accept: 'image/png' });
    expect([answer.status, answer.body.detail]).toEqual([406, expect.stringContaining('text/markdown')]);
    expect((await server.get(`/api/repairs/${unknownId}/report`)).status).toBe(404);
  });
});

describe('an alert', () => {
  const target = [vmId('healthy-a').toLowerCase(), vmId('HEALTHY-A'), vmId('stays-b'), `${group}/providers/Microsoft.Sql/servers/db`];
  const fired = availability({ target });
  const { essentials } = fired.data;

  test('delivered three times starts one repair for each VM, also when one of them has ended meanwhile', async () => {
    const first = await server.post('/api/alerts', fired);
    expect(first.status).toBe(202);
    expect(first.body.ignored).toEqual([
      { target: target[3], reason: 'is a Microsoft.Sql/servers, not a virtual machine', remedy: 'alert on the virtual machine itself' },
    ]);
    const ids = first.body.repairs.map((repair: { id: string }) => repair.id);
    expect(ids).toHaveLength(2);
    expect((await ended(ids[0])).requestedBy).toBe(`alert ${essentials.alertId}`);
    for (const again of [await server.post('/api/alerts', fired), await server.post('/api/alerts', fired)]) {
      expect(again.status).toBe(200);
      expect(again.body.repairs.map((repair: { id: string }) => repair.id)).toEqual(ids);
      expect(again.body.repairs.every((repair: { joined: boolean }) => repair.joined)).toBe(true);
    }
    await server.post(`/api/repairs/${ids[1]}/cancel`);
    await ended(ids[1]);
    expect((await server.get('/api/repairs?vm=healthy-a')).body.items).toHaveLength(1);
  });

  test('delivered twice at once starts one repair', async () => {
    const alert = availability({ alertId: 'twice', target: vmId('healthy-c') });
    const answers = await Promise.all([1, 2, 3].map(() => server.post('/api/alerts', alert)));
    expect(
      answers
        .map(({ status }) => status)
        .sort()
        .every(status => status === 200 || status === 202),
    ).toBe(true);
    expect(new Set(answers.map(({ body }) => body.repairs[0].id)).size).toBe(1);
    await ended(answers[0]?.body.repairs[0].id);
    expect((await server.get('/api/repairs?vm=healthy-c')).body.items).toHaveLength(1);
  });

  test('that is resolved starts nothing, and is noted once in the timeline of the repair that has the VM, which goes on', async () => {
    const alert = (condition: 'Fired' | 'Resolved') => availability({ alertId: 'over', condition, target: vmId('stays-over') });
    const { id, links } = (await server.post('/api/alerts', alert('Fired'))).body.repairs[0];
    await server.until(id, view => view.phase === 'protect');
    for (let n = 0; n < 2; n++)
      expect(await server.post('/api/alerts', alert('Resolved'))).toMatchObject({
        status: 200,
        body: { repairs: [], noted: [id], ignored: [{ target: vmId('stays-over'), reason: 'the alert is resolved' }] },
      });
    const { timeline, state } = (await server.get(`/api/repairs/${id}`)).body;
    expect(state).toBe('running');
    expect(timeline.filter((entry: { step: string }) => entry.step === 'alert')).toEqual([
      expect.objectContaining({ from: '2026-03-01T03:09:16.224Z', what: expect.stringContaining('till has stopped answering') }),
    ]);
    await server.post(links.cancel);
    await ended(id);
    expect((await server.post('/api/alerts', alert('Resolved'))).body).toMatchObject({ repairs: [], noted: [] });
  });

  test('of a workspace that is not split by resource starts nothing and says how to split it', async () => {
    expect(await server.post('/api/alerts', heartbeat([]))).toMatchObject({
      status: 200,
      body: { repairs: [], ignored: [{ target: workspace, remedy: expect.stringContaining('_ResourceId') }] },
    });
  });

  test('without the common schema is a problem that says how to turn it on', async () => {
    for (const body of legacy) {
      const answer = await server.post('/api/alerts', body);
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0]).toMatchObject({ field: 'schemaId', remedy: expect.stringContaining('Enable the common alert schema') });
    }
  });
});

test('a fleet is many VMs by one call; it tells which wait, are under repair and have ended', async () => {
  const vmIds = ['healthy-f1', 'HEALTHY-F1', 'healthy-f2'].map(vmId);
  const { status, body, headers } = await server.post('/api/fleets', { vmIds });
  expect([status, body.waiting.length, headers.get('location')]).toEqual([202, 2, `/api/fleets/${body.id}`]);
  let fleet = body;
  for (const deadline = Date.now() + 20_000; fleet.state === 'running' && Date.now() < deadline; ) {
    fleet = (await server.get(`/api/fleets/${body.id}`)).body;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  expect(named.Fleet.parse(fleet)).toEqual(fleet);
  expect(fleet).toMatchObject({ state: 'ended', waiting: [], underWay: [], notStarted: [] });
  expect(fleet.ended.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['healthy', 'healthy']);
  expect((await server.get('/api/fleets/f-222222222222')).status).toBe(404);
});

describe('a sweep', () => {
  test('that was asked for is joined by the next, and tells what it found; what it left is listed with what it costs', async () => {
    const none = await server.get('/api/sweeps/latest');
    expect([none.status, none.body.type]).toEqual([404, 'urn:bootmedic:problem:no-sweep-yet']);
    expect((await server.get('/api/leftovers')).body).toEqual({ at: null, items: [], monthlyUsd: 0 });

    const [first, second] = [await server.post('/api/sweeps'), await server.post('/api/sweeps')];
    expect([first.status, first.body.joined]).toEqual([202, false]);
    if (second.body.joined) expect([second.status, second.body.sweepId]).toEqual([200, first.body.sweepId]);
    const report = await server.sweep();
    expect(report).toMatchObject({
      requestedBy: expect.stringMatching(/^(?!http$)./),
      looked: 3,
      ill: [],
      deleted: ['/snapshots/gone'],
      purged: 0,
      faults: [],
    });
    expect(report.passed).toEqual([
      { vmId: expect.stringContaining('healthy-swept'), why: expect.stringContaining('healthy: The agent answers') },
    ]);
    expect(named.Sweep.parse(report)).toEqual(report);

    const { body } = await server.get('/api/leftovers');
    expect(body).toMatchObject({ at: report.endedAt, items: [{ resourceId: '/snapshots/kept' }], monthlyUsd: 2.5 });
    expect(named.LeftoverList.parse(body)).toEqual(body);
  });
});

describe('what is not right is answered with a problem that names it', () => {
  const json = { 'content-type': 'application/json' };
  test.each([
    ['no content type', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type', []],
    ['broken JSON', '{"vmId":', json, 400, 'invalid-json', []],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), json, 400, 'invalid-json', []],
    ['an array', '[]', json, 400, 'invalid-request', ['body']],
    ['nothing', '{}', json, 400, 'invalid-request', ['vmId']],
    ['three wrong fields', '{"vmId":"x","mode":"yolo","consent":[]}', json, 400, 'invalid-request', ['vmId', 'mode', 'consent']],
    [
      'a wrong element',
      JSON.stringify({ vmId: vmId('healthy-x'), consents: ['upload-dump', 'Upload Dump'] }),
      json,
      400,
      'invalid-request',
      ['consents[1]'],
    ],
    ['control characters', JSON.stringify({ vmId: vmId('healthy-x'), requestedBy: 'a\nb' }), json, 400, 'invalid-request', ['requestedBy']],
    ['too much', JSON.stringify({ vmId: vmId('healthy-x'), requestedBy: 'x'.repeat(700_000) }), json, 413, 'too-large', []],
  ])('POST /api/repairs with %s', async (_, body, headers, status, kind, fields) => {
    const answer = await server.post('/api/repairs', body, headers);
    expect([answer.status, answer.headers.get('content-type'), answer.body.type]).toEqual([
      status,
      'application/problem+json',
      `urn:bootmedic:problem:${kind}`,
    ]);
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual(fields);
    expect(answer.body.errors.every((error: { remedy: string }) => error.remedy.length > 0)).toBe(true);
  });

  test.each([
    ['GET', '/api/repairs/r-1', 400, ['id']],
    ['GET', '/api/repairs/r-ABCDEFGHIJKL', 400, ['id']],
    ['GET', '/api/repairs/@admission@all', 400, ['id']],
    ['GET', `/api/repairs/${unknownId}`, 404, []],
    ['POST', `/api/repairs/${unknownId}/cancel`, 404, []],
    ['POST', `/api/repairs/${unknownId}/approve`, 400, ['planHash']],
    ['GET', '/api/repairs?state=done&limit=0&since=now', 400, ['state', 'limit', 'since']],
    ['POST', '/api/alerts', 400, ['schemaId', 'data']],
  ])('%s %s', async (method, path, status, fields) => {
    const answer = method === 'GET' ? await server.get(path) : await server.post(path, {});
    expect([answer.status, answer.body.errors.map((error: { field: string }) => error.field)]).toEqual([status, fields]);
  });

  test('a playbook and consents that do not exist, with those that do', async () => {
    const wish = { vmId: vmId('healthy-x'), playbook: 'nope', consents: ['upload-dump', 'nope'] };
    const { status, body } = await server.post('/api/repairs', wish);
    expect([status, body.type]).toEqual([400, 'urn:bootmedic:problem:invalid-request']);
    expect(body.errors).toEqual([
      { field: 'playbook', problem: 'there is no playbook nope', remedy: expect.stringMatching(/^give one of .*stop-0xef/) },
      {
        field: 'consents[1]',
        problem: 'there is no consent nope',
        remedy: `give one of ${known.consents.join(', ')}`,
      },
    ]);
  });

  test('and starts nothing', async () => {
    expect((await server.get('/api/repairs?vm=healthy-x')).body.items).toEqual([]);
  });
});
