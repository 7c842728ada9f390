/** `bootmedic status`: all repairs, each with its state and, where it has ended or waits, its sentence. */
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import pc from 'picocolors';
import { allRepairs } from '../../cli/list.ts';
import { memoryTerminal, sampleItem } from './samples.ts';

const sentence = `db was looked at ${'and looked at '.repeat(9)}and is well.`;
const items = [
  sampleItem('web', { phase: 'verify', awaiting: 'a sign', headline: 'web is under repair.' }),
  sampleItem('db', { state: 'ended', outcome: 'healthy', headline: sentence }),
  sampleItem('till', {
    state: 'waiting-approval',
    phase: 'consent',
    awaiting: 'approval of: the plan',
    headline: 'till waits for approval.',
  }),
  sampleItem('crm', { state: 'ended', outcome: 'rolled-back', headline: '' }),
];

test('what has ended or waits tells its sentence below it, in lines that a terminal shows; what is under way tells what it does', () => {
  const lines = allRepairs(items, memoryTerminal()).split('\n');
  expect(lines.map(line => line.slice(0, 16).trim()).filter(start => start.startsWith('r-'))).toEqual(items.map(({ id }) => id));
  const below = lines.filter(line => line.startsWith('  ')).map(line => line.trim());
  expect(below.join(' ')).toBe(`${sentence} till waits for approval.`);
  expect(below.length).toBe(3);
  for (const line of below) expect(line.length).toBeLessThanOrEqual(96);
  expect(lines.slice(-3)).toEqual(['  till waits for approval.', expect.stringMatching(/crm .* rolled back$/), '']);
});

test('on a terminal a state has its colour, and no word less than without', () => {
  const plain = memoryTerminal();
  const paint = pc.createColors(true);
  const painted = allRepairs(items, { ...plain, paint });
  const colors = { verify: paint.cyan, healthy: paint.green, consent: paint.yellow, 'rolled back': paint.red };
  for (const [word, color] of Object.entries(colors)) expect(painted).toContain(color(word).slice(0, 5) + word);
  const trimmed = stripVTControlCharacters(painted).replaceAll(/ +$/gm, '');
  expect(trimmed).toBe(allRepairs(items, plain));
});

test('none is told as that', () => expect(allRepairs([], memoryTerminal())).toBe('There are no repairs.\n'));
