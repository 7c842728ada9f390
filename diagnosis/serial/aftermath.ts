/**
 * What follows a stop in the log. A machine that stopped writes the stop's own text (its sentence in the system's language, name, file,
 * parameters, how far the dump is) and nothing more: where more follows, a program that runs has written the stop too.
 */
import type { Failure } from '../failure.ts';
import { plain, saysExactly } from '../languages/index.ts';

/** Tags and what was broken off them, numbers and what was broken off their list, drivers and files, a name in capitals. */
const forms: readonly RegExp[] = [
  /^<|>$/,
  /^[("]?0x[0-9A-F]{1,16}\b|^[0-9A-Fx(),. ]{1,100}$/i,
  /^\*{3} {1,4}[\w~-]|\b\w{1,40}\.(?:sys|exe|dll)\b/i,
  /^[A-Z][A-Z0-9_ ]{4,60}$/,
];
/** A machine stops once. */
const anotherStop = /^\*{3} STOP|"STOPCODE"/;
/** The dump's lines since NT, as the kernel has them in English. */
const dump =
  /^(?:Collecting data for crash dump|Initializing (?:disk|secondary) ?.{0,20}for crash dump|Beginning dump of|Dumping physical memory|Physical memory dump|Contact your system admin)/i;
const percentage = /(?<!\d)\d{1,3}\s?%/;
const topics = ['stop', 'stopCode', 'whatFailed'] as const;

/** Whether a stop's own text may have this line. */
export function isOwn(line: string): boolean {
  if (line.length > 200 || anotherStop.test(line)) return false;
  if (forms.some(form => form.test(line)) || dump.test(line)) return true;
  return percentage.test(line) || topics.some(topic => saysExactly(topic, plain(line)));
}

/** A text has some ten lines, in whatever language; a dump tells each percent, at most. */
const longestText = 30;
const longestInAll = 250;

export class Aftermath {
  #lines = 0;
  #foreign = 0;
  /** The first line after the stop's last own one. */
  #after: string | null = null;

  /** What follows changes nothing more. */
  get isClosed(): boolean {
    return this.#foreign > longestText || this.#lines > longestInAll;
  }

  add(line: string, own: boolean): void {
    if (this.isClosed) return;
    this.#lines++;
    if (!own) this.#foreign++;
    if (!own || this.isClosed) this.#after ??= line;
    else this.#after = null;
  }

  /** The line that a machine that stopped would not have written, if any. */
  get talk(): string | null {
    return this.#after;
  }
}

/** A stop that something else follows. */
export const doubted = (failure: Failure, talk: string): Failure => ({
  ...failure,
  confidence: 'possible',
  contradictions: [...failure.contradictions, `a machine that stopped writes nothing more, and this follows: ${talk.slice(0, 100)}`],
});
