/** A host as its own process, on a small app written for the test. Not a test itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const REPOSITORY = join(import.meta.dirname, '..', '..');

export interface LogLine {
  level: string;
  msg: string;
  [field: string]: unknown;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; an empty object when it is empty or no JSON. */
  body: Status;
}

/** What the management API tells of an instance; other bodies are read through its index. */
export interface Status {
  name?: string;
  instanceId?: string;
  runtimeStatus?: string;
  input?: unknown;
  output?: unknown;
  customStatus?: unknown;
  historyEvents?: Record<string, unknown>[];
  [field: string]: unknown;
}

const made: string[] = [];
const running = new Set<HostProcess>();

/** A temporary app folder: `source` is a CommonJS file that finds the repository's packages. */
export async function makeApp(source: string, hostJson: unknown = { version: '2.0' }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'host-test-'));
  made.push(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'test-app', main: 'index.cjs' }));
  await writeFile(join(folder, 'host.json'), JSON.stringify(hostJson));
  await writeFile(join(folder, 'index.cjs'), source);
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** For afterAll: ends what still runs and removes the folders. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...running].map(host => host.kill()));
  await Promise.all(made.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
}

/** Starts a host that is expected to refuse; its exit code and what it said. */
export async function startRefused(appRoot: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawnHost(appRoot, join(appRoot, 'data'));
  let stderr = '';
  child.stderr?.on('data', chunk => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>(resolve => child.once('close', resolve));
  return { code, stderr };
}

function spawnHost(appRoot: string, dataDir: string, environment: Record<string, string> = {}): ChildProcess {
  const args = [join(REPOSITORY, 'host', 'main.ts'), '--app', appRoot, '--data', dataDir];
  const { NODE_OPTIONS: _, ...env } = process.env;
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...environment } });
}

export class HostProcess {
  readonly url: string;
  readonly token: string;
  readonly logs: LogLine[];
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;

  private constructor({ url, token }: { url: string; token: string }, logs: LogLine[], child: ChildProcess) {
    this.url = url;
    this.token = token;
    this.logs = logs;
    this.#child = child;
    this.#exited = new Promise(resolve => child.once('exit', resolve));
  }

  /** Starts it and waits until it is ready. The data folder is `data` in the app's. */
  static async start(appRoot: string, environment: Record<string, string> = {}): Promise<HostProcess> {
    const child = spawnHost(appRoot, join(appRoot, 'data'), environment);
    const logs: LogLine[] = [];
    const unread: string[] = [];
    createInterface({ input: child.stderr! }).on('line', line => {
      if (line.startsWith('{')) logs.push(JSON.parse(line));
      else unread.push(line);
    });
    const ready = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout! }).once('line', resolve);
      child.once('exit', code => reject(new Error(`the host ended with ${code}: ${unread.join('\n')}`)));
    });
    const host = new HostProcess(JSON.parse(ready), logs, child);
    running.add(host);
    return host;
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const known = { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.url}${path}`, { method, headers: { ...known, ...json, ...headers }, body: sent });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  }

  get(path: string): Promise<Reply> {
    return this.request('GET', path);
  }

  /** Starts an instance by the management API. */
  startInstance(name: string, id: string, input?: unknown): Promise<Reply> {
    const body = input === undefined ? undefined : JSON.stringify(input);
    return this.request('POST', `/durabletask/orchestrators/${name}/${encodeURIComponent(id)}`, body);
  }

  raise(id: string, event: string, value: unknown): Promise<Reply> {
    return this.request('POST', `/durabletask/instances/${id}/raiseEvent/${event}`, JSON.stringify(value));
  }

  status(id: string, query = ''): Promise<Reply> {
    return this.get(`/durabletask/instances/${encodeURIComponent(id)}${query}`);
  }

  /** Waits until the instance has ended and returns its status. */
  async ended(id: string, timeoutMs = 15_000): Promise<Status> {
    return this.until(id, status => ['Completed', 'Failed', 'Terminated'].includes(status.runtimeStatus ?? ''), timeoutMs);
  }

  async until(id: string, isReached: (status: Status) => boolean, timeoutMs = 15_000): Promise<Status> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const { body } = await this.status(id);
      if (isReached(body)) return body;
      if (Date.now() > deadline) throw new Error(`${id} did not get there: ${JSON.stringify(body)}`);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  /** kill -9 */
  async kill(): Promise<void> {
    running.delete(this);
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** SIGTERM; the exit code. */
  async stop(): Promise<number | null> {
    running.delete(this);
    this.#child.kill('SIGTERM');
    return this.#exited;
  }
}

function parse(text: string): Status {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
