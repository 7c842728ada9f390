/** Repairs as the API shows them, and a terminal that remembers. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import pc from 'picocolors';
import { CliError } from '../../cli/errors.ts';
import { commandLine } from '../../cli/program.ts';
import type { Terminal } from '../../cli/terminal.ts';
import type { Item, Record, View } from '../../cli/views.ts';

export const vmId = (name: string) =>
  `/subscriptions/6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/${name}`;

export function sampleItem(name: string, change: Partial<Item> = {}): Item {
  return {
    id: `r-${name
      .replaceAll(/[^a-z2-7]/g, '')
      .padEnd(12, 'a')
      .slice(0, 12)}`,
    vmId: vmId(name),
    state: 'running',
    outcome: null,
    headline: 'The repair is under way.',
    phase: 'inspect',
    awaiting: '',
    since: null,
    requestedBy: 'test',
    requestedAt: '2026-07-02T03:14:07.000Z',
    endedAt: null,
    stopCode: null,
    ...change,
  };
}

export function sampleView(name: string, change: Partial<View> = {}): View {
  return { ...sampleItem(name), planHash: '', plan: null, nextSteps: [], timeline: [], ...change };
}

export function sampleRecord(change: Partial<Record['story']> = {}): Record {
  const nothing = { restart: null, attempts: [], leftovers: [], nextSteps: [], downFrom: null, downUntil: null };
  return { story: { outcome: 'repaired', headline: '', ...nothing, ...change }, writes: [] };
}

export function memoryTerminal(): Terminal & { text(): string } {
  const written: string[] = [];
  return { write: text => void written.push(text), live: false, paint: pc.createColors(false), text: () => written.join('') };
}

export interface FakeApp {
  url: string;
  /** The command line against it. */
  run(...args: string[]): Promise<{ code: number; out: string; error?: CliError }>;
  asked: { method: string; path: string; headers: IncomingMessage['headers']; body: unknown }[];
  close(): Promise<void>;
}

/** An app that gives one answer after the other for each path; the last one stays. */
export async function fakeApp(answers: { [request: string]: { status?: number; body: unknown }[] }): Promise<FakeApp> {
  const asked: FakeApp['asked'] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', chunk => {
      text += chunk;
    });
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      asked.push({ method, path, headers, body: text ? JSON.parse(text) : null });
      const queue = answers[`${method} ${path}`] ?? [{ status: 404, body: 'no such path' }];
      const { status = 200, body } = (queue.length > 1 ? queue.shift() : queue[0]) ?? { body: null };
      response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, run: (...args) => run([...args, '--app', url]), asked, close };
}

async function run(args: string[]): ReturnType<FakeApp['run']> {
  const terminal = memoryTerminal();
  const { program, code } = commandLine(terminal, () => new AbortController().signal);
  try {
    await program.parseAsync(args, { from: 'user' });
    return { code: code(), out: terminal.text() };
  } catch (error) {
    if (error instanceof CliError) return { code: error.exitCode, out: terminal.text(), error };
    throw error;
  }
}
