/** Orchestration turns: takes an instance's new messages, asks the orchestrator, stores what follows. One turn is one transaction. */
import { randomUUID } from 'node:crypto';
import type { Decision, EntityRequest } from './decisions.ts';
import { EventType, executionStarted, type HistoryEvent, messageFields } from './history.ts';
import type { Invoker } from './invoke.ts';
import { errorText, type Logger } from './logger.ts';
import { type OrchestratorOutcome, returnedOutcome, thrownOutcome } from './protocol.ts';
import type { Registry } from './registry.ts';
import { replayTurn, type TurnResult } from './replay.ts';
import { hasEnded, type InboxMessage, type Instance, type Store, type StoredHistory } from './store.ts';

export interface TurnServices {
  store: Store;
  registry: Registry;
  invoker: Invoker;
  logger: Logger;
  /** Called inside the transaction. */
  sendToEntity(entityId: string, request: EntityRequest): void;
  /** Called after the transaction: new tasks or timers are stored. */
  scheduled(): void;
}

interface Turn {
  instance: Instance;
  /** The whole history; what is new in this turn begins at `newFrom`. */
  history: HistoryEvent[];
  /** The same as JSON text. */
  historyJson: string;
  newFrom: number;
  messages: InboxMessage[];
}

/** Takes one turn of the instance. True when it has another one to take. */
export async function takeTurn(services: TurnServices, instanceId: string): Promise<boolean> {
  const { store } = services;
  const turn = beginTurn(store, instanceId);
  if (!turn) return false;
  const outcome = await askOrchestrator(services, turn);
  const { instance, history } = turn;
  const result = replayTurn({
    name: instance.name,
    instanceId,
    executionId: instance.executionId,
    history,
    outcome,
    missing: (kind, name) => (services.registry.find(kind, name) ? undefined : services.registry.unknownFunction(kind, name)),
  });
  store.transaction(() => {
    // It may have been purged, or purged and started anew, while its code ran.
    if (store.instance(instanceId)?.executionId === instance.executionId) commitTurn(services, turn, result);
  });
  logEnd(services.logger, instance, result);
  services.scheduled();
  return store.instance(instanceId)?.fresh === true || store.inbox(instanceId).length > 0;
}

function beginTurn(store: Store, instanceId: string): Turn | undefined {
  const instance = store.instance(instanceId);
  if (!instance || hasEnded(instance.status)) {
    store.clearInbox(instanceId);
    return undefined;
  }
  const past = store.storedHistory(instanceId);
  if (instance.fresh) return { ...turnOf(instance, past, []), newFrom: 0, messages: [] };
  const messages = firstBatch(store.inbox(instanceId));
  if (messages.length === 0) return undefined;
  const started: HistoryEvent = { EventType: EventType.OrchestratorStarted, ...messageFields(new Date().toISOString()) };
  return { ...turnOf(instance, past, [started, ...messages.map(message => message.event)]), newFrom: past.events.length, messages };
}

function turnOf(instance: Instance, past: StoredHistory, added: HistoryEvent[]): Pick<Turn, 'instance' | 'history' | 'historyJson'> {
  const texts = [...(past.json === '' ? [] : [past.json]), ...added.map(event => JSON.stringify(event))];
  return { instance, history: [...past.events, ...added], historyJson: `[${texts.join(',')}]` };
}

/** A raised event is the first of its turn, so that what comes behind it is still in the inbox when the instance continues as new. */
function firstBatch(messages: InboxMessage[]): InboxMessage[] {
  const nextRaised = messages.findIndex((message, index) => index > 0 && message.event.EventType === EventType.EventRaised);
  return nextRaised < 0 ? messages : messages.slice(0, nextRaised);
}

async function askOrchestrator({ registry, invoker }: TurnServices, turn: Turn): Promise<OrchestratorOutcome> {
  const { instance, history, historyJson } = turn;
  const appFunction = registry.find('orchestrator', instance.name);
  if (!appFunction) return { kind: 'crash', message: registry.unknownFunction('orchestrator', instance.name) };
  const started = history.find(event => event.EventType === EventType.ExecutionStarted);
  const trigger = {
    input: started && started.Input !== null ? JSON.parse(started.Input) : null,
    instanceId: instance.id,
    isReplaying: turn.newFrom > 0,
    parentInstanceId: null,
    sourceInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  };
  const input = { string: `{"history":${historyJson},${JSON.stringify(trigger).slice(1)}` };
  try {
    const response = await invoker.invoke({ appFunction, input, triggerMetadata: {} });
    return returnedOutcome(response.returnValue?.json);
  } catch (error) {
    return thrownOutcome(error);
  }
}

