/** No page weighs more than 100 KB, whatever a plan, a guest or a fleet puts into it; what is left out is counted, and behind a link. */
import { describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../functions/settings.ts';
import { itemOf, viewOf } from '../../functions/triggers/views.ts';
import type { RepairRecord, SweepReport } from '../../records/index.ts';
import { htmlText } from '../../report/engine.ts';
import { cutTo } from '../../report/fit.ts';
import { renderFleetHtml } from '../../report/index.ts';
import type { AdmissionView } from '../../report/ui/admission.ts';
import { renderConfirmation, renderList, renderRepair, renderSettings } from '../../report/ui/index.ts';
import fc from '../fastCheck.ts';
import { summary } from '../records/sample.ts';
import { hostileText } from './hostility.ts';
import { plan } from './sample/night.ts';
import { recordOf, repaired } from './sample/stories.ts';

const limit = 100_000;
const bytes = (page: string) => Buffer.byteLength(page);
const some = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
const id = (n: number) =>
  `r-${String(n)
    .padStart(12, '0')
    .replaceAll(/\d/g, digit => 'abcdefghij'[Number(digit)] ?? '')}`;
/** What takes most room in a page: each a character that is shown by its code point. */
const invisible = '\u202E'.repeat(900);
const word = 'w'.repeat(10_000);

/** A record as large as nobody has seen one: every list long, every text of a guest or of Azure is this. */
function huge(text: string): RepairRecord {
  const write = plan.writes[0]!;
  const attempt = repaired.attempts[1]!;
  const record = recordOf({
    ...repaired,
    headline: text,
    nextSteps: some(100, () => text),
    diagnosis: {
      ...repaired.diagnosis!,
      summary: text,
      findings: some(20, () => ({ ...repaired.diagnosis!.findings[0]!, title: text, stopName: text, basis: some(30, () => text) })),
      evidence: some(60, n => ({ ...repaired.diagnosis!.evidence[n % 3]!, excerpt: text })),
    },
    plan: {
      ...plan,
      writes: some(200, n => ({ ...write, target: `${text}${n}`, why: text, undo: text })),
      attempts: some(40, n => ({ ...plan.attempts[1]!, id: `a${n}`, title: text })),
      keeps: some(100, () => text),
      missingConsents: some(50, n => `${text}${n}`),
    },
    attempts: some(20, n => ({ ...attempt, attempt: `a${n}`, title: text, scripts: attempt.scripts.map(end => ({ ...end, tail: text })) })),
  });
  const [entry] = record.timeline;
  return { ...record, timeline: some(500, n => ({ ...entry!, phase: `phase ${n % 90}`, what: text, detail: text })) };
}

const states = ['queued', 'running', 'waiting-approval', 'ended'] as const;
const hostile = { requestedBy: invisible, stopCode: invisible, vmId: `${repaired.request.vmId}${invisible}` };

function live(record: RepairRecord, state: (typeof states)[number], more: object = {}) {
  const ended = state === 'ended';
  const base = { ...summary, ...more, state, outcome: ended ? record.story.outcome : null, headline: record.story.headline };
  const item = itemOf(undefined, base)!;
  const view = viewOf(item, undefined, { record, timeline: record.timeline, soFar: { diagnosis: null, plan: null } });
  const { diagnosis } = record.story;
  return { view, record, diagnosis, may: { decide: true, cancel: true }, said: null, saidOf: null };
}

describe.each([
  ['invisible characters', invisible],
  ['a word of 10,000 letters', word],
  ['markup', '</script><img src=x onerror=alert(1)>&"'.repeat(40)],
  ['characters beyond the plane', '\u{E0041}😀'.repeat(300)],
])('of a repair full of %s', (_, text) => {
  const record = huge(text);
  test.each(states)('its page when it is %s', state => {
    const page = renderRepair(live(record, state, hostile));
    expect(bytes(page)).toBeLessThanOrEqual(limit);
    expect(page).toContain('This page is kept short');
    expect(page).toContain(`<a class="whole" href="/api/repairs/${summary.id}/report.html">the report</a>`);
    expect(page).not.toMatch(/<img src=x|<\/script><img/);
  });
  test.each(['approve', 'reject', 'cancel'] as const)('the question before %s', verb => {
    const page = renderConfirmation({ view: live(record, 'waiting-approval', hostile).view, verb, csrf: 'x' });
    expect(bytes(page)).toBeLessThanOrEqual(limit);
    expect(page).toContain('name="planHash"');
  });
});

test('what a person decides on is there, however long the rest is: the buttons, the plan with its first writes, the hash', () => {
  const page = renderRepair(live(huge('a plain text of thirty letters'), 'waiting-approval'));
  for (const words of ['Approve…', 'Reject…', 'Writes to Azure, in order', '… and ', plan.hash.slice(0, 12)]) expect(page).toContain(words);
});

test('a page that fits is whole', () => {
  expect(renderRepair(live(recordOf({ ...repaired, attempts: [] }), 'waiting-approval'))).not.toContain('kept short');
});

describe('many', () => {
  const all = (count: number, more: object) =>
    some(count, n => itemOf(undefined, { ...summary, ...more, id: id(n), vmId: `${repaired.request.vmId}-${n}` })!);
  const query = { state: '', subscription: '', finding: '', vm: '', after: '' };

  test.each([
    ['ended', { headline: invisible, requestedBy: invisible }],
    ['that wait', { state: 'waiting-approval', outcome: null, requestedBy: word }],
  ] as const)('a list of a thousand %s, and its next page begins behind the last that is shown', (_, more) => {
    const items = all(1000, more).map((item, n) => ({ ...item, stopCode: `0x${n}${'f'.repeat(80)}`, awaiting: word }));
    const page = renderList({ all: items, query });
    expect(bytes(page)).toBeLessThanOrEqual(limit);
    const shown = [...page.matchAll(/<tr role="row" id="([^"]+)"/g)].map(([, row]) => row);
    expect(shown.length).toBeGreaterThan(1);
    expect(page).toContain(`after=${shown.at(-1)}`);
  });

  test.each([500, 3000])('a fleet of %d VMs: the failures have a row, the others are named with a link, the rest is counted', count => {
    const items = all(count, { headline: repaired.headline }).map((item, n) => ({
      ...item,
      outcome: n < 5 ? ('rolled-back' as const) : ('repaired' as const),
    }));
    const page = renderFleetHtml(items, repaired.endedAt, 'Europe/Amsterdam');
    expect(bytes(page)).toBeLessThanOrEqual(limit);
    const told = (n: number) =>
      page.includes(`href="/api/ui/repairs/${id(n)}"`) || page.includes(`href="/api/repairs/${id(n)}/report.html"`);
    expect(some(5, told)).toEqual([true, true, true, true, true]);
    const links = new Set(page.match(/r-[a-z2-7]{12}/g)).size;
    if (count === 500) expect(links).toBe(500);
    else expect(page).toMatch(/… and [\d,]+ more, in/);
  });

  test.each([invisible, word])('a fleet of 500 with hostile words', text =>
    expect(bytes(renderFleetHtml(all(500, { headline: text, stopCode: text, outcome: 'unknown' }), repaired.endedAt))).toBeLessThanOrEqual(
      limit,
    ),
  );

  test('admission, settings and the sweep', () => {
    const { vmId } = repaired.request;
    const at = repaired.endedAt;
    const { limits } = repaired.request;
    const admission: AdmissionView = {
      limits,
      running: some(500, n => ({ vmId: `${vmId}${n}`, repairId: id(n), since: at, scopes: [word] })),
      waiting: some(1000, n => ({ vmId: `${vmId}${n}`, repairId: id(n), since: at, why: word, waitsFor: [] })),
      breakers: some(300, n => ({ finding: `${word}${n}`, failuresInARow: 3, lastRepairId: id(n), open: true, until: at })),
    } as unknown as AdmissionView;
    const sweep = {
      ...{
        schema: 1,
        sweepId: 's',
        requestedBy: invisible,
        startedAt: at,
        endedAt: at,
        looked: 5000,
        counts: {},
        deleted: [],
        purged: 0,
        faults: [],
      },
      ill: some(1000, n => ({ vmId: `${vmId}${n}`, why: invisible, finding: invisible, repairId: id(n) })),
      passed: some(1000, n => ({ vmId: `${vmId}${n}`, why: word })),
      leftovers: some(1000, n => ({
        ...{ resourceId: `/x/${n}`, type: 'disk', repairId: id(n), expires: at, sizeGb: 1, monthlyUsd: 1, due: false, why: invisible },
      })),
    } as SweepReport;
    const scopes = some(800, n => ({ match: { resourceGroup: `rg-${n}-${word.slice(0, 80)}` }, mode: 'review' as const }));
    const settings = { ...loadSettings({ BOOTMEDIC_BLOB_ENDPOINT: 'https://x.blob.core.windows.net' }), scopes } as Parameters<
      typeof renderSettings
    >[0]['settings'];
    const page = renderSettings({ settings, admission, sweep });
    expect(bytes(page)).toBeLessThanOrEqual(limit);
    for (const path of ['/api/admission', '/api/sweeps/latest']) expect(page).toContain(`href="${path}"`);
  });
});

test('a text is cut to its weight in the page, and never inside a character', () =>
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 40, max: 400 }), (text, most) => {
      const whole = text.repeat(20);
      const cut = cutTo(whole, most);
      if (whole.isWellFormed()) expect(cut.isWellFormed()).toBe(true);
      if (cut !== whole) expect(bytes(htmlText(cut.slice(0, -1)))).toBeLessThanOrEqual(most);
      else expect(bytes(htmlText(cut))).toBeLessThanOrEqual(most);
    }),
  ));
