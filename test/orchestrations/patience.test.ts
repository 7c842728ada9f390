import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../functions/activities/contract.ts';
import { Budget, budget, longest, patience, pauseBefore, spread } from '../../orchestrations/patience.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import fc from '../fastCheck.ts';
import { original, request, World } from './world.ts';

const kinds = Object.keys(patience) as Fault['kind'][];
const fault = (kind: Fault['kind'], retryAfterSeconds?: number): Fault => ({
  ...{ kind, code: 'c', message: 'm' },
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});
const repair = (part: Fault, at = 5, times = 1000) => {
  const world = new World({ faults: new Map([[at, { fault: part, after: false, times }]]) });
  return { world, end: world.run(repairVm(request, 'r-test')) };
};

describe('patience with a fault', () => {
  test('what another try cannot cure is not tried again', () => {
    const tried = kinds.filter(kind => pauseBefore(fault(kind), 0, 0) !== undefined);
    expect(tried).toEqual(['throttled', 'conflict', 'transient']);
  });

  test('grows, is never shorter than the service asks, never longer than the longest wait, and ends', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.nat(40), fc.nat(200_000), fc.nat(4), (kind, n, asked, longWaits) => {
        const pause = pauseBefore(fault(kind, asked), n, longWaits);
        if (pause === undefined) return;
        expect(n).toBeLessThan(30);
        expect(pause).toBeGreaterThanOrEqual(Math.min(asked, longest));
        expect(pause).toBeLessThanOrEqual(longest);
        expect(pause).toBeGreaterThanOrEqual(pauseBefore(fault(kind), n, 0) ?? 0);
      }),
    );
    expect([0, 1, 2, 9].map(n => pauseBefore(fault('throttled'), n, 0))).toEqual([10, 20, 40, 120]);
  });

  test('a service that asks for a day is waited for three times a quarter of an hour, and the headline says what it asked', () => {
    const { world, end } = repair(fault('throttled', 100_000));
    expect(end.outcome).toBe('refused');
    expect(end.headline).toContain('Azure asks to wait 27.8 hours');
    expect(world.waited).toBeLessThan(12 * 3600);
  });

  test('an operation that asks to look again in a day is looked at sooner, and has its deadline', () => {
    const world = new World();
    const activity = world.activity.bind(world);
    world.activity = (name, input) =>
      name === 'ensureSnapshot' ? { ok: true, value: { done: false, checkAfterSeconds: 100_000, awaiting: 'a' } } : activity(name, input);
    const end = world.run(repairVm(request, 'r-test'));
    expect(end.headline).toContain('deadlineExceeded');
    expect(world.waited).toBeLessThan(3 * 3600);
    expect([world.osDisk, world.power]).toEqual([original.id, 'running']);
  });

  test('an operation that never ends is asked for at first as it wants, and the less often the longer it lasts', () => {
    const world = new World();
    const activity = world.activity.bind(world);
    const asked: number[] = [];
    world.activity = (name, input) => {
      if (name !== 'ensureSnapshot') return activity(name, input);
      asked.push(world.waited);
      return { ok: true, value: { done: false, checkAfterSeconds: 5, awaiting: 'a' } };
    };
    const end = world.run(repairVm(request, 'r-test'));
    expect(end.headline).toContain('deadlineExceeded');
    const pauses = asked.slice(1).map((at, n) => at - (asked[n] ?? 0));
    expect(pauses.slice(0, 20)).toEqual(Array(20).fill(5));
    expect(Math.max(...pauses)).toBe(60);
    expect(asked.length).toBeLessThan(130);
  });

  test('the budget of a repair bounds the number of retries and their time', () => {
    const many = new Budget();
    expect(Array.from({ length: budget.retries + 5 }, () => many.take(1)).filter(Boolean).length).toBe(budget.retries);
    const long = new Budget();
    expect(Array.from({ length: 100 }, () => long.take(longest)).filter(Boolean).length).toBe(budget.seconds / longest);
  });

  test('a repair whose every call is throttled again and again gives up within its budget, and puts the VM back', () => {
    const world = new World();
    const activity = world.activity.bind(world);
    const asked = new Map<string, number>();
    let putBack = false;
    world.activity = (name, input) => {
      putBack ||= name === 'watchVm' && (input as { compare: string }).compare === 'identity' && world.osDisk === '/disks/copy';
      const key = JSON.stringify([name, input]);
      const n = asked.get(key) ?? 0;
      asked.set(key, n + 1);
      if (n < 18 && !putBack && name.startsWith('ensure')) return { ok: false, fault: fault('throttled', 800) };
      return activity(name, input);
    };
    const end = world.run(repairVm(request, 'r-test'));
    expect(end.headline).toContain('spent its budget');
    expect(world.osDisk).toBe(original.id);
  });

  test('the same repair waits the same in every replay, others a little differently, and none shorter than told', () => {
    const ids = Array.from({ length: 50 }, (_, n) => `r-${n}`);
    const waits = ids.map(id => spread(100, id, 3));
    expect(waits).toEqual(ids.map(id => spread(100, id, 3)));
    expect(new Set(waits.map(Math.round)).size).toBeGreaterThan(8);
    for (const wait of waits) expect(wait >= 100 && wait <= 120).toBe(true);
  });
});
