/** Azure's own view beside what the guest shows. */
import { describe, expect, test } from '@jest/globals';
import { diagnose, lookAtBoot, type Observation } from '../../diagnosis/index.ts';
import type { Confidence } from '../../diagnosis/types.ts';
import type { HostHealth, HostState, VmFacts } from '../../functions/activities/contract.ts';
import fc from '../fastCheck.ts';
import { at, minute, now, observations, screenshot, stop, vm } from './observations.ts';

const host = (state: HostState['state'], by: HostState['by'], since = 5, planned = false): HostHealth => ({
  now: { state, by, planned, title: 'Title', summary: 'Summary.', since: at(since) },
  before: [],
});
const stopped = (facts: VmFacts = vm('not-ready', 20)): Observation => ({
  vm: facts,
  screenshot: screenshot(15, stop('CRITICAL_PROCESS_DIED')),
  now,
});

describe('a VM whose host is down', () => {
  test.each([
    [false, 'a fault of the platform'],
    [true, 'planned maintenance'],
  ])('is left alone, whatever its screen shows (planned: %s)', (planned, words) => {
    const diagnosis = diagnose({ ...stopped(), health: host('unavailable', 'platform', 5, planned) });
    expect(diagnosis).toMatchObject({ verdict: 'platform', findings: [] });
    expect(diagnosis.summary).toContain(`${words} since ${at(5)} (“Title: Summary”); the screen shows`);
    expect(diagnosis.settledBy).toMatch(/patience.*az vm redeploy.*https:\/\/learn\.microsoft\.com/s);
  });

  test('but whose agent has answered since is well', () => {
    expect(diagnose({ vm: vm('ready', 18), health: host('unavailable', 'platform'), now }).verdict).toBe('healthy');
    expect(diagnose({ vm: vm('ready', 18), health: host('unavailable', 'platform', 19), now }).verdict).toBe('platform');
  });

  test('and one that is being moved to another host too, while that can last', () => {
    const moving = (minutes: number): Observation => ({ ...stopped(), underWay: { at: at(20 - minutes), what: 'redeploy', by: 'person' } });
    expect(diagnose(moving(10))).toMatchObject({ verdict: 'platform', findings: [] });
    expect(diagnose(moving(70)).verdict).toBe('failing');
    expect(diagnose({ ...moving(10), underWay: { at: at(10), what: 'restart', by: 'person' } }).verdict).toBe('failing');
  });
});

describe('what is not the platform’s doing', () => {
  test.each<[HostHealth]>([
    [host('available', 'unknown')],
    [host('unavailable', 'guest')],
    [host('unavailable', 'person')],
    [host('unavailable', 'unknown')],
    [host('unknown', 'unknown')],
    [host('degraded', 'platform')],
  ])('%j leaves the verdict to the guest', health => {
    expect(diagnose({ ...stopped(), health })).toMatchObject({
      verdict: 'failing',
      findings: [{ id: 'azure-0xef', confidence: 'certain' }],
    });
  });

  test('a host that Azure expects to fail is told beside the finding', () => {
    expect(diagnose({ ...stopped(), health: host('degraded', 'platform') }).summary).toContain('Azure says of the host');
  });

  test('a stop is its owner’s, told with the time', () => {
    const facts: VmFacts = { ...vm('ready', 18), power: 'stopped', powerEvents: [{ at: at(19), what: 'power-off', by: 'person' }] };
    const { verdict, summary } = diagnose({ vm: facts, now });
    expect(verdict).toBe('unknown');
    expect(summary).toContain(`powered off at ${at(19)} by a person`);
  });
});

test('what could not be looked at is told, in a verdict and in the look at a boot', () => {
  const unread = ['the console (ENOTFOUND: gone)'];
  const { summary, unread: told } = diagnose({ vm: vm('ready', 18), now, unread });
  expect(told).toEqual(unread);
  expect(summary).toContain('Not looked at: the console (ENOTFOUND: gone).');
  const boot = lookAtBoot({ vm: vm('ready', 18), now, unread, startedAt: at(1) });
  expect(boot).toMatchObject({ agentReadyAt: at(18), alive: true, failure: null });
  expect(boot.summary).toContain('not looked at: the console');
});

