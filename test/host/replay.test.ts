/**
 * The recorded turns of the real host, turn by turn: given a turn's history and the SDK's answer, our replay must decide what the real
 * extension wrote into the history of the next turn.
 */
import { describe, expect, test } from '@jest/globals';
import type { Decision } from '../../host/decisions.ts';
import { EventType, type HistoryEvent } from '../../host/history.ts';
import { returnedOutcome, thrownOutcome } from '../../host/protocol.ts';
import { replayTurn, type TurnResult } from '../../host/replay.ts';
import { type RecordedTurn, type Recording, readRecordings } from './recordings.ts';

/** Scenarios about actions that this host refuses, and the one where Azure hangs and this host fails. */
const UNSUPPORTED = ['retry', 'rewind', 'sub-orchestrations', 'terminate-sub', 'unknown-functions'];
const REFUSED_ACTIONS = new Set([1, 2, 3, 8, 13, 14]);

const recordings = readRecordings().filter(({ name }) => !UNSUPPORTED.includes(name));

function executionOf(turn: RecordedTurn): string {
  const started = turn.input.history.find(event => event.EventType === EventType.ExecutionStarted);
  return started?.OrchestrationInstance.ExecutionId ?? '';
}

/** Pairs of consecutive turns of one execution. */
function consecutive(recording: Recording): [RecordedTurn, RecordedTurn][] {
  const last = new Map<string, RecordedTurn>();
  const pairs: [RecordedTurn, RecordedTurn][] = [];
  for (const turn of recording.turns) {
    const before = last.get(executionOf(turn));
    if (before && before.turnsLeftOutAfterThis === undefined) pairs.push([before, turn]);
    last.set(executionOf(turn), turn);
  }
  return pairs;
}

function hasRefusedAction(json: string): boolean {
  return [...json.matchAll(/"actionType":(\d+)/g)].some(match => REFUSED_ACTIONS.has(Number(match[1])));
}

function decide(turn: RecordedTurn): TurnResult {
  const { outOfProcData, threw } = turn.result;
  const thrownText = `false\n\n$OutOfProcData$:${JSON.stringify(outOfProcData)}`;
  return replayTurn({
    name: turn.function,
    instanceId: turn.instanceId,
    executionId: executionOf(turn),
    history: turn.input.history,
    outcome: threw ? thrownOutcome(new Error(thrownText)) : returnedOutcome(JSON.stringify(turn.result)),
    missing: () => undefined,
  });
}

/** The serialised .NET exception behind an activity's message is cut in the recordings at other places than in the turns. */
function withoutDetails(output: unknown): unknown {
  return typeof output === 'string' ? output.replace(/ \n \{"\$type".*$/s, '') : output;
}

/** What a decision looks like in the history, without times. */
function asEvent(decision: Decision): unknown {
  switch (decision.kind) {
    case 'scheduleTask':
      return { EventType: EventType.TaskScheduled, EventId: decision.id, Name: decision.name };
    case 'createTimer':
      return { EventType: EventType.TimerCreated, EventId: decision.id, FireAt: Date.parse(decision.fireAt) };
    case 'sendEvent':
      return { EventType: EventType.EventSent, EventId: decision.id, InstanceId: decision.target, op: decision.request.op };
    default:
      return decision;
  }
}

function asRecorded(event: HistoryEvent): unknown {
  switch (event.EventType) {
    case EventType.TaskScheduled:
      return { EventType: event.EventType, EventId: event.EventId, Name: event.Name };
    case EventType.TimerCreated:
      return { EventType: event.EventType, EventId: event.EventId, FireAt: Date.parse(event.FireAt) };
    case EventType.EventSent:
      return { EventType: event.EventType, EventId: event.EventId, InstanceId: event.InstanceId, op: JSON.parse(event.Input).op };
    default:
      return event;
  }
}

describe('turns of the real host', () => {
  test.each(recordings.map(recording => [recording.name, recording] as const))('%s', (_, recording) => {
    for (const [turn, next] of consecutive(recording)) {
      if (hasRefusedAction(JSON.stringify(turn.result))) continue;
      const added = next.input.history.slice(turn.input.history.length);
      const end = added.findIndex(
        event => event.EventType === EventType.OrchestratorStarted || event.EventType === EventType.OrchestratorCompleted,
      );
      const told = `${turn.instanceId} at ${turn.t}`;
      expect({ told, decided: decide(turn).decisions.map(asEvent) }).toEqual({ told, decided: added.slice(0, end).map(asRecorded) });
    }
  });

  test.each(recordings.map(recording => [recording.name, recording] as const))('%s: the end of each instance', (_, recording) => {
    for (const { request, response, t: recordedAt } of recording.requests) {
      const [, id] = /\/instances\/([^/?]+)\?code/.exec(request.path) ?? [];
      const turn = recording.turns.findLast(({ instanceId, t }) => instanceId === decodeURIComponent(id ?? '') && t <= recordedAt);
      const body = response.body as { runtimeStatus?: string; output?: unknown } | null;
      if (request.method !== 'GET' || !turn || response.status !== 200 || hasRefusedAction(JSON.stringify(turn.result))) continue;
      const complete = decide(turn).decisions.find(decision => decision.kind === 'complete');
      const output = complete?.status === 'Completed' ? JSON.parse(complete.result ?? 'null') : (complete?.result ?? null);
      const told = turn.instanceId;
      const recorded = { told, status: body?.runtimeStatus, output: withoutDetails(body?.output ?? null) };
      expect({ told, status: complete?.status, output: withoutDetails(output) }).toEqual(recorded);
    }
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
  const compared = recordings.reduce((sum, recording) => sum + consecutive(recording).length, 0);
  expect(recordings.length === 0 || compared > 200).toBe(true);
});
