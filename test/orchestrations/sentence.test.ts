/** The one sentence: which VM, what was wrong, what was done, how it ended. */
import { describe, expect, test } from '@jest/globals';
import type { Diagnosis, Finding } from '../../functions/activities/contract.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import { named, sentence } from '../../orchestrations/sentence.ts';
import { beginStory, conclude } from '../../orchestrations/story.ts';
import fc from '../fastCheck.ts';
import { request, type Setup, World } from './world.ts';

function endOf(part: Partial<Setup>): string {
  const world = new World(part);
  const end = world.run(repairVm(request, 'r-test'));
  expect(world.reports.at(-1)?.headline).toBe(end.headline);
  return end.headline;
}

const ill = 'vm1 stopped at 0x000000EF CRITICAL_PROCESS_DIED';
const back = 'has its original OS disk and power state again';
const fault = { kind: 'fatal', code: 'Broken', message: 'It broke. Ask somebody.' } as const;

describe('of a whole repair', () => {
  test.each<[string, Partial<Setup>, string]>([
    ['repaired', {}, `${ill} and was repaired by “offline SFC”: it boots again and its agent answers.`],
    ['nothing helps', { curedBy: null }, `${ill}, was not cured by “revert servicing” and “offline SFC” and ${back}.`],
    [
      'alive without an agent',
      { lives: 'for-ever' },
      `${ill}, boots again after “revert servicing” and is left running: nothing in it has confirmed that it is well.`,
    ],
    [
      'switched off',
      { lives: 'switched-off' },
      `${ill}, was switched off by somebody while its boot was watched and is left so, on the repair disk.`,
    ],
    ['observed', { mode: 'observe' }, `${ill} and had nothing done to it: the mode is observe.`],
    ['a policy', { planRefused: true }, `${ill} and was not touched: m.`],
  ])('%s', (_, part, words) => expect(endOf(part)).toBe(words));

  test('a fault is a clause of it, after how the VM was left', () => {
    const undisturbed = new World({});
    undisturbed.run(repairVm(request, 'r-test'));
    const faulty = (step: string) => ({ faults: new Map([[undisturbed.log.indexOf(step), { fault, after: false, times: 1 }]]) });
    expect(endOf(faulty('ensureRepairDisk'))).toBe(
      `${ill}, was not repaired and ${back}: ensureRepairDisk failed (Broken): It broke; Ask somebody.`,
    );
    expect(endOf(faulty('inspectVm'))).toBe('vm1 was not touched: inspectVm failed (Broken): It broke; Ask somebody.');
  });
});

const finding = (part: Partial<Finding>) => ({ findings: [{ stopCode: '', stopName: '', title: 'Windows hangs', ...part }] }) as Diagnosis;
const none = { vm: null, request, diagnosis: null };

test('what was wrong is the stop, else the finding’s title, else nothing', () => {
  const told = { did: ['was left alone'], why: '' };
  expect(sentence(none, told)).toBe('vm1 was left alone.');
  expect(sentence({ ...none, diagnosis: finding({}) }, told)).toBe('vm1 did not boot (Windows hangs) and was left alone.');
  expect(sentence({ ...none, diagnosis: finding({ stopCode: '0x7B' }) }, told)).toBe('vm1 stopped at 0x7B and was left alone.');
});

test('it is one line and one sentence of bounded length, whatever Azure or a guest writes into it', () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('A. B! ', '\n', '\u001b[2J', '\u0085', '😀'), fc.string({ unit: 'binary' })), { size: 'large' }),
      parts => {
        const hostile = parts.join('');
        const said = sentence(
          { ...none, diagnosis: finding({ title: hostile, stopName: hostile }) },
          { did: [`was not cured by ${named([hostile])}`], why: hostile },
        );
        expect(said).toMatch(/^vm1 [^\p{Cc}]*\.$/u);
        expect(said.length).toBeLessThan(800);
      },
    ),
  ));

test('what is cut loses no half of a character, and two titles that are the same are one', () => {
  expect(sentence(none, { did: ['x'], why: '😀'.repeat(300) }).isWellFormed()).toBe(true);
  expect(named(['A', 'A', 'B'])).toBe('“A” and “B”');
});

test('an undo that fails needs a person where it is the VM’s; the way back that is not kept is named, and no more', () => {
  const told = (ofVm: boolean) => {
    const story = beginStory('r-test', request, '2026-03-01T03:00:00Z');
    conclude(story, { stoppedBy: null, putBack: [{ what: 'what it was', ofVm, fault, leaves: [] }], cleanedUp: [] });
    return [story.outcome, story.nextSteps];
  };
  const byHand = ['Do by hand: what it was. Azure said Broken: It broke. Ask somebody.'];
  expect(told(true)).toEqual(['needs-person', byHand]);
  expect(told(false)).toEqual(['unknown', byHand]);
});
