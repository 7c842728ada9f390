import { expect, test } from '@jest/globals';
import { hasWithin, nearest } from '../../diagnosis/distance.ts';
import fc from '../fastCheck.ts';

const letters = (maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength });

test('a text has a phrase within so many edits where the part that is nearest to it has no more', () => {
  fc.assert(
    fc.property(fc.nat(4), letters(20), letters(60), (edits, phrase, text) => {
      expect(hasWithin(edits, phrase, text)).toBe(nearest(phrase, text) <= edits);
    }),
  );
});

test('each edit may be in another part of the phrase', () => {
  expect(hasWithin(3, 'operating system not found', 'an 0perating svstem n0t found')).toBe(true);
  expect(hasWithin(3, 'operating system not found', 'an 0perating svstem n0t f0und')).toBe(false);
});