test('what is too old is told beside a finding too', () => {
  const { summary } = diagnose({ ...stopped(), serialLog: { at: at(-5), text: 'x', evidenceId: 'serial' } });
  expect(summary).toContain(`the serial log of ${at(-5)} is older than the last power event and proves nothing`);
});

describe('properties', () => {
  const healths = fc.option(
    fc
      .record({
        state: fc.constantFrom<HostState['state']>('available', 'unavailable', 'degraded', 'unknown'),
        by: fc.constantFrom<HostState['by']>('platform', 'person', 'guest', 'unknown'),
        since: minute,
      })
      .map(({ state, by, since }) => host(state, by, since)),
    { nil: undefined },
  );
  const seen = fc.record({ observation: observations, health: healths }).map(({ observation, health }) => ({ ...observation, health }));
  const gist = (observation: Observation) => {
    const { verdict, sight, findings } = diagnose(observation);
    return { verdict, sight, findings };
  };
  const order: Confidence[] = ['possible', 'likely', 'certain'];

  test('what is older than the last power event changes nothing', () => {
    const older = (observation: Observation, time: string | undefined) =>
      time !== undefined && observation.vm.powerChangedAt !== null && time <= observation.vm.powerChangedAt;
    fc.assert(
      fc.property(seen, observation => {
        const { screenshot: picture, serialLog: log, ...rest } = observation;
        const fresh: Observation = {
          ...rest,
          ...(picture && !older(observation, picture.at) && { screenshot: picture }),
          ...(log && !older(observation, log.at) && { serialLog: log }),
        };
        expect(gist(observation)).toEqual(gist(fresh));
      }),
      { numRuns: 500 },
    );
  });

  test('a fresh Ready makes no failure out of anything, and none more certain', () => {
    fc.assert(
      fc.property(seen, observation => {
        const without = gist({ ...observation, vm: { ...observation.vm, agent: { status: 'not-ready', at: now, osVersion: null } } });
        const ready = gist({ ...observation, vm: { ...observation.vm, agent: { status: 'ready', at: at(19.5), osVersion: null } } });
        if (without.verdict !== 'failing') expect(ready.verdict).not.toBe('failing');
        for (const { id, confidence } of ready.findings) {
          const before = without.findings.find(each => each.id === id)?.confidence ?? 'possible';
          expect(order.indexOf(confidence)).toBeLessThanOrEqual(order.indexOf(before));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what the platform causes leads to no playbook, and only a Ready since then contradicts it', () => {
    fc.assert(
      fc.property(observations, minute, (observation, since) => {
        const { verdict, findings } = diagnose({ ...observation, health: host('unavailable', 'platform', since) });
        expect(findings).toEqual([]);
        if (verdict === 'platform') return;
        const { status, at: readyAt } = observation.vm.agent;
        expect([status, (readyAt ?? '') > at(since)]).toEqual(['ready', true]);
      }),
      { numRuns: 500 },
    );
  });

  test('an Available host proves nothing: without it the verdict is the same; without an agent nothing is healthy', () => {
    fc.assert(
      fc.property(observations, observation => {
        expect(gist({ ...observation, health: host('available', 'unknown') })).toEqual(gist(observation));
        const mute: Observation['vm'] = { ...observation.vm, agent: { status: 'none', at: null, osVersion: null } };
        expect(diagnose({ ...observation, vm: mute, health: host('available', 'unknown') }).verdict).not.toBe('healthy');
      }),
      { numRuns: 500 },
    );
  });

  test('each verdict says what would settle it unless it is settled', () => {
    fc.assert(
      fc.property(seen, observation => {
        const { verdict, settledBy, findings } = diagnose(observation);
        expect(settledBy !== null).toBe(verdict === 'unknown' || verdict === 'platform');
        expect(findings.length > 0).toBe(verdict === 'failing');
      }),
      { numRuns: 300 },
    );
  });
});
