/** Everything durable about orchestrations: instances, their histories, the messages on their way, tasks and timers. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integer, type Row, text, textOrNull, transaction } from './database.ts';
import type { HistoryEvent, MessageEvent, OrchestrationEndStatus } from './history.ts';

export type InstanceStatus = 'Pending' | 'Running' | 'Suspended' | OrchestrationEndStatus;
const ENDED: readonly string[] = ['Completed', 'Failed', 'Terminated'];
export const hasEnded = (status: InstanceStatus): boolean => ENDED.includes(status);

export interface Instance {
  id: string;
  executionId: string;
  name: string;
  status: InstanceStatus;
  /** Input, output and custom status are JSON text, or null. */
  input: string | null;
  output: string | null;
  customStatus: string | null;
  /** ISO 8601. */
  created: string;
  updated: string;
  /** True when the instance continued as new and that generation's first turn has not run. */
  fresh: boolean;
}

/** An activity to run; the row stays until its result is in the inbox, so a crash runs it again. */
export interface Task {
  rowId: number;
  instanceId: string;
  executionId: string;
  taskId: number;
  name: string;
  /** JSON text of the action's input. */
  input: string;
}

export interface InboxMessage {
  rowId: number;
  event: MessageEvent;
}

export interface InstanceQuery {
  idPrefix?: string;
  statuses?: string[];
  /** ISO 8601, inclusive. */
  createdFrom?: string;
  createdTo?: string;
  /** Only ids after this one, in ascending order. */
  afterId?: string;
  limit?: number;
}

/** Histories that are kept parsed: those of the instances that took a turn last. */
const KEPT_HISTORIES = 64;

/** Events and their JSON texts, commas between them. */
export interface StoredHistory {
  readonly events: readonly HistoryEvent[];
  readonly json: string;
}

export class Store {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** By instance, the longest unused first. A turn reads the whole history, and this process alone writes it. */
  readonly #histories = new Map<string, StoredHistory>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  transaction<T>(work: () => T): T {
    try {
      return transaction(this.#db, work);
    } catch (error) {
      this.#histories.clear();
      throw error;
    }
  }

  instance(id: string): Instance | undefined {
    const row = this.#sql('SELECT * FROM instances WHERE id = ?').get(id);
    return row && readInstance(row);
  }

