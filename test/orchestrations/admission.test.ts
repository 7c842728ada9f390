import { describe, expect, test } from '@jest/globals';
import {
  type AdmissionRequest,
  type AdmissionState,
  admit,
  askBreaker,
  mostOf,
  nobody,
  noteEnd,
  noteRestart,
  overview,
  park,
  release,
  resetBreaker,
} from '../../orchestrations/admission.ts';
import { pace } from '../../orchestrations/startPace.ts';
import fc from '../fastCheck.ts';
import { request } from './world.ts';

const limits = { ...request.limits, repairsAtOnce: 2, repairsPerVmAndDay: 3 };
const ask = (vmId: string, repairId: string, at = '2026-01-01T00:00:00.000Z'): AdmissionRequest => ({ vmId, repairId, at, limits });
const scope = (id: string, size: number) => ({ id, what: id, size });

describe('admission', () => {
  test('lets as many in as may be at work at once, and queues the rest until one is released', () => {
    const one = admit(nobody, ask('a', 'r-1')).state;
    const two = admit(one, ask('b', 'r-2')).state;
    const third = admit(two, ask('c', 'r-3'));
    expect(third.answer).toMatchObject({ decision: 'queued', why: expect.stringContaining('at most 2'), waitsFor: ['r-1', 'r-2'] });
    expect(Object.keys(third.state.waiting)).toEqual(['r-3']);
    expect(admit(release(two, { vmId: 'A', repairId: 'r-1' }), ask('c', 'r-3')).answer).toEqual({
      decision: 'admitted',
      restartedAt: null,
    });
  });

  test('asking again gives the same answer and counts once; another repair of the VM joins, in whatever case its id is written', () => {
    const { state } = admit(nobody, ask('vm', 'r-1'));
    expect(admit(state, ask('vm', 'r-1'))).toEqual({ state, answer: { decision: 'admitted', restartedAt: null } });
    expect(admit(state, ask('VM', 'r-2')).answer).toEqual({ decision: 'joined', repairId: 'r-1' });
  });

  test('another repair of a VM that waits already joins the one that was there first, unless that one is dead', () => {
    const full = admit(admit(nobody, ask('a', 'r-1')).state, ask('b', 'r-2')).state;
    const queued = admit(full, ask('c', 'r-3')).state;
    expect(admit(queued, ask('C', 'r-4')).answer).toEqual({ decision: 'joined', repairId: 'r-3' });
    expect(admit(queued, ask('c', 'r-3', '2026-01-01T00:05:00.000Z')).answer.decision).toBe('queued');
    expect(admit(queued, ask('c', 'r-4', '2026-01-01T00:14:59.000Z')).answer.decision).toBe('joined');
    expect(admit(queued, ask('c', 'r-4', '2026-01-01T00:15:00.000Z')).answer.decision).toBe('queued');
  });

  test('only the repair that has a VM can give it free', () => {
    const { state } = admit(nobody, ask('vm', 'r-1'));
    expect(release(state, { vmId: 'vm', repairId: 'r-2' })).toBe(state);
  });

  test('a VM that was repaired too often within a day is refused, and not a day later', () => {
    let state = nobody;
    for (const id of ['r-1', 'r-2', 'r-3']) state = release(admit(state, ask('vm', id)).state, { vmId: 'vm', repairId: id });
    expect(admit(state, ask('vm', 'r-4', '2026-01-01T23:59:59.000Z')).answer.decision).toBe('refused');
    expect(admit(state, ask('vm', 'r-4', '2026-01-02T00:00:01.000Z')).answer.decision).toBe('admitted');
  });

  test('waits while enough of one of its scopes is under repair, and others of other scopes do not', () => {
    const [small, large] = [scope('group small', 4), scope('set large', 10)];
    const one = admit(nobody, { ...ask('a', 'r-1'), scopes: [small, large] }).state;
    const inSmall = admit(one, { ...ask('b', 'r-2'), scopes: [small] });
    expect(inSmall.answer).toMatchObject({ decision: 'queued', why: expect.stringContaining('group small (4 VMs)'), waitsFor: ['r-1'] });
    const inLarge = admit(inSmall.state, { ...ask('c', 'r-3'), scopes: [large] });
    expect(inLarge.answer.decision).toBe('admitted');
    const freed = release(inLarge.state, { vmId: 'a', repairId: 'r-1' });
    expect(admit(freed, { ...ask('b', 'r-2'), scopes: [small] }).state.waiting).toEqual({});
  });

  test.each([
    [0, 1],
    [4, 1],
    [5, 1],
    [9, 1],
    [10, 2],
    [100, 20],
    [null, 1],
  ])('of %p VMs 20 %% are %i: rounded down, one at least', (size, most) => {
    expect(mostOf({ size }, limits)).toBe(most);
    expect(mostOf({ size }, { scopePercent: 100 })).toBe(Math.max(1, size ?? 1));
  });

  test('who gives up its place in the queue is not shown as waiting; since when it waits does not move', () => {
    const two = admit(admit(nobody, ask('a', 'r-1')).state, ask('b', 'r-2')).state;
    const later = '2026-01-01T00:10:00.000Z';
    const waiting = admit(admit(two, ask('c', 'r-3')).state, ask('c', 'r-3', later)).state;
    expect(waiting.waiting['r-3']).toMatchObject({ vmId: 'c', since: '2026-01-01T00:00:00.000Z', askedAt: later });
    expect(release(waiting, { vmId: 'c', repairId: 'r-3' }).waiting).toEqual({});
    expect(overview(waiting, limits, later)).toMatchObject({
      running: [{ repairId: 'r-1' }, { repairId: 'r-2' }],
      waiting: [{ repairId: 'r-3', waitsFor: ['r-1', 'r-2'] }],
    });
  });

  test('in any order of asking, releasing and dying: never more at once than allowed, in all and in each scope, and nobody waits for nothing', () => {
    const scopes = { a: [scope('g', 12)], b: [scope('g', 12), scope('s', 3)], c: [scope('s', 3)], d: [], e: [scope('g', 12)] };
    const step = fc.record({
      vm: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      id: fc.constantFrom('r-1', 'r-2', 'r-3', 'r-4', 'r-5'),
      asks: fc.boolean(),
    });
    const room = { ...limits, repairsAtOnce: 3, repairsPerVmAndDay: 50 };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        let state: AdmissionState = nobody;
        for (const { vm, id, asks } of steps) {
          // A repair has one VM.
          const mine = `${id} ${vm}`;
          if (!asks) state = release(state, { vmId: vm, repairId: mine });
          else {
            const { state: next, answer } = admit(state, { ...ask(vm, mine), limits: room, scopes: scopes[vm] });
            state = next;
            const holders = Object.values(state.running).map(({ repairId }) => repairId);
            if (answer.decision === 'queued') expect(answer.waitsFor.every(each => holders.includes(each))).toBe(true);
            if (answer.decision === 'queued') expect(answer.waitsFor).not.toEqual([]);
            expect(mine in state.waiting).toBe(answer.decision === 'queued');
          }
          const running = Object.values(state.running);
          expect(running.length).toBeLessThanOrEqual(3);
          expect(running.filter(each => each.scopes?.includes('g')).length).toBeLessThanOrEqual(2);
          expect(running.filter(each => each.scopes?.includes('s')).length).toBeLessThanOrEqual(1);
        }
        for (const entry of Object.entries(state.running)) state = release(state, { vmId: entry[0], repairId: entry[1].repairId });
        for (const [repairId, { vmId }] of Object.entries(state.waiting)) state = release(state, { vmId, repairId });
        expect([state.running, state.waiting]).toEqual([{}, {}]);
      }),
    );
  });

  describe('when many begin', () => {
    const everybody = { ...limits, repairsAtOnce: 5000 };
    const vmOf = (n: number, subscription = 's') => `/subscriptions/${subscription}/resourceGroups/g/providers/x/virtualMachines/vm-${n}`;
    const asks = (n: number, clock: number, subscription?: string): AdmissionRequest => ({
      ...ask(vmOf(n, subscription), `r-${n}`),
      clock,
      limits: everybody,
    });
    const first = Array.from({ length: pace.atOnce }, (_, n) => n).reduce((state, n) => admit(state, asks(n, 1000)).state, nobody);

    test('so many do at once, and the others as fast as Azure serves them, in the order of asking', () => {
      expect(Object.keys(first.running)).toHaveLength(pace.atOnce);
      const next = admit(first, asks(150, 1000));
      const second = admit(next.state, asks(151, 1001));
      expect(next.answer).toMatchObject({ decision: 'queued', waitsFor: [], afterSeconds: expect.closeTo(1.75) });
      expect(second.answer).toMatchObject({ decision: 'queued', afterSeconds: expect.closeTo(2 * 1.75 - 1) });
      // Who comes later does not go before them, and who asks early is told the same time.
      expect(admit(second.state, asks(152, 1001.8)).answer).toMatchObject({
        decision: 'queued',
        afterSeconds: expect.closeTo(3 * 1.75 - 1.8),
      });
      expect(admit(second.state, asks(150, 1001)).answer).toMatchObject({ decision: 'queued', afterSeconds: expect.closeTo(0.75) });
      const begun = admit(second.state, asks(150, 1001.75));
      expect(begun.answer.decision).toBe('admitted');
      expect(Object.keys(begun.state.waiting)).toEqual(['r-151']);
    });

    test('another subscription has limits of its own, and an hour later there is room for as many again', () => {
      expect(admit(first, asks(150, 1000, 'other')).answer.decision).toBe('admitted');
      const later = admit(first, asks(150, 4600));
      expect(later.answer.decision).toBe('admitted');
      expect(Object.keys(later.state.starting)).toEqual(['s']);
      expect(later.state.starting.s).toBeCloseTo(4601.75);
    });

    test('a time to begin that comes while there is no place is not lost, and one that gave its place away need not wait for another', () => {
      const waiting = admit(first, asks(150, 1000)).state;
      const full = admit(waiting, { ...asks(150, 1003), limits: { ...everybody, repairsAtOnce: 150 } });
      expect(full.answer).toMatchObject({ decision: 'queued', waitsFor: expect.arrayContaining(['r-0']) });
      expect(admit(full.state, asks(150, 1004)).answer.decision).toBe('admitted');
      const parked = park(first, { vmId: vmOf(0), repairId: 'r-0' });
      expect(admit(parked, asks(0, 1000)).answer.decision).toBe('admitted');
    });

    test('a request of an earlier version, which has no clock, begins at once', () => {
      const { clock: _, ...old } = asks(150, 0);
      expect(admit(first, old).answer.decision).toBe('admitted');
    });
  });

  describe('the breaker of a finding', () => {
    const at = (hour: number) => `2026-01-01T${String(hour).padStart(2, '0')}:00:00.000Z`;
    const fail = (state: AdmissionState, repairId: string, hour = 0) =>
      noteEnd(state, { finding: 'f', repairId, failed: true, at: at(hour) });
    const asked = (state: AdmissionState, hour: number, finding = 'f') => askBreaker(state, { finding, at: at(hour), limits }).open;
    const three = ['r-1', 'r-2', 'r-3'].reduce((state, id) => fail(state, id), nobody);

    test('opens after three failures in a row, for that finding only, and closes after six hours or a success', () => {
      expect([asked(fail(fail(nobody, 'r-1'), 'r-2'), 1), asked(three, 1), asked(three, 1, 'other')]).toEqual([false, true, false]);
      expect([asked(three, 5), asked(three, 6)]).toEqual([true, false]);
      expect(asked(noteEnd(three, { finding: 'f', repairId: 'r-4', failed: false, at: at(1) }), 1)).toBe(false);
    });

    test('is shown with when it closes, and reset by hand', () => {
      const [shown] = overview(three, limits, at(1)).breakers;
      expect(shown).toEqual({
        ...{ finding: 'f', failuresInARow: 3, lastRepairId: 'r-3', lastFailedAt: at(0) },
        ...{ open: true, until: at(6) },
      });
      expect(overview(three, limits, at(7)).breakers[0]).toMatchObject({ open: false, until: null });
      expect(asked(resetBreaker(three, { finding: 'f' }), 1)).toBe(false);
      expect(asked(resetBreaker(three, { finding: 'other' }), 1)).toBe(true);
    });

    test('opens again by one more failure, and a failure told twice counts once', () => {
      expect(asked(fail(three, 'r-4', 7), 8)).toBe(true);
      expect(asked(fail(fail(fail(nobody, 'r-1'), 'r-1'), 'r-1'), 1)).toBe(false);
    });
  });

  test('a restart is remembered for its VM until the incident is over, or has been forgotten', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const state = noteRestart(admit(nobody, ask('vm', 'r-1')).state, { vmId: 'VM', at });
    expect(admit(release(state, { vmId: 'vm', repairId: 'r-1' }), ask('vm', 'r-2')).answer).toEqual({
      decision: 'admitted',
      restartedAt: at,
    });
    expect(admit(release(state, { vmId: 'vm', repairId: 'r-1', well: true }), ask('vm', 'r-2')).answer).toMatchObject({
      restartedAt: null,
    });
    const later = { ...ask('vm', 'r-3'), at: '2026-02-01T00:00:00.000Z' };
    expect(admit(release(state, { vmId: 'vm', repairId: 'r-1' }), later).answer).toMatchObject({ restartedAt: null });
  });
});
