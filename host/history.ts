/**
 * History events as the durable-functions JSON protocol carries them (PascalCase, numeric EventType).
 * Shapes as recorded on the real host (extension 3.19); see /work/shared/reference/durable-protocol.md.
 */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;

interface EventBase {
  /** The task's sequence number for scheduled events, -1 for messages. */
  EventId: number;
  IsPlayed: boolean;
  /** ISO 8601, UTC. */
  Timestamp: string;
}

export interface ExecutionStarted extends EventBase {
  EventType: typeof EventType.ExecutionStarted;
  OrchestrationInstance: { InstanceId: string; ExecutionId: string };
  ParentInstance: null;
  Name: string;
  Version: string | null;
  /** JSON text, or null when no input was given. */
  Input: string | null;
  Tags: null;
  Correlation: null;
  ParentTraceContext: null;
  ScheduledStartTime: null;
  /** 0 for an id's first execution, one more each time the id is started anew, null after continueAsNew (recorded). */
  Generation: number | null;
  GenerateNewTrace: boolean;
}

export type OrchestrationEndStatus = 'Completed' | 'Failed' | 'Terminated';

export interface ExecutionCompleted extends EventBase {
  EventType: typeof EventType.ExecutionCompleted;
  OrchestrationStatus: OrchestrationEndStatus;
  /** JSON text when Completed, plain text when Failed or Terminated. */
  Result: string | null;
  FailureDetails: null;
}

export interface ExecutionTerminated extends EventBase {
  EventType: typeof EventType.ExecutionTerminated;
  /** The reason, plain text. */
  Input: string | null;
}

export interface TaskScheduled extends EventBase {
  EventType: typeof EventType.TaskScheduled;
  Name: string;
  Version: string;
  Input: null;
  ParentTraceContext: null;
  Tags: null;
}

export interface TaskCompleted extends EventBase {
  EventType: typeof EventType.TaskCompleted;
  TaskScheduledId: number;
  /** JSON text, or null. */
  Result: string | null;
}

export interface TaskFailed extends EventBase {
  EventType: typeof EventType.TaskFailed;
  TaskScheduledId: number;
  Reason: string;
  Details: string;
  FailureDetails: null;
}

export interface TimerCreated extends EventBase {
  EventType: typeof EventType.TimerCreated;
  FireAt: string;
}

export interface TimerFired extends EventBase {
  EventType: typeof EventType.TimerFired;
  TimerId: number;
  FireAt: string;
}

export interface OrchestratorStarted extends EventBase {
  EventType: typeof EventType.OrchestratorStarted;
}

export interface OrchestratorCompleted extends EventBase {
  EventType: typeof EventType.OrchestratorCompleted;
}

export interface EventSent extends EventBase {
  EventType: typeof EventType.EventSent;
  /** The entity's scheduler id, `@name@key`. */
  InstanceId: string;
  Name: string;
  /** JSON text of an EntityRequest. */
  Input: string;
}

export interface EventRaised extends EventBase {
  EventType: typeof EventType.EventRaised;
  Name: string;
  /** JSON text. */
  Input: string | null;
  ParentTraceContext: null;
}

export interface ExecutionSuspended extends EventBase {
  EventType: typeof EventType.ExecutionSuspended;
  Reason: string | null;
}

export interface ExecutionResumed extends EventBase {
  EventType: typeof EventType.ExecutionResumed;
  Reason: string | null;
}

/** An event that reaches an instance from outside its own turn; it waits in the instance's inbox until a turn takes it. */
export type MessageEvent =
  | ExecutionStarted
  | ExecutionTerminated
  | TaskCompleted
  | TaskFailed
  | TimerFired
  | EventRaised
  | ExecutionSuspended
  | ExecutionResumed;

export type HistoryEvent =
  | MessageEvent
  | ExecutionCompleted
  | TaskScheduled
  | TimerCreated
  | OrchestratorStarted
  | OrchestratorCompleted
  | EventSent;

/** The fields that every message event shares: no id of its own, not yet played. */
export function messageFields(timestamp: string): EventBase {
  return { EventId: -1, IsPlayed: false, Timestamp: timestamp };
}

export function executionStarted(
  name: string,
  instanceId: string,
  executionId: string,
  input: string | null,
  generation: number | null,
  timestamp: string,
): ExecutionStarted {
  return {
    OrchestrationInstance: { InstanceId: instanceId, ExecutionId: executionId },
    EventType: EventType.ExecutionStarted,
    ParentInstance: null,
    Name: name,
    Version: null,
    Input: input,
    Tags: null,
    Correlation: null,
    ParentTraceContext: null,
    ScheduledStartTime: null,
    Generation: generation,
    GenerateNewTrace: false,
    ...messageFields(timestamp),
  };
}

export function eventRaised(name: string, input: string | null, timestamp: string): EventRaised {
  return { EventType: EventType.EventRaised, Name: name, Input: input, ParentTraceContext: null, ...messageFields(timestamp) };
}
