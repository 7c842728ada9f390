import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { forgetRun, runningHost, writeRun } from '../../cli/runFile.ts';
import { fakeApp } from './samples.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'bootmedic-run-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const never = new AbortController().signal;
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('no file, a torn file, a file of something else: no host', async () => {
  expect(await runningHost(data, never)).toBeNull();
  for (const text of [
    '',
    '{"url":',
    '[]',
    '{"url":"http://127.0.0.1:1"}',
    '{"url":"nonsense","pid":1}',
    '{"url":"http://127.0.0.1:1","pid":-1}',
    '{"url":"http://127.0.0.1:1","pid":1}',
  ]) {
    writeFileSync(join(data, 'run.json'), text);
    expect(await runningHost(data, never)).toBeNull();
  }
});

test('a host that answers is found', async () => {
  const app = await fakeApp({});
  try {
    writeRun(data, { url: app.url, pid: process.pid, token: 't' });
    expect(await runningHost(data, never)).toEqual({ url: app.url, pid: process.pid, token: 't' });
  } finally {
    await app.close();
  }
});

test('a dead process is none, though something else listens on its port now', async () => {
  const app = await fakeApp({});
  try {
    writeRun(data, { url: app.url, pid: await deadPid(), token: 't' });
    expect(await runningHost(data, never)).toBeNull();
    expect(app.asked).toEqual([]);
  } finally {
    await app.close();
  }
});

test('a living process that listens nowhere has only inherited the number', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  writeRun(data, { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, pid: process.pid, token: 't' });
  expect(await runningHost(data, never)).toBeNull();
});

test('one that breaks off is told: its data folder is taken', async () => {
  const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  writeRun(data, { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, pid: process.pid, token: 't' });
  await expect(runningHost(data, never)).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining(`process ${process.pid}`) });
  server.close();
});

test('only its owner may read the token, also where the file of an earlier host was open to all', () => {
  writeFileSync(join(data, 'run.json'), '{}', { mode: 0o644 });
  writeRun(data, { url: 'http://127.0.0.1:1', pid: process.pid, token: 't' });
  expect(statSync(join(data, 'run.json')).mode & 0o777).toBe(0o600);
});

test('only its own file is forgotten', async () => {
  writeRun(data, { url: 'http://127.0.0.1:1', pid: process.pid, token: 't' });
  forgetRun(data, process.pid + 1);
  expect(JSON.parse(readFileSync(join(data, 'run.json'), 'utf8'))).toEqual({ url: 'http://127.0.0.1:1', pid: process.pid, token: 't' });
  forgetRun(data, process.pid);
  expect(existsSync(join(data, 'run.json'))).toBe(false);
});
