/** The row of phases on a repair's page: what is done stands before what is under way, and that before what is still to come. */
import { expect, test } from '@jest/globals';
import { phasesOf } from '../../report/ui/phases.ts';
import fc from '../fastCheck.ts';

type Course = Parameters<typeof phasesOf>[0];

/** A repair that has gone through these phases, a second each, and is in the last one. */
function course(phases: string[], state: Course['state'] = 'running'): Course {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + 1000 * second).toISOString();
  const timeline = phases.map((phase, n) => ({
    ...{ id: `${n}`, from: at(n), to: at(n + 1), phase, step: 's', what: 'w', outcome: 'done' as const, detail: '' },
  })) as Course['timeline'];
  return { state, phase: phases.at(-1) ?? '', timeline };
}
const row = (given: Course) => phasesOf(given).map(({ name, state }) => ({ done: name, now: `[${name}]`, ahead: `(${name})` })[state]);
const shown = (phases: string, state: Course['state'] = 'running') => row(course(phases.split(' > '), state)).join(' ');

const first = 'queued > inspect > diagnose > plan';
const failed = `${first} > restart > verify > provision > diagnose > protect > probe > repair > swap > verify`;

test.each([
  // Mode review: the copy is probed before a person is asked, the disk after.
  [
    `${first} > provision > probe > consent`,
    'inspect diagnose plan provision probe [consent] (protect) (probe) (repair) (swap) (verify) (clean up)',
  ],
  [
    `${first} > provision > probe > consent > diagnose > restart`,
    'inspect diagnose plan provision probe consent [restart] (protect) (probe) (repair) (swap) (verify) (clean up)',
  ],
  [
    `${first} > provision > probe > consent > protect > probe`,
    'inspect diagnose plan provision probe consent protect [probe] (repair) (swap) (verify) (clean up)',
  ],
  // Mode auto: what the restart has shown is not what the repair will have to show.
  [
    `${first} > restart > verify > provision`,
    'inspect diagnose plan restart verify [provision] (protect) (probe) (repair) (swap) (verify) (clean up)',
  ],
  [`${failed} > swap > repair`, 'inspect diagnose plan restart verify provision protect probe [repair] swap verify (clean up)'],
  [`${failed} > roll back`, 'inspect diagnose plan restart verify provision protect probe repair swap verify [roll back] (clean up)'],
  [
    'inspect > see > consent > diagnose',
    'inspect see consent [diagnose] (plan) (provision) (protect) (probe) (repair) (swap) (verify) (clean up)',
  ],
  // A phase of a later version, and one that the track has only before.
  [`${first} > polish`, 'inspect diagnose plan (provision) (protect) (probe) (repair) (swap) (verify) (clean up) [polish]'],
  [`${first} > provision > roll back`, 'inspect diagnose plan provision [roll back] (clean up)'],
])('%s', (phases, expected) => expect(shown(phases)).toBe(expected));

test('one that has ended shows where it went, and nothing still to come', () => {
  expect(shown(`${first} > report > clean up > report`, 'ended')).toBe('inspect diagnose plan report clean up');
  expect(shown(`${failed} > report > clean up > report`, 'ended')).toBe(
    'inspect diagnose plan restart verify provision protect probe repair swap verify report clean up',
  );
});

test('each stretch of time is told once, at the step that it belongs to', () => {
  const told = phasesOf(course(failed.split(' > '), 'ended')).map(({ name, took }) => `${name} ${took}`);
  expect(told.filter(each => each.startsWith('verify'))).toEqual(['verify 1 s', 'verify 1 s']);
  expect(told).toContain('diagnose 2 s');
});

test('whatever a timeline says, each step is there once, one at most is under way, and what was gone through is shown', () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...failed.split(' > '), 'consent', 'see', 'report', 'roll back'), fc.string()), { maxLength: 30 }),
      phases => {
        const steps = phasesOf(course(phases));
        expect(new Set(steps.map(({ key }) => key)).size).toBe(steps.length);
        expect(steps.filter(({ state }) => state === 'now').length).toBeLessThanOrEqual(1);
        const names = steps.map(({ name }) => name);
        for (const phase of phases.slice(0, 15)) if (phase !== 'queued') expect(names).toContain(phase);
      },
    ),
  ));
