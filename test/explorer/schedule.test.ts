/** Schedules as text, which is how a violation is told and tried again; and what each fault does. */
import { describe, expect, test } from '@jest/globals';
import { rulesNamed } from '../../explorer/flips.ts';
import { canHave, mishapOf, operationFault, spoilt } from '../../explorer/mishaps.ts';
import { exhaustive, random, spread } from '../../explorer/plan.ts';
import { bases, callFaults, parseSchedule, textOf } from '../../explorer/schedule.ts';
import type { Call } from '../../explorer/wire.ts';
import fc from '../fastCheck.ts';

const call = (n: number, method: string, path: string, service: Call['service'] = 'arm'): Call => ({
  n,
  service,
  method,
  path,
  status: 200,
  at: 0,
});
const vm = '/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm';
const calls = [
  call(1, 'GET', vm),
  call(2, 'GET', vm),
  call(3, 'POST', `${vm}/powerOff`),
  call(4, 'GET', vm),
  call(5, 'GET', vm),
  call(6, 'PUT', `${vm}/runCommands/1-sfc`),
  call(7, 'PUT', '/bootmedic/records/x', 'blob'),
];
const run = { base: 'web-en-02' as const, calls, activities: 3 };

describe('schedules', () => {
  test('a random one is the same for the same seed, and says itself as text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), seed => {
        const schedule = random([run], bases, seed);
        expect(random([run], bases, seed)).toEqual(schedule);
        expect(parseSchedule(textOf(schedule))).toEqual(schedule);
      }),
    );
  });

  test('a random fault stands at a call that can have it, as long as it stands in the run', () => {
    const wanted = new Set<string>();
    for (let seed = 1; seed <= 400; seed++)
      for (const event of random([run], ['web-en-02'], seed).events) {
        const at = event.on === 'call' ? calls[event.n - 1] : undefined;
        if (event.on !== 'call' || at === undefined) continue;
        const nowhere = !calls.some(each => canHave(each, event.fault));
        expect([event, nowhere || canHave(at, event.fault)]).toEqual([event, true]);
        wanted.add(event.fault);
      }
    expect(wanted).toEqual(new Set(callFaults));
  });

  test('with a guessed rule flipped it says so; only a guess can be', () => {
    const flipped = 'web-en-02/1/c3=429/nic-name';
    expect(parseSchedule(flipped)).toMatchObject({ flip: 'nic-name', events: [{ n: 3 }] });
    expect([textOf(parseSchedule(flipped)), textOf(parseSchedule('web-en-02/1//nic-name'))]).toEqual([flipped, 'web-en-02/1//nic-name']);
    expect(rulesNamed(['nic-name', 'nic-name'])).toEqual(['nic-name']);
    expect(rulesNamed(['all'])).toContain('swap-disk-name');
    expect(() => rulesNamed(['nic-name', 'swap-managed-only'])).toThrow('documented, not guessed');
  });

  test('what is not understood is told', () => {
    expect(() => parseSchedule('nobody/1/')).toThrow("'nobody' is none of web-en-02");
    expect(() => parseSchedule('web-en-02/1/c3=tired')).toThrow("'tired' is none of 400");
    expect(() => parseSchedule('web-en-02/1/soon')).toThrow("'soon' is no event");
  });

  test('the exhaustive part has every fault at every call that can have it, before and after each activity', () => {
    const all = exhaustive([run], '1', true).map(textOf);
    expect(all).toContain('web-en-02/1/c3=fails-after-effect');
    expect(all).toContain('web-en-02/1/c6=forged');
    expect(all).toContain('web-en-02/1/c7=die');
    expect(all).toContain('web-en-02/1/a3=die-after');
    expect(all).toContain('web-en-02/1/p4=swap-own');
    expect(all).toContain('web-en-02/1/sweep@3');
    expect(all).not.toContain('web-en-02/1/c1=fails');
    expect(all).not.toContain('web-en-02/1/c3=garbage');
    expect(new Set(all).size).toBe(all.length);
  });

  test('of a further VM only what no earlier one had: another question, or the same one after another change', () => {
    const other = { ...run, base: 'app-nl-01' as const, calls: [...calls, call(8, 'GET', vm), call(9, 'PATCH', vm), call(10, 'GET', vm)] };
    const all = exhaustive([run, other], '1', false).map(textOf);
    const has = (n: number, base: string) => all.includes(`${base}/1/c${n}=500`);
    expect(calls.every(({ n }) => has(n, 'web-en-02'))).toBe(true);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter(n => has(n, 'app-nl-01'))).toEqual([8, 9, 10]);
    expect(exhaustive([run, other], '1', true).map(textOf)).toContain('app-nl-01/1/c1=500');
    const same = { ...run, base: 'just-died' as const };
    expect(
      exhaustive([run, same], '1', false)
        .map(textOf)
        .filter(text => text.startsWith('just-died')),
    ).toEqual(['just-died/1/next@3']);
  });

  test('of the one in review only what is its own: the probe on a copy, the wait for a person, and what follows', () => {
    const asked = '/api/repairs/r-{id}';
    const review = {
      ...{ base: 'in-review' as const, activities: 4 },
      calls: [
        ...calls.slice(0, 2),
        { ...call(3, 'PUT', '/resourceGroups/rg/providers/Microsoft.Compute/snapshots/bootmedic-{id}-snap-probe'), activity: 2 },
        call(4, 'PUT', '/bootmedic/records/y', 'blob'),
        { ...call(5, 'GET', asked, 'host'), activity: 3 },
        call(6, 'POST', `${asked}/approve`, 'host'),
        call(7, 'GET', vm),
      ],
    };
    const all = exhaustive([run, review], '1', false).map(textOf);
    const own = all.filter(text => text.startsWith('in-review')).map(text => text.split('/')[2] ?? '');
    expect(new Set(own.flatMap(text => /^c(\d)/.exec(text)?.[1] ?? []))).toEqual(new Set(['3', '5', '6', '7']));
    // The host dies while it waits, and when it has heard; a person acts then, and cancels.
    for (const text of ['c5=die', 'c6=die', 'c6=reset-after', 'p5=start', 'p6=delete-vm', 'p7=start', 'cancel@5', 'stop@6', 'a3=die-after'])
      expect(own).toContain(text);
    for (const text of ['c6=500', 'c5=reset-after', 'c7=403*', 'p4=start', 'a1=die-after']) expect(own).not.toContain(text);
    expect(all.filter(text => !text.startsWith('in-review'))).toEqual(exhaustive([run], '1', false).map(textOf));
  });

  test('a few of them are of as many kinds as there are', () => {
    const all = exhaustive([run], '1', false);
    const kindOf = (text: string) => text.replace(/^.*\/[a-z]?\d*=?|[@*].*$/g, '');
    const kinds = new Set(all.map(textOf).map(kindOf));
    const few = spread(all, kinds.size, 5).map(textOf);
    expect(few).toEqual(spread(all, kinds.size, 5).map(textOf));
    expect(new Set(few.map(kindOf)).size).toBeGreaterThan(kinds.size * 0.8);
  });
});

