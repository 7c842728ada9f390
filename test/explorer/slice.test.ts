/** A slice of `npm run faults`: the explorer's own world starts, and repairs in it are held to the invariants, also with a host that dies. */
import { afterAll, expect, test } from '@jest/globals';
import { Crew } from '../../explorer/crew.ts';
import { faultFree } from '../../explorer/faultFree.ts';
import { exhaustive, random, spread } from '../../explorer/plan.ts';
import { bases, textOf } from '../../explorer/schedule.ts';
import { Ledger } from '../../explorer/tally.ts';

const crew = new Crew(1);
afterAll(() => crew.close());

test.each(['web-en-02/1/', 'web-en-02/1/a20=die-after,c60=500', 'web-en-02/1//create-powers-on'])(
  '%s',
  async schedule => {
    const { outcome, violations, came, met, list } = await crew.run(schedule);
    expect({ outcome, violations }).toEqual({ outcome: 'repaired', violations: [] });
    // Whatever is ordered comes about, and what is turned round is gone by.
    expect(met).toBe(schedule.endsWith('create-powers-on') ? true : undefined);
    expect(came).toEqual(schedule.split('/')[2]?.split(',').filter(Boolean));
    // With the one restart before it, and a region's network made: more is a step back.
    if (list) expect(list.filter(({ service }) => service !== 'blob').length).toBeLessThan(135);
  },
  200_000,
);

/** Some 50 seconds of CPU; `.ci/run` has five times as many (`npm run faults -- --slice`). */
const slice = { exhaustive: 12, random: 4 };

test('of each kind of trouble something, and several at once: no invariant is broken', async () => {
  const ledger = new Ledger(undefined);
  const runs = await faultFree(crew, ledger, bases);
  const single = spread(exhaustive(runs, '1', false), slice.exhaustive, 1);
  const several = Array.from({ length: slice.random }, (_, n) => random(runs, bases, 1 + n));
  await crew.runAll(single.map(textOf), answer => ledger.add('exhaustive', answer, runs));
  await crew.runAll(several.map(textOf), answer => ledger.add('random', answer, runs));
  const { scenarios, violations } = ledger.tally();
  expect(violations).toEqual([]);
  expect(scenarios).toBe(bases.length + slice.exhaustive + slice.random);
}, 600_000);
