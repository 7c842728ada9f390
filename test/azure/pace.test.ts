import { describe, expect, test } from '@jest/globals';
import { nextLook, scriptSpan, spans } from '../../azure/pace.ts';
import fc from '../fastCheck.ts';

/** Service seconds of all looks until the operation is over. */
function looksAt(span: (typeof spans)['start'], duration: number): number[] {
  const looks: number[] = [];
  for (let at = 0; at < duration; ) {
    at = nextLook(at, span);
    looks.push(at);
  }
  return looks;
}

describe('looking at an operation', () => {
  test('an operation of median length is seen to be over at once, and few looks were in vain', () => {
    const cost = Object.entries(spans).map(([name, span]) => {
      const looks = looksAt(span, span.p50);
      return [name, looks.length, Math.round(((looks.at(-1) ?? 0) - span.p50) * 10) / 10];
    });
    expect(cost).toEqual([
      ['createVm', 3, 0.3],
      ['updateVm', 2, 0.3],
      ['patchVm', 1, 0.3],
      ['start', 2, 0.3],
      ['powerOff', 1, 0.3],
      ['deleteVm', 3, 0.3],
      ['runCommand', 2, 0.3],
      ['disk', 1, 0.8],
      ['snapshot', 1, 1],
      ['deleteDisk', 1, 0.3],
      ['network', 1, 0.3],
    ]);
  });

  test('no look comes before a tenth of them is over, none later than a step after the end', () => {
    const span = fc
      .tuple(fc.float({ min: Math.fround(0.1), max: 300, noNaN: true }), fc.float({ min: 1, max: 4, noNaN: true }))
      .map(([p50, spread]) => ({ p10: p50 / spread, p50, p90: p50 * spread }));
    fc.assert(
      fc.property(span, fc.float({ min: Math.fround(0.1), max: 4000, noNaN: true }), (each, duration) => {
        const looks = looksAt(each, duration);
        expect(looks[0]).toBeGreaterThanOrEqual(each.p10 - 1e-6);
        if ((looks[0] ?? 0) < duration)
          expect((looks.at(-1) ?? 0) - duration).toBeLessThanOrEqual(
            Math.max(Math.min(45, Math.max(4, 0.11 * each.p50)), Math.min(30, 0.07 * (looks.at(-1) ?? 0))) + 1e-6,
          );
        expect(looks).toEqual(looks.toSorted((a, b) => a - b));
      }),
    );
  });

  test('a script of a quarter of an hour is looked at some twenty times', () => {
    expect(looksAt(scriptSpan(900), 900).length).toBeLessThan(32);
    expect(looksAt(scriptSpan(900), 300).length).toBeLessThan(6);
    expect(looksAt(scriptSpan(30), 40).length).toBeLessThan(5);
  });

  test('a script that finds nothing to do is not waited for as long as one that has something to do', () => {
    // 10 s until the guest begins, 12 s of it.
    for (const usual of [15, 20, 30, 60]) expect((looksAt(scriptSpan(usual), 22).at(-1) ?? 0) - 22).toBeLessThan(4);
    expect(looksAt(scriptSpan(60), 22)).toHaveLength(1);
    expect(looksAt(scriptSpan(60), 71)).toEqual([22.3, 70.3, 75.221].map(each => expect.closeTo(each, 3)));
  });
});
