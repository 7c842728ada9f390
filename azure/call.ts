/** Who is calling Azure: carried through every await, so that each request bears its repair's correlation id and each write is told to its audit. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';

export interface Call {
  repairId: string;
  phase: string;
  /** Name of the activity. */
  step: string;
  /** For whom it is done: who asked, the hash of the plan that is carried out, and who approved that. Absent where there is none. */
  by?: string | undefined;
  planHash?: string | undefined;
  approvedBy?: string | undefined;
  /** What the write replaces and puts in its place (`Change`). */
  before?: string;
  after?: string;
  /** What the audit calls its next write, where the address of that is a secret. */
  named?: { resource: string; operation: string };
  /** Where its requests are told; absent = nowhere. */
  trace?: Trace | undefined;
}

/** One request, as a trace tells of it: no query, no body. */
export interface AzureRequest {
  /** As Azure's roles name it. */
  operation: string;
  attributes: Record<string, string | number>;
}

export interface Trace {
  /** A request begins. @returns to be called at its end; `status` 0 = no answer came, `failed` = what it is to be called */
  request(request: AzureRequest): (end: { attributes: AzureRequest['attributes']; status: number; failed: string | null }) => void;
}

const calls = new AsyncLocalStorage<Call>();

/** Runs `work`; every request to Azure in it belongs to `call`. */
export function inCall<T>(call: Call, work: () => Promise<T>): Promise<T> {
  return calls.run(call, work);
}

export function currentCall(): Call | undefined {
  return calls.getStore();
}

/** What a write replaces and what it puts in its place, in a few words or as an id, for the audit; a half that is absent is *nothing*. */
export interface Change {
  before?: string;
  after?: string;
}

/** The same call, with what its next write replaces. */
export function changing<T>(change: Change, work: () => Promise<T>): Promise<T> {
  const call = calls.getStore();
  return call ? calls.run({ ...call, ...change }, work) : work();
}

/** The same call, whose next write the audit knows by these names and not by its address. */
export function auditedAs<T>(
  write: { resource: string; operation: string; before: string; after: string },
  work: () => Promise<T>,
): Promise<T> {
  const call = calls.getStore();
  const { before, after, ...named } = write;
  return call ? calls.run({ ...call, before, after, named }, work) : work();
}

/** The repair's `x-ms-correlation-request-id`: a UUID (version 8, RFC 9562) made from the repair's id, the same on every host. */
export function correlationId(repairId: string): string {
  const hex = createHash('sha256').update(`bootmedic ${repairId}`).digest('hex');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Whether a correlation id is one of our repairs': version 8, where Azure and its clients make version 4. */
export function isOfRepair(correlation: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(correlation);
}
