/**
 * Long operations, level-triggered: look at the resource, start what nobody has started, wait a little, say when to look
 * again. Running it twice is harmless, and after a crash it needs no special path. Only the address at which the operation
 * tells why it failed is kept, in a private blob keyed by repair and operation.
 */
import { z } from 'zod';
import type { Accepted, Arm } from './arm.ts';
import type { BlobStore } from './blobs.ts';
import { type Change, changing, currentCall } from './call.ts';
import type { Clock } from './clock.ts';
import { AzureError } from './errors.ts';
import type { Fault } from './fault.ts';
import { nextLook, type Span } from './pace.ts';

/** Seconds are service seconds. */
export type Progress<T> = { done: true; value: T } | { done: false; checkAfterSeconds: number; awaiting: string };

export type Look<T> =
  /** It is as wanted. */
  | { seen: 'reached'; value: T }
  /** Something (ours or another's) is being done to it. */
  | { seen: 'busy'; state: string }
  /** Nobody has started it. */
  | { seen: 'idle' }
  /** It was tried, and failed. */
  | { seen: 'failed'; fault: Fault };

export const reached = <T>(value: T): Look<T> => ({ seen: 'reached', value });
export const busy = (state: string): Look<never> => ({ seen: 'busy', state });
export const idle: Look<never> = { seen: 'idle' };
export const failed = (fault: Fault): Look<never> => ({ seen: 'failed', fault });

export interface Goal<T> {
  /** Names the operation within the repair: `powerOff vm-nl`. */
  operation: string;
  /** How long it takes: the looks stand where its end is likely. */
  span: Span;
  /**
   * True: only this repair can have started it (the name derives from its id), so that the first look is needless where our own note of
   * having begun is not there yet. The note is written before the start, and only where there is none: a crash between the two is seen.
   */
  onlyOurs?: boolean;
  /** @param askedAt ISO time at which we started it; null = we did not, or it was over before */
  look(askedAt: string | null): Promise<Look<T>>;
  start(): Promise<Accepted>;
  /** Of that start, as the last look saw it. */
  change(): Change;
}

/** How long one call may wait inside, service seconds; beyond it a durable timer waits, which costs nothing but comes a second late. */
const budget = 15;
const instant = 0.5;
/** Looks granted to a resource whose operation has succeeded but which does not show it yet, and the seconds between them; within the budget. */
const lags = { looks: 3, seconds: 4 };
/** What has ended as failed so often in a row will not end otherwise. */
const most = 5;

export interface Operations {
  /** Drives an operation to its goal, some seconds at a time. Throws AzureError of the kind it failed with; the next call starts it anew. */
  reach<T>(goal: Goal<T>): Promise<Progress<T>>;
  /** `under-way`: we have started it, and have not yet told how it ended; `never`: this repair has not asked for it yet. */
  stateOf(operation: string): Promise<'never' | 'under-way' | 'ended'>;
}

export function createOperations(arm: Pick<Arm, 'operation'>, blobs: BlobStore, clock: Clock): Operations {
  return {
    async reach(goal) {
      const pursuit = new Pursuit(goal, await Note.read(blobs, goal.operation), arm, clock);
      try {
        for (let spent = 0; ; ) {
          const step = await pursuit.step();
          if (step.done) return step;
          if (spent + step.checkAfterSeconds > budget) return step;
          await clock.sleep(step.checkAfterSeconds);
          spent += step.checkAfterSeconds;
        }
      } finally {
        await pursuit.remember();
      }
    },
    async stateOf(operation) {
      const note = await Note.read(blobs, operation);
      if (note.startedAt !== null) return 'under-way';
      return note.exists ? 'ended' : 'never';
    },
  };
}

class Pursuit<T> {
  readonly #goal: Goal<T>;
  readonly #note: Note;
  readonly #arm: Pick<Arm, 'operation'>;
  readonly #clock: Clock;
  #lagging = 0;

  constructor(goal: Goal<T>, note: Note, arm: Pick<Arm, 'operation'>, clock: Clock) {
    this.#goal = goal;
    this.#note = note;
    this.#arm = arm;
    this.#clock = clock;
  }

