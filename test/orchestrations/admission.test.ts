import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AdmissionRequest,
  type AdmissionState,
  admit,
  askBreaker,
  nobody,
  noteEnd,
  noteRestart,
  release,
} from '../../orchestrations/admission.ts';
import { request } from './world.ts';

const limits = { ...request.limits, repairsAtOnce: 2, repairsPerVmAndDay: 3 };
const ask = (vmId: string, repairId: string, at = '2026-01-01T00:00:00.000Z'): AdmissionRequest => ({ vmId, repairId, at, limits });

describe('admission', () => {
  test('lets as many in as may be at work at once, and queues the rest until one is released', () => {
    const one = admit(nobody, ask('a', 'r-1')).state;
    const two = admit(one, ask('b', 'r-2')).state;
    expect(admit(two, ask('c', 'r-3')).answer).toEqual({ decision: 'queued', ahead: 1 });
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

  test('in any order of asking and releasing, never more at once than allowed', () => {
    const step = fc.record({
      vm: fc.constantFrom('a', 'b', 'c', 'd'),
      id: fc.constantFrom('r-1', 'r-2', 'r-3', 'r-4'),
      asks: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        let state: AdmissionState = nobody;
        for (const { vm, id, asks } of steps) {
          state = asks ? admit(state, ask(vm, id)).state : release(state, { vmId: vm, repairId: id });
          expect(Object.keys(state.running).length).toBeLessThanOrEqual(limits.repairsAtOnce);
        }
      }),
    );
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
