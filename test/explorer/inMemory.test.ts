/** Connections in memory: what a client and a server see of them is what they see over a network, where the same is tried. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import type { ClientRequest, RequestListener } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import { afterAll, describe, expect, test } from '@jest/globals';
import { connection, inMemory } from '../../explorer/inMemory.ts';
import { makeAuthority } from '../../simulator/authority.ts';

const { ca, certificate: cert, key } = await makeAuthority();
const ways = { 'in memory': inMemory, 'over the network': () => {} };
const servers: Server[] = [];
const agent = new Agent({ keepAlive: true, ca });
afterAll(() => {
  agent.destroy();
  for (const server of servers) server.close();
});

async function serving(opened: (server: Server) => void, listener: RequestListener): Promise<number> {
  const server = createServer({ key, cert }, listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  opened(server);
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const codeOf = (error: Error) => ('code' in error ? String(error.code) : error.message);
const nextTurn = () => new Promise(resolve => setImmediate(resolve));

/** What comes of a request: the body of its answer as far as it came, the code of each error. */
async function ask(port: number, then: (sent: ClientRequest) => void = () => {}): Promise<string> {
  const seen: string[] = [];
  const sent = request({ host: '127.0.0.1', port, method: 'POST', agent });
  const closed = new Promise(resolve => sent.once('close', resolve));
  sent.on('error', error => seen.push(codeOf(error)));
  sent.on('response', answer => {
    answer.on('data', chunk => seen.push(String(chunk)));
    answer.on('error', error => seen.push(codeOf(error)));
  });
  sent.end('a body');
  then(sent);
  await closed;
  return seen.join(' ');
}

describe.each(Object.entries(ways))('%s', (_way, opened) => {
  test('a server answers, the second time on the same connection', async () => {
    const ends = new Set<object>();
    const port = await serving(opened, (asked, answer) => {
      ends.add(asked.socket);
      asked.on('data', chunk => answer.write(chunk)).on('end', () => answer.end(String(asked.headers.host)));
    });
    for (const _ of [1, 2]) expect(await ask(port)).toBe(`a body 127.0.0.1:${port}`);
    expect(ends.size).toBe(1);
  });

  test.each<[string, string, RequestListener]>([
    ['before its answer', 'ECONNRESET', asked => asked.socket.destroy()],
    ['in a later turn', 'ECONNRESET', asked => void setImmediate(() => asked.socket.destroy())],
    [
      'within its answer',
      'begun ECONNRESET',
      (asked, answer) => {
        answer.writeHead(200, { 'content-length': '100' });
        answer.write('begun', () => setImmediate(() => asked.socket.destroy()));
      },
    ],
  ])('a server that destroys its end %s has reset the client, which then opens another connection', async (_when, seen, die) => {
    let dies = true;
    const port = await serving(opened, (asked, answer) => {
      if (dies) die(asked, answer);
      else answer.end('alive');
    });
    expect(await ask(port)).toBe(seen);
    dies = false;
    expect(await ask(port)).toBe('alive');
  });

  test('a server that destroys a connection at rest takes it from the client, whose next request has another', async () => {
    const ends = new Set<{ destroy(): void }>();
    const port = await serving(opened, (asked, answer) => {
      ends.add(asked.socket);
      answer.end('alive');
    });
    expect(await ask(port)).toBe('alive');
    for (const end of ends) end.destroy();
    while (Object.keys(agent.freeSockets).some(name => name.includes(`:${port}:`))) await nextTurn();
    expect(await ask(port)).toBe('alive');
    expect(ends.size).toBe(2);
  });

  test('a client that gives up ends what the server serves', async () => {
    let arrived = () => {};
    const arrival = new Promise<void>(resolve => {
      arrived = resolve;
    });
    const closed: Promise<unknown>[] = [];
    const seen: string[] = [];
    const port = await serving(opened, (asked, answer) => {
      asked.on('error', error => seen.push(codeOf(error)));
      for (const each of [asked, answer, asked.socket]) closed.push(new Promise(resolve => each.once('close', resolve)));
      arrived();
    });
    expect(await ask(port, sent => void arrival.then(() => sent.destroy(new Error('given up'))))).toBe('given up');
    await Promise.all(closed);
    expect(seen).toEqual(['ECONNRESET']);
  });

  test('a server runs for nobody, and a client for whoever sent the request', async () => {
    const who = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const port = await serving(opened, (asked, answer) => {
      seen.push(who.getStore());
      asked.on('end', () => seen.push(who.getStore())).resume();
      setImmediate(() => answer.end('done'));
    });
    await who.run('a client', () => ask(port, sent => sent.once('response', () => seen.push(who.getStore()))));
    expect(seen).toEqual([undefined, undefined, 'a client']);
  });
});

test('an end whose other end is destroyed reads what was sent before, then closes', async () => {
  const [here, there] = connection();
  const seen: string[] = [];
  here.on('data', chunk => seen.push(String(chunk)));
  there.write('the last');
  there.destroy();
  await once(here, 'close');
  expect(seen).toEqual(['the last']);
});

test('what is written to an end that is destroyed is reset', async () => {
  const [here, there] = connection();
  there.destroy();
  const failed = once(here, 'error');
  here.write('too late');
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
});
