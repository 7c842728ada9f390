/** What a step of the plan becomes on the repair VM: mode, parameters and deadline. */
import { describe, expect, test } from '@jest/globals';
import type { Finding, Plan, ScriptEnd, ScriptRun, ScriptStep, VmFacts } from '../../functions/activities/contract.ts';
import { runStep } from '../../orchestrations/phases/scripts.ts';
import { beginStory, type Story } from '../../orchestrations/story.ts';
import { playbooks } from '../../playbooks/catalogue.ts';
import fc from '../fastCheck.ts';
import { request } from './world.ts';

const now = '2026-01-01T00:00:00.000Z';
const collect: ScriptStep = {
  ...{ script: 'collect-dump', mode: 'Repair', safety: 'consent', origin: 'doc', why: '', timeoutSeconds: 3600 },
  ...{ consent: 'upload-dump', consentRequired: false },
};

/** The input of the one activity that a step asks for. */
function inputFor(step: ScriptStep, consents: string[], told: Partial<Story> = {}): ScriptRun {
  const story: Story = { ...beginStory('r-abcdefgh2345', request, now), ...told };
  const plan = { consents, lun: 4, repairVm: { id: '/vms/repair' } } as Plan;
  const running = runStep(story, plan, step, '1-step');
  let next = running.next();
  while (!next.done) {
    const command = next.value;
    if (command.do === 'activity') return command.input as ScriptRun;
    next = running.next(command.do === 'now' ? now : undefined);
  }
  throw new Error('the step asks for nothing');
}

describe('a step of the plan', () => {
  const steps = playbooks.flatMap(({ attempts, beforeBoot }) => [...attempts.flatMap(({ scripts }) => scripts), ...beforeBoot]);
  const guarded = steps.filter(({ consent }) => consent !== undefined);

  test('whose consent nobody gave only looks; with it, it acts; no other consent stands in for it', () => {
    expect(guarded.length).toBeGreaterThan(3);
    const every = [...new Set(guarded.map(({ consent }) => String(consent)))];
    for (const step of steps) {
      const others = every.filter(each => each !== step.consent);
      const own = step.consent === undefined ? [] : [step.consent];
      expect(inputFor(step, [...others, ...own]).mode).toBe(step.mode);
      const without = inputFor(step, others);
      expect([without.mode, without.uploadDump]).toEqual([step.consent === undefined ? step.mode : 'Detect', false]);
    }
  });

  test('whose safety class is consent names the consent it needs', () => {
    expect(steps.filter(({ safety, consent }) => safety === 'consent' && consent === undefined)).toEqual([]);
  });

  test('gets an address for the dump, and time for all that the dump can be, only with the consent to upload it', () => {
    const vm = { memoryMb: 64 * 1024 } as VmFacts;
    const probe = { result: { findings: [{ id: 'dump', confidence: 'certain', evidence: '\\MEMORY.DMP 160000000000' }] } } as ScriptEnd;
    expect(inputFor(collect, ['upload-dump'])).toMatchObject({ mode: 'Repair', uploadDump: true, timeoutSeconds: 3600 });
    expect(inputFor(collect, ['upload-dump'], { vm }).timeoutSeconds).toBe(900 + Math.ceil((64 * 2 ** 30) / 8_000_000));
    expect(inputFor(collect, ['upload-dump'], { vm, probe }).timeoutSeconds).toBe(900 + 20_000);
    expect(inputFor(collect, [], { vm, probe })).toMatchObject({ mode: 'Detect', uploadDump: false, timeoutSeconds: 3600 });
  });
});

describe('the driver that a screen or a log blames', () => {
  const driverOff = steps('driver-off');
  const named = (whatFailed: string | null): string | undefined => {
    const diagnosis = { findings: [{ whatFailed } as Finding] } as Story['diagnosis'];
    return inputFor(driverOff, [], { diagnosis }).parameters.Driver;
  };

  test.each([
    ['vendor.sys', 'vendor.sys'],
    ['\\SystemRoot\\System32\\drivers\\CSAgent.SYS', 'CSAgent.SYS'],
    ['C:\\a\\b.sys', 'b.sys'],
    ['vendor.dll', ''],
    ['vendor.sys.exe', ''],
    ['.sys', ''],
    ['../../vendor.sys', ''],
    ['vendor.sys; shutdown', ''],
    ["x' -Mode Revert.sys", ''],
    [`${'x'.repeat(61)}.sys`, ''],
    ['', ''],
    [null, ''],
  ])('%j becomes %j', (blamed, driver) => expect(named(blamed)).toBe(driver));

  test('is a plain name of a driver file or nothing, whatever is on the screen', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map(text => `${text}.sys`),
        ),
        text => {
          expect(named(text)).toMatch(/^$|^[A-Za-z0-9_.-]{1,60}\.sys$/i);
        },
      ),
    );
  });

  test('is nothing without a diagnosis', () => expect(inputFor(driverOff, []).parameters.Driver).toBe(''));
});

function steps(script: string): ScriptStep {
  return { script, mode: 'Repair', safety: 'consent', origin: 'doc', why: '', timeoutSeconds: 600, consent: 'disable-driver' };
}
