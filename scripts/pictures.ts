/**
 * `npm run docs:pictures`: the README's pictures, from a real run of the demo's estate: one repair is approved on the live page, the others
 * run unasked. Needs a build and a Chromium. Writes docs/report.png, docs/ui.png and docs/ui-repair.png.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Page } from 'playwright-core';
import { demoAlert, demoVms } from '../cli/demoEstate.ts';

const root = new URL('..', import.meta.url).pathname;
const ASKED = 'app-nl-01';
/** Even a slow machine is through by then, ms. */
const PATIENCE = 420_000;
/** Two pictures side by side still read on a phone. */
const WIDE = { width: 1180, height: 860 };

const data = mkdtempSync(join(tmpdir(), 'bootmedic-pictures-'));
const demo = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'demo', '--serve', '--json', '--data', data], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({ executablePath: process.env.BOOTMEDIC_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: demo.stdout }).once('line', resolve);
    demo.once('exit', code => reject(new Error(`the demo ended with ${code}`)));
  });
  const { url, page: address } = JSON.parse(line) as { url: string; page: string };
  const page = await browser.newPage({ viewport: WIDE, colorScheme: 'light' });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(address);
  const post = async (path: string, body: unknown) => {
    const authorization = `Bearer ${new URL(address).searchParams.get('token')}`;
    const answer = await fetch(`${url}/api/${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const asked = demoVms.find(({ name }) => name === ASKED);
  const { id } = await post('repairs', { vmId: asked?.id, mode: 'review', requestedBy: 'anna, on call' });
  await page.waitForSelector('#waiting');
  await post('alerts', demoAlert(new Date()));
  await page.waitForSelector('tr:has-text("crm-en-05") .tag.good');
  await shoot(page, 'ui');

  await page.goto(`${url}/api/ui/repairs/${id}`);
  await page.waitForSelector('.pictures img');
  await shoot(page, 'ui-repair');
  await page.click('text=Approve…');
  await page.click(`text=Yes, go on with ${ASKED}`);
  await page.waitForSelector('.top.good .badge');
  console.log(`${ASKED} ended: ${await page.textContent('.top .headline')}`);

  await page.setViewportSize({ width: 900, height: 1000 });
  await page.goto(`${url}/api/repairs/${id}/report.html`);
  await shoot(page, 'report');
} finally {
  await browser.close();
  demo.kill('SIGTERM');
  await new Promise(resolve => demo.once('exit', resolve));
  rmSync(data, { recursive: true, force: true });
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate('scrollTo(0, 0)');
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(root, `docs/${name}.png`) });
}
