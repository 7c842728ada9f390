import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { CliError } from '../../cli/errors.ts';
import { type Program, startProgram } from '../../cli/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'bootmedic-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ready = z.object({ url: z.string(), pids: z.array(z.number()).default([]) });
const never = new AbortController().signal;
let count = 0;

/** A tiny program of ours: what it does, as the text of a module. */
function fake(text: string, log = join(folder, `${++count}.log`)): Program<z.infer<typeof ready>> {
  const file = join(folder, `${++count}.mjs`);
  writeFileSync(file, text);
  return { name: 'fake', file, args: ['one', '--two'], env: { ...process.env, SAID: 'by the parent' }, log, ready };
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
async function isGone(pid: number): Promise<boolean> {
  for (let n = 0; n < 100 && isAlive(pid); n++) await sleep(50);
  return !isAlive(pid);
}

const stay = 'setInterval(() => {}, 1000);';
const sayReady = `console.log(JSON.stringify({ url: 'http://x' }));`;

describe('a program that becomes ready', () => {
  test('gets its arguments and environment; its ready line is found among others; its log holds all it wrote', async () => {
    const program = fake(`
      console.error('to the error output');
      console.log('not JSON');
      console.log('{"level":30,"msg":"JSON, but another line"}');
      console.log(JSON.stringify({ url: process.argv.slice(2).join(' ') + ' ' + process.env.SAID }));
      setTimeout(() => console.log('later'), 20);
      ${stay}`);
    const running = await startProgram(program, never);
    expect(running.ready.url).toBe('one --two by the parent');
    await sleep(200);
    await running.stop();
    expect(isAlive(running.pid)).toBe(false);
    expect(running.gone.aborted).toBe(false);
    for (const line of ['to the error output', 'not JSON', 'another line', 'later'])
      expect(readFileSync(program.log, 'utf8')).toContain(line);
  });

  test('is asked to end, and may tidy up', async () => {
    const program = fake(`process.on('SIGTERM', () => { console.log('tidied up'); process.exit(0); }); ${sayReady} ${stay}`);
    const running = await startProgram(program, never);
    await running.stop();
    await running.stop();
    expect(readFileSync(program.log, 'utf8')).toContain('tidied up');
  });

  test('is killed with its own children when it does not end', async () => {
    const running = await startProgram(
      fake(`
        import { spawn } from 'node:child_process';
        process.on('SIGTERM', () => {});
        const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: 'ignore' });
        console.log(JSON.stringify({ url: 'http://x', pids: [child.pid] }));
        ${stay}`),
      never,
      300,
    );
    await running.stop();
    expect(isAlive(running.pid)).toBe(false);
    expect(await isGone(running.ready.pids[0] ?? 0)).toBe(true);
  });

  test('that dies later aborts `gone` with its last words', async () => {
    const text = `${sayReady} setTimeout(() => { console.error('{"level":50,"msg":"the disk is full"}'); process.exit(7); }, 50); ${stay}`;
    const running = await startProgram(fake(text), never);
    if (!running.gone.aborted) await once(running.gone, 'abort');
    const { message, details, exitCode } = running.gone.reason as CliError;
    expect([message, details.at(-1), exitCode]).toEqual(['the fake ended (exit code 7)', 'the disk is full', 3]);
    await running.stop();
  });
});

describe('a program that does not become ready', () => {
  const failure = async (program: Program<unknown>, signal = never): Promise<CliError> => {
    const thrown = await startProgram(program, signal).catch((error: unknown) => error);
    if (thrown instanceof CliError) return thrown;
    throw new Error(`not a CliError: ${String(thrown)}`);
  };

  test('is told with its last words and its log', async () => {
    const program = fake(`for (let n = 1; n < 20; n++) console.error('line ' + n); process.exit(1);`);
    const error = await failure(program);
    expect(error).toMatchObject({ message: 'the fake ended (exit code 1)', remedy: `see ${program.log}`, exitCode: 3 });
    expect(error.details).toEqual([14, 15, 16, 17, 18, 19].map(n => `line ${n}`));
  });

  test('because of a taken port is told with the port, an earlier run of the same log is not', async () => {
    const log = join(folder, 'shared.log');
    const taken = await failure(fake(`throw new Error('listen EADDRINUSE: address already in use 127.0.0.1:7071');`, log));
    expect(taken).toMatchObject({ message: 'the fake cannot start: port 7071 is taken', exitCode: 3 });
    const other = await failure(fake(`console.error('no such scenario'); process.exit(2);`, log));
    expect(other).toMatchObject({ details: ['no such scenario'], exitCode: 2 });
  });

  test('is ended when the user stops us while it starts', async () => {
    const stop = new AbortController();
    const file = join(folder, 'pid');
    const starting = startProgram(
      fake(`import { writeFileSync } from 'node:fs'; writeFileSync('${file}', String(process.pid)); ${stay}`),
      stop.signal,
    );
    const pid = async () => {
      for (;;) {
        try {
          return Number(readFileSync(file, 'utf8'));
        } catch {
          await sleep(20);
        }
      }
    };
    let started = 0;
    while (!started) started = await pid();
    stop.abort(new Error('stopped'));
    await expect(starting).rejects.toThrow('stopped');
    expect(isAlive(started)).toBe(false);
  });

  test('whose words hold terminal codes cannot use them', async () => {
    const error = await failure(fake(`console.error('\\u001b[2J\\u001b]0;title\\u0007evil\\u202e'); process.exit(1);`));
    expect(error.details).toEqual(['[2J ]0;title evil']);
  });
});

test('children end with us even when we are killed', async () => {
  const child = fake(`console.log(JSON.stringify({ url: String(process.pid) })); ${stay}`);
  const parent = join(folder, 'parent.mjs');
  const module = new URL('../../cli/processes.ts', import.meta.url);
  writeFileSync(
    parent,
    `import { startProgram } from ${JSON.stringify(module.href)};
     const ready = { safeParse: data => data ? { success: true, data } : { success: false } };
     const program = { ...${JSON.stringify({ ...child, env: {}, ready: null })}, env: process.env, ready };
     const running = await startProgram(program, new AbortController().signal);
     console.log(running.ready.url);`,
  );
  const us: ChildProcess = spawn(process.execPath, [parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = us.stdout ? await once(us.stdout, 'data') : [''];
  const pid = Number(String(chunk));
  expect(isAlive(pid)).toBe(true);
  us.kill('SIGKILL');
  expect(await isGone(pid)).toBe(true);
});
