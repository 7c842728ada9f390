/** Where the command line writes, and what that can show. */
import pc from 'picocolors';
import { CliError, errorCode, errorText, exitCodes, ReaderGone } from './errors.ts';

export interface Terminal {
  write(text: string): void;
  /** A person looks at it, and lines can be drawn anew. */
  live: boolean;
  paint: ReturnType<typeof pc.createColors>;
}

interface Output extends Terminal {
  /** Aborted once nothing more can be written: by ReaderGone, or by a CliError that says why. */
  broken: AbortSignal;
  /** Answers when all that was written has left us, or cannot. */
  flushed(): Promise<void>;
}

/** Standard output; colours only where a terminal shows them and NO_COLOR is not set (no-color.org). */
export function standardOutput(stream: NodeJS.WriteStream = process.stdout, env: NodeJS.ProcessEnv = process.env): Output {
  // Lines can be drawn anew only where it is known how long they are: a terminal of unknown size (0 columns) has each change as a line.
  const live = stream.isTTY === true && env.TERM !== 'dumb' && stream.columns > 0;
  const broken = new AbortController();
  stream.on('error', (error: Error) => broken.abort(outputError(error)));
  // The stream's error is told a tick after what waits in line has been answered.
  const flushed = () => new Promise<void>(resolve => stream.write('', () => setImmediate(resolve)));
  return { write: text => void stream.write(text), live, paint: pc.createColors(live && !env.NO_COLOR), broken: broken.signal, flushed };
}

function outputError(error: Error): Error {
  if (errorCode(error) === 'EPIPE') return new ReaderGone(error.message);
  const remedy = 'make room where it goes, or send it somewhere else';
  return new CliError(`standard output cannot be written: ${errorText(error)}`, remedy, exitCodes.unreachable);
}

/** Guests and names can hold anything: what is not printable must not reach a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** Columns of text, each as wide as its widest cell; a cell's text is broken at spaces where its column has a limit. */
export function table(
  rows: string[][],
  limits: (number | undefined)[],
  paint: (cell: string, row: number, column: number) => string,
): string {
  const cells = rows.map(row => row.map((cell, column) => wrap(cell, limits[column])));
  const widths = limits.map((_, column) => Math.max(...cells.map(row => Math.max(...(row[column] ?? ['']).map(line => line.length)))));
  const lines = cells.flatMap((row, at) =>
    Array.from({ length: Math.max(...row.map(cell => cell.length)) }, (_, line) =>
      row.map((cell, column) => paint((cell[line] ?? '').padEnd(widths[column] ?? 0), at, column)).join('  '),
    ),
  );
  return lines.map(line => `${line.trimEnd()}\n`).join('');
}

/** A table under a head. @param limits of the columns, in their order; undefined or left out = as wide as its widest cell */
export function headed(heads: string[], rows: string[][], { paint }: Terminal, limits: (number | undefined)[] = []): string {
  const all = heads.map((_, column) => limits[column]);
  return table([heads, ...rows], all, (cell, row) => (row === 0 ? paint.dim(cell) : cell));
}

/** Broken at spaces; a word that is longer stays whole. */
export function wrap(text: string, limit = Number.POSITIVE_INFINITY): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= limit) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
