/** The host's HTTP side: the app's HTTP triggers under the route prefix, and the durable management API. Loopback only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RpcHttpCookie, RpcHttpData, RpcTypedData } from './coreTypes.ts';
import type { Gate } from './gate.ts';
import type { Invoker } from './invoke.ts';
import { errorText, type Logger } from './logger.ts';
import type { ManagementRequest, ManagementResponse } from './management.ts';
import type { AppFunction } from './registry.ts';
import { parseRoute, type RouteTemplate } from './routing.ts';

export interface HttpServices {
  functions: AppFunction[];
  routePrefix: string;
  invoker: Invoker;
  logger: Logger;
  gate: Gate;
  manage(request: ManagementRequest): ManagementResponse;
}

interface Route {
  appFunction: AppFunction;
  methods: string[];
  template: RouteTemplate;
}

export interface RunningServer {
  url: string;
  /** Accepts nothing new, lets running requests end, at most as long as the grace. */
  close(graceMs: number): Promise<void>;
  /** Cuts every connection at once. */
  abandon(): void;
}

/** As FUNCTIONS_REQUEST_BODY_SIZE_LIMIT's default on Azure. */
const MAX_BODY_BYTES = 104_857_600;
const MANAGEMENT_BASES = ['/runtime/webhooks/durabletask', '/durabletask'];

