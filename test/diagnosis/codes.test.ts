import { describe, expect, test } from '@jest/globals';
import { knownCodes, knownNames, normaliseCode, shortCode } from '../../diagnosis/catalogue.ts';
import { findCodes, findName } from '../../diagnosis/codes.ts';
import { playbooks, signatures } from '../../playbooks/index.ts';
import fc from '../fastCheck.ts';

describe('the catalogue', () => {
  test('sends what a playbook answers to that playbook', () => {
    for (const { stopCodes, stopNames, playbook } of signatures) {
      for (const code of stopCodes) expect(knownCodes.get(code)?.playbook).toBe(playbook);
      for (const name of stopNames) expect(knownNames.get(name)?.playbook).toBe(playbook);
      expect(playbooks.map(({ id }) => id)).toContain(playbook);
    }
  });

  test('knows both names of 0xC000021A', () => {
    expect(knownNames.get('WINLOGON_FATAL_ERROR')?.code).toBe('0xC000021A');
  });

  test('has every code in normal form and lets nothing without a playbook run unasked', () => {
    for (const [code, { playbook, harm }] of knownCodes) {
      expect(normaliseCode(code)).toBe(code);
      if (playbook === null) expect(harm).toBe('high');
    }
  });

  test.each([
    ['0xEF', '0x000000EF'],
    ['0X000000ef', '0x000000EF'],
    ['0x00000000C000021A', '0xC000021A'],
    ['0x1C000021A', undefined],
    ['EF', undefined],
    ['', undefined],
  ])('%s is %s in normal form', (code, normal) => expect(normaliseCode(code)).toBe(normal));
});

describe('codes in a line', () => {
  test.each([
    ['Stop code: 0xc000021a', '0xC000021A', true],
    ['Stopcode: Oxc000021a', '0xC000021A', true],
    ['Estado: 6xc000014c', '0xC000014C', true],
    ['Status: 0xC600006E', '0xC000000E', false],
    ['Status: 0xcooe000f', '0xC000000F', false],
    ['Status: 0xc096066f', '0xC000000F', false],
    ['cette erreur : 0x0000007¢', '0x0000007E', false],
    ['*** STOP: ©xCO00O21A', '0xC000021A', false],
    ['*** STOP: OxXOOO000EF', '0x000000EF', false],
    ['for this error: 0xc00002la', '0xC000021A', false],
    ['0xco00021a', '0xC000021A', false],
    ['0x000021a', '0xC000021A', false],
    ['#0x000000EF', '0x000000EF', true],
    ['OxEF', '0x000000EF', true],
    ['Stop code: O0xc000021a', '0xC000021A', true],
    ['Stopcode: (xc000021a', '0xC000021A', true],
    ['0xDEADBEE1', '0xDEADBEE1', true],
    ['Status: 0xc000022S', '0xC0000225', false],
    ['Status: 0xC6006428', '0xC0000428', false],
  ])('%s', (line, code, exact) => expect(findCodes(line)).toMatchObject([{ code, exact }]));

  test.each(['0xc00000', 'version 0x', 'Ox', 'oxygen', 'Oxbad', 'file 10x20'])('%s has no known code', line => {
    expect(findCodes(line).filter(({ entry, text }) => entry !== null || !text.startsWith('0x'))).toEqual([]);
  });

  test('a lost digit is not guessed where two codes are near', () => {
    // 0xC000000E and 0xC000000F, 0xC000021A and 0xC0000218.
    for (const line of ['0xC00000Z', '0xC0000021', '0xC000021']) {
      expect(findCodes(line).filter(({ entry }) => entry !== null)).toEqual([]);
    }
  });
});

describe('stop names in a line', () => {
  test.each([
    ['Stop code: CRITICAL_PROCESS_DIED', '0x000000EF', true],
    ['Stopcode: CRITICAL PROCESS _DIED.', '0x000000EF', true],
    ['Stop code: CR1TICAL PR0CESS DlED', '0x000000EF', false],
    ['Stop code: CRITIGAL PROCES5 DIED', '0x000000EF', false],
    ['(DRIVER_IRQL_NOT_LESS_OR_EQUAL)', '0x000000D1', true],
    ['IRQL NOT LESS OR EQUAL', '0x0000000A', true],
    ['SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M', '0x1000007E', true],
  ])('%s', (line, code, exact) => expect(findName(line)).toMatchObject({ entry: { code }, exact }));

  test.each(['memory management is fine', 'Critical process died, says the article', 'ALL CAPITALS BUT NO NAME', ''])('%s: none', line => {
    expect(findName(line)).toBeUndefined();
  });
});

describe('properties', () => {
  /** What OCR confuses, one way. */
  const misread: Record<string, string> = { '0': 'O', '1': 'l', '5': 'S', '8': 'B', '2': 'Z', I: 'l', O: '0', S: '5', B: '8', _: ' ' };
  const mutated = (text: string) =>
    fc
      .array(fc.nat(text.length - 1), { maxLength: 2 })
      .map(places => [...text].map((letter, at) => (places.includes(at) ? (misread[letter] ?? letter) : letter)).join(''));
  const seeds = fc.constantFrom(...signatures.flatMap(({ stopCodes }) => stopCodes));

  test('a seed code misread in two letters is that code, or nothing known, and exact only when it is', () => {
    const cases = seeds.chain(code => mutated(shortCode(code).slice(2)).map(digits => ({ code, digits })));
    fc.assert(
      fc.property(cases, ({ code, digits }) => {
        const [found] = findCodes(`Stop code: 0x${digits}`);
        if (found?.entry) {
          expect(found.code).toBe(code);
          expect(found.exact).toBe(digits === shortCode(code).slice(2));
        }
      }),
    );
  });

  test('a stop name misread in two letters is never another one', () => {
    const cases = fc.constantFrom(...knownNames.keys()).chain(name => mutated(name).map(text => ({ name, text })));
    fc.assert(
      fc.property(cases, ({ name, text }) => {
        const found = findName(`Stop code: ${text}`);
        if (found !== undefined) expect(found.entry.code).toBe(knownNames.get(name)?.code);
        if (found?.exact) expect(text.replaceAll(/[_ ]/g, '')).toBe(name.replaceAll('_', ''));
      }),
      { numRuns: 300 },
    );
  });

  test('any text is read without throwing', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => void [findCodes(text), findName(text)]));
  });
});
