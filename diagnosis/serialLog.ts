/**
 * COM1 -> how the last boot in it went. Windows writes there only what EMS is told to: the Special Administration Console, and a stop
 * as an XML block and plain text; firmware, boot managers and Linux write there too. Read in pieces, with bounded memory.
 */
import type { Failure } from './failure.ts';
import { Boots, type SeenState } from './serial/boots.ts';
import { beginningOf, Decoder, leftOut } from './serial/decode.ts';
import { Lines } from './serial/lines.ts';

export interface SerialReading {
  failure: Failure | null;
  /** The line that the failure rests on, from 1, counted from where the reading began; null without a failure. */
  failureLine: number | null;
  /** Lines follow the failure that a machine which stopped would not write: a program that runs has told it. */
  goesOn: boolean;
  /** How far the last boot got, as the log tells it. `services`: the service control manager runs. */
  progress: 'none' | 'started' | 'services';
  system: 'windows' | 'linux' | null;
  /** What the last boot does or waits for, where the log tells it. Its text is hostile. */
  state: SeenState | null;
  /** Starts that the log tells of. */
  boots: number;
  /** Stop codes of earlier boots in the same log, oldest first, the last hundred. They say nothing of the present. */
  earlierStops: string[];
  /** How many boots in a row, the last with them, ended with the same stop: more than one is a loop. */
  stopsInARow: number;
  /** The last lines that are not blank. */
  tail: string[];
}

/** Takes a log in pieces, cut anywhere. Any bytes are accepted. */
export class SerialReader {
  readonly #decoder = new Decoder();
  readonly #boots = new Boots();
  readonly #lines = new Lines(this.#boots.read);

  push(bytes: Uint8Array): void {
    this.#lines.push(this.#decoder.push(bytes));
  }

  pushText(text: string): void {
    this.#lines.push(text);
  }

  /** Nothing can be pushed after it. */
  end(): SerialReading {
    this.#lines.push(this.#decoder.end());
    this.#lines.end();
    const boots = this.#boots;
    const { last } = boots;
    const told = boots.failure();
    return {
      failure: told?.failure ?? null,
      failureLine: told?.line ?? null,
      goesOn: told?.goesOn ?? false,
      progress: last.hasServices ? 'services' : last.system !== null && last.rank > 0 ? 'started' : 'none',
      system: last.system,
      // A failure comes after the work that was told before it.
      state: told === null ? boots.state() : null,
      boots: boots.boots,
      earlierStops: boots.earlierStops,
      stopsInARow: boots.stopsInARow(),
      tail: last.tail.slice(-5),
    };
  }
}

/** Bytes are fed in pieces, so that a large log costs no copy of itself. */
const pieceLength = 256 * 1024;

/** Reads a whole log: its bytes in any encoding, or its text. Of one longer than 16 Mi, the end. */
export function readSerialLog(log: string | Uint8Array): SerialReading {
  const reader = new SerialReader();
  const beginning = beginningOf(log.length);
  if (beginning > 0) reader.pushText(leftOut);
  for (let start = beginning; start < log.length; start += pieceLength) {
    if (typeof log === 'string') reader.pushText(log.slice(start, start + pieceLength));
    else reader.push(log.subarray(start, start + pieceLength));
  }
  return reader.end();
}

/** Reads a log from a stream, in bounded memory however long it is. */
export async function readSerialStream(chunks: AsyncIterable<Uint8Array>): Promise<SerialReading> {
  const reader = new SerialReader();
  for await (const chunk of chunks) reader.push(chunk);
  return reader.end();
}
