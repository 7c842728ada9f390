import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { ArmError } from './errors.ts';

/** Where an operation's status is served, and in which of Azure's dialects. */
export type OperationKind = 'compute' | 'disk' | 'network' | 'resourceGroup';

interface Operation {
  id: string;
  kind: OperationKind;
  startTime: Date;
  endTime?: Date;
  status: 'InProgress' | 'Succeeded' | 'Failed';
  error?: { code: string; message: string };
  /** `properties.output` of a disk operation. */
  output?: () => unknown;
  /** Body of the final GET on Location (`monitor=true`). */
  result?: () => unknown;
}

export interface BeginOptions {
  kind: OperationKind;
  subscription: string;
  location: string;
  apiVersion: string;
  output?: () => unknown;
  result?: () => unknown;
}

/** Running operations, and the two URLs by which a client follows one. */
export class Operations {
  readonly #operations = new Map<string, Operation>();
  readonly #key = randomBytes(32);
  readonly #clock: Clock;
  /** Stands for the certificate that real status URLs carry: it makes them as long as they are (up to 3.2 KB). */
  readonly #certificate = randomBytes(1500).toString('base64url');
  /** `https://host:port`, known once the server listens. */
  origin = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Begins an operation. `work` gets the function that ends it: with an `ArmError` it ends Failed.
   * @returns the two URLs by which the client follows it
   */
  begin(options: BeginOptions, work: (end: (error?: ArmError) => void) => void): { asyncOperation: string; location: string } {
    const operation: Operation = {
      id: randomUUID(),
      kind: options.kind,
      startTime: this.#clock.now(),
      status: 'InProgress',
      ...(options.output !== undefined && { output: options.output }),
      ...(options.result !== undefined && { result: options.result }),
    };
    this.#operations.set(operation.id, operation);
    work(error => this.#end(operation, error));
    return { asyncOperation: this.#url(operation, options, false), location: this.#url(operation, options, true) };
  }

  #end(operation: Operation, error: ArmError | undefined): void {
    operation.endTime = this.#clock.now();
    operation.status = error === undefined ? 'Succeeded' : 'Failed';
    if (error !== undefined) operation.error = { code: error.code, message: error.message };
  }

  /** The status of an operation; undefined when there is none or the URL was altered. */
  status(id: string, query: URLSearchParams): { status: number; body?: unknown } | undefined {
    const operation = this.#operations.get(id);
    if (operation === undefined || query.get('h') !== this.#signature(id)) return undefined;
    const monitored = operation.kind === 'resourceGroup' || query.get('monitor') === 'true';
    return monitored ? this.#monitor(operation) : { status: 200, body: this.#view(operation) };
  }

  #monitor(operation: Operation): { status: number; body?: unknown } {
    if (operation.status === 'InProgress') return { status: 202 };
    if (operation.error !== undefined) return { status: 409, body: { error: operation.error } };
    const body = operation.result?.();
    return { status: 200, ...(body !== undefined && { body }) };
  }

  #view(operation: Operation): object {
    const { status, error } = operation;
    if (operation.kind === 'network') return { status, ...(error !== undefined && { error }) };
    const output = status === 'Succeeded' ? operation.output?.() : undefined;
    return {
      startTime: operation.startTime.toISOString(),
      ...(operation.endTime !== undefined && { endTime: operation.endTime.toISOString() }),
      status,
      ...(output !== undefined && { properties: { output } }),
      ...(error !== undefined && { error }),
      name: operation.id,
    };
  }

  #signature(id: string): string {
    return createHmac('sha256', this.#key).update(id).digest('base64url');
  }

  #url(operation: Operation, options: BeginOptions, monitor: boolean): string {
    const base = `${this.origin}/subscriptions/${options.subscription}`;
    const query = new URLSearchParams({
      ...((options.kind === 'compute' || options.kind === 'disk') && { p: randomUUID() }),
      ...(monitor && { monitor: 'true' }),
      'api-version': options.apiVersion,
      t: String(operation.startTime.getTime()),
      c: this.#certificate,
      s: randomBytes(256).toString('base64url'),
      h: this.#signature(operation.id),
    });
    if (options.kind === 'resourceGroup') return `${base}/operationresults/${operation.id}?${query}`;
    const provider = options.kind === 'network' ? 'Microsoft.Network' : 'Microsoft.Compute';
    const collection = options.kind === 'disk' ? 'DiskOperations' : 'operations';
    return `${base}/providers/${provider}/locations/${options.location}/${collection}/${operation.id}?${query}`;
  }
}
