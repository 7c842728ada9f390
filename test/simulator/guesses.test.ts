/** Every guessed rule has an opposite, and flipping it changes what a client can see: each by requests to the simulator. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listRules, OPPOSITES } from '../../simulator/index.ts';
import { until } from './support/estate.ts';
import { azure, begin, command, done, ended, helper, notes, open, PROBES, simulator } from './support/guesses.ts';

beforeAll(open, 60_000);
afterAll(() => simulator?.close());

const guessed = listRules().flatMap(({ id, tag }) => (tag === 'guessed' ? [id] : []));

test('every guessed rule, and no other, has an opposite in words and a look at both', () => {
  expect(Object.keys(OPPOSITES).toSorted()).toEqual(guessed.toSorted());
  expect(Object.keys(PROBES).toSorted()).toEqual(guessed.toSorted());
  for (const words of Object.values(OPPOSITES)) expect(words.length).toBeGreaterThan(20);
});

describe('a guess, and the same turned round:', () => {
  test.each(guessed)(
    '%s',
    async id => {
      const { look, guess, flipped, scale, scenario } = PROBES[id] ?? {};
      await begin([], scale, scenario);
      expect(await look?.()).toEqual(guess);
      await begin([id], scale, scenario);
      expect(await look?.()).toEqual(flipped);
      // The other guesses hold.
      await begin(
        guessed.filter(other => other !== id),
        scale,
        scenario,
      );
      expect(simulator.cloud.rules.holds(id as keyof typeof OPPOSITES)).toBe(true);
    },
    30_000,
  );

  test('an overtaken script goes on beside the new one, and undoes nothing of it', async () => {
    await begin(['run-command-timed-out']);
    await done(command('sleep 90\nnote old'));
    await command('note new');
    expect((await ended()).executionState).toBe('Succeeded');
    expect(notes()).toEqual(['new']);
    await until(async () => notes().length === 2);
    expect(notes()).toEqual(['new', 'old']);
  });

  test('a script that was cut off ends with the power', async () => {
    await begin(['run-command-timed-out']);
    await done(command('sleep 60\nnote late'));
    await helper('DELETE', '/runCommands/job');
    await done(helper('POST', '/restart'));
    await sleep(900);
    expect(notes()).toEqual([]);
  });

  test('a run command waits for an agent that comes, and then runs', async () => {
    await begin(['run-command-agent-ready']);
    await done(helper('POST', '/restart'));
    expect((await command('note hello')).status).toBe(201);
    expect((await ended()).executionState).toBe('Succeeded');
    expect(notes()).toEqual(['hello']);
  });
});

test.each([
  ['swap-managed-only', "the rule 'swap-managed-only' is documented, not guessed"],
  ['nonsense', "there is no rule 'nonsense'"],
  ['toString', "there is no rule 'toString'"],
])('%s cannot be flipped', async (id, message) => {
  await expect(begin([id])).rejects.toThrow(message);
});

test('the control surface says what is flipped', async () => {
  await begin(['nic-name']);
  expect(await (await fetch(`${azure.simulator.adminUrl}/rules`)).json()).toMatchObject({ flipped: ['nic-name'] });
});
