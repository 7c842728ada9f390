/** A VM that shows neither an error nor life: looked at for as long as a boot may hang, and then repaired as the hang that it is. */
import { describe, expect, test } from '@jest/globals';
import type { Diagnosis } from '../../functions/activities/contract.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import { request, type Setup, World } from './world.ts';

/** What the console shows after so many seconds of watching; the decision itself is diagnosis' own (`test/diagnosis/hang.test.ts`). */
function repair(shows: (seconds: number) => Partial<Diagnosis>, part: Partial<Setup> = {}) {
  const world = new World({ curedBy: null, ...part });
  const answer = world.activity.bind(world);
  const asked: { seconds: number; still: unknown }[] = [];
  world.activity = (name, input) => {
    const reply = answer(name, input);
    if (name !== 'diagnoseVm' || !reply.ok) return reply;
    const { still } = input as { still?: { at: string; trace: string; least: number } };
    asked.push({ seconds: world.waited, still: still ?? null });
    const found = reply.value as Diagnosis;
    const told: Diagnosis = {
      ...found,
      verdict: 'unknown',
      findings: [],
      sight: 'loading',
      still: { at: 't', trace: 'logo' },
      ...shows(world.waited),
    };
    if (told.still) told.still.at = `${world.waited}`;
    const same = still !== undefined && told.still?.trace === still.trace && world.waited - Number(still.at) >= still.least;
    return { ok: true, value: told.verdict === 'unknown' && same ? { ...told, verdict: 'failing', findings: found.findings } : told };
  };
  const end = world.run(repairVm(request, 'r-test'));
  return { world, end, asked, report: world.reports.at(-1) };
}

describe('a VM on which nothing moves', () => {
  test('is watched for an hour, in a few looks, and then repaired; the last look before it is touched is compared too', () => {
    const { end, world, asked, report } = repair(() => ({}));
    expect([end.outcome, world.breaches]).toEqual(['rolled-back', []]);
    const before = asked.slice(0, -1);
    expect(before.at(-1)?.seconds).toBe(3600);
    expect(before.length).toBeLessThan(9);
    expect(asked.at(-1)?.still).toEqual({ at: '0', trace: 'logo', least: 3600 });
    expect(report?.diagnosis?.verdict).toBe('failing');
  });

  test('that comes up meanwhile is healthy, and untouched', () => {
    const { end, world } = repair(seconds => (seconds > 600 ? { verdict: 'healthy', sight: 'sign-in' } : {}));
    expect(end.outcome).toBe('healthy');
    expect(world.log).not.toContain('ensurePoweredOff');
  });

  test('that moves begins the hour anew, and what moves for ever is left unknown after two', () => {
    const once = repair(seconds => ({ still: { at: 't', trace: seconds < 1000 ? 'logo' : 'logo log' } }));
    expect(once.end.outcome).toBe('rolled-back');
    expect(once.asked.at(-2)?.seconds).toBeGreaterThan(3600);
    let n = 0;
    const never = repair(() => ({ still: { at: 't', trace: `${n++}` } }));
    expect([never.end.outcome, never.world.log.includes('ensurePoweredOff')]).toEqual(['unknown', false]);
    expect(never.world.waited).toBeLessThan(2 * 3600 + 1800);
  });

  test('in mode observe is not waited for', () => {
    const { end, world } = repair(() => ({}), { mode: 'observe' });
    expect([end.outcome, world.waited]).toEqual(['unknown', 0]);
  });

  test('that begins to update is given the time that takes', () => {
    const { end, world } = repair(seconds =>
      seconds < 600 ? {} : seconds < 5000 ? { sight: 'updating', still: undefined as never } : { verdict: 'healthy', sight: 'sign-in' },
    );
    expect(end.outcome).toBe('healthy');
    expect(world.log).toContain('observeBoot');
  });
});
