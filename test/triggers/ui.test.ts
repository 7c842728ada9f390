import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { describeInBrowser, launch } from '../report/browser.ts';
import { hiddenCells, poorContrast, stickingOut } from '../report/inPage.ts';
import { type Server, startServer } from './server.ts';

const group = '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-shop';
const vmId = (name: string) => `${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
const hostile = '<img src=x onerror=globalThis.pwned=1><script>globalThis.pwned=1</script>"\'\u202E';

let server: Server;
const ids: Record<string, string> = {};
beforeAll(async () => {
  server = await startServer();
  for (const name of ['healthy-1', 'asks-1', 'asks-well-1']) ids[name] = (await start(name)).id;
  await server.until(ids['healthy-1']!, view => view.state === 'ended');
  for (const name of ['asks-1', 'asks-well-1']) await server.until(ids[name]!, view => view.state === 'waiting-approval');
});
afterAll(() => server?.stop());

const start = async (name: string, more: object = {}) => (await server.post('/api/repairs', { vmId: vmId(name), ...more })).body;
const pathTo = (name: string, verb = '') => `/api/ui/repairs/${ids[name]}${verb && `/${verb}`}`;
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const asForm = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', accept: 'text/html' };
const asBrowser = { accept: 'text/html,*/*;q=0.8' };

describe('the live page without JavaScript', () => {
  test('lists repairs, newest first, with what each waits for, and filters them', async () => {
    const { text, headers } = await server.get('/api/ui');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text.indexOf('>asks-well-1</a>')).toBeLessThan(text.indexOf('>healthy-1</a>'));
    for (const words of ['Waiting for a person', 'asks-1</strong>']) expect(text).toContain(words);
    const only = async (query: string) =>
      [...(await server.get(`/api/ui?${query}`)).text.matchAll(/class="vm" href="[^"]*">([^<]*)</g)].map(([, vm]) => vm);
    expect(await only('state=ended')).toEqual(['healthy-1']);
    expect(await only('state=open&vm=WELL')).toEqual(['asks-well-1']);
    expect(await only('finding=0x000000EF')).toEqual(['asks-well-1', 'asks-1']);
    expect(await only('subscription=11111111-2222-4333-8444-555555555555')).toHaveLength(3);
    expect(await only('subscription=99999999-2222-4333-8444-555555555555')).toEqual([]);
    expect((await server.get('/api/ui?vm=nobody')).text).toContain('No repair fits');
  });

  test('tells a repair that waits: since when, the plan with each write and script and its class, the finding, the screen', async () => {
    const { text } = await server.get(pathTo('asks-1'));
    for (const words of [
      'A person is asked',
      'takes something away',
      'writes to the copy only',
      'CRITICAL_PROCESS_DIED',
      'Text read from it',
    ])
      expect(text).toContain(words);
    const screen = await server.get(pathTo('asks-1', 'screens/before'));
    expect([screen.status, screen.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect((await server.get(pathTo('asks-1', 'screens/after'))).status).toBe(404);
  });

  test('who has the page already is told that nothing has changed', async () => {
    const first = await server.get(pathTo('healthy-1'));
    const again = await server.get(pathTo('healthy-1'), { 'if-none-match': first.headers.get('etag')! });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('by another method it says which it takes; HEAD is GET without the body', async () => {
    const ask = (method: string, path: string) =>
      fetch(server.url + path, { method, headers: { authorization: `Bearer ${server.token}`, ...asBrowser } });
    for (const [path, allow] of [
      ['/api/ui', 'GET, HEAD'],
      [pathTo('healthy-1'), 'GET, HEAD'],
      [pathTo('asks-1', 'approve'), 'GET, HEAD, POST'],
    ] as const) {
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        const answer = await ask(method, path);
        expect([path, method, answer.status, answer.headers.get('allow')]).toEqual([path, method, 405, allow]);
        expect(await answer.text()).toContain(`${method} is not taken here`);
      }
      const [head, get] = [await ask('HEAD', path), await ask('GET', path)];
      expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, get.headers.get('content-type'), '']);
    }
    expect((await ask('POST', '/api/ui')).status).toBe(405);
  });

  test('the address of an earlier host opens nothing for a stranger, and says what does; it shuts nobody out', async () => {
    const open = (headers: object) => fetch(`${server.url}/api/ui?token=of-an-earlier-host`, { headers: { ...asBrowser, ...headers } });
    const stranger = await open({});
    expect([stranger.status, stranger.headers.get('www-authenticate'), stranger.url]).toEqual([401, 'Bearer', `${server.url}/api/ui`]);
    expect(await stranger.text()).toMatch(/<h1>You are not signed in<\/h1>.*printed when it was started last/s);
    expect((await open({ authorization: `Bearer ${server.token}` })).status).toBe(200);
  });

  test('what an address has beside what is known, or beyond it, changes nothing', async () => {
    for (const path of [
      '/api/ui',
      '/api/ui/settings',
      pathTo('healthy-1'),
      pathTo('healthy-1', 'screens/before'),
      pathTo('asks-1', 'approve'),
    ])
      expect([path, (await server.get(`${path}?utm_source=mail`)).status]).toEqual([path, (await server.get(path)).status]);
    for (const query of [`vm=${'x'.repeat(400)}`, 'state=none']) expect((await server.get(`/api/ui?${query}`)).status).toBe(200);
    // Which plan a question is about is none of these.
    expect((await server.get(`${pathTo('asks-1', 'approve')}?plan=x`)).status).toBe(400);
  });

  test('its policy allows no inline script but its own, no frame and no form to elsewhere', async () => {
    const policy = (await server.get('/api/ui')).headers.get('content-security-policy')!;
    expect(policy).not.toMatch(/unsafe-|\*/);
    for (const part of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
      expect(policy).toContain(part);
  });

  test('what is wrong is told as a page, with a way back', async () => {
    const missing = await server.get('/api/ui/repairs/r-222222222222', asBrowser);
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(missing.text).toContain('There is no repair r-222222222222.');
    expect((await server.get('/api/ui/repairs/r-1', asBrowser)).text).toContain('is not the id of a repair');
  });

  test('shows admission and the settings in force', async () => {
    const { text } = await server.get('/api/ui/settings');
    for (const words of ['Under repair, the oldest first', ids['asks-1']!, 'every other VM', 'observe', 'repairsAtOnce', '12 hours'])
      expect(text).toContain(words);
  });
});

describe('a decision by a form', () => {
  /** The question, with the value that it gives out and its cookie. */
  async function ask(name: string, verb: string) {
    const { text, headers } = await server.get(pathTo(name, verb));
    const cookie = headers.get('set-cookie') ?? '';
    const field = (field: string) => new RegExp(`name="${field}" value="([^"]*)"`).exec(text)?.[1] ?? '';
    return { text, cookie: cookie.split(';')[0] ?? '', attributes: cookie, fields: { csrf: field('csrf'), planHash: field('planHash') } };
  }

  test('what the page says was decided, this browser has decided; no address can claim it', async () => {
    const { id } = await start('stays-said');
    const page = async (query: string, headers: Record<string, string> = {}) =>
      (await server.get(`/api/ui/repairs/${id}${query}`, headers)).text;
    for (const verb of ['cancel', 'approve', 'reject'])
      expect(await page(`?said=${verb}`)).not.toMatch(/(Cancelled|Approved|Rejected)\. The/);
    ids['stays-said'] = id;
    const { cookie, fields } = await ask('stays-said', 'cancel');
    const { headers } = await server.post(pathTo('stays-said', 'cancel'), form(fields), { ...asForm, cookie });
    const told = headers.get('set-cookie')!.split(';')[0]!;
    expect(await page('', { cookie: told })).toContain('Cancelled. The VM gets');
    expect(await page('', { cookie: told.replace(id, 'r-222222222222') })).not.toContain('Cancelled. The VM gets');
    await server.until(id, view => view.state === 'ended');
  });

  test('names the VM, and is taken from the page alone that asked', async () => {
    const { text, cookie, attributes, fields } = await ask('asks-1', 'reject');
    expect(text).toContain('<h1>Reject the plan for asks-1?</h1>');
    expect(attributes).toMatch(/HttpOnly; SameSite=Strict/);
    const say = (headers: Record<string, string>, more: object = {}) =>
      server.post(pathTo('asks-1', 'reject'), form({ ...fields, ...more }), { ...asForm, cookie, ...headers });
    for (const site of ['cross-site', 'same-site', 'none']) expect((await say({ 'sec-fetch-site': site })).status).toBe(403);
    expect((await say({}, { csrf: 'x'.repeat(32) })).status).toBe(403);
    expect((await say({ cookie: '' })).status).toBe(403);
    expect((await say({ 'content-type': 'text/plain' })).status).toBe(415);
    const { 'sec-fetch-site': _, ...old } = asForm;
    expect((await server.post(pathTo('asks-1', 'reject'), form(fields), { ...old, cookie })).status).toBe(403);
    expect((await server.get(`/api/repairs/${ids['asks-1']}`)).body.state).toBe('waiting-approval');

    const other = await say({}, { planHash: 'c'.repeat(64) });
    expect([other.status, other.headers.get('content-type')]).toEqual([409, 'text/html; charset=utf-8']);
    // The question is about the plan that was read; what an address says of a decision is not believed while that plan waits.
    const plan = fields.planHash.slice(0, 12);
    expect((await server.get(`${pathTo('asks-1', 'approve')}?plan=${plan}`)).text).toContain(plan);
    expect((await server.get(`${pathTo('asks-1', 'approve')}?plan=${'c'.repeat(12)}`)).status).toBe(409);
    expect((await server.get(`${pathTo('asks-1')}?said=approve&plan=${plan}`)).text).not.toContain('Approved');
    expect((await server.get(`${pathTo('asks-1')}?said=cancel`)).text).not.toContain('Cancelled.');
    const said = await say({});
    expect([said.status, said.headers.get('location')]).toEqual([303, pathTo('asks-1')]);
    expect(said.headers.get('set-cookie')).toBe(
      `bootmedic-said=${ids['asks-1']}.reject.${plan}; Path=${pathTo('asks-1')}; Max-Age=60; HttpOnly; SameSite=Strict`,
    );
    expect((await server.until(ids['asks-1']!, view => view.state === 'ended')).headline).toContain('rejected');
    expect((await server.get(pathTo('asks-1', 'approve'))).status).toBe(409);
  });
});

