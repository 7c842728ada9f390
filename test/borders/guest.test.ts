/** What comes from a guest's disk or console: any bytes are read or refused, within bounds, and nothing of it is believed without this run's token. */
import { expect, test } from '@jest/globals';
import { readDump } from '../../diagnosis/dumpHeader.ts';
import { readConsole } from '../../diagnosis/screen.ts';
import { readSerialLog } from '../../diagnosis/serialLog.ts';
import { checkedSize } from '../../ocr/header.ts';
import { OcrError } from '../../ocr/types.ts';
import { parseResult } from '../../playbooks/result.ts';
import fc from '../fastCheck.ts';
import { isUnpolluted, mutated, oddText } from './odd.ts';

const token = 'tok-123';
const result = {
  token,
  outcome: 'fixed',
  code: 'done',
  findings: [{ id: 'dump', confidence: 'certain', evidence: 'MEMORY.DMP' }],
  actions: [{ what: 'set', target: 'HKLM', before: null, after: '1', revertable: true }],
  warnings: ['w'],
};

test('a result line with one thing wrong in it is none, or still says only what the schema lets it say', () => {
  fc.assert(
    fc.property(mutated(result), oddText, oddText, (line, before, after) => {
      const read = parseResult(`${before}\nBOOTMEDIC-RESULT ${JSON.stringify(line)}\n${after.replaceAll('BOOTMEDIC', '')}`, token);
      expect(isUnpolluted()).toBe(true);
      if (read === null) return;
      expect(Object.keys(read).toSorted()).toEqual(['actions', 'code', 'findings', 'outcome', 'warnings']);
      expect(['fixed', 'nothing-to-do', 'not-applicable', 'failed', 'reverted']).toContain(read.outcome);
    }),
    { numRuns: 300 },
  );
});

test('the result of another run, or a forged one, is none', () => {
  fc.assert(
    fc.property(oddText, other => {
      fc.pre(other !== token);
      expect(parseResult(`BOOTMEDIC-RESULT ${JSON.stringify({ ...result, token: other })}`, token)).toBeNull();
      expect(parseResult(`BOOTMEDIC-RESULT ${JSON.stringify(result)}`, '')).toBeNull();
    }),
    { numRuns: 60 },
  );
});

test('a serial log of any bytes is read in time that grows with its length', () => {
  const pieces = fc.constantFrom(
    '<?xml',
    '<INSTANCE CLASSNAME="BLUESCREEN">',
    '0xC000021A',
    '\u001b[2J',
    'BugcheckCode',
    '\u0000',
    '\r',
    '*** STOP: ',
    'SAC>',
    '((((',
  );
  const log = fc.array(fc.oneof(pieces, oddText), { maxLength: 60 }).map(all => all.join(''));
  fc.assert(
    fc.property(fc.oneof(log, fc.uint8Array({ maxLength: 500 })), text => {
      const read = readSerialLog(text);
      expect(read.tail.length).toBeLessThanOrEqual(200);
      expect(read.earlierStops.length).toBeLessThanOrEqual(100);
    }),
    { numRuns: 120 },
  );
  const began = performance.now();
  for (const piece of ['(', '<a ', '*** STOP: 0x', '\u001b[', '0x', '\r', ' ']) readSerialLog(piece.repeat(200_000 / piece.length));
  expect(performance.now() - began).toBeLessThan(4000);
});

test('a dump of any bytes has a header or none', () => {
  const head = fc.tuple(fc.constantFrom('PAGEDU64', 'PAGEDUMP', 'MDMP', ''), fc.uint8Array({ maxLength: 9000 }));
  fc.assert(
    fc.property(head, ([magic, rest]) => {
      expect(typeof readDump(Buffer.concat([Buffer.from(magic), rest])).kind).toBe('string');
    }),
    { numRuns: 100 },
  );
});

test('a screenshot of any bytes has a size within bounds or is refused by name (what can be drawn: test/ocr), and any text on a screen is read', () => {
  const magic = fc.constantFrom('BM', '\u0089PNG\r\n\u001a\n', '\u00ff\u00d8\u00ff\u00e0', 'GIF89a', '');
  fc.assert(
    fc.property(magic, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      try {
        const { width, height } = checkedSize(Buffer.concat([Buffer.from(start, 'latin1'), rest]));
        expect(width > 0 && height > 0 && width * height < 2 ** 26).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(OcrError);
      }
    }),
    { numRuns: 300 },
  );
  const box = { x: 0, y: 0, width: 10, height: 10 };
  const short = oddText.map(text => text.slice(0, 60));
  fc.assert(
    fc.property(fc.array(short, { minLength: 1, maxLength: 3 }), texts => {
      const lines = texts.map(text => ({ text, confidence: 90, box }));
      expect(readConsole({ lines, width: 640, height: 480, blank: null, language: null }).failure?.confidence).not.toBe('certain');
    }),
    { numRuns: 12 },
  );
});

test('a screen with more text than a screen holds is read in seconds, and little of it is told', () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  const words = fc.constantFrom(
    'Stop code: CRITICAL_PROCESS_DIED ',
    'Windows Boot Manager 0xc000000e ',
    'What failed: ',
    'aaaaaaaa',
    '100% ',
    '\u202e',
  );
  const texts = fc.array(
    fc.tuple(words, fc.integer({ min: 1, max: 2000 })).map(([word, times]) => word.repeat(times)),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(texts, all => {
      const lines = all.map(text => ({ text, confidence: 90, box }));
      const begun = performance.now();
      const reading = readConsole({ lines, width: 640, height: 480, blank: null, language: null });
      expect(performance.now() - begun).toBeLessThan(10_000);
      expect(JSON.stringify(reading).length).toBeLessThan(20_000);
    }),
    { numRuns: 4 },
  );
});
