/** The recorded turns of the real host against our replay (conformance/host/turns.ts), scenario by scenario. */
import { describe, expect, test } from '@jest/globals';
import { readRecordings } from '../../conformance/host/recordings.ts';
import { type Compared, compareEnds, compareRefusals, compareTurns, decide, UNSUPPORTED } from '../../conformance/host/turns.ts';
import { EventType } from '../../host/history.ts';

const all = readRecordings();
const recordings = all.filter(({ name }) => !UNSUPPORTED.includes(name));
const named = recordings.map(recording => [recording.name, recording] as const);

function expectSame(compared: Compared[]): void {
  for (const { told, expected, actual } of compared) expect({ told, what: actual }).toEqual({ told, what: expected });
}

describe('turns of the real host', () => {
  test.each(named)('%s', (_, recording) => expectSame(compareTurns(recording)));

  test.each(named)('%s: the end of each instance', (_, recording) => expectSame(compareEnds(recording)));

  test('an action that this host does not have fails the orchestration by name', () => {
    const compared = all.flatMap(compareRefusals);
    expectSame(compared);
    expect(all.length === 0 || compared.length > 20).toBe(true);
  });
});

test('events behind a continueAsNew in its turn go to the next generation, those before it are lost', () => {
  const turns = recordings.find(({ name }) => name === 'continue-as-new')?.turns ?? [];
  const carried = turns.flatMap((turn, index) => {
    const decision = decide(turn).decisions.find(({ kind }) => kind === 'continueAsNew');
    const next = turns.slice(index + 1).find(({ instanceId }) => instanceId === turn.instanceId);
    if (decision?.kind !== 'continueAsNew' || !next) return [];
    const inNext = next.input.history.filter(event => event.EventType === EventType.EventRaised);
    expect(decision.carryOver.map(({ Name, Input }) => [Name, Input])).toEqual(inNext.map(({ Name, Input }) => [Name, Input]));
    expect(decision.input === null ? null : JSON.parse(decision.input)).toEqual(next.input.input);
    return inNext;
  });
  expect([0, 7]).toContain(carried.length);
});

test('there is something to compare with, or a notice was printed', () => {
  const compared = recordings.flatMap(compareTurns).length;
  expect(recordings.length === 0 || compared > 200).toBe(true);
});