describeInBrowser('the live page in Chromium', () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await launch();
    page = await browser.newPage();
    // As the address that `npm start -- --serve` prints does it.
    await page.goto(`${server.url}/api/ui?token=${server.token}`);
    expect(page.url()).toBe(`${server.url}/api/ui`);
    page.on('console', message => complaints.push(`console: ${message.text()}`));
    page.on('pageerror', error => complaints.push(`error: ${error.message}`));
  });
  afterAll(() => browser?.close());
  const open = (path: string) => page.goto(server.url + path);
  /** What axe-core finds against WCAG 2.2 AA: rule and place. */
  const barriers = async (): Promise<string[]> => {
    await page.evaluate(axe.source);
    return page.evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html.slice(0, 150)))`);
  };

  test('360 and 1440 px, dark and light: nothing sticks out, nothing is complained about, no barrier', async () => {
    const paths = [
      '/api/ui',
      pathTo('asks-well-1'),
      pathTo('asks-well-1', 'approve'),
      pathTo('healthy-1'),
      '/api/ui/settings',
      '/api/ui/repairs/r-1',
    ];
    for (const path of paths) {
      for (const [width, colorScheme] of [
        [360, 'light'],
        [360, 'dark'],
        [1440, 'light'],
        [1440, 'dark'],
      ] as const) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        await open(path);
        expect([path, width, await page.evaluate(stickingOut)]).toEqual([path, width, []]);
        expect([path, width, await page.evaluate(poorContrast)]).toEqual([path, width, []]);
        expect([path, width, await barriers()]).toEqual([path, width, []]);
      }
    }
    expect(complaints.filter(each => !each.includes('status of 404') && !each.includes('status of 400'))).toEqual([]);
  });

  test('on paper: no controls, everything folded is open, nothing sticks out', async () => {
    await page.setViewportSize({ width: 800, height: 800 });
    for (const path of ['/api/ui', pathTo('asks-well-1'), pathTo('healthy-1'), '/api/ui/settings']) {
      await open(path);
      await page.emulateMedia({ media: 'print', colorScheme: 'light' });
      expect([path, await page.evaluate(hiddenCells), await page.evaluate(stickingOut)]).toEqual([path, 0, []]);
      expect(await page.locator('.filters:visible, .actions:visible, #connection:visible').count()).toBe(0);
      const pdf = await page.pdf({ format: 'A4' });
      expect([pdf.subarray(0, 5).toString(), pdf.length > 10_000]).toEqual(['%PDF-', true]);
      await page.emulateMedia({ media: 'screen' });
    }
  });

  test('times are told in the reader’s zone too, also after the page has moved, and the report is asked for in it', async () => {
    const context = await browser.newContext({ timezoneId: 'Asia/Kolkata' });
    const elsewhere = await context.newPage();
    await elsewhere.goto(`${server.url}/api/ui?token=${server.token}`);
    await elsewhere.goto(server.url + pathTo('healthy-1'));
    const [utc, local] = (await elsewhere.evaluate(
      `(time => [time.dateTime, getComputedStyle(time, '::after').content])(document.querySelector('main time'))`,
    )) as [string, string];
    const there = new Date(Date.parse(utc) + 5.5 * 3_600_000).toISOString();
    expect(local).toContain(`${there.slice(0, 10) === utc.slice(0, 10) ? '(' : `(${there.slice(0, 10)} `}${there.slice(11, 19)}`);
    expect(await elsewhere.getAttribute('a[href*="report.html"]', 'href')).toMatch(/\?timeZone=Asia%2F(Kolkata|Calcutta)$/);
    await elsewhere.click('a[href*="report.html"]');
    expect(await elsewhere.textContent('footer')).toContain('in brackets as in Asia/');
    await context.close();
  });

  test('a page that takes its time is told to be loading; who stops it stays', async () => {
    await open('/api/ui');
    const look = `JSON.stringify([document.body.className, connection.textContent, getComputedStyle(document.querySelector('.bar'), '::after').height])`;
    await page.route('**/api/ui/settings', async route => {
      await new Promise(done => setTimeout(done, 1500));
      await route.continue();
    });
    // Looked at from within: from outside a page that is being left is not to be asked.
    const click = `document.querySelector('.bar nav a[href="/api/ui/settings"]').click()`;
    await page.evaluate(`setTimeout(() => { sessionStorage.look = ${look}; }, 700); setTimeout(() => ${click})`);
    await page.waitForURL('**/api/ui/settings');
    expect(JSON.parse(await page.evaluate('sessionStorage.look'))).toEqual(['loading', 'Loading…', '3px']);
    await page.evaluate(`document.body.classList.add('loading')`);
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.body.className')).toBe('');
    await page.unroute('**/api/ui/settings');
    await open('/api/ui/settings');
    expect(await page.locator('body.loading').count()).toBe(0);
  });

  test('hostile text of a caller is text', async () => {
    const { id } = await start('healthy-hostile', { requestedBy: hostile });
    await server.until(id, view => view.state === 'ended');
    for (const path of ['/api/ui', `/api/ui/repairs/${id}`, `/api/ui?vm=${encodeURIComponent(hostile)}`]) {
      await open(path);
      expect(await page.evaluate(`'pwned' in globalThis || document.querySelectorAll('main img[src=x], main script').length > 0`)).toBe(
        false,
      );
    }
    await open(`/api/ui/repairs/${id}`);
    expect(await page.textContent('main')).toContain('<script>globalThis.pwned=1</script>');
  });

  test('a new repair appears, and one moves, without a reload; focus stays; offline is told and mended', async () => {
    await page.setViewportSize({ width: 1440, height: 800 });
    await open('/api/ui');
    await page.evaluate(`globalThis.sameDocument = true; document.querySelector('#${ids['healthy-1']} a').focus()`);
    const { id } = await start('stays-ui');
    await page.waitForSelector(`#${id} >> text=protect`);
    expect(await page.evaluate(`sameDocument && document.activeElement.closest('tr').id`)).toBe(ids['healthy-1']);
    await page.context().setOffline(true);
    await page.waitForSelector('#connection.offline');
    await page.context().setOffline(false);
    await page.waitForSelector('#connection:not(.offline)');
    await server.post(`/api/repairs/${id}/cancel`);
  });

  test('by keyboard alone: approving from the page drives the repair to its end', async () => {
    await open('/api/ui');
    const press = async (name: RegExp) => {
      await page.getByRole('link', { name }).or(page.getByRole('button', { name })).first().focus();
      await page.keyboard.press('Enter');
    };
    await press(/^Read the plan and decide about asks-well-1/);
    await page.waitForURL(server.url + pathTo('asks-well-1'));
    await press(/^Approve/);
    await page.waitForSelector('h1:has-text("Approve the plan for asks-well-1?")');
    await press(/^Yes, go on with asks-well-1/);
    await page.waitForSelector('.badge:has-text("Healthy")');
    expect((await server.get(`/api/repairs/${ids['asks-well-1']}`)).body.outcome).toBe('healthy');
  });
});
