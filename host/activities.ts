/** Runs activities, oldest first, a limited number at once. A task's row goes only with its result, so a crash runs it again. */
import { EventType, type MessageEvent, messageFields } from './history.ts';
import type { Invoker } from './invoke.ts';
import type { Logger } from './logger.ts';
import type { Registry } from './registry.ts';
import type { Store, Task } from './store.ts';
import { taskFailure } from './taskFailure.ts';
import { activityInput, activityMetadata, activityResult } from './values.ts';

export interface ActivityServices {
  store: Store;
  registry: Registry;
  invoker: Invoker;
  logger: Logger;
  /** The instance has a result in its inbox. */
  wakeInstance(instanceId: string): void;
}

export class ActivityRunner {
  readonly #services: ActivityServices;
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #lastStarted = 0;
  #closed = false;
  #abandoned = false;

  constructor(services: ActivityServices, limit: number) {
    this.#services = services;
    this.#limit = limit;
  }

  /** Starts as many waiting tasks as there is room for. */
  pump(): void {
    const room = this.#limit - this.#running.size;
    if (this.#closed || room <= 0) return;
    for (const task of this.#services.store.tasksAfter(this.#lastStarted, room)) {
      this.#lastStarted = task.rowId;
      const run = this.#run(task).finally(() => {
        this.#running.delete(run);
        this.pump();
      });
      this.#running.add(run);
    }
  }

  /** Starts nothing any more; waits for what runs, but no longer than the grace. What is cut off then runs again at the next start. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>(resolve => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all(this.#running), grace]);
    clearTimeout(timer);
    this.#abandoned = true;
  }

  /** Starts nothing any more; what runs is cut off at once. */
  abandon(): void {
    this.#closed = true;
    this.#abandoned = true;
  }

  async #run(task: Task): Promise<void> {
    const { store, logger, wakeInstance } = this.#services;
    const event = await this.#result(task);
    if (this.#abandoned) return;
    if (event.EventType === EventType.TaskFailed) {
      logger.warn({ instanceId: task.instanceId, activity: task.name, reason: event.Reason }, 'activity failed');
    }
    const isWanted = store.transaction(() => {
      store.deleteTask(task.rowId);
      return store.deliver(task.instanceId, task.executionId, event);
    });
    if (isWanted) wakeInstance(task.instanceId);
  }

  async #result(task: Task): Promise<MessageEvent> {
    const { registry, invoker } = this.#services;
    const input: unknown = JSON.parse(task.input);
    try {
      const appFunction = registry.find('activity', task.name);
      if (!appFunction) throw new Error(registry.unknownFunction('activity', task.name));
      const triggerMetadata = activityMetadata(task.instanceId, appFunction.triggerName, input);
      const response = await invoker.invoke({ appFunction, input: activityInput(input), triggerMetadata });
      const result = activityResult(response.returnValue);
      return {
        EventType: EventType.TaskCompleted,
        TaskScheduledId: task.taskId,
        Result: result,
        ...messageFields(new Date().toISOString()),
      };
    } catch (error) {
      const failure = { ...taskFailure(task.name, error), FailureDetails: null };
      return { EventType: EventType.TaskFailed, TaskScheduledId: task.taskId, ...failure, ...messageFields(new Date().toISOString()) };
    }
  }
}
