/** Lines of COM1, one by one -> its boots. Keeps of each boot what it told and few of its lines, however long the log is. */
import type { Failure } from '../failure.ts';
import { doubted, isOwn } from './aftermath.ts';
import { Capture, linesAbove } from './capture.ts';
import { mayTell, stopByBlock, stopByOldLine, stopBySentence } from './failures.ts';
import { type SerialSignature, type SerialState, signaturesOf } from './signatures.ts';

const linesKept = 80;
const capturesKept = 4;
/** The console fills its lines to column 80 with these, and Azure's copy of it may have no other end of a line. */
const padding = ' '.repeat(20);
const longestKept = 1000;
/** A machine in a loop writes thousands. */
const stopsKept = 100;

/** How far a boot is; what is below or beside what was already reached belongs to the next one. */
const rank = { firmware: 1, loader: 2, system: 3 } as const;

export interface SeenState {
  state: SerialState;
  text: string;
  /** From 1. */
  line: number;
}

class Boot {
  rank = 0;
  hasServices = false;
  system: SerialSignature['system'] = null;
  state: SeenState | null = null;
  /** The last few lines that may tell a stop: one that was cut takes nothing away from the one before. */
  stops: Capture[] = [];
  page: Capture | null = null;
  tail: string[] = [];
  /** How many of the tail's lines came since something last told of work, of services, or of a start: a stop before that is past. */
  untold = 0;

  stop(): { capture: Capture; code: string } | undefined {
    for (const capture of this.system === 'linux' ? [] : this.stops.toReversed()) {
      const { code } = capture;
      if (code !== undefined) return { capture, code };
    }
    return undefined;
  }

  hasFailed(): boolean {
    return this.stop() !== undefined || this.page?.code !== undefined;
  }
}

const told = (failure: Failure, line: number, talk: string | null = null) => ({
  failure: talk === null ? failure : doubted(failure, talk),
  line,
  goesOn: talk !== null,
});

export class Boots {
  boots = 0;
  lines = 0;
  earlierStops: string[] = [];
  last = new Boot();
  /** Boots in a row, up to the last but one, that ended with the same stop. */
  #row: { code: string; times: number } | null = null;
  #open: Capture[] = [];
  #isAtPrompt = false;

  readonly read = (raw: string): void => {
    this.lines++;
    for (const part of raw.includes(padding) ? raw.split(padding) : [raw]) this.#read(part);
  };

  #read(raw: string): void {
    const line = raw.replace(/^!?SAC>/, '').trim();
    this.#isAtPrompt = line === '' && (this.#isAtPrompt || raw.startsWith('SAC>'));
    if (line === '') return;
    for (const signature of signaturesOf(line)) this.#tell(signature, line);
    this.#collect(line.length > longestKept ? line.slice(0, longestKept) : line, mayTell(line));
  }

  /** The failure of the last boot and the line it rests on (from 1). What a Linux writes of Windows is talk. */
  failure(): { failure: Failure; line: number; goesOn: boolean } | null {
    if (this.last.system === 'linux') return null;
    const { capture } = this.last.stop() ?? {};
    const stop = capture?.kind === 'block' ? stopByBlock(capture.below) : stopByOldLine(capture?.above ?? [], capture?.below ?? []);
    if (stop !== undefined) return told(stop, capture?.line ?? this.lines, capture?.aftermath.talk);
    const { tail, untold } = this.last;
    const spoken = untold === 0 ? undefined : stopBySentence(tail.slice(-Math.min(linesKept, untold)));
    if (spoken !== undefined) return told(spoken.failure, this.lines, spoken.talk);
    const page = this.last.page?.bootError();
    return page === undefined ? null : told(page, this.last.page?.line ?? this.lines);
  }

  /** How many boots in a row ended with the last stop that is told; 0 when the last boots did not stop. */
  stopsInARow(): number {
    const now = this.last.stop()?.code;
    if (now === undefined) return this.#row?.times ?? 0;
    return this.#row?.code === now ? this.#row.times + 1 : 1;
  }

  state(): SeenState | null {
    return this.#isAtPrompt ? { state: 'sac-prompt', text: 'SAC>', line: this.lines } : this.last.state;
  }

  #tell({ tells, system }: SerialSignature, line: string): void {
    if ('boot' in tells) this.#starts(rank[tells.boot]);
    // A machine that stopped writes nothing more: work and services are of a next boot, though its start is not told.
    if (!('boot' in tells) && this.last.hasFailed()) this.#next();
    this.last.untold = 0;
    this.last.system = system ?? this.last.system;
    if ('state' in tells) this.last.state = { state: tells.state, text: line.slice(0, 200), line: this.lines };
    else this.last.state = null;
    if ('services' in tells) this.last.hasServices = true;
  }

  #starts(reached: number): void {
    const { last } = this;
    const isFurther = reached > last.rank || (reached === last.rank && reached === rank.firmware);
    if (this.boots === 0 || !isFurther || last.hasFailed()) this.#next();
    this.last.rank = reached;
  }

  #next(): void {
    const code = this.last.stop()?.code;
    if (code !== undefined) {
      this.earlierStops = [...this.earlierStops.slice(1 - stopsKept), code];
      this.#row = { code, times: this.#row?.code === code ? this.#row.times + 1 : 1 };
    } else if (this.last.rank > 0 || this.last.hasServices) this.#row = null;
    this.boots++;
    this.#open = [];
    this.last = new Boot();
  }

  #collect(line: string, kind: ReturnType<typeof mayTell>): void {
    const { last } = this;
    if (this.#open.length > 0) {
      for (const capture of this.#open) capture.add(line);
      if (this.#open.some(({ isFull }) => isFull)) this.#open = this.#open.filter(({ isFull }) => !isFull);
    }
    const heard = last.stops.filter(({ aftermath }) => !aftermath.isClosed);
    if (heard.length > 0) {
      const own = isOwn(line);
      for (const { aftermath } of heard) aftermath.add(line, own);
    }
    if (kind !== null) {
      const capture = new Capture(kind, this.lines, last.tail.slice(-linesAbove), line);
      if (kind === 'boot-status') last.page = capture;
      else last.stops = [...last.stops.slice(1 - capturesKept), capture];
      this.#open = [...this.#open.slice(1 - capturesKept), capture];
    }
    last.tail.push(line);
    last.untold++;
    if (last.tail.length > 2 * linesKept) last.tail = last.tail.slice(-linesKept);
  }
}
