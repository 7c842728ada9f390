import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from '../authority.ts';
import type { ArmResponse, Cloud, RawRequest } from './cloud.ts';
import { control } from './control.ts';
import { answer } from './gateway.ts';
import { SERIAL_PATH } from './serialPorts.ts';
import { beforeSignIn } from './signIn.ts';

const MAXIMUM_BODY = 4 * 2 ** 20;

/** Serves ARM and the managed identity on one loopback port. @returns the server, listening */
export async function serve(cloud: Cloud, authority: Authority, port: number): Promise<Server> {
  const server = createServer({ cert: authority.certificate, key: authority.key }, (request, response) => {
    handle(cloud, request, response).catch(error => fail(response, error));
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith(SERIAL_PATH)) cloud.serialPorts.upgrade(cloud, request, socket, head);
    else socket.destroy();
  });
  await listen(server, port);
  return server;
}

/** Serves the control surface, over plain http on a loopback port of its own: it is no part of Azure, and whoever runs a simulator should not need its authority. */
export async function serveControl(cloud: Cloud): Promise<HttpServer> {
  const server = createHttpServer((request, response) => {
    read(request)
      .then(raw => send(response, raw === undefined ? NO_JSON : control(cloud, raw.method, raw.url, raw.body)))
      .catch(error => fail(response, error));
  });
  await listen(server, 0);
  return server;
}

async function listen(server: Server | HttpServer, port: number): Promise<void> {
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** A bug of the simulator. It is said aloud, and the client sees Azure's own helplessness. */
function fail(response: ServerResponse, error: unknown): void {
  console.error(error);
  send(response, { status: 500, body: { error: { code: 'InternalServerError', message: String(error) } } });
}

const NO_JSON: ArmResponse = {
  status: 400,
  body: { error: { code: 'InvalidRequestContent', message: 'The request content was invalid and could not be deserialized.' } },
};

async function handle(cloud: Cloud, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const raw = await read(request);
  if (raw === undefined) return send(response, NO_JSON);
  const early = beforeSignIn(cloud, raw);
  if (early !== undefined) return send(response, early);
  const fault = cloud.faults.take(raw.method, raw.url);
  // Whoever has closed the simulator meanwhile waits for no answer.
  if (fault !== undefined && fault.delaySeconds > 0) await sleep(fault.delaySeconds * 1000, undefined, { ref: false });
  if (fault?.drop === 'before') {
    request.socket.destroy();
    return;
  }
  const ordered = fault?.answer && { status: fault.answer.status, headers: fault.answer.headers, body: fault.answer.body };
  const ofPort = raw.url.startsWith(SERIAL_PATH);
  const result = ofPort ? (ordered ?? cloud.serialPorts.command(cloud, raw)) : await answer(cloud, raw, fault);
  if (fault?.drop === 'after') request.socket.destroy();
  else send(response, result);
}

/** Reads a request; undefined when its body is no JSON. */
async function read(request: IncomingMessage): Promise<RawRequest | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAXIMUM_BODY) return undefined;
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  try {
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return { method: request.method ?? 'GET', url: request.url ?? '/', headers, body };
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, headers = {}, body }: ArmResponse): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    ...(text !== '' && { 'Content-Type': 'application/json; charset=utf-8' }),
    ...(status !== 204 && { 'Content-Length': Buffer.byteLength(text) }),
  });
  response.end(text);
}
