/** A boot that hangs: when it is given up, and what the runbook does so that it leaves a dump. */
import { describe, expect, test } from '@jest/globals';
import type { FaultKind } from '../../azure/fault.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import fc from '../fastCheck.ts';
import { original, request, type Setup, World } from './world.ts';

function repair(part: Partial<Setup> = {}, limits = {}) {
  const world = new World({ lives: 'hangs', curedBy: null, consents: ['send-nmi'], ...part });
  const end = world.run(repairVm({ ...request, limits: { ...request.limits, ...limits } }, 'r-test'));
  return { world, end, report: world.reports.at(-1), sent: [...world.interrupts.values()] };
}

describe('a VM that hangs on the repaired disk', () => {
  test('is interrupted once, in the boot that is for the dump; the dump is collected, and the original disk goes back', () => {
    const { world, end, report, sent } = repair();
    expect(sent).toEqual([1]);
    expect(report?.attempts.map(({ attempt, boot }) => [attempt, boot?.verdict])).toEqual([
      ['revert', 'failed'],
      ['sfc', 'failed'],
      ['write-dump', 'failed'],
      ['collect', undefined],
    ]);
    expect(report?.interrupt).toMatchObject({ sent: 'yes' });
    expect(report?.attempts[2]?.boot?.summary).toMatch(/^it hung, and was stopped by a non-maskable interrupt/);
    expect([end.outcome, report?.dump.state, world.osDisk, world.power]).toEqual(['rolled-back', 'uploaded', original.id, 'running']);
    expect(report?.nextSteps.join(' ')).toContain('the moment of the interrupt');
  });

  test('is given up after an hour of a logo without work, and not taken for one that lives', () => {
    const { report } = repair();
    const [first] = report?.attempts ?? [];
    expect(first?.boot?.summary).toMatch(/^it hangs: nothing has moved for \d\d minutes/);
    const seconds = (Date.parse(first?.boot?.endedAt ?? '') - Date.parse(first?.boot?.startedAt ?? '')) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(3600);
    expect(seconds).toBeLessThan(3600 + 900);
  });

  test('keeps its power while it writes: a dump that is cut off is none', () => {
    const { world } = repair();
    const sentAt = world.log.indexOf('interruptVm');
    expect(world.log.slice(sentAt).filter(name => name === 'observeBoot').length).toBeGreaterThan(2);
  });

  test.each([
    ['writes-none', 'left none all the same'],
    ['is-ignored', 'left none all the same'],
    ['is-refused', 'No interrupt was sent to the VM, which hung: it is no.'],
  ] as const)('an interrupt that %s ends no repair: it is told why there is no dump', (interrupt, told) => {
    const { world, end, report } = repair({ interrupt });
    expect([end.outcome, report?.dump.state, world.osDisk]).toEqual(['rolled-back', 'none', original.id]);
    expect(report?.nextSteps.join(' ')).toContain(told);
    expect(world.waited).toBeLessThan(6 * 3600);
  });

  test('that cannot be sent for a fault of ours ends no repair either', () => {
    const at = repair().world.log.indexOf('interruptVm');
    const faults = new Map([[at, { fault: { kind: 'fatal' as const, code: 'internal', message: 'm' }, after: false, times: 1 }]]);
    const { world, end, report, sent } = repair({ faults });
    expect([world.log[at], sent, end.outcome]).toEqual(['interruptVm', [], 'rolled-back']);
    expect(report?.interrupt).toMatchObject({ sent: 'no', why: 'internal: m' });
    expect(report?.faults).toMatchObject([{ step: 'interruptVm' }]);
  });

  test('is one whose log goes on no more: a slow start is left alone', () => {
    const { world, end, sent } = repair({ lives: 'creeps' });
    expect([end.outcome, sent, world.osDisk]).toEqual(['booted-unverified', [], '/disks/copy']);
  });

  test('without consent is not interrupted, and the report says what to consent to', () => {
    const { world, report, sent } = repair({ consents: [] });
    expect(sent).toEqual([]);
    expect(world.log).not.toContain('interruptVm');
    expect(report?.interrupt).toMatchObject({ sent: 'no', remedy: expect.stringContaining('Consent to send-nmi') });
    expect(report?.nextSteps.join(' ')).toContain('Consent to send-nmi');
  });

  test('is not interrupted by a repair that may boot too seldom to get there, nor on its own disk', () => {
    const { sent, report } = repair({ restart: 'does-not-cure' }, { bootsPerRepair: 2 });
    expect([sent, report?.interrupt]).toEqual([[], null]);
  });

  test('a stop screen that counts is waited for, also where nobody interrupted', () => {
    const { report } = repair({ interrupt: 'writes-none' });
    const boot = report?.attempts[2]?.boot;
    const after = (Date.parse(boot?.endedAt ?? '') - Date.parse(report?.interrupt?.at ?? '')) / 1000;
    expect(after).toBeGreaterThan(180);
    expect(after).toBeLessThan(600);
  });
});

const kinds: FaultKind[] = ['throttled', 'conflict', 'transient', 'forbidden', 'fatal'];
const schedules = fc.record({
  mode: fc.constantFrom('auto', 'review') as fc.Arbitrary<Setup['mode']>,
  consents: fc.constantFrom<string[]>(['send-nmi'], ['send-nmi'], []),
  interrupt: fc.constantFrom('writes-a-dump', 'writes-none', 'is-ignored', 'is-refused') as fc.Arbitrary<Setup['interrupt']>,
  cancelAt: fc.option(fc.nat(900), { nil: null }),
  faults: fc
    .array(fc.record({ at: fc.nat(250), times: fc.constantFrom(1, 1, 2, 40), after: fc.boolean(), kind: fc.constantFrom(...kinds) }), {
      maxLength: 3,
    })
    .map(
      list => new Map(list.map(({ at, times, after, kind }) => [at, { fault: { kind, code: 'injected', message: kind }, after, times }])),
    ),
});

test('whatever fails: no boot is interrupted twice, none without consent, and the VM has its original disk again', () => {
  fc.assert(
    fc.property(schedules, part => {
      const { world, end, sent } = repair(part);
      expect(world.breaches).toEqual([]);
      expect(sent.every(times => times === 1)).toBe(true);
      if (end.outcome !== 'needs-person') expect([world.osDisk, world.power]).toEqual([original.id, 'running']);
    }),
    { numRuns: 300 },
  );
});
