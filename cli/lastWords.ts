/** Why a program of ours ended, from what it wrote last. */
import { readFileSync } from 'node:fs';
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

/** Of structured lines only what they say. */
function lastLines(text: string): string[] {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  return lines.slice(-LAST_LINES).map(line => printable(messageOf(line)).slice(0, LINE_WIDTH));
}

function messageOf(line: string): string {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && 'msg' in entry && typeof entry.msg === 'string') return entry.msg;
  } catch {
    // Not structured: as it is.
  }
  return line;
}
