/**
 * The extension's side of a turn. The SDK answers with the whole list of actions since the generation began; the extension replays that
 * list against the history, as its OutOfProcOrchestrationShim and DTFx's TaskOrchestrationContext do, and what the history does not
 * hold yet is new. The rules that follow from it: top-level actions are taken one after another and each is awaited whole; ids are given in
 * that order; an instance ends only when no task is open; a history that does not fit the actions is non-determinism.
 */
import { type Awaitable, DONE, ExternalEvents, Leaf } from './awaitables.ts';
import { checkDeterminism, type Decision, type EntityRequest, NonDeterminism, type ScheduledKind } from './decisions.ts';
import { deterministicGuid, roundTripTime } from './guid.ts';
import { type EventRaised, EventType, type HistoryEvent, type OrchestrationEndStatus } from './history.ts';
import { type Action, ActionType, type OrchestratorOutcome } from './protocol.ts';
import { continueAsNewInput, customStatusText, withoutType } from './values.ts';

export interface TurnResult {
  decisions: Decision[];
  /** JSON text, or null when this turn's code set none. */
  customStatus: string | null;
  suspended: boolean;
}

export interface ReplayInput {
  /** The orchestrator's name as the instance was started with. */
  name: string;
  instanceId: string;
  executionId: string;
  history: HistoryEvent[];
  outcome: OrchestratorOutcome;
  /** Complaint about a function that an action names, or undefined when it exists. */
  missing(kind: 'activity' | 'entity', name: string): string | undefined;
}

/** Timers longer than this are cut into legs; both as in Azure Storage's provider. */
const MAX_TIMER_MS = 6 * 86_400_000;
const TIMER_LEG_MS = 3 * 86_400_000;

/** Something that this host refuses where Azure would do it, or would hang. */
class Refusal extends Error {}

class Replay {
  readonly #input: ReplayInput;
  readonly #pending = new Map<number, Decision>();
  readonly #open = new Map<number, () => void>();
  readonly #events = new ExternalEvents();
  readonly #whileSuspended: HistoryEvent[] = [];
  readonly #withheld = new Map<number, Decision>();
  readonly #carryOver: EventRaised[] = [];
  #actions: Action[] = [];
  #nextAction = 0;
  #current: Awaitable = DONE;
  #nextId = 0;
  #guids = 0;
  #now = '';
  #suspended = false;
  #terminated = false;
  #continueAsNew: { input: string | null } | undefined;
  #customStatus: string | null = null;
  /** How the orchestrator's code ended; undefined while it waits. */
  #ended: { error: string } | { output: string | null } | undefined;

  constructor(input: ReplayInput) {
    this.#input = input;
  }

