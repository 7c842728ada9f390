/** What the runs add up to, and what is left of it when the explorer is killed in the middle of a line. */
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../explorer/crew.ts';
import { Ledger } from '../../explorer/tally.ts';

const answer = (schedule: string, more: Partial<Answer> = {}): Answer => ({
  ...{
    schedule,
    outcome: 'repaired',
    violations: [],
    ms: 10,
    virtualSeconds: 100,
    calls: 3,
    activities: 2,
    deaths: 1,
    throttled: 2,
    hit: 1,
    came: [],
  },
  ...more,
});
const call = (n: number, path: string) => ({ n, service: 'arm' as const, method: 'PUT', path, status: 201, at: 0 });
const runs = [{ base: 'web-en-02' as const, calls: [call(1, '/disks/a'), call(2, '/snapshots/b')], activities: 2 }];
const wrong = { violations: [{ invariant: 5, what: 'the copy was made twice' }] };
const file = () => join(mkdtempSync(join(tmpdir(), 'tally-')), 'faults.jsonl');

describe('a ledger', () => {
  test('adds up over runs, and knows what was done', () => {
    const name = file();
    new Ledger(name).add('exhaustive', answer('web-en-02/1/c1=500'), runs);
    const next = new Ledger(name);
    next.add('random', answer('web-en-02/41/a2=die-after,c2=429', { ...wrong, virtualSeconds: 900 }), runs);
    expect([next.has('web-en-02/1/c1=500'), next.has('web-en-02/1/c2=500')]).toEqual([true, false]);
    expect(new Ledger(name).tally()).toMatchObject({
      ...{ scenarios: 2, exhaustive: 1, random: 1, nextSeed: 42, retries: 2, throttled: 4, deaths: 2, byInvariant: { 5: 1 } },
      byFault: { 500: 1, 429: 1, 'die-after': 1 },
      longest: { schedule: 'web-en-02/41/a2=die-after,c2=429', virtualSeconds: 900 },
      violations: [
        {
          ...{ seed: '41', call: 'a2, c2 PUT /snapshots/b', fault: 'a2=die-after,c2=429', invariant: 5 },
          reproduce: "npm run faults -- --only 'web-en-02/41/a2=die-after,c2=429'",
        },
      ],
    });
  });

  test('tells the shortest reproduction that is known, also when it was found in an earlier run', () => {
    const name = file();
    const ledger = new Ledger(name);
    ledger.add('random', answer('web-en-02/7/a2=die-after,c2=429', wrong), runs);
    expect(ledger.unexplained).toEqual([{ schedule: 'web-en-02/7/a2=die-after,c2=429', invariant: 5 }]);
    ledger.shorten('web-en-02/7/a2=die-after,c2=429', 5, 'web-en-02/7/a2=die-after');
    const next = new Ledger(name);
    expect(next.unexplained).toEqual([]);
    expect(next.tally().violations).toMatchObject([
      { fault: 'a2=die-after', reproduce: "npm run faults -- --only 'web-en-02/7/a2=die-after'" },
    ]);
  });

  test('counts apart what was run without a fault, and with a rule turned round', () => {
    const ledger = new Ledger(undefined);
    ledger.add('exhaustive', answer('web-en-02/1/'), runs);
    ledger.add('exhaustive', answer('web-en-02/1/c1=500'), runs);
    ledger.add('exhaustive', answer('web-en-02/1/c1=500/nic-name', { ...wrong, met: true }), runs);
    ledger.add('exhaustive', answer('web-en-02/1//nic-name', { met: false }), runs);
    expect(ledger.tally()).toMatchObject({
      ...{ scenarios: 2, faultFree: 1, exhaustive: 1, outcomes: { repaired: 2 }, violations: [{ invariant: 5 }] },
      flipped: { 'nic-name': { scenarios: 2, met: 1, violations: 1 } },
    });
  });

  test('tells apart what was ordered and what came about; what nobody noted is reckoned by the calls that stood there', () => {
    const name = file();
    const ledger = new Ledger(name);
    ledger.add('random', answer('web-en-02/1/c1=500,c2=garbage', { came: ['c1=500'] }), runs);
    ledger.add('random', answer('web-en-02/2/c9=500', { came: [] }), runs);
    const before = { part: 'random', outcome: 'repaired', violations: [], ms: 1, virtualSeconds: 1, retries: 0, throttled: 0, deaths: 0 };
    const old = (schedule: string, call: string) =>
      appendFileSync(name, `${JSON.stringify({ ...before, schedule, call, session: 1, elapsed: 1 })}\n`);
    const disk = '/resourceGroups/rg/providers/Microsoft.Compute/disks/a';
    old('web-en-02/3/c1=endless,c2=forged', `c1 PUT ${disk}, c2 PUT ${disk}`);
    old('web-en-02/4/a2=die-after,c9=500', 'a2, c9');
    old('web-en-02/5/c1=endless', 'c1 PUT /bootmedic/records/x.json');
    expect(new Ledger(name).tally()).toMatchObject({
      byFault: { 500: 3, garbage: 1, endless: 2, forged: 1, 'die-after': 1 },
      came: { 500: 1, endless: 1 },
      ...{ idle: 3, reckoned: 3 },
    });
  });

  test.each([1, 20, 200])('killed %i bytes before the end of a line, it has lost that line only', cut => {
    const name = file();
    const ledger = new Ledger(name);
    ledger.add('random', answer('web-en-02/1/c1=500'), runs);
    ledger.add('random', answer('web-en-02/2/c1=500'), runs);
    writeFileSync(name, readFileSync(name, 'utf8').slice(0, -1 - cut));
    new Ledger(name).add('random', answer('web-en-02/3/c1=500'), runs);
    expect(new Ledger(name).tally()).toMatchObject({ scenarios: 2, nextSeed: 4 });
  });

  test('a file of somebody else’s is not added to', () => {
    const name = file();
    appendFileSync(name, '# Notes\nmine\n');
    expect(() => new Ledger(name)).toThrow('--resume: this is no file of the explorer');
    expect(readFileSync(name, 'utf8')).toBe('# Notes\nmine\n');
  });
});