  /** One look; at most one write. The resource says how far it is; the operation itself is asked only where the resource does not tell. */
  async step(): Promise<Progress<T>> {
    const goal = this.#goal;
    if (goal.onlyOurs && (await this.#note.begin())) return await this.#start();
    const look = await goal.look(this.#note.startedAt);
    if (look.seen === 'reached') {
      await this.#note.clear();
      return { done: true, value: look.value };
    }
    if (look.seen === 'busy') return this.#later(`${goal.operation} (${look.state})`);
    const operation = this.#note.url === null ? null : await this.#arm.operation(this.#note.url);
    if (operation?.status === 'failed') return await this.#fail(operation.fault);
    if (operation?.status === 'running') return this.#later(goal.operation, operation.retryAfterSeconds);
    if (look.seen === 'failed') return await this.#fail(look.fault);
    if (this.#note.startedAt === null) return await this.#start();
    if (this.#lagging++ < lags.looks) return { done: false, checkAfterSeconds: lags.seconds, awaiting: goal.operation };
    const message = `${goal.operation} succeeded, but the resource does not show it`;
    return await this.#fail({ kind: 'transient', code: 'notAsExpected', message });
  }

  /** Before the process lets go of it. What is over within one call need not be noted: a crash finds it by the resource's own state. */
  remember(): Promise<void> {
    return this.#note.store();
  }

  async #fail(fault: Fault): Promise<never> {
    const curable = fault.kind === 'transient' || fault.kind === 'conflict';
    const times = await this.#note.failed(curable);
    if (!curable || times < most) throw new AzureError(fault);
    throw new AzureError({ ...fault, kind: 'fatal', message: `${fault.message} (${this.#goal.operation} ended so ${times} times)` });
  }

  async #start(): Promise<Progress<T>> {
    const { operation, span } = this.#goal;
    const askedAt = this.#clock.now().toISOString();
    const accepted = await changing(this.#goal.change(), () => this.#goal.start());
    this.#note.startedNow(accepted.operationUrl, askedAt);
    return { done: false, checkAfterSeconds: Math.max(nextLook(0, span), accepted.retryAfterSeconds ?? 0), awaiting: operation };
  }

  /** What somebody else has started is as likely to end now as later. The service's word wins. */
  #later(awaiting: string, retryAfterSeconds: number | null = null): Progress<T> {
    const { span } = this.#goal;
    const elapsed = this.#note.startedAt === null ? span.p50 : this.#clock.since(this.#note.startedAt);
    // Clocks and timers are not exact: a look that is due in an instant is this one.
    const next = nextLook(elapsed + instant, span) - elapsed;
    return { done: false, checkAfterSeconds: Math.max(next, retryAfterSeconds ?? 0), awaiting };
  }
}

const noteSchema = z.object({
  url: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  failures: z.int().nonnegative().default(0),
});

/** One that somebody has damaged says only that there was one: the resource itself tells the rest. */
function noted(bytes: Uint8Array): z.infer<typeof noteSchema> | undefined {
  try {
    return noteSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}

/** What is kept of an operation under way: `records/<repair>/operations/<operation>.json`. The address is signed: it goes nowhere else. */
class Note {
  url: string | null = null;
  startedAt: string | null = null;
  /** In a row. */
  failures = 0;
  /** Somebody of this repair has begun. */
  exists = false;
  /** What storage has; none is as good as an empty one. */
  #stored = JSON.stringify({ url: null, startedAt: null, failures: 0 });
  readonly #blobs: BlobStore;
  readonly #name: string;

  private constructor(blobs: BlobStore, name: string) {
    this.#blobs = blobs;
    this.#name = name;
  }

  static async read(blobs: BlobStore, operation: string): Promise<Note> {
    const repairId = currentCall()?.repairId;
    if (repairId === undefined) throw new Error(`${operation} belongs to no repair`);
    const note = new Note(blobs, `${repairId}/operations/${operation.replaceAll(/[^\w.-]+/g, '-')}.json`);
    await note.#read();
    return note;
  }

  async #read(): Promise<void> {
    const bytes = await this.#blobs.get('records', this.#name);
    if (bytes === undefined) return;
    const known = noted(bytes);
    Object.assign(this, known);
    this.exists = true;
    this.#stored = known === undefined ? '' : this.#text();
  }

  /** True = nobody of this repair has begun before: the note is made now, which only one can do. */
  async begin(): Promise<boolean> {
    if (this.exists) return false;
    this.exists = true;
    if (await this.#blobs.create('records', this.#name, this.#text(), 'application/json')) return true;
    await this.#read();
    return false;
  }

  #text(): string {
    const { url, startedAt, failures } = this;
    return JSON.stringify({ url, startedAt, failures });
  }

  startedNow(url: string | null, startedAt: string): void {
    this.url = url;
    this.startedAt = startedAt;
  }

  /** Where storage knows something else. */
  async store(): Promise<void> {
    if (this.#text() === this.#stored) return;
    this.exists = true;
    const text = this.#text();
    await this.#blobs.put('records', this.#name, text, 'application/json');
    this.#stored = text;
  }

  async clear(): Promise<void> {
    this.failures = 0;
    await this.#over();
  }

  async #over(): Promise<void> {
    this.url = null;
    this.startedAt = null;
    await this.store();
  }

  /** @returns how often it has failed in a row, of the failures that count */
  async failed(counts: boolean): Promise<number> {
    if (counts) this.failures++;
    await this.#over();
    return this.failures;
  }
}
