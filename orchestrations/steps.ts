/**
 * What a runbook is made of. A step is a generator that yields commands (plain data); an interpreter carries them out:
 * `durable.ts` by Durable Functions, the tests by a table of answers. Nothing here knows either of them.
 */
import type { Activities, Fault, Progress, Reply } from '../functions/activities/contract.ts';
import { asksTooMuch, pauseAfter, pauseBefore } from './patience.ts';

export type Command = (
  | { do: 'activity'; name: string; since: string; input: unknown }
  | { do: 'ask'; entity: string; operation: string; input: unknown }
  | { do: 'sleep'; seconds: number }
  /** Waits before a retry, a little longer than told; false = the repair's budget of retries is spent. */
  | { do: 'retry'; seconds: number }
  | { do: 'wait'; events: string[]; seconds: number }
  | { do: 'now' }
  /** Service seconds since some time, the same in every replay. */
  | { do: 'clock' }
  | { do: 'show'; status: Partial<Status> }
) & {
  /** Set while undoing: a cancellation must not stop the undo. */
  deaf?: boolean;
  /** How it counts against the deadline of the whole repair (`deadline.ts`). */
  time?: 'apart' | 'unhurried';
};

/** What a person sees of a running repair (customStatus, at most 16 KB). */
export interface Status {
  state: 'queued' | 'running' | 'waiting-approval';
  phase: string;
  step: string;
  awaiting: string;
  since: string;
  vm: string;
  finding: string;
  planHash: string;
  /** Who asked for the repair, and who approved its plan last. */
  by: string;
  approvedBy: string;
  /** Of a fleet: place of a VM in its request, and the repair that had it already. */
  elsewhere: [number, string][];
}

export type Step<T> = Generator<Command, T, unknown>;

type Name = keyof Activities & string;
type Input<N extends Name> = Parameters<Activities[N]>[0];
type Output<N extends Name> = ReturnType<Activities[N]>;
/** Activities that answer with Progress: long operations of Azure. */
type Lasting = { [N in Name]: Output<N> extends Progress<unknown> ? N : never }[Name];
type Value<N extends Lasting> = Output<N> extends Progress<infer V> ? V : never;

/** An activity's fault that retrying did not cure. Phases may catch it; nothing else may be caught. */
export class Failure extends Error {
  readonly step: string;
  readonly fault: Fault;
  constructor(step: string, fault: Fault) {
    super(`${step}: ${fault.code}: ${fault.message}`);
    this.step = step;
    this.fault = fault;
  }
}

/** What a runbook answers whose history is to begin anew, with this input. */
export class Again<I> {
  readonly input: I;
  constructor(input: I) {
    this.input = input;
  }
}

/** A person cancelled the repair; the message names them. Never caught by a phase: only the saga sees it. */
export class Cancelled extends Error {}

/** Runs an activity; throttling, conflicts and transient faults are retried on durable timers. Throws Failure. */
export function* call<N extends Name>(name: N, input: Input<N>): Step<Output<N>> {
  const since = yield* now();
  yield* show({ step: name, awaiting: '', since });
  return yield* ask(name, input, since);
}

function* ask<N extends Name>(name: N, input: Input<N>, since: string): Step<Output<N>> {
  for (let n = 0, longWaits = 0; ; n++) {
    const reply = (yield { do: 'activity', name, since, input }) as Reply<Output<N>>;
    if (reply.ok) return reply.value;
    const { fault } = reply;
    const seconds = pauseBefore(fault, n, longWaits);
    if (seconds === undefined) throw new Failure(name, asksTooMuch(fault) ? tooLong(fault) : fault);
    if (asksTooMuch(fault)) longWaits++;
    yield* show({ awaiting: `${fault.kind}: ${fault.code}; next try in ${Math.ceil(seconds)} s` });
    if (!((yield { do: 'retry', seconds }) as boolean)) throw new Failure(name, spent(fault));
  }
}

function tooLong(fault: Fault): Fault {
  const hours = Math.round((fault.retryAfterSeconds ?? 0) / 360) / 10;
  return { ...fault, message: `${fault.message} (Azure asks to wait ${hours} hours, which is not done)` };
}

function spent(fault: Fault): Fault {
  return { ...fault, message: `${fault.message} (no more retries: this repair has spent its budget of them)` };
}

/** Asks a level-triggered activity until it is done, sleeping as long as it says. Throws Failure, also when `deadlineSeconds` have passed. */
export function* ensure<N extends Lasting>(name: N, input: Input<N>, deadlineSeconds = 3600): Step<Value<N>> {
  const since = yield* now();
  yield* show({ step: name, awaiting: '', since });
  for (let waited = 0; ; ) {
    const progress = (yield* ask(name, input, since)) as Progress<Value<N>>;
    if (progress.done) return progress.value;
    if (waited > deadlineSeconds) {
      const message = `${progress.awaiting} did not end within ${deadlineSeconds} s`;
      throw new Failure(name, { kind: 'fatal', code: 'deadlineExceeded', message });
    }
    yield* show({ awaiting: progress.awaiting });
    const pause = pauseAfter(waited, progress.checkAfterSeconds);
    yield* sleep(pause);
    waited += pause;
  }
}

/** Waits; a cancellation ends the wait by throwing Cancelled. Service seconds. */
export function* sleep(seconds: number): Step<void> {
  yield { do: 'sleep', seconds };
}

/** Waits for the first of several external events (lower-case names); null = none came within `seconds`. */
export function* waitFor(events: string[], seconds: number): Step<{ event: string; payload: unknown } | null> {
  return (yield { do: 'wait', events, seconds }) as { event: string; payload: unknown } | null;
}

/** Calls an operation of the entity that all repairs share. */
export function* askEntity<T>(entity: string, operation: string, input: unknown): Step<T> {
  return (yield { do: 'ask', entity, operation, input }) as T;
}

/** The orchestration's own time (the same in every replay), ISO. */
export function* now(): Step<string> {
  return (yield { do: 'now' }) as string;
}

/** Service seconds since some time, the same in every replay. */
export function* clock(): Step<number> {
  return (yield { do: 'clock' }) as number;
}

/** Changes what a person sees of the running repair. */
export function* show(status: Partial<Status>): Step<void> {
  yield { do: 'show', status };
}

/** The same step, but a cancellation does not reach it. */
export const deaf = <T>(step: Step<T>): Step<T> => flagged(step, { deaf: true });

/** The same step, with flags on each of its commands. */
export function* flagged<T>(step: Step<T>, flags: Pick<Command, 'deaf' | 'time'>): Step<T> {
  let next = step.next();
  while (!next.done) {
    let answer: unknown;
    try {
      answer = yield { ...next.value, ...flags };
    } catch (error) {
      next = step.throw(error);
      continue;
    }
    next = step.next(answer);
  }
  return next.value;
}
