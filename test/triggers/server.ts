/** The test's app (app.ts) in a host of its own, beside an Azurite. Not a test itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createBlobStore } from '../../azure/blobs.ts';
import { createRecords, type Records } from '../../records/index.ts';
import { startAzurite } from '../records/azurite.ts';

const root = new URL('../..', import.meta.url).pathname;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
  body: any;
}

export interface Server {
  url: string;
  token: string;
  records: Records;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Asks for a repair until it is as wanted. */
  until(id: string, wanted: (view: Answer['body']) => boolean): Promise<Answer['body']>;
  /** The report of the last sweep, once there is one. */
  sweep(): Promise<Answer['body']>;
  /** Kills the host and starts another on the same data; its address and token are others then. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param timeScale how many times faster than Azure's the app's service seconds are */
export async function startServer(timeScale = 20): Promise<Server> {
  const azurite = await startAzurite();
  const data = mkdtempSync(join(tmpdir(), 'triggers-'));
  const { NODE_OPTIONS: _, ...env } = process.env;
  let log = '';
  const begin = async () => {
    const child = spawn(process.execPath, [join(root, 'host/main.ts'), '--app', root, '--entry', 'test/triggers/app.ts', '--data', data], {
      env: { ...env, TEST_BLOBS: azurite.connectionString, TEST_TIME_SCALE: String(timeScale) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.on('data', chunk => {
      log += chunk;
    });
    const told = await new Promise<{ url: string; token: string }>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', line => resolve(JSON.parse(line)));
      child.once('exit', code => reject(new Error(`the host ended with ${code}: ${log}`)));
    });
    const kill = async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    };
    return { ...told, kill };
  };
  let host = await begin();
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: string | Uint8Array): Promise<Answer> => {
    const known = { authorization: `Bearer ${host.token}` };
    const response = await fetch(host.url + path, {
      method,
      headers: { ...known, ...headers },
      redirect: 'manual',
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
  const server: Server = {
    get url() {
      return host.url;
    },
    get token() {
      return host.token;
    },
    records: createRecords(createBlobStore(azurite.service)),
    get: (path, headers = {}) => ask('GET', path, headers),
    post: (path, body, headers = { 'content-type': 'application/json' }) =>
      ask('POST', path, body === undefined ? {} : headers, isRaw(body) ? body : JSON.stringify(body)),
    async until(id, wanted) {
      for (const deadline = Date.now() + 120_000; ; ) {
        const { body, text } = await server.get(`/api/repairs/${id}`);
        if (body && wanted(body)) return body;
        if (Date.now() > deadline) throw new Error(`${id} did not get there: ${text}\n${log.slice(-3000)}`);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
    async sweep() {
      for (const deadline = Date.now() + 120_000; ; ) {
        const { status, body } = await server.get('/api/sweeps/latest');
        if (status === 200) return body;
        if (Date.now() > deadline) throw new Error(`no sweep ended\n${log.slice(-3000)}`);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
    async restart() {
      await host.kill();
      host = await begin();
    },
    async stop() {
      await host.kill();
      await azurite.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
  return server;
}

function isRaw(body: unknown): body is string | Uint8Array | undefined {
  return typeof body === 'string' || body === undefined || ArrayBuffer.isView(body);
}
