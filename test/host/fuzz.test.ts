/**
 * Random orchestrations in a random order of completions, on the real SDK and the real turn and store: ids must never drift between the
 * two sides. Every result carries the key of what was asked, so that a drift shows as a result in the wrong place.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openDatabase } from '../../host/database.ts';
import { EventType, eventRaised, executionStarted, type MessageEvent, messageFields } from '../../host/history.ts';
import type { Invoker } from '../../host/invoke.ts';
import { type TurnServices, takeTurn } from '../../host/orchestrations.ts';
import { hasEnded, Store } from '../../host/store.ts';
import { taskFailure } from '../../host/taskFailure.ts';
import fc from '../fastCheck.ts';

const require = createRequire(import.meta.url);
const { Orchestrator } = require('durable-functions/lib/src/orchestrations/Orchestrator');
const { EntityId } = require('durable-functions');

const folder = mkdtempSync(join(tmpdir(), 'host-fuzz-'));
const store = new Store(openDatabase(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One thing to wait for. Events have a name of their own each. */
type Wait = { kind: 'activity'; fails: boolean } | { kind: 'timer'; ms: number } | { kind: 'event' } | { kind: 'entity' };
type Step =
  | { kind: 'one'; wait: Wait }
  | { kind: 'all'; waits: Wait[] }
  /** The losers are cancelled where they are timers, and awaited alone where they are activities. */
  | { kind: 'any'; waits: Wait[]; awaitLosers: boolean }
  | { kind: 'nested'; waits: Wait[] }
  | { kind: 'signal' };

