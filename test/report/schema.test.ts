/** The JSON form of a report against its published schema, and reports of earlier days. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { repairRecord } from '../../records/schemas.ts';
import { renderHtml, renderMarkdown, renderSupportRequest } from '../../report/index.ts';
import { reportSchema } from '../../report/schema.ts';
import { recordOf, stories } from './sample/stories.ts';

const file = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const published = file('../../docs/report.schema.json');
const fits = new Ajv2020({ validateFormats: false }).compile(published);
const old = file('sample/report-2026-11.json');

test('the published schema is the one that records are checked with (else: npm run docs:schema)', () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(reportSchema())));
});

describe('fits the schema', () => {
  test.each(Object.entries(stories))('%s', (_, story) => {
    const report = JSON.parse(JSON.stringify(recordOf(story)));
    expect([fits(report), fits.errors]).toEqual([true, null]);
  });
  test('with a field that a later day has added', () => expect(fits({ ...old, later: 1 })).toBe(true));
  test('no report of another version, nor one without its story', () => {
    for (const other of [{ ...old, schema: 2 }, { ...old, story: { ...old.story, outcome: 'fine' } }, { schema: 1 }])
      expect(fits(other)).toBe(false);
  });
});

test('a report of November 2026 still fits, is still read, and still has every form', () => {
  expect(fits(old)).toBe(true);
  const record = repairRecord.parse(old);
  for (const form of [renderHtml(record, new Map()), renderMarkdown(record), renderSupportRequest(record)])
    expect(form).toContain('vm-till-07');
});
