import { expect, test } from '@jest/globals';
import { isForeign, mergeReadings, type Piece, toRows as rowsOn } from '../../ocr/rows.ts';
import fc from '../fastCheck.ts';

const toRows = (pieces: Piece[]) => rowsOn(pieces, ({ x0, y0, x1, y1 }) => ({ x: x0, y: y0, width: x1 - x0, height: y1 - y0 }));

const piece = (text: string, x0: number, y0: number, { width = 100, height = 20, confidence = 90 } = {}): Piece => ({
  text,
  confidence,
  bbox: { x0, y0, x1: x0 + width, y1: y0 + height },
});

test('pieces of one row are joined, rows stand from top to bottom', () => {
  const rows = toRows([piece('second row', 0, 40), piece('0xc0000225', 130, 2, { confidence: 70 }), piece('Status:\n', 0, 0)]);
  expect(rows.map(({ text }) => text)).toEqual(['Status: 0xc0000225', 'second row']);
});

test.each<[string, Piece]>([
  ['far to the right', piece('elsewhere', 400, 0)],
  ['much larger', piece('BIG', 110, -30, { height: 80 })],
  ['a row below', piece('below', 110, 15)],
])('a piece %s is a row of its own', (_, other) => {
  expect(toRows([piece('text', 0, 0), other])).toHaveLength(2);
});

test('what is not believed, and what has no letter, is left out', () => {
  expect(toRows([piece('mm HH', 0, 0, { confidence: 12 }), piece('_ |', 0, 40), piece('text', 0, 80)]).map(({ text }) => text)).toEqual([
    'text',
  ]);
});

test('a speck beside a line takes nothing from its confidence', () => {
  const [row] = toRows([
    piece('*', 0, 0, { width: 8, confidence: 35 }),
    piece('Stop code: CRITICAL_PROCESS_DIED', 20, 0, { confidence: 93 }),
  ]);
  expect(row?.confidence).toBeGreaterThan(88);
});

test('no piece that is believed is lost or told twice', () => {
  const places = fc.record({ x: fc.nat(1500), y: fc.nat(1000), height: fc.integer({ min: 1, max: 90 }) });
  fc.assert(
    fc.property(fc.array(places), list => {
      const words = toRows(list.map(({ x, y, height }, at) => piece(`w${at}`, x, y, { height }))).flatMap(({ text }) => text.split(' '));
      expect(words.toSorted()).toEqual(list.map((_, at) => `w${at}`).toSorted());
    }),
  );
});

test('a code or name that is hardly believed is kept', () => {
  const kept = ['0xc0000605', 'STOP CODE CRITICAL_PROCESS_DIED'];
  expect(toRows(kept.map((text, at) => piece(text, 0, 40 * at, { confidence: 2 }))).map(({ text }) => text)).toEqual(kept);
});

test('a row is told with its place', () => {
  expect(toRows([piece('Status:', 10, 20), piece('0xc0000225', 130, 22)])[0]?.box).toEqual({ x: 10, y: 20, width: 220, height: 22 });
});

test('a code that is hardly believed is not contradicted by a reading that is believed no more', () => {
  const first = [piece('STOP: 0x000000EF', 0, 0, { confidence: 40 })];
  expect(mergeReadings(first, [piece('9TOP: 0x0000069EF', 0, 2, { confidence: 26 })])).toEqual(first);
  expect(mergeReadings(first, [piece('终止代码: 0x000000EF', 0, 2)])).toHaveLength(2);
});

test('the second reading counts where the first is not believed', () => {
  const first = [
    piece('https://www.windows.com/stopcode', 0, 0, { width: 400 }),
    piece('fREVEEFRIBR', 0, 40, { width: 900, confidence: 3 }),
  ];
  const second = [piece('hups 77', 0, 0, { width: 400 }), piece('你的设备遇到问题', 0, 40, { width: 900 })];
  expect(isForeign(first)).toBe(true);
  expect(isForeign([...first, ...second, ...second, ...second])).toBe(false);
  expect(toRows(mergeReadings(first, second)).map(({ text }) => text)).toEqual(['https://www.windows.com/stopcode', '你的设备遇到问题']);
});
