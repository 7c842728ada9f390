/** Durable entities: one request after another for each entity, its state and the answer stored together. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { integer, type Row, text, textOrNull } from './database.ts';
import type { EntityRequest } from './decisions.ts';
import { eventRaised } from './history.ts';
import type { Invoker } from './invoke.ts';
import { errorText, type Logger } from './logger.ts';
import type { AppFunction, Registry } from './registry.ts';
import type { Store } from './store.ts';

/** A request without parent comes from a client and is a signal. */
export type EntityMessage = Omit<EntityRequest, 'parent' | 'parentExecution'> & Partial<Pick<EntityRequest, 'parent' | 'parentExecution'>>;

export interface EntityState {
  id: string;
  /** JSON text. */
  state: string | null;
  /** ISO 8601. */
  created: string;
  updated: string;
}

const entityResult = z.object({
  entityExists: z.boolean(),
  entityState: z.string().nullish(),
  results: z.array(z.object({ isError: z.boolean(), result: z.string().nullish() })),
  signals: z.array(z.object({ target: z.object({ name: z.string(), key: z.string() }), name: z.string(), input: z.string() })),
});
type EntityResult = z.infer<typeof entityResult>;

/** `@name@key`, the name in lower case. */
export function entityId(name: string, key: string): string {
  return `@${name.toLowerCase()}@${key}`;
}

function parseEntityId(id: string): { name: string; key: string } {
  const second = id.indexOf('@', 1);
  return { name: id.slice(1, second), key: id.slice(second + 1) };
}

export class EntityStore {
  readonly #db: DatabaseSync;
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  enqueue(id: string, message: EntityMessage): void {
    this.#db.prepare('INSERT INTO entity_inbox (entity_id, request) VALUES (?, ?)').run(id, JSON.stringify(message));
  }

  next(id: string): { rowId: number; message: EntityMessage } | undefined {
    const row = this.#db.prepare('SELECT id, request FROM entity_inbox WHERE entity_id = ? ORDER BY id LIMIT 1').get(id);
    return row && { rowId: integer(row, 'id'), message: JSON.parse(text(row, 'request')) };
  }

  remove(rowId: number): void {
    this.#db.prepare('DELETE FROM entity_inbox WHERE id = ?').run(rowId);
  }

  busy(): string[] {
    return this.#db
      .prepare('SELECT DISTINCT entity_id FROM entity_inbox')
      .all()
      .map(row => text(row, 'entity_id'));
  }

  read(id: string): EntityState | undefined {
    const row = this.#db.prepare('SELECT * FROM entities WHERE id = ?').get(id);
    return row && readEntity(row);
  }

  /** Entities whose id begins so, in the order of their ids. */
  list(idPrefix: string, afterId: string, limit: number): EntityState[] {
    const select = 'SELECT * FROM entities WHERE substr(id, 1, length(?1)) = ?1 AND id > ?2 ORDER BY id LIMIT ?3';
    return this.#db.prepare(select).all(idPrefix, afterId, limit).map(readEntity);
  }

  write(id: string, state: string | null): void {
    const now = new Date().toISOString();
    const upsert = 'INSERT INTO entities VALUES (?1, ?2, ?3, ?3) ON CONFLICT (id) DO UPDATE SET state = ?2, updated = ?3';
    this.#db.prepare(upsert).run(id, state, now);
  }

  delete(id: string): void {
    this.#db.prepare('DELETE FROM entities WHERE id = ?').run(id);
  }
}

function readEntity(row: Row): EntityState {
  return { id: text(row, 'id'), state: textOrNull(row, 'state'), created: text(row, 'created'), updated: text(row, 'updated') };
}

export interface EntityServices {
  store: Store;
  entities: EntityStore;
  registry: Registry;
  invoker: Invoker;
  logger: Logger;
  wakeInstance(instanceId: string): void;
  wakeEntity(entityId: string): void;
}

/** Serves the entity's oldest request. True when another one waits. */
export async function serveEntity(services: EntityServices, id: string): Promise<boolean> {
  const { store, entities, registry, logger } = services;
  const next = entities.next(id);
  if (!next) return false;
  const { message } = next;
  const { name } = parseEntityId(id);
  const appFunction = registry.find('entity', name);
  let result: EntityResult | { failure: string };
  try {
    if (!appFunction) throw new Error(registry.unknownFunction('entity', name));
    result = await runOperation(services, appFunction, id, message);
  } catch (error) {
    result = { failure: errorText(error) };
    logger.error({ entityId: id, operation: message.op, reason: result.failure }, 'entity failed');
  }
  const answered = store.transaction(() => {
    entities.remove(next.rowId);
    if (!('failure' in result)) {
      if (result.entityExists) entities.write(id, result.entityState ?? null);
      else entities.delete(id);
      for (const signal of result.signals) sendSignal(entities, signal);
    }
    const { parent, parentExecution } = message;
    if (message.signal || parent === undefined || parentExecution === undefined) return undefined;
    const event = eventRaised(message.id, JSON.stringify(answer(result)), new Date().toISOString());
    return store.deliver(parent, parentExecution, event) ? parent : undefined;
  });
  if (answered !== undefined) services.wakeInstance(answered);
  if (!('failure' in result)) for (const { target } of result.signals) services.wakeEntity(entityId(target.name, target.key));
  return entities.next(id) !== undefined;
}

async function runOperation(services: EntityServices, appFunction: AppFunction, id: string, message: EntityMessage): Promise<EntityResult> {
  const current = services.entities.read(id);
  const trigger = {
    self: parseEntityId(id),
    exists: current !== undefined,
    state: current?.state ?? null,
    batch: [{ name: message.op, input: message.input ?? null, isSignal: message.signal === true, id: message.id }],
  };
  const response = await services.invoker.invoke({ appFunction, input: { string: JSON.stringify(trigger) }, triggerMetadata: {} });
  return entityResult.parse(JSON.parse(response.returnValue?.json ?? 'null'));
}

/** What the caller's EventRaised carries. An Error thrown in the entity arrives as `{}`: the SDK loses its text. */
function answer(result: EntityResult | { failure: string }): { result: string | null; exceptionType?: string } {
  if ('failure' in result) return { result: JSON.stringify(result.failure), exceptionType: 'Error' };
  const [first] = result.results;
  if (first?.isError) return { result: first.result ?? null, exceptionType: 'Error' };
  return { result: first?.result ?? null };
}

function sendSignal(entities: EntityStore, signal: EntityResult['signals'][number]): void {
  const message: EntityMessage = { op: signal.name, signal: true, id: randomUUID() };
  if (signal.input !== '') message.input = signal.input;
  entities.enqueue(entityId(signal.target.name, signal.target.key), message);
}
