/** Azure's answers, which evidence keeps as JSON, as a report tells them. */
import { expect, test } from '@jest/globals';
import type { Run } from '../../report/document.ts';
import { shortened } from '../../report/fit.ts';
import { inWords } from '../../report/sections/azureSays.ts';
import { evidenceTable } from '../../report/sections/finding.ts';
import fc from '../fastCheck.ts';
import { record } from '../records/sample.ts';

const plain = (run: Run) =>
  typeof run === 'string' ? run : 'time' in run ? run.time.text : 'code' in run ? run.code : JSON.stringify(run);
const told = (value: unknown) => inWords(JSON.stringify(value))?.map(plain).join('');

test('names and values in words, times as times, what is not known left out, nothing told as that', () => {
  const view = { power: 'running', powerChangedAt: '2026-03-01T03:00:10.999Z', agent: { status: 'not-ready', at: null, osVersion: '' } };
  expect(told(view)).toBe('power running · power changed at 2026-03-01 03:00:10 UTC · agent status not-ready');
  expect(told({ planned: false, screenshot: true })).toBe('planned no · screenshot yes');
  expect(told([{ at: '2026-03-01T03:00:10Z', what: 'start' }, { what: 'restart' }])).toBe(
    'at 2026-03-01 03:00:10 UTC · what start · what restart',
  );
  for (const empty of [[], {}, { a: null }]) expect(told(empty)).toBe('nothing');
});

test('what is no JSON document stays as it is: a log, one that was cut, a bare value', () => {
  for (const text of ['Booting', '{"power":"run', '[1', '12', '"x"', 'null', '']) expect(inWords(text)).toBeNull();
});

test('values are quoted, never markup of ours, and of bounded number, whatever the JSON is', () =>
  fc.assert(
    fc.property(fc.oneof(fc.object({ maxDepth: 8 }), fc.array(fc.jsonValue(), { maxLength: 100 })), value => {
      const runs = inWords(JSON.stringify(value)) ?? [];
      expect(runs.length).toBeLessThanOrEqual(2 * 40 + 1);
      for (const run of runs) expect(typeof run === 'string' || 'code' in run || 'time' in run).toBe(true);
    }),
  ));

test('a report tells the answers as facts, and quotes the logs alone', () => {
  const [screenshot] = record.story.diagnosis?.evidence ?? [];
  const of = (kind: 'instance-view' | 'serial-log' | 'activity-log', excerpt: string) => ({ ...screenshot!, kind, excerpt });
  const blocks = evidenceTable('Evidence', [of('instance-view', '{"power":"running"}'), of('activity-log', '[]'), of('serial-log', '[]')]);
  const facts = blocks.flatMap(block => (block.kind === 'facts' ? block.facts : []));
  expect(facts.map(({ name, value }) => `${name}: ${value.map(plain).join('')}`)).toEqual([
    'The instance view says: power running',
    'The activity log says: nothing',
  ]);
  expect(blocks.filter(({ kind }) => kind === 'pre')).toEqual([{ kind: 'pre', label: 'What the serial log says', text: '[]' }]);
});

test('a page that is kept short cuts it between two values, and shows that it did', () => {
  const words = inWords(JSON.stringify({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }))!;
  const section = { id: 's', title: 'S', blocks: [{ kind: 'facts' as const, facts: [{ name: 'Azure', value: words }] }] };
  const [short] = shortened([section], { sections: 9, blocks: 9, rows: 9, text: 99, quoted: 99 }, []);
  const value = short?.blocks.flatMap(block => (block.kind === 'facts' ? block.facts : []))[0]?.value ?? [];
  expect(value.map(plain).join('')).toBe('a 1 · b 2 · c 3 · d 4 …');
});
