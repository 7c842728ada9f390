/** A taste of `npm run faults`: the explorer's own world starts, and a repair in it is held to the invariants, also with a host that dies. */
import { afterAll, expect, test } from '@jest/globals';
import { Crew } from '../../explorer/crew.ts';

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