function commitTurn(services: TurnServices, turn: Turn, result: TurnResult): void {
  const { store } = services;
  const { instance } = turn;
  const now = new Date().toISOString();
  for (const message of turn.messages) store.deleteMessage(message.rowId);
  const next = nextInstance(turn, result, now);
  store.putInstance(next);

  const continued = result.decisions.find(decision => decision.kind === 'continueAsNew');
  if (continued) {
    store.clearHistory(instance.id);
    store.appendHistory(instance.id, 0, [
      { EventType: EventType.OrchestratorStarted, ...messageFields(now) },
      executionStarted(instance.name, instance.id, next.executionId, continued.input, null, now),
      ...continued.carryOver.map(event => ({ ...event, IsPlayed: true })),
      { EventType: EventType.OrchestratorCompleted, ...messageFields(now) },
    ]);
  } else {
    const played = turn.history.slice(turn.newFrom).map(markPlayed);
    const appended = result.decisions.flatMap(decision => scheduledEvent(decision, now));
    const events = [...played, ...appended];
    // A fresh generation's history already ends so, and needs no second one.
    if (events.at(-1)?.EventType !== EventType.OrchestratorCompleted) {
      events.push({ EventType: EventType.OrchestratorCompleted, ...messageFields(now) });
    }
    if (instance.fresh) store.clearHistory(instance.id);
    store.appendHistory(instance.id, turn.newFrom, events);
  }
  for (const decision of result.decisions) carryOut(services, instance, decision, now);
  if (hasEnded(next.status)) store.clearInbox(instance.id);
}

/** What a turn has processed counts as played from the next turn on, but not its OrchestratorStarted nor what it adds itself (recorded). */
function markPlayed(event: HistoryEvent): HistoryEvent {
  return event.EventType === EventType.OrchestratorStarted ? event : { ...event, IsPlayed: true };
}

function nextInstance(turn: Turn, result: TurnResult, now: string): Instance {
  const { instance } = turn;
  // A generation's first turn belongs to the turn that continued as new, and keeps the status that was set there.
  const customStatus = instance.fresh ? (result.customStatus ?? instance.customStatus) : result.customStatus;
  const running = { ...instance, customStatus, updated: now, fresh: false };
  const last = result.decisions.find(decision => decision.kind === 'complete' || decision.kind === 'continueAsNew');
  if (last?.kind === 'continueAsNew') {
    const executionId = randomUUID().replaceAll('-', '');
    return { ...running, executionId, status: 'Running', input: last.input ?? instance.input, created: now, fresh: true };
  }
  if (last?.kind === 'complete') {
    const isJson = last.status === 'Completed' || last.result === null;
    return { ...running, status: last.status, output: isJson ? last.result : JSON.stringify(last.result) };
  }
  const paused = turn.messages.map(message => message.event).findLast(isPause);
  const output = paused ? (paused.Reason === null ? null : JSON.stringify(paused.Reason)) : instance.output;
  return { ...running, status: result.suspended ? 'Suspended' : 'Running', output };
}

type Pause = Extract<HistoryEvent, { Reason: string | null; EventType: 19 | 20 }>;
function isPause(event: HistoryEvent): event is Pause {
  return event.EventType === EventType.ExecutionSuspended || event.EventType === EventType.ExecutionResumed;
}

/** What a decision leaves in the history. */
function scheduledEvent(decision: Decision, now: string): HistoryEvent[] {
  const fields = { EventId: decision.id, IsPlayed: false, Timestamp: now };
  switch (decision.kind) {
    case 'scheduleTask': {
      const { name } = decision;
      return [
        { EventType: EventType.TaskScheduled, Name: name, Version: '', Input: null, ParentTraceContext: null, Tags: null, ...fields },
      ];
    }
    case 'createTimer':
      return [{ EventType: EventType.TimerCreated, FireAt: decision.fireAt, ...fields }];
    case 'sendEvent': {
      const input = JSON.stringify(decision.request);
      return [{ EventType: EventType.EventSent, InstanceId: decision.target, Name: 'op', Input: input, ...fields }];
    }
    case 'complete': {
      const { status, result } = decision;
      return [{ EventType: EventType.ExecutionCompleted, OrchestrationStatus: status, Result: result, FailureDetails: null, ...fields }];
    }
    case 'continueAsNew':
      return [];
  }
}

function carryOut({ store, sendToEntity }: TurnServices, instance: Instance, decision: Decision, now: string): void {
  const { id: instanceId, executionId } = instance;
  if (decision.kind === 'scheduleTask') {
    const input = JSON.stringify(decision.input ?? null);
    store.addTask({ instanceId, executionId, taskId: decision.id, name: decision.name, input });
  } else if (decision.kind === 'createTimer') {
    const { id, fireAt } = decision;
    const fired = { EventType: EventType.TimerFired, TimerId: id, FireAt: fireAt, ...messageFields(now) };
    store.addTimer(instanceId, executionId, Date.parse(fireAt), fired);
  } else if (decision.kind === 'sendEvent') {
    sendToEntity(decision.target, decision.request);
  }
}

function logEnd(logger: Logger, instance: Instance, { decisions }: TurnResult): void {
  const end = decisions.find(decision => decision.kind === 'complete');
  if (!end) return;
  const fields = { instanceId: instance.id, orchestrator: instance.name, status: end.status };
  if (end.status === 'Failed') logger.error({ ...fields, reason: errorText(end.result) }, 'orchestration failed');
  else logger.info(fields, 'orchestration ended');
}
