/**
 * The recorded turns of the real host, turn by turn: given a turn's history and the SDK's answer, our replay must decide what the real
 * extension wrote into the history of the next turn.
 */
import type { Decision } from '../../host/decisions.ts';
import { EventType, type HistoryEvent } from '../../host/history.ts';
import { returnedOutcome, thrownOutcome } from '../../host/protocol.ts';
import { replayTurn, type TurnResult } from '../../host/replay.ts';
import type { RecordedTurn, Recording } from './recordings.ts';

/** Scenarios about actions that this host refuses, and the one where Azure hangs and this host fails. */
export const UNSUPPORTED = ['retry', 'rewind', 'sub-orchestrations', 'terminate-sub', 'unknown-functions'];

/** Actions that this host refuses, as it names them. */
const REFUSED_ACTIONS: Record<number, string> = {
  1: 'callActivityWithRetry',
  2: 'callSubOrchestrator',
  3: 'callSubOrchestratorWithRetry',
  8: 'callHttp',
  13: 'lock',
  14: 'ReleaseEntities',
};

/** A comparison: equal, or not as it should be. */
export interface Compared {
  /** Instance and moment. */
  told: string;
  expected: unknown;
  actual: unknown;
}

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

/** Names of the refused actions in a turn's answer, in their order. */
function refusedActions(result: unknown): string[] {
  const types = [...JSON.stringify(result).matchAll(/"actionType":(\d+)/g)].map(match => Number(match[1]));
  return types.flatMap(type => REFUSED_ACTIONS[type] ?? []);
}

export function decide(turn: RecordedTurn): TurnResult {
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

/** What each turn decided, against what the next one's history says. */
export function compareTurns(recording: Recording): Compared[] {
  return consecutive(recording).flatMap(([turn, next]) => {
    if (refusedActions(turn.result).length > 0) return [];
    const added = next.input.history.slice(turn.input.history.length);
    const end = added.findIndex(
      ({ EventType: type }) => type === EventType.OrchestratorStarted || type === EventType.OrchestratorCompleted,
    );
    const told = `${turn.instanceId} at ${turn.t}`;
    return [{ told, expected: added.slice(0, end).map(asRecorded), actual: decide(turn).decisions.map(asEvent) }];
  });
}

/** How each instance ended, against the status that the real host told. */
export function compareEnds(recording: Recording): Compared[] {
  return recording.requests.flatMap(({ request, response, t: recordedAt }) => {
    const [, id] = /\/instances\/([^/?]+)\?code/.exec(request.path) ?? [];
    const turn = recording.turns.findLast(({ instanceId, t }) => instanceId === decodeURIComponent(id ?? '') && t <= recordedAt);
    if (request.method !== 'GET' || !turn || response.status !== 200 || refusedActions(turn.result).length > 0) return [];
    const body = statusOf(response.body);
    const complete = decide(turn).decisions.find(decision => decision.kind === 'complete');
    const output = complete?.status === 'Completed' ? JSON.parse(complete.result ?? 'null') : (complete?.result ?? null);
    const told = turn.instanceId;
    const expected = { status: body.runtimeStatus, output: withoutDetails(body.output ?? null) };
    return [{ told, expected, actual: { status: complete?.status, output: withoutDetails(output) } }];
  });
}

function statusOf(body: unknown): { runtimeStatus?: unknown; output?: unknown } {
  return typeof body === 'object' && body !== null ? body : {};
}

/** Turns whose answer holds an action that this host refuses: it must fail the orchestration, and say which. */
export function compareRefusals(recording: Recording): Compared[] {
  return recording.turns.flatMap(turn => {
    const [first] = refusedActions(turn.result);
    if (first === undefined) return [];
    const failed = decide(turn).decisions.find(decision => decision.kind === 'complete');
    const said = /the action (\w+)( \(\w+\))? is not supported/.exec(failed?.result ?? '');
    const told = `${turn.instanceId} at ${turn.t}`;
    return [
      { told, expected: { status: 'Failed', refused: first }, actual: { status: failed?.status, refused: said?.[1] ?? failed?.result } },
    ];
  });
}