describe('faults', () => {
  const ofMachine = ['partial', 'mute'];
  test.each(callFaults)('%s is the doing of the wire, of Azure, of the guest or of a machine, and of one of them only', fault => {
    const put = call(1, 'PUT', `${vm}/runCommands/1-sfc`);
    const script = spoilt('BOOTMEDIC-RESULT {"token":"t","outcome":"fixed"}', fault);
    const doings = [mishapOf(put, fault), operationFault(fault), script, ofMachine.find(each => each === fault)];
    expect(doings.filter(doing => doing !== undefined)).toHaveLength(1);
    expect([put, call(1, 'PUT', vm), call(1, 'DELETE', vm)].some(each => canHave(each, fault))).toBe(true);
    const reading = call(1, 'GET', '/bootmedic/records/x', 'blob');
    expect(canHave(reading, fault)).toBe(mishapOf(put, fault) !== undefined);
    // Nobody but Azure answers in Azure's words.
    const isCut = ['die', 'late', 'reset'].includes(mishapOf(put, fault)?.kind ?? '');
    expect(canHave(call(1, 'POST', '/api/repairs/r-{id}/approve', 'host'), fault)).toBe(isCut);
  });

  test('a refusal speaks the service’s own words', () => {
    expect(mishapOf(call(1, 'GET', vm), '429-wait')).toMatchObject({ status: 429, headers: { 'retry-after': '17' } });
    expect(mishapOf(call(1, 'PUT', '/x', 'blob'), '412')).toMatchObject({ headers: { 'x-ms-error-code': 'ConditionNotMet' } });
  });
});
