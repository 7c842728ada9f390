/** The interpreter: carries a runbook's commands out by Durable Functions. The only file here that knows them. */
import type { OrchestrationContext, OrchestrationHandler, Task } from 'durable-functions';
import * as df from 'durable-functions';
import { Budget, spread } from './patience.ts';
import { Again, Cancelled, type Command, type Status, type Step } from './steps.ts';

export interface RunbookOptions {
  /** A rehearsal runs its waits this many times faster; 1 on Azure. */
  timeScale: number;
}

/**
 * Turns a runbook into an orchestrator. The instance's id is the repair's id.
 *
 * Rules it keeps, each seen on the real host (../shared/reference/durable-protocol.md): one thing after another, only
 * timers and events are raced, one wait for `cancel` for the orchestration's life, losing timers are cancelled.
 */
export function runbook<I>(main: (input: I, repairId: string) => Step<unknown>, options: RunbookOptions): OrchestrationHandler {
  return function* (context) {
    const run = new Run(context, options.timeScale);
    const step = main(context.df.getInput<I>(), context.df.instanceId);
    let next = step.next();
    while (!next.done) {
      const end = yield* run.carryOut(next.value);
      next = end.cancelled ? step.throw(new Cancelled(run.cancelledBy)) : step.next(end.answer);
    }
    if (!(next.value instanceof Again)) return next.value;
    context.df.continueAsNew(next.value.input);
    return undefined;
  };
}

type End = { cancelled: true } | { cancelled: false; answer: unknown };
const answered = (answer: unknown): End => ({ cancelled: false, answer });

class Run {
  readonly #context: OrchestrationContext;
  readonly #timeScale: number;
  readonly #cancel: Task;
  #status: Partial<Status> = {};
  #retries = 0;
  readonly #budgets = { repairing: new Budget(), undoing: new Budget() };

  constructor(context: OrchestrationContext, timeScale: number) {
    this.#context = context;
    this.#timeScale = timeScale;
    this.#cancel = context.df.waitForExternalEvent('cancel');
  }

  /** The trigger's word, which has checked who it is. */
  get cancelledBy(): string {
    const said = this.#cancel.result as { by?: unknown } | null | undefined;
    return typeof said?.by === 'string' ? said.by : '';
  }

  *carryOut(command: Command): Generator<Task, End, unknown> {
    const { df } = this.#context;
    if (command.do === 'now') return answered(df.currentUtcDateTime.toISOString());
    if (command.do === 'clock') return answered((df.currentUtcDateTime.getTime() / 1000) * this.#timeScale);
    if (command.do === 'show') return answered(this.#show(command.status));
    if (!command.deaf && this.#cancel.isCompleted) return { cancelled: true };
    if (command.do === 'sleep') return yield* this.#race([], command.seconds, command.deaf);
    if (command.do === 'retry') return yield* this.#retry(command.seconds, command.deaf);
    if (command.do === 'wait') return yield* this.#race(command.events, command.seconds, command.deaf);
    if (command.do === 'ask') return answered(yield df.callEntity(new EntityId(command.entity, 'all'), command.operation, command.input));
    const { phase = '', by, planHash, approvedBy } = this.#status;
    const asked = { ...(by && { by }), ...(planHash && { planHash: planHash.slice(0, 12) }), ...(approvedBy && { approvedBy }) };
    const envelope = { repairId: repairOf(df.instanceId), phase, since: command.since, asked, input: command.input };
    return answered(yield* this.#activity(command.name, envelope));
  }

  *#retry(seconds: number, deaf = false): Generator<Task, End, unknown> {
    if (!this.#budgets[deaf ? 'undoing' : 'repairing'].take(seconds)) return answered(false);
    const end = yield* this.#race([], spread(seconds, this.#context.df.instanceId, this.#retries++), deaf);
    return end.cancelled ? end : answered(true);
  }

  /** Activities answer faults and never throw; what throws all the same (the host, a defect) is a fault too, or nothing would be undone. */
  *#activity(name: string, envelope: unknown): Generator<Task, unknown, unknown> {
    try {
      return yield this.#context.df.callActivity(name, envelope);
    } catch (error) {
      const [message = ''] = String(error instanceof Error ? error.message : error).split('\n');
      return { ok: false, fault: { kind: 'transient', code: 'activityThrew', message: message.slice(0, 500) } };
    }
  }

  /** The first of: cancellation (unless deaf), one of the events, the time. */
  *#race(names: string[], seconds: number, deaf = false): Generator<Task, End, unknown> {
    const { df } = this.#context;
    const timer = df.createTimer(new Date(df.currentUtcDateTime.getTime() + (seconds * 1000) / this.#timeScale));
    const events = names.map(name => df.waitForExternalEvent(name));
    const heard = deaf ? events : [this.#cancel, ...events];
    const winner = yield df.Task.any([timer, ...heard]);
    if (winner === timer) return answered(null);
    timer.cancel();
    if (winner === this.#cancel) return { cancelled: true };
    const at = events.indexOf(winner as Task);
    return answered({ event: names[at], payload: events[at]?.result });
  }

  #show(change: Partial<Status>): void {
    this.#status = { ...this.#status, ...change };
    this.#context.df.setCustomStatus(this.#status);
  }
}

/** What is done for a repair beside it (`notify.ts`) bears the repair's id and a dot, and is told in its timeline. */
const repairOf = (instanceId: string) => /^r-[a-z2-7]{12}(?=\.)/.exec(instanceId)?.[0] ?? instanceId;

const { EntityId } = df;