  instances(query: InstanceQuery): Instance[] {
    const { idPrefix = '', statuses = [], createdFrom = '', createdTo = '9', afterId = '', limit = -1 } = query;
    const rows = this.#sql(
      `SELECT * FROM instances WHERE substr(id, 1, length(:prefix)) = :prefix AND created >= :from AND created <= :to AND id > :after
       AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses))) ORDER BY id LIMIT :limit`,
    ).all({ prefix: idPrefix, from: createdFrom, to: createdTo, after: afterId, statuses: JSON.stringify(statuses), limit });
    return rows.map(readInstance);
  }

  /** Writes an instance anew, whatever was there under its id (a new execution). */
  putInstance(instance: Instance): void {
    const { id, executionId, name, status, input, output, customStatus, created, updated, fresh } = instance;
    this.#sql('INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      ...[id, executionId, name, status, input, output, customStatus, created, updated, fresh ? 1 : 0],
    );
    if (hasEnded(status)) this.#histories.delete(id);
  }

  /** Forgets an instance with all that belongs to it. */
  deleteInstance(id: string): void {
    for (const table of ['history', 'inbox', 'tasks', 'timers']) this.#sql(`DELETE FROM ${table} WHERE instance_id = ?`).run(id);
    this.#sql('DELETE FROM instances WHERE id = ?').run(id);
    this.#histories.delete(id);
  }

  history(instanceId: string): readonly HistoryEvent[] {
    return this.storedHistory(instanceId).events;
  }

  storedHistory(instanceId: string): StoredHistory {
    const known = this.#histories.get(instanceId);
    if (known === undefined) {
      const rows = this.#sql('SELECT event FROM history WHERE instance_id = ? ORDER BY position').all(instanceId);
      const texts = rows.map(row => text(row, 'event'));
      return this.#keep(instanceId, { events: texts.map(json => JSON.parse(json)), json: texts.join(',') });
    }
    this.#histories.delete(instanceId);
    return this.#keep(instanceId, known);
  }

  #keep(instanceId: string, history: StoredHistory): StoredHistory {
    this.#histories.set(instanceId, history);
    const [oldest] = this.#histories.keys();
    if (oldest !== undefined && this.#histories.size > KEPT_HISTORIES) this.#histories.delete(oldest);
    return history;
  }

  appendHistory(instanceId: string, firstPosition: number, events: HistoryEvent[]): void {
    const insert = this.#sql('INSERT INTO history VALUES (?, ?, ?)');
    const known = this.#histories.get(instanceId);
    const texts = events.map(event => JSON.stringify(event));
    for (const [index, json] of texts.entries()) insert.run(instanceId, firstPosition + index, json);
    if (known === undefined) return;
    const json = [...(known.json === '' ? [] : [known.json]), ...texts].join(',');
    this.#histories.set(instanceId, { events: [...known.events, ...events], json });
  }

  clearHistory(instanceId: string): void {
    this.#sql('DELETE FROM history WHERE instance_id = ?').run(instanceId);
    this.#histories.delete(instanceId);
  }

  send(instanceId: string, event: MessageEvent): void {
    this.#sql('INSERT INTO inbox (instance_id, event) VALUES (?, ?)').run(instanceId, JSON.stringify(event));
  }

  inbox(instanceId: string): InboxMessage[] {
    const rows = this.#sql('SELECT id, event FROM inbox WHERE instance_id = ? ORDER BY id').all(instanceId);
    return rows.map(row => ({ rowId: integer(row, 'id'), event: JSON.parse(text(row, 'event')) }));
  }

  deleteMessage(rowId: number): void {
    this.#sql('DELETE FROM inbox WHERE id = ?').run(rowId);
  }

  clearInbox(instanceId: string): void {
    this.#sql('DELETE FROM inbox WHERE instance_id = ?').run(instanceId);
  }

  /** Ids of the instances that have a turn to take. */
  runnableInstances(): string[] {
    const rows = this.#sql('SELECT instance_id AS id FROM inbox UNION SELECT id FROM instances WHERE fresh = 1').all();
    return rows.map(row => text(row, 'id'));
  }

  addTask(task: Omit<Task, 'rowId'>): void {
    this.#sql('INSERT INTO tasks (instance_id, execution_id, task_id, name, input) VALUES (?, ?, ?, ?, ?)').run(
      ...[task.instanceId, task.executionId, task.taskId, task.name, task.input],
    );
  }

  /** The next tasks in the order in which they were scheduled. */
  tasksAfter(rowId: number, limit: number): Task[] {
    const rows = this.#sql('SELECT * FROM tasks WHERE id > ? ORDER BY id LIMIT ?').all(rowId, limit);
    return rows.map(row => ({
      rowId: integer(row, 'id'),
      instanceId: text(row, 'instance_id'),
      executionId: text(row, 'execution_id'),
      taskId: integer(row, 'task_id'),
      name: text(row, 'name'),
      input: text(row, 'input'),
    }));
  }

  deleteTask(rowId: number): void {
    this.#sql('DELETE FROM tasks WHERE id = ?').run(rowId);
  }

  /** @param fireAt milliseconds since 1970. @param event what the instance then receives. */
  addTimer(instanceId: string, executionId: string, fireAt: number, event: MessageEvent): void {
    const insert = this.#sql('INSERT INTO timers (instance_id, execution_id, fire_at, event) VALUES (?, ?, ?, ?)');
    insert.run(instanceId, executionId, fireAt, JSON.stringify(event));
  }

  /** Moves the timers that are due into their instances' inboxes and returns those instances. */
  fireTimers(now: number): string[] {
    const due = this.#sql('SELECT * FROM timers WHERE fire_at <= ? ORDER BY fire_at, id').all(now);
    return due.flatMap(row => {
      this.#sql('DELETE FROM timers WHERE id = ?').run(integer(row, 'id'));
      const instanceId = text(row, 'instance_id');
      return this.deliver(instanceId, text(row, 'execution_id'), JSON.parse(text(row, 'event'))) ? [instanceId] : [];
    });
  }

  /** Milliseconds since 1970 of the next timer; undefined when there is none. */
  nextTimer(): number | undefined {
    const row = this.#sql('SELECT min(fire_at) AS next FROM timers').get();
    return row === undefined || row.next === null ? undefined : integer(row, 'next');
  }

  /** Sends to one execution only; a message for an execution that has ended or was replaced is dropped. */
  deliver(instanceId: string, executionId: string, event: MessageEvent): boolean {
    const instance = this.instance(instanceId);
    if (instance?.executionId !== executionId || hasEnded(instance.status)) return false;
    this.send(instanceId, event);
    return true;
  }

  /** When a timer function last ran, ISO 8601. */
  lastTimerRun(name: string): string | undefined {
    const row = this.#sql('SELECT last FROM timer_triggers WHERE name = ?').get(name);
    return row && text(row, 'last');
  }

  putLastTimerRun(name: string, last: string): void {
    this.#sql('INSERT OR REPLACE INTO timer_triggers VALUES (?, ?)').run(name, last);
  }

  #sql(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function readInstance(row: Row): Instance {
  return {
    id: text(row, 'id'),
    executionId: text(row, 'execution_id'),
    name: text(row, 'name'),
    status: readStatus(text(row, 'status')),
    input: textOrNull(row, 'input'),
    output: textOrNull(row, 'output'),
    customStatus: textOrNull(row, 'custom_status'),
    created: text(row, 'created'),
    updated: text(row, 'updated'),
    fresh: integer(row, 'fresh') === 1,
  };
}

const STATUSES: readonly InstanceStatus[] = ['Pending', 'Running', 'Suspended', 'Completed', 'Failed', 'Terminated'];
function readStatus(value: string): InstanceStatus {
  const status = STATUSES.find(known => known === value);
  if (!status) throw new Error(`Unknown instance status ${value}`);
  return status;
}
