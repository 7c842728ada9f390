/** `run.json` in the data folder: where the host of this folder listens and what it wants to be shown, for whoever comes later. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError, causeCode, errorCode, exitCodes } from './errors.ts';

const run = z.object({ url: z.url(), pid: z.int().positive(), token: z.string().min(1) });
export type Run = z.infer<typeof run>;

const ANSWER_MS = 5000;

export const fileIn = (data: string) => join(data, 'run.json');

/** Only its owner may read it: who has the token may repair what the host's sign-in may. */
export function writeRun(data: string, { url, pid, token }: Run): void {
  rmSync(fileIn(data), { force: true });
  writeFileSync(fileIn(data), `${JSON.stringify({ url, pid, token }, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
}

/** Removes it if it is still the one of this process. */
export function forgetRun(data: string, pid: number): void {
  if (readRun(data)?.pid === pid) rmSync(fileIn(data), { force: true });
}

/**
 * The host that has this folder now; null = none (a file left by one that is dead counts as none).
 * @throws CliError when its process lives and does not answer
 */
export async function runningHost(data: string, signal: AbortSignal): Promise<Run | null> {
  const found = readRun(data);
  if (found === null || !isAlive(found.pid)) return null;
  try {
    // Any answer will do, and this one costs the host nothing.
    await fetch(found.url, { method: 'HEAD', signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    return found;
  } catch (error) {
    signal.throwIfAborted();
    // Nobody listens there: the process is another one that got the number of a dead host.
    if (causeCode(error) === 'ECONNREFUSED') return null;
    const message = `the host of ${data} (process ${found.pid}) does not answer at ${found.url}`;
    throw new CliError(message, 'end that process, then try again', exitCodes.unreachable);
  }
}

function readRun(data: string): Run | null {
  try {
    return run.parse(JSON.parse(readFileSync(fileIn(data), 'utf8')));
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