const activity = fc.record({ kind: fc.constant('activity' as const), fails: fc.boolean() });
const timer = fc.record({ kind: fc.constant('timer' as const), ms: fc.integer({ min: 0, max: 60_000 }) });
const event = fc.record({ kind: fc.constant('event' as const) });
const entity = fc.record({ kind: fc.constant('entity' as const) });
const wait: fc.Arbitrary<Wait> = fc.oneof(activity, activity, timer, event, entity);
const waits = fc.array(wait, { minLength: 1, maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('one' as const), wait }),
  fc.record({ kind: fc.constant('all' as const), waits }),
  fc.record({ kind: fc.constant('any' as const), waits, awaitLosers: fc.boolean() }),
  fc.record({ kind: fc.constant('nested' as const), waits: fc.array(wait, { minLength: 2, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('signal' as const) }),
);

interface Task {
  result: unknown;
  isCompleted: boolean;
  isFaulted: boolean;
  cancel?: () => void;
}
interface Context {
  df: {
    currentUtcDateTime: Date;
    callActivity(name: string, input: unknown): Task;
    createTimer(at: Date): Task;
    waitForExternalEvent(name: string): Task;
    callEntity(id: unknown, operation: string, input: unknown): Task;
    signalEntity(id: unknown, operation: string, input: unknown): void;
    Task: { all(tasks: Task[]): Task; any(tasks: Task[]): Task };
    taskOrchestratorExecutor: { sequenceNumber: number };
  };
}

/** What a wait must give: the key again, or the failure that names it. */
function check(found: string[], key: string, one: Wait, result: unknown, failed: boolean): void {
  const told = failed ? String((result as Error).message) : JSON.stringify(result ?? null);
  const isRight =
    one.kind === 'timer'
      ? told === 'null'
      : one.kind === 'activity' && one.fails
        ? failed && told.includes(`no ${key}!`)
        : !failed && told === `"${key}"`;
  if (!isRight) found.push(`${key}: ${told}`);
}

function* orchestrator(steps: Step[], context: Context): Generator<Task, { wrong: string[] }, unknown> {
  const wrong: string[] = [];
  const { df } = context;
  const start = (key: string, one: Wait): Task => {
    if (one.kind === 'activity') return df.callActivity('work', { key, fails: one.fails });
    if (one.kind === 'timer') return df.createTimer(new Date(df.currentUtcDateTime.getTime() + one.ms));
    if (one.kind === 'event') return df.waitForExternalEvent(key);
    return df.callEntity(new EntityId('echo', 'k'), 'op', key);
  };
  for (const [n, one] of steps.entries()) {
    if (one.kind === 'signal') {
      df.signalEntity(new EntityId('echo', 'k'), 'op', n);
      continue;
    }
    const parts = one.kind === 'one' ? [one.wait] : one.waits;
    const keys = parts.map((_, index) => `s${n}.${index}`);
    const tasks = parts.map((part, index) => start(keys[index]!, part));
    const settle = (index: number) => check(wrong, keys[index]!, parts[index]!, tasks[index]!.result, tasks[index]!.isFaulted);
    try {
      if (one.kind === 'one') yield tasks[0]!;
      else if (one.kind === 'all') yield df.Task.all(tasks);
      else if (one.kind === 'any') yield df.Task.any(tasks);
      else yield df.Task.all([df.Task.any(tasks.slice(0, 1)), df.Task.all(tasks.slice(1))]);
    } catch {
      // The failure is looked at below, task by task.
    }
    for (const [index, task] of tasks.entries()) {
      if (task.isCompleted || task.isFaulted) settle(index);
      else if (parts[index]!.kind === 'timer') task.cancel?.();
      else if (one.kind === 'any' && one.awaitLosers && parts[index]!.kind === 'activity') {
        try {
          yield task;
        } catch {
          // as above
        }
        settle(index);
      }
    }
  }
  return { wrong };
}

let instances = 0;

async function runOne(steps: Step[], choose: (options: number) => number): Promise<void> {
  const id = `fuzz-${instances++}`;
  let sequenceNumber = 0;
  const listen = new Orchestrator((context: Context) => orchestrator(steps, context)).listen();
  const invoker: Invoker = {
    invoke: async ({ input }) => {
      const context: Partial<Context> = {};
      const state = await listen(JSON.parse(input?.string ?? ''), context);
      sequenceNumber = context.df!.taskOrchestratorExecutor.sequenceNumber;
      return { returnValue: { json: JSON.stringify(state) } };
    },
  };
  const answers: MessageEvent[] = [];
  const now = () => new Date().toISOString();
  const ignore = () => undefined;
  const services: TurnServices = {
    ...{ store, invoker, logger: { info: ignore, warn: ignore, error: ignore }, scheduled: ignore },
    registry: { all: () => [], find: (_, name) => ({ name }) as never, unknownFunction: () => 'unknown' },
    sendToEntity: (_, request) => {
      if (!request.signal) answers.push(eventRaised(request.id, JSON.stringify({ result: request.input }), now()));
    },
  };
  const fields = {
    id,
    executionId: `e-${id}`,
    name: 'fuzzed',
    input: null,
    output: null,
    customStatus: null,
    created: now(),
    updated: now(),
  };
  store.putInstance({ ...fields, status: 'Pending', fresh: false });
  store.send(id, executionStarted('fuzzed', id, `e-${id}`, null, 0, now()));
  const events = steps.flatMap((one, n) =>
    (one.kind === 'signal' ? [] : one.kind === 'one' ? [one.wait] : one.waits).flatMap((part, index) =>
      part.kind === 'event' ? [`s${n}.${index}`] : [],
    ),
  );

  for (let round = 0; round < 2000; round++) {
    const instance = store.instance(id)!;
    if (hasEnded(instance.status)) {
      expect(instance.output && JSON.parse(instance.output)).toEqual({ wrong: [] });
      const ids = store
        .history(id)
        .flatMap(({ EventId, EventType: type }) => (EventId >= 0 && type !== EventType.ExecutionCompleted ? [EventId] : []));
      expect(ids.toSorted((a, b) => a - b)).toEqual([...ids.keys()]);
      expect(ids).toHaveLength(sequenceNumber);
      return;
    }
    const tasks = store.tasksAfter(0, 100);
    const options: (() => unknown)[] = [
      ...(store.inbox(id).length > 0 ? [() => takeTurn(services, id), () => takeTurn(services, id)] : []),
      ...tasks.map(task => () => {
        const { key, fails } = JSON.parse(task.input);
        const failure = { ...taskFailure('work', new Error(`no ${key}!`)), FailureDetails: null };
        const result = fails
          ? { EventType: EventType.TaskFailed, ...failure }
          : { EventType: EventType.TaskCompleted, Result: JSON.stringify(key) };
        store.deleteTask(task.rowId);
        store.deliver(id, task.executionId, { ...result, TaskScheduledId: task.taskId, ...messageFields(now()) });
      }),
      ...(store.nextTimer() === undefined ? [] : [() => store.fireTimers(store.nextTimer() ?? 0)]),
      ...events.map(
        (name, index) => () => store.deliver(id, `e-${id}`, eventRaised(events.splice(index, 1)[0] ?? name, JSON.stringify(name), now())),
      ),
      ...(answers.length > 0 ? [() => store.deliver(id, `e-${id}`, answers.shift()!)] : []),
    ];
    expect(options.length).toBeGreaterThan(0);
    await options[choose(options.length)]!();
  }
  throw new Error('the orchestration did not end');
}

test('no id drifts, whatever the orchestration and the order of what happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), async (steps, choices) => {
      store.deleteInstance(`fuzz-${instances - 1}`);
      await runOne(steps, options => choices.next().value % options);
    }),
    { numRuns: 300 },
  );
});
