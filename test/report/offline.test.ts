/** The live page when nobody answers: what it says, to whom, how often it asks, and how it comes back. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { itemOf, viewOf } from '../../functions/triggers/views.ts';
import { livePolicy, renderRepair } from '../../report/ui/index.ts';
import { summary } from '../records/sample.ts';
import { describeInBrowser, launch } from './browser.ts';
import { poorContrast, stickingOut } from './inPage.ts';
import { recordOf, stories } from './sample/stories.ts';

/** The page of a repair under way, which looks again every 1.5 s. */
function pageAt(phase: string): string {
  const record = recordOf(stories.running);
  const item = { ...itemOf(undefined, { ...summary, state: 'running', outcome: null, endedAt: null })!, phase };
  const view = viewOf(item, undefined, { record, timeline: record.timeline, soFar: { diagnosis: null, plan: null } });
  return renderRepair({ view, record, diagnosis: null, may: { decide: true, cancel: true }, said: null, saidOf: null });
}

const troubles = {
  'the connection is cut': 'cut',
  'the app fails': 503,
  'the sign-in has ended': 401,
  'something else answers in its place': 'elsewhere',
} as const;

describeInBrowser('nobody answers the live page', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let address = '';
  let trouble: (typeof troubles)[keyof typeof troubles] | null = null;
  let phase = 'inspect';
  let asked: number[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(performance.now());
      if (trouble === 'cut') return request.socket.destroy();
      const body = trouble === 'elsewhere' ? '<title>Sign in</title>' : typeof trouble === 'number' ? '' : pageAt(phase);
      const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': livePolicy, 'cache-control': 'no-store' };
      return response.writeHead(typeof trouble === 'number' ? trouble : 200, headers).end(body);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/ui/repairs/${summary.id}`;
    browser = await launch();
  });
  beforeEach(async () => {
    trouble = null;
    phase = 'inspect';
    page = await browser.newPage({ viewport: { width: 360, height: 800 } });
    await page.goto(address);
    asked = [];
  });
  afterEach(() => page.close());
  afterAll(async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
  });

  test.each(Object.entries(troubles))(
    '%s: the page says so and since when, keeps what it shows, and goes on by itself',
    async (_, what) => {
      expect(await page.textContent('#connection')).toBe('live');
      await page.focus('.actions a');
      trouble = what;
      await page.waitForSelector('#connection.offline', { timeout: 30_000 });
      const said = (await page.textContent('#connection')) ?? '';
      expect(said).toMatch(/^No answer since \d\d:\d\d:\d\d UTC\. What you see is from then; it is tried again by itself\./);
      expect(said).toContain('Reload the page');
      // A screen reader is told by the role of the place; what is shown stays, and can be used.
      expect(await page.getAttribute('#connection', 'role')).toBe('status');
      expect(await page.textContent('.phases .now')).toContain('inspect');
      expect(await page.evaluate(`document.activeElement.textContent`)).toContain('Cancel this repair');
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect([await page.evaluate(stickingOut), await page.evaluate(poorContrast)]).toEqual([[], []]);
      }
      await page.emulateMedia({ media: 'print' });
      expect(await page.isVisible('#connection')).toBe(false);
      await page.emulateMedia({ media: 'screen' });
      phase = 'plan';
      trouble = null;
      await page.waitForSelector('#connection:not(.offline)', { timeout: 60_000 });
      expect(await page.textContent('#connection')).toBe('live');
      expect(await page.textContent('.phases .now')).toContain('plan');
    },
  );

  test('the time since when stays that of the first failure, and it asks less and less often', async () => {
    trouble = 503;
    await page.waitForSelector('#connection.offline', { timeout: 30_000 });
    const first = await page.textContent('#connection');
    while (asked.length < 4) await page.waitForTimeout(200);
    expect(await page.textContent('#connection')).toBe(first);
    const [a = 0, b = 0, c = 0, d = 0] = asked;
    // A busy machine only makes a pause longer: each is at least what it waits.
    expect([b - a > 2900, c - b > 5900, d - c > 11_900]).toEqual([true, true, true]);
  }, 120_000);

  test('without JavaScript the page says that it stands still, and how to look again', async () => {
    const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await plain.goto(address);
    expect(await plain.textContent('noscript')).toContain('Without JavaScript this page shows what was so when it was asked for');
    expect(await plain.getAttribute('noscript a', 'href')).toBe('');
    expect(await plain.textContent('#connection')).toBe('');
    await plain.context().close();
  });
});
