/** The answer of an orchestrator invocation: what durable-functions 3.5 (schema V4) returns or throws for one turn. */
import { z } from 'zod';
import { errorText } from './logger.ts';

export const ActionType = {
  CallActivity: 0,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
} as const;

/** Actions that exist in the protocol and that this host refuses, by their public names. */
const UNSUPPORTED_ACTIONS: Record<number, string> = {
  1: 'callActivityWithRetry',
  2: 'callSubOrchestrator',
  3: 'callSubOrchestratorWithRetry',
  8: 'callHttp',
  10: 'ScheduledSignalEntity',
  13: 'lock (LockEntities)',
  14: 'release (ReleaseEntities)',
};

const value = z.unknown().optional();
const supportedAction = z.discriminatedUnion('actionType', [
  z.object({ actionType: z.literal(ActionType.CallActivity), functionName: z.string(), input: value }),
  z.object({ actionType: z.literal(ActionType.ContinueAsNew), input: value }),
  z.object({ actionType: z.literal(ActionType.CreateTimer), fireAt: z.string(), isCanceled: z.boolean() }),
  z.object({ actionType: z.literal(ActionType.WaitForExternalEvent), externalEventName: z.string() }),
  z.object({ actionType: z.literal(ActionType.CallEntity), instanceId: z.string(), operation: z.string(), input: value }),
  z.object({ actionType: z.literal(ActionType.SignalEntity), instanceId: z.string(), operation: z.string(), input: value }),
]);

type LeafAction = z.infer<typeof supportedAction>;
export interface CompoundAction {
  actionType: typeof ActionType.WhenAny | typeof ActionType.WhenAll;
  compoundActions: Action[];
}
export interface UnsupportedAction {
  actionType: 'unsupported';
  /** The name under which an author knows it. */
  name: string;
}
export type Action = LeafAction | CompoundAction | UnsupportedAction;

const compoundShape = z.object({
  actionType: z.literal([ActionType.WhenAny, ActionType.WhenAll]),
  compoundActions: z.array(z.unknown()),
});
const anyAction = z.looseObject({ actionType: z.number() });

function parseAction(raw: unknown): Action {
  const { actionType } = anyAction.parse(raw);
  const unsupported = UNSUPPORTED_ACTIONS[actionType];
  if (unsupported !== undefined) return { actionType: 'unsupported', name: unsupported };
  if (actionType === ActionType.WhenAny || actionType === ActionType.WhenAll) {
    const compound = compoundShape.parse(raw);
    return { actionType: compound.actionType, compoundActions: compound.compoundActions.map(parseAction) };
  }
  return supportedAction.parse(raw);
}

const orchestratorState = z.looseObject({
  isDone: z.boolean(),
  actions: z.tuple([z.array(z.unknown())]),
  output: value,
  customStatus: value,
  error: z.string().optional(),
});

/** What one invocation of an orchestrator came to. */
export type OrchestratorOutcome =
  | {
      kind: 'state';
      actions: Action[];
      isDone: boolean;
      /** JSON value; undefined when the generator returned nothing. */
      output: unknown;
      /** JSON value; undefined when it was not set or was falsy (the SDK drops it then). */
      customStatus: unknown;
      /** The message of an error that the orchestrator let escape. */
      error: string | undefined;
    }
  /** The invocation failed without a usable state: no action of it is known. */
  | { kind: 'crash'; message: string };

function stateOutcome(state: unknown): OrchestratorOutcome {
  const parsed = orchestratorState.parse(state);
  const { isDone, output, customStatus, error } = parsed;
  return { kind: 'state', actions: parsed.actions[0].map(parseAction), isDone, output, customStatus, error };
}

/** A result that the listener returned, as the JSON text of its `returnValue`. */
export function returnedOutcome(json: string | undefined): OrchestratorOutcome {
  if (json === undefined) return { kind: 'crash', message: 'Out of proc orchestrators must return a valid JSON schema' };
  return stateOutcome(JSON.parse(json));
}

const STATE_LABEL = '\n\n$OutOfProcData$:';

/**
 * An error that the listener threw. The SDK's OrchestrationFailureError carries the state behind a label; when that state names no
 * error (a thrown string, object or null), Azure cannot use it and the instance fails with the raw text (recorded).
 */
export function thrownOutcome(thrown: unknown): OrchestratorOutcome {
  const message = errorText(thrown);
  const label = message.indexOf(STATE_LABEL);
  const outcome = label < 0 ? undefined : tryState(message.slice(label + STATE_LABEL.length));
  if (outcome?.kind === 'state' && outcome.error) return outcome;
  return { kind: 'crash', message: `One or more errors occurred. (Result: Failure\nException: ${message}\nStack: )` };
}

function tryState(json: string): OrchestratorOutcome | undefined {
  try {
    return stateOutcome(JSON.parse(json));
  } catch {
    return undefined;
  }
}
