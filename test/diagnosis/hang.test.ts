/** A VM that hangs: two looks tell it, each of the present, and only while nothing speaks of work or of another failure. */
import { describe, expect, test } from '@jest/globals';
import { diagnose, lookAtBoot } from '../../diagnosis/index.ts';
import type { Observation } from '../../diagnosis/observation.ts';
import fc from '../fastCheck.ts';
import { sacReady, sacStart, stopBlock } from './logs.ts';
import { at, black, now, read, screenshot, serialLog, stop, vm } from './observations.ts';

const logo = { ...black, blank: null };
const look = (more: Partial<Observation> = {}): Observation => ({ vm: vm('not-ready', 0), now, screenshot: screenshot(15, logo), ...more });
const earlier = (first: Observation, secondsAgo = 3600, least = 3600) => {
  const { still } = diagnose({ ...first, now: at(10) });
  return still && { ...still, secondsAgo, least };
};

/** The same look twice, an hour apart; the second may differ. */
function twice(first: Observation, second: Observation = first, secondsAgo = 3600) {
  const before = earlier(first, secondsAgo);
  return diagnose({ ...second, ...(before && { earlier: before }) });
}

describe('a logo that stays', () => {
  test('is unknown at first, and likely a hang when the same is seen again', () => {
    const first = diagnose(look());
    expect(first).toMatchObject({
      verdict: 'unknown',
      sight: 'loading',
      still: { at: now },
      settledBy: expect.stringContaining('an hour'),
    });
    const { verdict, findings } = twice(look());
    expect(verdict).toBe('failing');
    expect(findings).toMatchObject([{ id: 'seen-hang', confidence: 'likely', harm: 'low', playbook: 'hang', stopCode: '' }]);
    expect(findings[0]?.basis.join()).toContain(`at ${at(10)} and at ${at(15)}`);
  });

  test('with a log that has fallen silent in a start: both are its evidence', () => {
    const silent = look({ serialLog: serialLog(5, sacStart) });
    expect(twice(silent).findings[0]?.evidence).toEqual(['screen', 'serial']);
  });

  test.each<[string, Partial<Observation>]>([
    ['a log that goes on', { serialLog: { ...serialLog(14, `${sacStart}x`), evidenceId: 'other' } }],
    ['services that run', { serialLog: serialLog(14, sacStart + sacReady) }],
    ['another sight', { screenshot: screenshot(15, black) }],
    ['a sign-in screen', { screenshot: screenshot(15, read('Press Ctrl+Alt+Delete to unlock.')) }],
    ['an update', { screenshot: screenshot(15, read('Working on updates 35%')) }],
    ['a picture from before the first look', { screenshot: screenshot(9, logo) }],
    ['a picture from before the last power event', { vm: vm('not-ready', 0, 16) }],
    ['no picture', { screenshot: undefined as never }],
    ['an agent that answers', { vm: vm('ready', 19) }],
    ['a VM that is off', { vm: { ...vm('not-ready', 0), power: 'stopped' } }],
  ])('%s: is no hang', (_, more) => {
    const first = look({ serialLog: serialLog(5, sacStart) });
    expect(twice(first, { ...first, ...more }).findings.map(({ id }) => id)).not.toContain('seen-hang');
  });

  test('a stop is told as the stop that it is', () => {
    expect(twice(look(), look({ screenshot: screenshot(15, stop('CRITICAL_PROCESS_DIED')) })).findings[0]?.stopCode).toBe('0x000000EF');
    expect(twice(look(), look({ serialLog: serialLog(15, stopBlock({ code: '0xEF' })) })).findings[0]?.id).not.toBe('seen-hang');
  });

  test('too early is too early', () => expect(twice(look(), look(), 3599)).toMatchObject({ verdict: 'unknown' }));
});

test('a black screen is only possibly a hang: it may be switched off', () => {
  const { findings } = twice(look({ screenshot: screenshot(15, black) }));
  expect(findings).toMatchObject([{ id: 'seen-hang', confidence: 'possible', contradictions: [expect.stringContaining('switched off')] }]);
});

describe('a boot menu that stays', () => {
  const menu = read('Windows Boot Manager', 'Choose an operating system to start, or press TAB to select a tool:');
  const shows = look({ screenshot: screenshot(15, menu) });

  test('is unknown at first, and waits for a person when it is seen again', () => {
    expect(diagnose(shows)).toMatchObject({ verdict: 'unknown', sight: 'boot-menu', still: { at: now }, findings: [] });
    const { verdict, findings, summary } = twice(shows);
    expect(verdict).toBe('failing');
    expect(findings).toMatchObject([
      { id: 'azure-bootmenu', confidence: 'likely', harm: 'low', playbook: 'boot-policy', contradictions: [], evidence: ['screen'] },
    ]);
    expect(findings[0]?.basis[0]).toContain('the boot menu');
    expect(summary).toContain('playbook boot-policy answers it');
  });

  test.each<[string, Partial<Observation>]>([
    ['too early', { vm: vm('not-ready', 0) }],
    ['gone on to the logo', { screenshot: screenshot(15, logo) }],
    ['of an agent that answers', { vm: vm('ready', 19) }],
    ['of before the last power event', { vm: vm('not-ready', 0, 16) }],
  ])('%s: is not acted on', (name, more) => {
    const seconds = name === 'too early' ? 3599 : 3600;
    expect(twice(shows, { ...shows, ...more }, seconds).findings).toEqual([]);
  });

  test('after a repair it is no hang that an interrupt could end', () => {
    expect(lookAtBoot({ ...shows, startedAt: at(10) })).toMatchObject({ sight: 'boot-menu', alive: false, stuck: false });
  });
});

test('without an earlier look nothing is ever called a hang', () => {
  const pictures = fc.constantFrom(black, logo, read('Choose an operating system'), read('nobody knows'), read('Working on updates 35%'));
  const ages = fc.integer({ min: -30, max: 19 });
  fc.assert(
    fc.property(pictures, ages, fc.option(ages), (picture, minute, log) => {
      const seen = look({ screenshot: screenshot(minute, picture), ...(log !== null && { serialLog: serialLog(log, sacStart) }) });
      expect(diagnose(seen).findings).toEqual([]);
    }),
  );
});
