/** Why a program of ours ended, from what it wrote last. */
import { readFileSync } from 'node:fs';
import { CliError, exitCodes } from './errors.ts';
import { printable } from './terminal.ts';

const LAST_LINES = 6;
const LINE_WIDTH = 200;

interface Logging {
  name: string;
  log: string;
}

export function diedError(program: Logging, how: string): CliError {
  const lines = lastLines(program.log);
  const port = /EADDRINUSE\D*(?:[\d.]+:)?(\d+)/.exec(lines.join('\n'))?.[1];
  if (port !== undefined) {
    const message = `the ${program.name} cannot start: port ${port} is taken`;
    return new CliError(message, 'name another one by --port, or 0 for a free one', exitCodes.unreachable);
  }
  return new CliError(`the ${program.name} ended (${how})`, `see ${program.log}`, exitCodes.unreachable, lines);
}

export function silentError(program: Logging, seconds: number): CliError {
  const message = `the ${program.name} was not ready within ${seconds} s`;
  return new CliError(message, `see ${program.log}`, exitCodes.unreachable, lastLines(program.log));
}

/** The last lines of a log; of a structured one only what it says. */
export function lastLines(file: string): string[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
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
