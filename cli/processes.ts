/** Programs of ours as child processes: started, waited for until they say that they are ready, and never left behind. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { CliError, exitCodes } from './errors.ts';
import { diedError, jsonOf, type Logged, silentError } from './lastWords.ts';
import { packageRoot } from './node24.ts';

/** Folder with package.json and host.json. */
export const root = packageRoot(import.meta.url);

/** How long a child has to end by itself before it is killed. */
const GRACE_MS = 8000;
const START_DEADLINE_MS = 60_000;

/** A child ends when the channel to us breaks: also when we are killed and can do nothing any more. */
const leash = `data:text/javascript,${encodeURIComponent("process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));")}`;

export interface Program<T> {
  /** What the user calls it. */
  name: string;
  /** The JavaScript file. */
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** File that takes everything it writes. */
  log: string;
  /** What its line of JSON on standard output holds once it is ready. */
  ready: z.ZodType<T>;
}

export interface Running<T> {
  ready: T;
  pid: number;
  /** Aborted, with a CliError as its reason, when the process ends without having been asked to. */
  gone: AbortSignal;
  /** SIGTERM, and SIGKILL after a grace. Answers when it has ended. */
  stop(): Promise<void>;
}

type Child = ChildProcessByStdio<null, Readable, null>;

/** The built file of a program. @throws CliError when it is not there */
export function builtProgram(name: 'host' | 'simulator'): string {
  const file = join(root, 'dist', name, 'main.js');
  if (existsSync(file)) return file;
  throw new CliError(`bootmedic is not built: ${file} is not there`, 'run npm run build', exitCodes.unreachable);
}

/**
 * Starts a program and waits until it is ready.
 * @param signal stops the wait, and the program with it; its reason is thrown
 * @throws CliError with the program's last words when it ends, or stays silent, instead
 */
export async function startProgram<T>(program: Program<T>, signal: AbortSignal, graceMs = GRACE_MS): Promise<Running<T>> {
  signal.throwIfAborted();
  mkdirSync(dirname(program.log), { recursive: true });
  const log = openSync(program.log, 'a');
  const logged = { name: program.name, log: program.log, logStart: fstatSync(log).size };
  const child = launch(program, log);
  const gone = new AbortController();
  let stopping = false;
  const ended = new Promise<void>(resolve => {
    const leave = (code: number | null, how: string) => {
      if (!stopping) gone.abort(diedError(logged, code, how));
      resolve();
    };
    child.once('error', error => leave(null, error.message));
    child.once('exit', (code, killedBy) => leave(code, killedBy ?? `exit code ${code}`));
    child.once('close', () => closeSync(log));
  });
  const stop = async () => {
    stopping = true;
    await end(child, ended, graceMs);
  };
  try {
    const ready = await readyLine(child, { ...program, ...logged }, log, AbortSignal.any([signal, gone.signal]));
    return { ready, pid: child.pid ?? 0, gone: gone.signal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** In a process group of its own: Ctrl-C reaches us alone, and we end the others in order. */
function launch(program: Program<unknown>, log: number): Child {
  return spawn(process.execPath, ['--import', leash, program.file, ...program.args], {
    env: program.env,
    stdio: ['ignore', 'pipe', log, 'ipc'],
    detached: true,
  }) as unknown as Child;
}

/** Copies standard output to the log for as long as there is any. */
function readyLine<T>(child: Child, program: Program<T> & Logged, log: number, signal: AbortSignal): Promise<T> {
  let deadline: NodeJS.Timeout | undefined;
  return new Promise<T>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    deadline = setTimeout(() => reject(silentError(program, START_DEADLINE_MS / 1000)), START_DEADLINE_MS);
    createInterface({ input: child.stdout }).on('line', line => {
      writeSync(log, `${line}\n`);
      const ready = program.ready.safeParse(jsonOf(line));
      if (ready.success) resolve(ready.data);
    });
  }).finally(() => clearTimeout(deadline));
}

async function end(child: Child, ended: Promise<void>, graceMs: number): Promise<void> {
  const over = new AbortController();
  child.kill('SIGTERM');
  const killing = sleep(graceMs, undefined, { signal: over.signal }).then(
    () => killGroup(child),
    () => {},
  );
  await ended;
  over.abort();
  await killing;
}

/** Its own children too. */
function killGroup(child: Child): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
