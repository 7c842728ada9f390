/** Times in UTC and as the reader's clocks show them. */
import { describe, expect, test } from '@jest/globals';
import { renderFleetHtml, renderFleetMarkdown, renderHtml, renderMarkdown } from '../../report/index.ts';
import { clockOf, isTimeZone, localTime } from '../../report/zone.ts';
import fc from '../fastCheck.ts';
import { summary } from '../records/sample.ts';
import { recordOf, repaired } from './sample/stories.ts';

const record = recordOf(repaired);
const forms = (timeZone: string | null) => ({
  html: renderHtml(record, new Map(), timeZone),
  md: renderMarkdown(record, timeZone),
});
const at = '2026-03-01T03:05:48.000Z';
const shown = (zone: string, iso = at) => localTime(iso, clockOf(zone));

test('every time of a report bears its zone’s too, and the report says whose', () => {
  const { html, md } = forms('Europe/Amsterdam');
  expect(html).toContain(`<time datetime="${at}">2026-03-01 03:05:48 UTC</time> <span class="local">(04:05:48 GMT+1)</span>`);
  expect(md).toContain('2026-03-01 03:05:48 UTC (04:05:48 GMT+1)');
  expect(html.match(/<time /g)?.length).toBe(html.match(/class="local"/g)?.length);
  for (const form of [html, md]) expect(form).toContain('in brackets as in Europe/Amsterdam');
});

test('where no zone is known, or none that is one, times are UTC alone', () => {
  for (const zone of [null, 'Nowhere/At_All', '../etc']) expect(forms(zone)).toEqual(forms(null));
  expect(forms(null).html).not.toContain('class="local"');
});

test('a fleet’s page too', () => {
  for (const form of [renderFleetHtml([summary], at, 'Asia/Kolkata'), renderFleetMarkdown([summary], at, 'Asia/Kolkata')])
    expect(form).toContain('08:35:48 GMT+5:30');
});

describe('a time there', () => {
  test.each([
    ['Europe/Amsterdam', '04:05:48 GMT+1'],
    ['America/Los_Angeles', '2026-02-28 19:05:48 PST'],
    ['UTC', '03:05:48 UTC'],
  ])('%s', (zone, words) => expect(shown(zone)).toBe(words));

  test('leads back to the same second, in summer and winter', () =>
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
        fc.constantFrom('Europe/Amsterdam', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Kiritimati'),
        (date, zone) => {
          const iso = date.toISOString();
          const words = shown(zone, iso);
          const [, day = iso.slice(0, 10), time, hours, minutes = '0'] =
            /^(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d:\d\d) GMT\+(\d+)(?::(\d\d))?$/.exec(words) ?? [];
          const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
          expect([words, Date.parse(`${day}T${time}Z`) - offset]).toEqual([words, Math.floor(date.getTime() / 1000) * 1000]);
        },
      ),
    ));
});

test('only names that are zones are zones', () => {
  expect(['Europe/Amsterdam', 'UTC', '', 'Mars/Olympus', '+01:00:00:00'].map(isTimeZone)).toEqual([true, true, false, false, false]);
});
