/** Why a program of ours ended, from what it wrote last. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CliError, exitCodes } from './errors.ts';
import { printable } from './terminal.ts';

const LAST_LINES = 6;
const LINE_WIDTH = 200;
/** What our programs answer to wrong arguments. */
const USAGE_CODE = 2;

export interface Logged {
  name: string;
  log: string;
  /** Bytes of the log that earlier runs have left. */
  logStart: number;
}

export function diedError(program: Logged, code: number | null, how: string): CliError {
  const text = written(program);
  const port = /EADDRINUSE: address already in use \S*:(\d+)/.exec(text)?.[1];
  if (port !== undefined) {
    const message = `the ${program.name} cannot start: port ${port} is taken`;
    return new CliError(message, 'name another one by --port, or 0 for a free one', exitCodes.unreachable);
  }
  const exitCode = code === USAGE_CODE ? exitCodes.wrongUse : exitCodes.unreachable;
  return new CliError(`the ${program.name} ended (${how})`, `see ${program.log}`, exitCode, lastLines(text));
}

export function silentError(program: Logged, seconds: number): CliError {
  const message = `the ${program.name} was not ready within ${seconds} s`;
  return new CliError(message, `see ${program.log}`, exitCodes.unreachable, lastLines(written(program)));
}

function written({ log, logStart }: Logged): string {
  return readFileSync(log).subarray(logStart).toString();
}

/** Of structured lines only the warnings and errors, and of these what they say. */
function lastLines(text: string): string[] {
  const lines = text.split('\n').flatMap(line => wordsOf(line) ?? []);
  return lines.slice(-LAST_LINES).map(line => printable(line).slice(0, LINE_WIDTH));
}

/** The host writes the level as a word, the app within it (pino) as a number: 40 is a warning. */
const logLine = z.object({ level: z.union([z.string(), z.number()]).default('info'), msg: z.string().default('') });

function wordsOf(line: string): string | null {
  if (line.trim() === '') return null;
  if (!line.startsWith('{')) return line;
  const entry = logLine.safeParse(jsonOf(line));
  if (!entry.success) return line;
  const { level, msg } = entry.data;
  return level === 'warn' || level === 'error' || Number(level) >= 40 ? msg : null;
}

/** Undefined = it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
