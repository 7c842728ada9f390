/** What only a terminal does: the bundle in parts, quiet, watching. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { addExamples } from '../../cli/examples.ts';
import { commandLine } from '../../cli/program.ts';
import { fakeApp, memoryTerminal, sampleItem, sampleRecord, sampleView, vmId } from './samples.ts';

const { id } = sampleItem('web');
const folder = mkdtempSync(join(tmpdir(), 'bootmedic-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function bootmedic(url: string, signal: AbortSignal, ...args: string[]): Promise<{ code: number; out: string }> {
  const terminal = memoryTerminal();
  const { program, code } = commandLine(terminal, () => signal);
  await program.parseAsync([...args, '--app', url], { from: 'user' });
  return { code: code(), out: terminal.text() };
}
const never = () => new AbortController().signal;

describe('bundle', () => {
  const zip = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 251));
  let server: Server;
  let url: string;
  /** Ranges asked for; how many answers break off in the middle. */
  let asked: string[] = [];
  let breaks = 0;
  /** Whether a 416 says how long it is; whether another version is elsewhere. */
  let [beyond, moved] = [true, false];
  beforeAll(async () => {
    server = createServer(({ headers }, response) => {
      asked.push(`${headers.range} ${headers['if-range'] ?? ''}`);
      const fresh = headers['if-range'] === undefined || headers['if-range'] === '"v2"';
      const from = fresh ? Number(/\d+/.exec(headers.range ?? '')?.[0]) : 0;
      if (fresh && from >= zip.length) {
        response.writeHead(416, {
          'content-type': 'application/problem+json',
          ...(beyond && { 'content-range': `bytes */${zip.length}` }),
        });
        return void response.end('{}');
      }
      if (!fresh && moved) return void response.writeHead(307, { location: 'http://127.0.0.1:1/elsewhere' }).end();
      const part = fresh ? zip.subarray(from, from + 400) : zip;
      const range = { 'content-range': `bytes ${from}-${from + part.length - 1}/${zip.length}` };
      response.writeHead(fresh ? 206 : 200, { etag: '"v2"', 'content-length': part.length, ...(fresh && range) });
      if (breaks-- > 0) response.write(part.subarray(0, 10), () => response.destroy());
      else response.end(part);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());
  afterEach(() => {
    asked = [];
    breaks = 0;
    [beyond, moved] = [true, false];
  });
  const file = (name: string) => join(folder, name);

  test('comes in parts, over a connection that breaks, and is the whole', async () => {
    breaks = 1;
    const { code, out } = await bootmedic(url, never(), 'bundle', id, '--out', file('a.zip'), '--json');
    expect(code).toBe(0);
    expect(readFileSync(file('a.zip')).equals(zip)).toBe(true);
    expect(JSON.parse(out)).toMatchObject({ file: file('a.zip'), bytes: 1000 });
    expect(asked).toEqual(['bytes=0- ', 'bytes=0- ', 'bytes=400- "v2"', 'bytes=800- "v2"']);
    expect(existsSync(file('a.zip.part.version'))).toBe(false);
  });

  test('goes on where an earlier run stopped, and begins anew when it was packed anew', async () => {
    writeFileSync(file('b.zip.part'), zip.subarray(0, 800));
    writeFileSync(file('b.zip.part.version'), '"v2"');
    await bootmedic(url, never(), 'bundle', id, '--out', file('b.zip'));
    writeFileSync(file('c.zip.part'), 'of another version');
    writeFileSync(file('c.zip.part.version'), '"v1"');
    await bootmedic(url, never(), 'bundle', id, '--out', file('c.zip'));
    expect(asked).toEqual(['bytes=800- "v2"', 'bytes=18- "v1"']);
    for (const name of ['b.zip', 'c.zip']) expect(readFileSync(file(name)).equals(zip)).toBe(true);
  });

  test.each([
    ['of which all is there already is not asked for twice', '"v2"', zip.length, ['bytes=1000- "v2"']],
    [
      'of which more is there than there is begins anew',
      '"v2"',
      zip.length + 5,
      ['bytes=1005- "v2"', 'bytes=0- ', 'bytes=400- "v2"', 'bytes=800- "v2"'],
    ],
  ])('%s', async (name, version, length, requests) => {
    const path = file(`${name}.zip`);
    writeFileSync(`${path}.part`, Buffer.concat([zip, Buffer.alloc(length - zip.length)]));
    writeFileSync(`${path}.part.version`, version);
    const { code, out } = await bootmedic(url, never(), 'bundle', id, '--out', path, '--json');
    expect([code, JSON.parse(out).bytes, asked]).toEqual([0, 1000, requests]);
    expect(readFileSync(path).equals(zip)).toBe(true);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  test('begins anew, in parts, where the end is not told, and where another version lies elsewhere', async () => {
    [beyond, moved] = [false, true];
    for (const [name, version] of [
      ['d.zip', '"v2"'],
      ['e.zip', '"v1"'],
    ] as const) {
      writeFileSync(file(`${name}.part`), zip);
      writeFileSync(file(`${name}.part.version`), version);
      await bootmedic(url, never(), 'bundle', id, '--out', file(name));
      expect(readFileSync(file(name)).equals(zip)).toBe(true);
      expect(asked.splice(0)).toEqual([`bytes=1000- ${version}`, 'bytes=0- ', 'bytes=400- "v2"', 'bytes=800- "v2"']);
    }
  });

  test('that cannot be written says so', () =>
    expect(bootmedic(url, never(), 'bundle', id, '--out', '/nowhere/x.zip')).rejects.toThrow('cannot be written'));
});

test('quiet: nothing but the exit code', async () => {
  const app = await fakeApp({
    'POST /api/repairs': [{ status: 202, body: { id, vmId: vmId('web'), state: 'queued', joined: false, links: {} } }],
    [`GET /api/repairs/${id}`]: [{ body: sampleView('web', { state: 'ended', outcome: 'rolled-back' }) }],
    [`GET /api/repairs/${id}/report.json`]: [{ body: sampleRecord() }],
  });
  try {
    expect(await bootmedic(app.url, never(), 'repair', vmId('web'), '--quiet')).toEqual({ code: 1, out: '' });
  } finally {
    await app.close();
  }
});

describe('status --watch into a pipe', () => {
  /** What is told of these answers, until `last` is. */
  async function watched(answers: { status?: number; body: unknown }[], last: string): Promise<string[]> {
    const app = await fakeApp({ 'GET /api/repairs': answers });
    const stop = new AbortController();
    const lines: string[] = [];
    const { program } = commandLine({ ...memoryTerminal(), write: text => void lines.push(text) }, () => stop.signal);
    const told = program.parseAsync(['status', '--watch', '--app', app.url], { from: 'user' });
    try {
      while (!lines.join('').includes(last)) await Promise.race([told, new Promise(resolve => setTimeout(resolve, 50))]);
    } finally {
      stop.abort(new Error('stopped'));
      await app.close();
    }
    await expect(told).rejects.toThrow('stopped');
    return lines.map(line => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}/, ''));
  }
  const page = (...items: object[]) => ({ body: { items } });
  const item = (phase: string, awaiting: string) => sampleItem('web', { phase, awaiting });

  test('a repair that waits for nothing is told as one that does', async () => {
    const ended = sampleItem('web', { state: 'ended', outcome: 'repaired' });
    const lines = await watched([page(item('plan', '')), page(item('swap', 'swap web')), page(item('swap', '')), page(ended)], 'repaired');
    expect(lines.map(line => line.trim().split(/\s{2,}/))).toEqual([
      ['web', 'plan'],
      ['web', 'swap', 'swap web'],
      ['web', 'swap'],
      ['web', 'repaired'],
    ]);
  });

  test('an app that restarts is told once, and waited for', async () => {
    const down = { status: 503, body: 'starting' };
    const lines = await watched([page(item('plan', '')), down, down, page(item('swap', 'swap web'))], 'swap web');
    expect(lines.map(line => line.trim().split(/\s{2,}/)[0])).toEqual([
      'web',
      expect.stringMatching(/answered 503 .*; it is tried again$/),
      'it answers again',
      'web',
    ]);
  }, 20_000);

  test('one that never was there, and one that refuses, end it', async () => {
    await expect(watched([{ status: 503, body: 'x' }], 'never')).rejects.toThrow('answered 503');
    const refusal = { status: 403, body: { type: 't', title: 'no', status: 403, detail: 'You may not.', errors: [] } };
    await expect(watched([page(item('plan', '')), refusal], 'never')).rejects.toThrow('You may not.');
  });
});

test('every verb has an example in its help', () => {
  const { program } = commandLine(memoryTerminal(), never);
  addExamples(program);
  for (const command of program.commands) {
    const written: string[] = [];
    command.configureOutput({ writeOut: text => void written.push(text) }).outputHelp();
    expect(written.join('')).toMatch(new RegExp(`Examples?:\\s[^]*bootmedic ${command.name()}`));
  }
});

test('status --watch tells each change once, until it is stopped', async () => {
  const list = (phase: string) => ({ body: { items: [sampleItem('web', { phase, awaiting: `the ${phase}` })] } });
  const app = await fakeApp({ 'GET /api/repairs': [list('protect'), list('protect'), list('swap')] });
  const stop = new AbortController();
  const lines: string[] = [];
  const terminal = memoryTerminal();
  const { program } = commandLine({ ...terminal, write: text => void lines.push(text) }, () => stop.signal);
  const told = program.parseAsync(['status', '--watch', '--json', '--app', app.url], { from: 'user' });
  try {
    while (!lines.join('').includes('swap')) await new Promise(resolve => setTimeout(resolve, 50));
  } finally {
    stop.abort(new Error('stopped'));
  }
  await expect(told).rejects.toThrow('stopped');
  expect(lines.map(line => JSON.parse(line).phase)).toEqual(['protect', 'swap']);
  await app.close();
});