/** @throws Error that names a route it does not understand. */
export async function startHttpServer(services: HttpServices, port: number): Promise<RunningServer> {
  const routes = services.functions.map(appFunction => toRoute(appFunction, services.routePrefix));
  const server = createServer((request, response) => {
    handle(services, routes, request, response).catch(error => {
      services.logger.error({ url: request.url, reason: errorText(error) }, 'request failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: actual } = addressOf(server);
  const abandon = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${actual}`, close: graceMs => closeServer(server, graceMs), abandon };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address;
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

function toRoute(appFunction: AppFunction, prefix: string): Route {
  const { route = appFunction.name, methods = ['GET', 'POST'] } = appFunction.trigger;
  try {
    const template = parseRoute(`${prefix}/${route === '' ? appFunction.name : route}`);
    return { appFunction, methods: methods.map(method => method.toUpperCase()), template };
  } catch (error) {
    throw new Error(`function '${appFunction.name}': ${errorText(error)}`);
  }
}

async function handle(services: HttpServices, routes: Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const host = request.headers.host ?? '127.0.0.1';
  const origin = `http://${host}`;
  // What an address may have beside a host's name and port would be read as its user or path.
  if (
    !/^[\w.-]+(?::\d+)?$|^\[::1\](?::\d+)?$/.test(host) ||
    !isLocal(origin) ||
    (request.headers.origin !== undefined && !isLocal(request.headers.origin))
  ) {
    // A web page in a browser on this machine must not reach an API whose cookie that browser may hold.
    return end(response, 403);
  }
  const url = new URL((request.url ?? '/').replace(/^[/\\]+/, '/'), origin);
  const { gate } = services;
  if (request.method === 'GET' && url.searchParams.has('token')) return giveCookie(gate, url, response);
  const headers = flatHeaders(request);
  const body = await readBody(request);
  if (!body) return end(response.setHeader('connection', 'close'), 413);
  const method = request.method ?? 'GET';
  const way = managementWay(url.pathname, gate);
  if (way !== undefined) {
    if (!way.ours && !gate.knows(headers, url.searchParams.get('code'))) return end(response, 401);
    return endManaged(response, services.manage({ method, ...way, query: url.searchParams, headers, body, origin, url: url.href }));
  }
  const found = findRoute(services.logger, routes, method, url.pathname);
  if (!found) return end(response, 404);
  const http = {
    ...{ method, url: url.href, headers: gate.pass(headers), params: found.values, query: flatQuery(url.searchParams) },
    body: body.length > 0 ? { bytes: body } : null,
  };
  await invokeHttp(services, found.route.appFunction, http, response);
}

/** The durable API's address, taken apart. `ours`: the app's own way, which whoever calls could not have guessed. */
function managementWay(path: string, gate: Gate): { segments: string[]; ours: boolean } | undefined {
  const base = MANAGEMENT_BASES.find(candidate => path.toLowerCase().startsWith(`${candidate}/`));
  if (base === undefined) return undefined;
  const [first = '', ...rest] = path
    .slice(base.length + 1)
    .replace(/\/$/, '')
    .split('/');
  return first === gate.key ? { segments: rest, ours: true } : { segments: [first, ...rest], ours: false };
}

/** A browser cannot send a header with an address that is opened: it brings the token once, and keeps it where no script can read it. */
function giveCookie(gate: Gate, url: URL, response: ServerResponse): void {
  const isToken = gate.isToken(url.searchParams.get('token') ?? '');
  url.searchParams.delete('token');
  // The token of an earlier host opens nothing, and is no reason to shut out who is in already: the app tells the others what to do.
  const cookie = isToken && { 'set-cookie': gate.cookie(url.port) };
  // Two slashes in front would name another host.
  const headers = { location: `${url.pathname.replace(/^[/\\]+/, '/')}${url.search}`, ...cookie, 'referrer-policy': 'no-referrer' };
  response.writeHead(303, { ...headers, 'content-length': 0 }).end();
}

function isLocal(origin: string): boolean {
  return URL.canParse(origin) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(origin).hostname);
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function findRoute(logger: Logger, routes: Route[], method: string, path: string) {
  const found = routes.flatMap(route => {
    const values = route.methods.includes(method) ? route.template.match(path) : undefined;
    return values ? [{ route, values }] : [];
  });
  if (found.length > 1) {
    const names = found.map(({ route }) => route.appFunction.name);
    logger.warn({ path, functions: names }, 'several routes match; the first registered answers, on Azure it may be another');
  }
  return found[0];
}

/** Several values of one name are joined by commas, as the Functions host does it. */
function flatHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}

function flatQuery(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map(name => [name, query.getAll(name).join(',')]));
}

async function invokeHttp(services: HttpServices, appFunction: AppFunction, http: RpcHttpData, response: ServerResponse): Promise<void> {
  let answer: RpcTypedData | null | undefined;
  try {
    answer = (await services.invoker.invoke({ appFunction, input: { http }, triggerMetadata: {} })).returnValue;
  } catch (error) {
    const stack = error instanceof Error ? error.stack : undefined;
    services.logger.error({ functionName: appFunction.name, reason: errorText(error), stack }, 'function failed');
    return end(response, 500);
  }
  if (!answer?.http) return end(response, 204);
  const { statusCode = '200', headers = {}, cookies = [], body } = answer.http;
  response.statusCode = Number(statusCode);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies.map(cookieText));
  response.end(body?.bytes ?? body?.string);
}

const SAME_SITE = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' };

function cookieText(cookie: RpcHttpCookie): string {
  const parts = [`${cookie.name ?? ''}=${encodeURIComponent(cookie.value ?? '')}`];
  if (cookie.domain?.value) parts.push(`Domain=${cookie.domain.value}`);
  if (cookie.path?.value) parts.push(`Path=${cookie.path.value}`);
  if (cookie.expires?.value) parts.push(`Expires=${new Date((cookie.expires.value.seconds ?? 0) * 1000).toUTCString()}`);
  if (cookie.maxAge?.value !== undefined) parts.push(`Max-Age=${cookie.maxAge.value}`);
  if (cookie.secure?.value) parts.push('Secure');
  if (cookie.httpOnly?.value) parts.push('HttpOnly');
  const sameSite = SAME_SITE[cookie.sameSite ?? 'none'];
  if (sameSite) parts.push(`SameSite=${sameSite}`);
  return parts.join('; ');
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 }).end();
}

function endManaged(response: ServerResponse, { status, headers = {}, body }: ManagementResponse): void {
  if (body === undefined) {
    response.writeHead(status, { ...headers, 'content-length': 0 }).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body));
}
