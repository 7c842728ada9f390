/** How an instance and its history look from outside, as the extension's HTTP API shows them (recorded in status-history.jsonl). */
import type { EntityState } from './entities.ts';
import { EventType, type HistoryEvent, type TaskScheduled } from './history.ts';
import type { Instance } from './store.ts';

export interface StatusView {
  name: string;
  instanceId: string;
  runtimeStatus: string;
  input: unknown;
  customStatus: unknown;
  output: unknown;
  /** Whole seconds. */
  createdTime: string;
  lastUpdatedTime: string;
  historyEvents?: Record<string, unknown>[];
}

export function statusView(instance: Instance, showInput: boolean): StatusView {
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: showInput ? parsed(instance.input) : null,
    customStatus: parsed(instance.customStatus),
    output: parsed(instance.output),
    createdTime: wholeSeconds(instance.created),
    lastUpdatedTime: wholeSeconds(instance.updated),
  };
}

/** An entity appears among the instances as one that runs for ever. */
export function entityView(entity: EntityState, showInput: boolean): StatusView {
  return {
    name: entity.id,
    instanceId: entity.id,
    runtimeStatus: 'Running',
    input: showInput ? { exists: true, state: entity.state, sorter: {} } : null,
    customStatus: { entityExists: true },
    output: null,
    createdTime: wholeSeconds(entity.created),
    lastUpdatedTime: wholeSeconds(entity.updated),
  };
}

const EVENT_NAMES = new Map<number, string>(Object.entries(EventType).map(([name, number]) => [number, name]));

export function historyView(history: readonly HistoryEvent[], showInput: boolean, showOutput: boolean): Record<string, unknown>[] {
  const scheduled = new Map<number, TaskScheduled>();
  const finished = new Set<number>();
  for (const event of history) {
    if (event.EventType === EventType.TaskScheduled) scheduled.set(event.EventId, event);
    if (event.EventType === EventType.TaskCompleted || event.EventType === EventType.TaskFailed) finished.add(event.TaskScheduledId);
  }
  return history.flatMap(event => {
    if (event.EventType === EventType.OrchestratorStarted || event.EventType === EventType.OrchestratorCompleted) return [];
    // A task that has ended is told by its end alone.
    if (event.EventType === EventType.TaskScheduled && finished.has(event.EventId)) return [];
    const shown = eventView(event, showOutput, scheduled);
    if (!showInput) delete shown.Input;
    return [{ EventType: EVENT_NAMES.get(event.EventType), ...shown }];
  });
}

function eventView(event: HistoryEvent, showOutput: boolean, scheduled: Map<number, TaskScheduled>): Record<string, unknown> {
  const { Timestamp } = event;
  switch (event.EventType) {
    case EventType.ExecutionStarted: {
      const { Input, Correlation, ParentTraceContext, ScheduledStartTime, Generation, GenerateNewTrace, Name } = event;
      return { Input, Correlation, ParentTraceContext, ScheduledStartTime, Generation, GenerateNewTrace, Timestamp, FunctionName: Name };
    }
    case EventType.TaskCompleted: {
      const result = showOutput ? { Result: parsed(event.Result) } : {};
      return { ...result, Timestamp, ...taskFields(scheduled.get(event.TaskScheduledId)) };
    }
    case EventType.TaskFailed: {
      const { Reason, Details, FailureDetails } = event;
      return { Reason, Details, FailureDetails, Timestamp, ...taskFields(scheduled.get(event.TaskScheduledId)) };
    }
    case EventType.ExecutionCompleted: {
      const { OrchestrationStatus, Result, FailureDetails } = event;
      const value = OrchestrationStatus === 'Completed' ? parsed(Result) : Result;
      return { OrchestrationStatus, ...(showOutput ? { Result: value } : {}), FailureDetails, Timestamp };
    }
    case EventType.TimerFired:
      return { FireAt: event.FireAt, Timestamp };
    case EventType.TaskScheduled: {
      const { Name, Input, ParentTraceContext, Tags } = event;
      return { Name, Input, ParentTraceContext, Tags, Timestamp };
    }
    default: {
      const { EventType: _type, EventId: _id, IsPlayed: _played, ...fields } = event;
      return fields;
    }
  }
}

function taskFields(task: TaskScheduled | undefined): Record<string, unknown> {
  return task ? { ScheduledTime: task.Timestamp.replace(/Z$/, '+00:00'), FunctionName: task.Name, Input: null } : {};
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}

function wholeSeconds(iso: string): string {
  return `${iso.slice(0, 19)}Z`;
}