  run(): TurnResult {
    try {
      for (const event of this.#input.history) this.#process(event);
      if (this.#open.size === 0 && this.#ended) this.#complete(this.#ended);
      else this.#refuseToHang();
    } catch (error) {
      if (error instanceof NonDeterminism) {
        this.#end('Failed', `Non-Deterministic workflow detected: ${error.message}`);
      } else if (error instanceof Refusal) {
        this.#pending.clear();
        this.#end('Failed', `Orchestrator function '${this.#input.name}' failed: ${error.message}`);
      } else throw error;
    }
    const decisions = [...this.#pending.values()].sort((a, b) => a.id - b.id);
    return { decisions, customStatus: this.#customStatus, suspended: this.#suspended };
  }

  #process(event: HistoryEvent): void {
    if (event.EventType === EventType.OrchestratorStarted) {
      this.#now = event.Timestamp;
      return;
    }
    const passesSuspension = event.EventType === EventType.ExecutionResumed || event.EventType === EventType.ExecutionTerminated;
    if (this.#suspended && !passesSuspension) {
      if (event.EventType !== EventType.ExecutionSuspended) this.#whileSuspended.push(event);
      return;
    }
    switch (event.EventType) {
      case EventType.ExecutionStarted:
        this.#execute();
        return;
      case EventType.TaskScheduled:
        this.#confirm(event.EventId, 'scheduleTask', event.Name);
        return;
      case EventType.TimerCreated:
        this.#confirm(event.EventId, 'createTimer', '');
        return;
      case EventType.EventSent:
        this.#confirm(event.EventId, 'sendEvent', event.InstanceId);
        return;
      case EventType.TaskCompleted:
      case EventType.TaskFailed:
        this.#settle(event.TaskScheduledId);
        return;
      case EventType.TimerFired:
        this.#settle(event.TimerId);
        return;
      case EventType.EventRaised:
        this.#raise(event);
        return;
      case EventType.ExecutionTerminated:
        this.#end('Terminated', event.Input);
        return;
      case EventType.ExecutionSuspended:
        this.#suspend();
        return;
      case EventType.ExecutionResumed:
        this.#resume();
        return;
    }
  }

  #execute(): void {
    const { outcome } = this.#input;
    if (outcome.kind === 'crash') {
      this.#ended = { error: outcome.message };
      return;
    }
    const customStatus = customStatusText(outcome.customStatus);
    if (customStatus.tooLarge !== undefined) {
      this.#ended = { error: customStatus.tooLarge };
      return;
    }
    this.#customStatus = customStatus.text;
    this.#actions = outcome.actions;
    this.#advance();
  }

  /** Takes the next actions as long as the one before is done; at the end of the list the code's own end counts. */
  #advance(): void {
    const { outcome } = this.#input;
    if (outcome.kind === 'crash' || this.#ended) return;
    while (this.#current.isDone()) {
      const action = this.#actions[this.#nextAction];
      if (action === undefined) {
        if (outcome.error !== undefined) this.#ended = { error: outcome.error };
        else if (outcome.isDone) this.#ended = { output: JSON.stringify(withoutType(outcome.output) ?? null) };
        return;
      }
      this.#nextAction += 1;
      this.#current = this.#start(action);
    }
  }

  #start(action: Action): Awaitable {
    switch (action.actionType) {
      case ActionType.CallActivity:
        return this.#startActivity(action.functionName, action.input);
      case ActionType.CreateTimer:
        return this.#startTimer(action.fireAt, action.isCanceled);
      case ActionType.WaitForExternalEvent:
        return this.#events.wait(action.externalEventName);
      case ActionType.CallEntity:
        return this.#events.wait(this.#sendToEntity(action.instanceId, action.operation, action.input, false));
      case ActionType.SignalEntity:
        this.#sendToEntity(action.instanceId, action.operation, action.input, true);
        return DONE;
      case ActionType.ContinueAsNew:
        this.#continueAsNew = { input: continueAsNewInput(action.input) };
        return DONE;
      case ActionType.WhenAll: {
        const parts = action.compoundActions.map(part => this.#start(part));
        return { isDone: () => parts.every(part => part.isDone()) };
      }
      case ActionType.WhenAny: {
        const parts = action.compoundActions.map(part => this.#start(part));
        return { isDone: () => parts.some(part => part.isDone()) };
      }
      case 'unsupported':
        throw new Refusal(`the action ${action.name} is not supported by the embedded host`);
    }
  }

  #startActivity(name: string, input: unknown): Awaitable {
    // Azure swallows this complaint and the instance then hangs for ever, silently.
    this.#refuseMissing('activity', name);
    const leaf = new Leaf();
    const id = this.#nextId++;
    this.#pending.set(id, { kind: 'scheduleTask', id, name, input });
    this.#open.set(id, () => {
      leaf.done = true;
    });
    return leaf;
  }

