/** Report and live page on paper: whole, light whatever the screen is, with a margin, and with links that can be read. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { itemOf, viewOf } from '../../functions/triggers/views.ts';
import { renderFleetHtml, renderHtml } from '../../report/index.ts';
import { renderList, renderRepair } from '../../report/ui/index.ts';
import fc from '../fastCheck.ts';
import { summary } from '../records/sample.ts';
import { describeInBrowser, launch } from './browser.ts';
import { hostileText, infest } from './hostility.ts';
import { cutOff, darkGrounds, hiddenCells, pageMargins, poorContrast, stickingOut, unreadableLinks } from './inPage.ts';
import { images } from './sample/pictures.ts';
import { recordOf, repaired, stories } from './sample/stories.ts';

const hostile = fc.sample(hostileText, { numRuns: 40, seed: 11 });
const all = ['running', 'waiting-approval', 'ended'].map((state, n) => {
  const outcome = state === 'ended' ? ('repaired' as const) : null;
  const vmId = `${summary.vmId}${'-w'.repeat(60)}`;
  return itemOf(undefined, {
    ...summary,
    id: `r-${'abc'[n]?.repeat(12)}`,
    vmId,
    state: state as 'ended',
    outcome,
    headline: repaired.headline,
  })!;
});

function live(record: ReturnType<typeof recordOf>, state: 'waiting-approval' | 'ended'): string {
  const item = itemOf(undefined, { ...summary, state, outcome: state === 'ended' ? 'repaired' : null })!;
  const view = viewOf(item, undefined, { record, timeline: record.timeline, soFar: { diagnosis: null, plan: null } });
  return renderRepair({ view, record, diagnosis: record.story.diagnosis, may: { decide: true, cancel: true }, said: null, saidOf: null });
}

const pages: Record<string, () => string> = {
  'the report': () => renderHtml(recordOf(repaired), images(), 'Europe/Amsterdam'),
  'a report full of hostile text': () => renderHtml(infest(recordOf(stories['rolled-back']), hostile), images()),
  'a report of what is by hand': () => renderHtml(recordOf(stories['needs-person']), images()),
  'the report of a fleet': () => renderFleetHtml(all, repaired.endedAt),
  'the page of a repair that waits': () => live(recordOf({ ...repaired, attempts: [] }), 'waiting-approval'),
  'the page of one that has ended, full of hostile text': () => live(infest(recordOf(repaired), hostile), 'ended'),
  'the list': () => renderList({ all, query: { state: '', subscription: '', finding: '', vm: '', after: '' } }),
};

describeInBrowser('on paper', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launch();
    page = await browser.newPage();
  });
  afterAll(() => browser?.close());

  test.each(Object.keys(pages))('%s, from a dark screen', async name => {
    // A document keeps the policy of what it held before.
    await page.goto('about:blank');
    await page.setContent((pages[name] as () => string)(), { waitUntil: 'load' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    // What is left of an A4 and of a Letter page between the margins, CSS pixels.
    for (const width of [702, 724]) {
      await page.setViewportSize({ width, height: 1000 });
      expect(await page.evaluate(stickingOut)).toEqual([]);
      expect(await page.evaluate(cutOff)).toEqual([]);
    }
    expect(await page.evaluate(hiddenCells)).toBe(0);
    expect(await page.evaluate(darkGrounds)).toEqual([]);
    expect(await page.evaluate(poorContrast)).toEqual([]);
    expect(await page.evaluate(unreadableLinks)).toEqual([]);
    const margins = (await page.evaluate(pageMargins)) as number[];
    expect(margins.length).toBe(4);
    for (const margin of margins) expect(margin).toBeGreaterThanOrEqual(10);
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    expect(pdf.slice(0, 5)).toBe('%PDF-');
    // What a person can click in the file.
    if (name === 'the report') expect(pdf).toContain('/URI (https://learn.microsoft.com/');
  });
});
