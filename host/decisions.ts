/** What a turn decides, and whether what an earlier turn decided is decided again. */
import type { EventRaised, OrchestrationEndStatus } from './history.ts';

/** A request to an entity as it travels in an EventSent (names as in the protocol). */
export interface EntityRequest {
  op: string;
  signal?: true;
  /** JSON text. */
  input?: string;
  id: string;
  parent: string;
  parentExecution: string;
}

/** What a turn decided, in the order of its ids. */
export type Decision =
  | { kind: 'scheduleTask'; id: number; name: string; input: unknown }
  | { kind: 'createTimer'; id: number; fireAt: string }
  | { kind: 'sendEvent'; id: number; target: string; request: EntityRequest }
  | { kind: 'complete'; id: number; status: OrchestrationEndStatus; result: string | null }
  | { kind: 'continueAsNew'; id: number; input: string | null; carryOver: EventRaised[] };

/** The names that DTFx gives its actions, as they appear in messages. */
const CLR_NAMES: Record<Decision['kind'], string> = {
  scheduleTask: 'ScheduleTaskOrchestratorAction',
  createTimer: 'CreateTimerOrchestratorAction',
  sendEvent: 'SendEventOrchestratorAction',
  complete: 'OrchestrationCompleteOrchestratorAction',
  continueAsNew: 'OrchestrationCompleteOrchestratorAction',
};
const CODE_CHANGED = 'Was a change made to the orchestrator code after this instance had already started running?';

/** The orchestrator's code no longer does what the history says it did. */
export class NonDeterminism extends Error {}

export type ScheduledKind = 'scheduleTask' | 'createTimer' | 'sendEvent';

/**
 * Compares a decision of the history with the one that the replay took under the same id; inputs and times are not compared (as on Azure).
 * @throws NonDeterminism in DTFx's words (src/DurableTask.Core/TaskOrchestrationContext.cs, and recorded in non-determinism.jsonl).
 */
export function checkDeterminism(decision: Decision | undefined, id: number, kind: ScheduledKind, name: string): void {
  const wasScheduled = describeScheduled(kind, id, name);
  if (!decision) {
    throw new NonDeterminism(
      `${wasScheduled.unknown}, but the current replay execution hasn't (yet?) scheduled this task. ${CODE_CHANGED}`,
    );
  }
  if (decision.kind !== kind) {
    const instead = `but the current orchestration replay instead produced a ${CLR_NAMES[decision.kind]} action with this sequence number.`;
    throw new NonDeterminism(`${wasScheduled.known} ${instead} ${CODE_CHANGED}`);
  }
  if (decision.kind === 'scheduleTask' && decision.name.toLowerCase() !== name.toLowerCase()) {
    const instead = `but the current orchestration replay instead scheduled an activity task named '${decision.name}' with this sequence number.`;
    throw new NonDeterminism(`${wasScheduled.known} ${instead}  ${CODE_CHANGED}`);
  }
}

/** DTFx words these messages differently for a decision that is gone and one that is another. */
function describeScheduled(
  kind: 'scheduleTask' | 'createTimer' | 'sendEvent',
  id: number,
  name: string,
): { unknown: string; known: string } {
  const before = 'A previous execution of this orchestration scheduled';
  switch (kind) {
    case 'scheduleTask':
      return {
        unknown: `${before} an activity task with sequence ID ${id} and name '${name}' (version '')`,
        known: `${before} an activity task with sequence number ${id} named '${name}',`,
      };
    case 'createTimer':
      return {
        unknown: `${before} a timer task with sequence number ${id}`,
        known: `${before} a timer task with sequence number ${id} named`,
      };
    case 'sendEvent': {
      const sent = `${before} a send event task with sequence ID ${id}, type 'EventSent', name 'op', instance ID '${name}'`;
      return { unknown: sent, known: `${sent},` };
    }
  }
}