  #startTimer(fireAt: string, isCanceled: boolean): Awaitable {
    const leaf = new Leaf();
    const due = Date.parse(fireAt);
    const isLong = due - Date.parse(this.#now) > MAX_TIMER_MS;
    const leg = (): void => {
      const id = this.#nextId++;
      const end = isLong && due - Date.parse(this.#now) >= TIMER_LEG_MS ? Date.parse(this.#now) + TIMER_LEG_MS : due;
      this.#pending.set(id, { kind: 'createTimer', id, fireAt: new Date(end).toISOString() });
      if (isCanceled) {
        leaf.done = true;
        return;
      }
      this.#open.set(id, () => {
        if (isLong && Date.parse(this.#now) < due) leg();
        else leaf.done = true;
      });
    };
    leg();
    return leaf;
  }

  /** Returns the request's id, which is also the name of the event that answers it. */
  #sendToEntity(target: string, op: string, input: unknown, isSignal: boolean): string {
    this.#refuseMissing('entity', target.split('@')[1] ?? target);
    const { instanceId, executionId } = this.#input;
    const guid = deterministicGuid(`${instanceId}_${roundTripTime(this.#now)}_${this.#guids++}`);
    const request: EntityRequest = { op, id: guid, parent: instanceId, parentExecution: executionId };
    if (isSignal) request.signal = true;
    if (input !== undefined && input !== null) request.input = JSON.stringify(input);
    const id = this.#nextId++;
    this.#pending.set(id, { kind: 'sendEvent', id, target, request });
    return guid;
  }

  /** Code that has not ended and waits for nothing never goes on; Azure leaves such an instance Running for ever (it throws undefined, say). */
  #refuseToHang(): void {
    const waits = this.#open.size > 0 || this.#events.isAwaited();
    if (waits || this.#ended || this.#terminated || this.#suspended) return;
    throw new Refusal('it has not ended and waits for nothing, so on Azure it would hang (did it throw undefined?)');
  }

  #refuseMissing(kind: 'activity' | 'entity', name: string): void {
    const complaint = this.#input.missing(kind, name);
    if (complaint !== undefined) throw new Refusal(complaint);
  }

  #settle(id: number): void {
    const resolve = this.#open.get(id);
    if (!resolve) return; // a cancelled timer, or a duplicate
    this.#open.delete(id);
    resolve();
    this.#advance();
  }

  #raise(event: EventRaised): void {
    if (this.#continueAsNew) {
      this.#carryOver.push(event);
      return;
    }
    this.#events.raise(event.Name);
    this.#advance();
  }

  #suspend(): void {
    this.#suspended = true;
    for (const [id, decision] of this.#pending) this.#withheld.set(id, decision);
    this.#pending.clear();
  }

  #resume(): void {
    this.#suspended = false;
    for (const [id, decision] of this.#withheld) this.#pending.set(id, decision);
    this.#withheld.clear();
    for (const event of this.#whileSuspended.splice(0)) this.#process(event);
  }

  /** The history says that a decision with this id was taken before; the replay must have taken it too. */
  #confirm(id: number, kind: ScheduledKind, name: string): void {
    checkDeterminism(this.#pending.get(id), id, kind, name);
    this.#pending.delete(id);
  }

  #complete(ended: { error: string } | { output: string | null }): void {
    if ('error' in ended) this.#end('Failed', `Orchestrator function '${this.#input.name}' failed: ${ended.error}`);
    else if (this.#continueAsNew && !this.#terminated) {
      const id = this.#nextId++;
      this.#pending.set(id, { kind: 'continueAsNew', id, input: this.#continueAsNew.input, carryOver: this.#carryOver });
    } else this.#end('Completed', ended.output);
  }

  #end(status: OrchestrationEndStatus, result: string | null): void {
    const id = this.#nextId++;
    if (this.#terminated) return;
    this.#terminated = true;
    this.#pending.set(id, { kind: 'complete', id, status, result });
  }
}

/** Replays one turn: history (the turn's new events at its end) and the SDK's answer in, decisions that are new out. */
export function replayTurn(input: ReplayInput): TurnResult {
  return new Replay(input).run();
}
