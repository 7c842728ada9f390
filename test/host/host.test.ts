/** The host as an app and its callers meet it: HTTP triggers, the durable client, timers, logs, stopping. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cleanUp, HostProcess, makeApp } from './hostProcess.ts';

const APP = `
const df = require('durable-functions');
const { app } = require('@azure/functions');
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const durable = { extraInputs: [df.input.durableClient()] };
app.http('echo', { methods: ['POST', 'PUT'], route: 'echo/{id}/report.{ext?}', handler: async (request, context) => {
  context.log('echoed', request.params.id);
  return { status: 201, headers: { 'x-own': 'yes' }, cookies: [{ name: 'c', value: 'v', httpOnly: true }],
    jsonBody: { url: request.url, method: request.method, params: request.params, query: Object.fromEntries(request.query), type: request.headers.get('content-type'), body: await request.text(), function: context.functionName } };
} });
app.http('bytes', { handler: async request => ({ body: Buffer.from(await request.arrayBuffer()) }), methods: ['POST'] });
app.http('headers', { methods: ['GET'], handler: async request => ({ jsonBody: Object.fromEntries(request.headers) }) });
app.http('throws', { handler: () => { throw new Error('on purpose'); } });
app.http('nothing', { handler: () => undefined });
app.http('slow', { handler: async () => { await sleep(200); return { body: 'slow' }; } });
app.timer('ticks', { schedule: '* * * * * *', runOnStartup: true, handler: (timer, context) => { context.log(JSON.stringify(timer)); context.debug('hidden'); } });
df.app.activity('add', { handler: ({ a, b }) => a + b });
df.app.activity('long', { handler: async () => { await sleep(400); return 'long'; } });
df.app.entity('counter', ctx => { const n = ctx.df.getState(() => 0) + ctx.df.getInput(); ctx.df.setState(n); ctx.df.return(n); });
df.app.orchestration('sum', function* (ctx) { const { a, b } = ctx.df.getInput(); ctx.df.setCustomStatus({ adding: [a, b] }); return yield ctx.df.callActivity('add', { a, b }); });
df.app.orchestration('waits', function* (ctx) { return yield ctx.df.waitForExternalEvent('go'); });
df.app.orchestration('longs', function* (ctx) { return yield ctx.df.callActivity('long'); });
df.app.orchestration('collects', function* (ctx) {
  const got = ctx.df.getInput() ?? [];
  got.push(yield ctx.df.waitForExternalEvent('add'));
  if (got.length === 8) return got;
  ctx.df.continueAsNew(got);
});
app.http('client', { ...durable, route: 'client/{id}', handler: async (request, context) => {
  const client = df.getClient(context), id = request.params.id, counter = new df.EntityId('counter', id), told = {};
  told.started = await client.startNew('sum', { instanceId: id, input: { a: 1, b: 2 } });
  told.waited = await client.waitForCompletionOrCreateCheckStatusResponse(request, id, { timeoutInMilliseconds: 5000, retryIntervalInMilliseconds: 20 }).then(r => r.json());
  const { customStatus, input, runtimeStatus } = await client.getStatus(id);
  told.status = { customStatus, input, runtimeStatus };
  told.before = await client.readEntityState(counter);
  await client.signalEntity(counter, 'add', 5);
  for (let i = 0; i < 50 && !(await client.readEntityState(counter)).entityExists; i++) await sleep(20);
  told.after = await client.readEntityState(counter);
  told.listed = (await client.getStatusBy({ runtimeStatus: ['Completed'] })).filter(x => x.instanceId === id).length;
  told.purged = await client.purgeInstanceHistory(id);
  told.gone = await client.getStatus(id).catch(error => error.message.includes('404'));
  told.urls = client.createHttpManagementPayload('x').statusQueryGetUri;
  return { jsonBody: told };
} });
`;

let appFolder: string;
let host: HostProcess;
beforeAll(async () => {
  appFolder = await makeApp(APP, { version: '2.0', extensions: { http: { routePrefix: '/v1/' }, durableTask: { hubName: 'TheHub' } } });
  host = await HostProcess.start(appFolder);
});
afterAll(cleanUp);

describe('HTTP triggers', () => {
  test('give the function the request and the caller the response', async () => {
    const { status, headers, body } = await host.request('POST', '/v1/echo/r%20%C3%BC/report.html?q=1&q=2&z=', 'text', {
      'content-type': 'text/plain',
    });
    expect(status).toBe(201);
    expect(headers.get('x-own')).toBe('yes');
    expect(headers.get('set-cookie')).toBe('c=v; HttpOnly');
    expect(body).toEqual({
      ...{ url: `${host.url}/v1/echo/r%20%C3%BC/report.html?q=1&q=2&z=`, method: 'POST', params: { id: 'r ü', ext: 'html' } },
      ...{ query: { q: '1,2', z: '' }, type: 'text/plain', body: 'text', function: 'echo' },
    });
  });

  test('carry bytes unchanged, also many', async () => {
    const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251);
    const response = await fetch(`${host.url}/v1/bytes`, { method: 'POST', body: bytes });
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  });

  test.each([
    ['GET', '/v1/nowhere', 404],
    ['GET', '/v1/echo/x/report.md', 404],
    ['DELETE', '/v1/echo/x/report.md', 404],
    ['PUT', '/V1/ECHO/x/report', 201],
    ['POST', '/api/echo/x/report', 404],
    ['GET', '/v1/throws', 500],
    ['GET', '/v1/nothing', 204],
    ['GET', '/', 404],
    ['GET', '/runtime/webhooks/durabletask/nonsense', 404],
    ['GET', '/runtime/webhooks/durabletask/instances/%zz', 400],
  ])('%s %s is answered %d', async (method, path, expected) => {
    const { status, text } = await host.request(method, path);
    expect(status).toBe(expected);
    if (expected >= 400) expect(text).toBe('');
  });

  test('a function that throws is told in the log', () => {
    expect(host.logs).toContainEqual(expect.objectContaining({ level: 'error', functionName: 'throws', reason: 'on purpose' }));
  });

  test('many requests run at once', async () => {
    const began = Date.now();
    const replies = await Promise.all(Array.from({ length: 100 }, () => host.get('/v1/slow')));
    expect(replies.map(({ text }) => text)).toEqual(replies.map(() => 'slow'));
    expect(Date.now() - began).toBeLessThan(100 * 200);
  });

  test('the durable API is closed without the token; Azure’s way of showing it, in the address, counts', async () => {
    const path = '/runtime/webhooks/durabletask/instances/nobody';
    expect((await fetch(host.url + path)).status).toBe(401);
    expect((await fetch(`${host.url}${path}?code=wrong`)).status).toBe(401);
    expect((await fetch(`${host.url}${path}?code=${host.token}`)).status).toBe(404);
  });

  test('a browser brings the token once, and keeps it as a cookie that no script can read', async () => {
    const open = (path: string, headers = {}) => fetch(host.url + path, { redirect: 'manual', headers });
    const wrong = await open('/v1/headers?token=wrong&a=1');
    expect([wrong.status, wrong.headers.get('location'), wrong.headers.get('set-cookie')]).toEqual([303, '/v1/headers?a=1', null]);
    const given = await open(`/v1/headers?token=${host.token}&a=1`);
    expect([given.status, given.headers.get('location')]).toEqual([303, '/v1/headers?a=1']);
    const cookie = given.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict; Path=\/$/);
    const seen = async (headers: object) => (await (await open('/v1/headers', headers)).json()) as Record<string, string>;
    expect((await seen({ cookie: cookie.split(';')[0] }))['x-ms-client-principal']).toBeDefined();
    expect((await seen({ 'x-ms-client-principal': 'forged' }))['x-ms-client-principal']).toBeUndefined();
  });

  test('an address that a redirect could mistake for another host’s is not given, nor a Host header that is more than a host', async () => {
    const raw = async (path: string, hostHeader: string) => {
      const { hostname, port } = new URL(host.url);
      const socket = connect(Number(port), hostname);
      socket.end(`GET ${path} HTTP/1.1\r\nHost: ${hostHeader}\r\nConnection: close\r\n\r\n`);
      let text = '';
      for await (const chunk of socket) text += chunk;
      return text;
    };
    const own = new URL(host.url).host;
    for (const path of ['//evil.example/x', '///evil.example/x', '/\\evil.example/x', '/.//evil.example/x'])
      expect(await raw(`${path}?token=wrong`, own)).toMatch(/location: \/evil\.example\/x\r\n/i);
    expect(await raw('/x//evil.example?token=wrong', own)).toMatch(/location: \/x\/\/evil\.example\r\n/i);
    for (const wrong of [`evil.example@${own}`, `evil:pw@${own}`, `${own}/evil`, `${own}?evil`]) {
      expect(await raw('/x?token=wrong', wrong)).toMatch(/^HTTP\/1.1 403 /);
    }
  });

  test('a page of another origin is kept out, in a browser on this machine too', async () => {
    expect((await host.request('POST', '/durabletask/orchestrators/waits/evil', '1', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await host.status('evil')).status).toBe(404);
  });
});

describe('the durable client', () => {
  test('starts, waits, reads, signals, lists and purges', async () => {
    const { body } = await host.get('/v1/client/c1');
    expect(body).toEqual({
      ...{ started: 'c1', waited: 3, before: { entityExists: false }, after: { entityExists: true, entityState: 5 } },
      status: { customStatus: { adding: [1, 2] }, input: { a: 1, b: 2 }, runtimeStatus: 'Completed' },
      ...{ listed: 1, purged: { instancesDeleted: 1 }, gone: true },
      urls: `${host.url}/runtime/webhooks/durabletask/instances/x?taskHub=TheHub&connection=Storage`,
    });
  });
});

describe('instances', () => {
  test('are listed by filter and page by page', async () => {
    const ids = Array.from({ length: 7 }, (_, n) => `page-${n}`);
    await Promise.all(ids.map(id => host.startInstance(id === 'page-3' ? 'waits' : 'sum', id, { a: 1, b: 1 })));
    await Promise.all(ids.filter(id => id !== 'page-3').map(id => host.ended(id)));
    const list = async (query: string, token?: string) => {
      const { headers, body } = await host.request(
        'GET',
        `/durabletask/instances?${query}`,
        undefined,
        token ? { 'x-ms-continuation-token': token } : {},
      );
      return {
        ids: (body as unknown as { instanceId: string }[]).map(({ instanceId }) => instanceId),
        token: headers.get('x-ms-continuation-token'),
      };
    };
    const found: string[] = [];
    let pages = 0;
    for (let token: string | undefined; pages === 0 || token; pages++) {
      const page = await list('instanceIdPrefix=page-&top=3', token);
      found.push(...page.ids);
      token = page.token ?? undefined;
    }
    expect({ found, pages }).toEqual({ found: ids, pages: 3 });
    expect((await list('instanceIdPrefix=page-&runtimeStatus=Running,Failed')).ids).toEqual(['page-3']);
    expect((await list('instanceIdPrefix=page-&createdTimeFrom=2999-01-01')).ids).toEqual([]);
    expect((await list('instanceIdPrefix=page-&createdTimeTo=2999-01-01')).ids).toEqual(ids);
  });

  test('are purged when they have ended, one or by filter', async () => {
    const purge = (path: string) => host.request('DELETE', `/durabletask/instances${path}`);
    await host.startInstance('waits', 'purge-running');
    await host.startInstance('sum', 'purge-done', { a: 1, b: 1 });
    await host.ended('purge-done');
    expect((await purge('/purge-running')).status).toBe(412);
    expect((await purge('/purge-done')).body).toEqual({ instancesDeleted: 1 });
    expect((await purge('/purge-done')).status).toBe(404);
    expect(await purge('?runtimeStatus=Completed')).toMatchObject({ status: 400 });
    await host.startInstance('sum', 'purge-again', { a: 1, b: 1 });
    await host.ended('purge-again');
    expect((await purge('?createdTimeFrom=2020-01-01&runtimeStatus=Completed')).status).toBe(200);
    expect((await host.status('purge-again')).status).toBe(404);
    expect((await host.status('purge-running')).body.runtimeStatus).toBe('Running');
  });

  test('refuse a blank id, and bodies that are no JSON', async () => {
    expect((await host.startInstance('sum', '  ', {})).status).toBe(400);
    expect((await host.request('POST', '/durabletask/orchestrators/sum/bad', '{bad')).status).toBe(400);
    expect((await host.request('POST', '/durabletask/instances/bad/rewind')).status).toBe(404);
    expect((await host.request('POST', '/durabletask/instances/bad/restart')).status).toBe(501);
  });

  test('lose no event of a burst over continueAsNew', async () => {
    await host.startInstance('collects', 'burst');
    for (let n = 0; n < 8; n++) await host.raise('burst', 'add', n);
    expect((await host.ended('burst')).output).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('timers and logs', () => {
  test('a timer runs at start and every second, with its times', async () => {
    const deadline = Date.now() + 5000;
    const ticks = () => host.logs.filter(({ functionName, level }) => functionName === 'ticks' && level === 'info');
    while (ticks().length < 2 && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 50));
    const [first] = ticks();
    expect(first?.invocationId).toEqual(expect.stringMatching(/^[0-9a-f-]{36}$/));
    const timer = JSON.parse(first?.msg ?? '{}');
    expect(timer).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
    expect(Date.parse(timer.scheduleStatus.next)).toBeGreaterThan(Date.parse(timer.scheduleStatus.last));
    expect(host.logs.filter(({ msg }) => msg === 'hidden')).toEqual([]);
  });

  test("the app's lines carry function and invocation", () => {
    expect(host.logs).toContainEqual(
      expect.objectContaining({ functionName: 'echo', invocationId: expect.any(String), msg: 'echoed r ü' }),
    );
  });
});

describe('stopping', () => {
  test('lets a running activity end, and the next host goes on; a timer that was missed runs past due', async () => {
    await host.startInstance('longs', 'stopped');
    await host.startInstance('waits', 'still-waiting');
    await host.until('stopped', ({ runtimeStatus }) => runtimeStatus === 'Running');
    expect(await host.stop()).toBe(0);
    await new Promise(resolve => setTimeout(resolve, 1100));
    host = await HostProcess.start(appFolder);
    expect((await host.ended('stopped')).output).toBe('long');
    await host.raise('still-waiting', 'go', { on: true });
    expect((await host.ended('still-waiting')).output).toEqual({ on: true });
    expect(host.logs.filter(({ functionName }) => functionName === 'ticks')[0]?.msg).toContain('"isPastDue":true');
  });
});
