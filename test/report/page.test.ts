import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { RepairRecord } from '../../records/index.ts';
import { renderHtml } from '../../report/index.ts';
import fc from '../fastCheck.ts';
import { describeInBrowser, launch } from './browser.ts';
import { hostileText, infest } from './hostility.ts';
import { accessibility, breakIn, hiddenCells, openAll, pictureSizes, poorContrast, skeletonsOf, stickingOut } from './inPage.ts';
import { images } from './sample/pictures.ts';
import { recordOf, repaired, stories } from './sample/stories.ts';

const pictures = images();
const stubs = new Map([...pictures].map(([blob, { bytes, contentType }]) => [blob, { bytes: bytes.slice(0, 8), contentType }]));
const samples = [recordOf(repaired), infest(recordOf(repaired), fc.sample(hostileText, { numRuns: 40, seed: 7 }))];

describeInBrowser('the page in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  let address: string;
  /** What a clean page does not do: requests, messages, errors, dialogs. */
  let complaints: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'report-'));
    address = pathToFileURL(join(folder, 'report.html')).href;
    browser = await launch();
    page = await browser.newPage();
    page.on('console', message => complaints.push(`console: ${message.text()}`));
    page.on('pageerror', error => complaints.push(`error: ${error.message}`));
    page.on('dialog', dialog => complaints.push(`dialog: ${dialog.message()}`));
    page.on('request', request => {
      if (request.url() !== address && !request.url().startsWith('data:')) complaints.push(`request: ${request.url()}`);
    });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens a report as a file. */
  async function open(record: RepairRecord, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
    writeFileSync(join(folder, 'report.html'), renderHtml(record, pictures, 'Europe/Amsterdam'));
    complaints = [];
    await page.emulateMedia({ colorScheme, media: 'screen' });
    await page.setViewportSize({ width, height: 800 });
    await page.goto(address, { waitUntil: 'load' });
  }

  test.each([
    [360, 'light'],
    [360, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)(
    '%d px, %s: nothing overflows, pictures are shown, nothing is complained about, contrast is enough',
    async (width, scheme) => {
      for (const record of samples) {
        await open(record, width, scheme);
        await page.evaluate(openAll);
        expect(await page.evaluate(stickingOut)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        expect(await page.evaluate(pictureSizes)).toEqual([
          [true, 1024],
          [true, 1024],
        ]);
        expect(await page.evaluate(poorContrast)).toEqual([]);
        expect(complaints).toEqual([]);
      }
    },
  );

  test('every outcome fits a phone', async () => {
    for (const story of Object.values(stories)) {
      await open(recordOf(story), 360);
      expect([await page.evaluate(stickingOut), await page.evaluate(poorContrast), complaints]).toEqual([[], [], []]);
    }
  });

  test('the policy is in force: a script put into the page does not run, a picture from elsewhere is not asked for', async () => {
    await open(recordOf(repaired), 800);
    expect(await page.evaluate(breakIn)).toBe(false);
    expect(complaints.filter(complaint => complaint.includes('Content Security Policy'))).toHaveLength(2);
  });

  test('hostile text is text: Chromium’s own parser sees the same elements and attributes as with harmless text', async () => {
    const records = Object.values(stories).map(recordOf);
    const skeletons = (texts: string[]) =>
      page.evaluate(skeletonsOf(records.map(record => renderHtml(infest(record, texts), stubs)))) as Promise<string[][]>;
    // Pictures, because their alternative text is hostile too; small ones, because each goes to the browser many times.
    const expected = await skeletons(['a', 'b', 'c']);
    for (const texts of fc.sample(fc.array(hostileText, { minLength: 3, maxLength: 6 }), 4))
      expect(await skeletons(texts)).toEqual(expected);
    const names = expected.flat().map(element => element.split(' ')[0]);
    expect(names.filter(name => /^(SCRIPT|IFRAME|OBJECT|EMBED|FORM|BASE)$/.test(name ?? ''))).toEqual([]);
  });

  test('a screen reader finds landmarks, headings in order, captions and alternatives', async () => {
    await open(recordOf(repaired), 360);
    expect(await page.evaluate(accessibility)).toEqual({
      landmarks: [],
      skippedLevels: [],
      tablesWithoutCaption: 0,
      withoutAlternative: 0,
      sameIds: 0,
      brokenReferences: 0,
      rolesLost: 0,
    });
  });

  test.each([
    [360, 'light'],
    [360, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('%d px, %s: axe finds no barrier', async (width, scheme) => {
    await open(recordOf(repaired), width, scheme);
    await page.evaluate(openAll);
    await page.evaluate(axe.source);
    const found = `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html.slice(0, 120)))`;
    expect(await page.evaluate(found)).toEqual([]);
  });

  test('on paper everything is there: folded tables are open', async () => {
    await open(recordOf(repaired), 800);
    expect(await page.evaluate(hiddenCells)).toBeGreaterThan(0);
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate(hiddenCells)).toBe(0);
    const pdf = await page.pdf({ format: 'A4' });
    expect([pdf.subarray(0, 5).toString(), pdf.length > 20_000]).toEqual(['%PDF-', true]);
  });
});
