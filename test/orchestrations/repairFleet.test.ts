/** The fleet's control loop, by a table of answers: each repair takes two looks. */
import { describe, expect, test } from '@jest/globals';
import type { OrchestrationContext } from 'durable-functions';
import type { FleetEnd, FleetRequest, OutcomeKind } from '../../functions/activities/contract.ts';
import { runbook } from '../../orchestrations/durable.ts';
import { repairFleet } from '../../orchestrations/repairFleet.ts';
import { Again } from '../../orchestrations/steps.ts';
import fc from '../fastCheck.ts';
import { runTable } from './runner.ts';

/** @param outcomes of the VMs, in order; a VM's name is its place */
function run(outcomes: OutcomeKind[], { atOnce = 3, mostFailures = 2, looks = 2 } = {}) {
  const looked = new Map<string, number>();
  const most: { atOnce: number; well: number }[] = [];
  const starts: string[] = [];
  let well = 0;
  let runs = 0;
  let request: FleetRequest = {
    vmIds: outcomes.map((_, n) => `/vm/${n}`),
    mode: null,
    atOnce,
    mostFailures,
    requestedBy: 't',
    caller: null,
  };
  for (;;) {
    runs++;
    const { end } = runTable(repairFleet(request, 'f-1'), {
      startFleetRepairs: ({ vmIds }) => {
        starts.push(...vmIds);
        for (const vmId of vmIds) looked.set(vmId, 0);
        most.push({ atOnce: looked.size, well });
        return { started: vmIds.map(vmId => ({ vmId, repairId: vmId })) };
      },
      readRepairs: ({ repairIds }) => ({
        repairs: repairIds.map(repairId => {
          const n = (looked.get(repairId) ?? 0) + 1;
          looked.set(repairId, n);
          if (n < looks) return { repairId, outcome: null, joinedTo: null };
          looked.delete(repairId);
          const outcome = outcomes[Number(repairId.split('/').at(-1))] ?? 'unknown';
          if (outcome === 'repaired') well++;
          return { repairId, outcome, joinedTo: null };
        }),
      }),
    });
    if (!(end instanceof Again)) return { end: end as FleetEnd, starts, most, runs };
    request = JSON.parse(JSON.stringify(end.input));
  }
}

describe('a fleet', () => {
  test('repairs one first, and when that is proven a few at once', () => {
    const { end, most } = run(Array(8).fill('repaired'));
    expect(end).toMatchObject({ all: 8, done: 8, repaired: 8, failed: 0, notStarted: 0 });
    expect(most[0]).toEqual({ atOnce: 1, well: 0 });
    expect(Math.max(...most.map(({ atOnce }) => atOnce))).toBe(3);
  });

  test('stays at one while none is proven', () => {
    const { end, most } = run(['healthy', 'refused', 'unknown', 'booted-unverified', 'repaired', 'repaired', 'repaired']);
    expect(most.filter(({ well }) => well === 0).every(({ atOnce }) => atOnce === 1)).toBe(true);
    expect(end).toMatchObject({ all: 7, done: 7, repaired: 3 });
  });

  test('follows the repair that was begun at the same moment by somebody else', () => {
    const request = { vmIds: ['/vm'], mode: null, atOnce: 3, mostFailures: 2, requestedBy: 't', caller: null };
    const asked: string[] = [];
    const { end } = runTable(repairFleet(request, 'f-1'), {
      startFleetRepairs: () => ({ started: [{ vmId: '/vm', repairId: 'r-ours' }] }),
      readRepairs: ({ repairIds: [repairId = ''] }) => {
        asked.push(repairId);
        const outcome = repairId === 'r-ours' ? ('joined' as const) : asked.length < 4 ? null : ('repaired' as const);
        return { repairs: [{ repairId, outcome, joinedTo: outcome === 'joined' ? 'r-theirs' : null }] };
      },
    });
    expect(asked).toEqual(['r-ours', 'r-theirs', 'r-theirs', 'r-theirs']);
    expect((end as FleetEnd).progress.ended).toEqual([{ vmId: '/vm', repairId: 'r-theirs', outcome: 'repaired', elsewhere: true }]);
  });

  test('starts no further one once too many have failed, and says why', () => {
    const { end, starts } = run(['rolled-back', 'needs-person', 'repaired', 'repaired']);
    expect(starts).toEqual(['/vm/0', '/vm/1']);
    expect(end).toMatchObject({ failed: 2, notStarted: 2 });
    expect(end.progress.notStarted[0]).toEqual({ vmId: '/vm/2', why: '2 repairs of this fleet have failed' });
  });

  test('begins its history anew and forgets nothing', () => {
    const { end, runs, starts } = run(Array(5).fill('repaired'), { looks: 40 });
    expect(runs).toBeGreaterThan(1);
    expect([end.done, new Set(starts).size, starts.length]).toEqual([5, 5, 5]);
  });

  test('whatever the outcomes: every VM is started at most once and told of once, and never more than allowed are under repair', () => {
    const outcome = fc.constantFrom<OutcomeKind>('repaired', 'rolled-back', 'healthy', 'refused', 'needs-person', 'joined');
    fc.assert(
      fc.property(
        fc.array(outcome, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        (outcomes, atOnce, mostFailures) => {
          const { end, starts, most } = run(outcomes, { atOnce, mostFailures });
          expect(new Set(starts).size).toBe(starts.length);
          expect(end.done + end.notStarted).toBe(outcomes.length);
          for (const each of most) expect(each.atOnce).toBeLessThanOrEqual(each.well > 0 ? atOnce : 1);
        },
      ),
    );
  });
});

test('the interpreter begins the history anew with what the runbook gives it', () => {
  const given: unknown[] = [];
  const df = {
    getInput: () => 1,
    instanceId: 'f-1',
    waitForExternalEvent: () => ({}),
    continueAsNew: (input: unknown) => void given.push(input),
  };
  // biome-ignore lint/correctness/useYield: it has nothing to wait for
  const main = function* () {
    return new Again({ next: 2 });
  };
  const turn = runbook(main, { timeScale: 1 })({ df } as unknown as OrchestrationContext) as Generator;
  expect([turn.next(), given]).toEqual([{ done: true, value: undefined }, [{ next: 2 }]]);
});
