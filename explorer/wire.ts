/** Every request that the product sends to Azure, in their order, and a person's to the product while it waits; and what goes wrong with one of them on its way. */
import diagnostics from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Life, lives } from './stage.ts';
import type { Activity } from './time.ts';

/** `host`: a person asks bootmedic itself. */
export type Service = 'arm' | 'blob' | 'identity' | 'host';

export interface Call {
  /** From 1, in the order of arrival. */
  n: number;
  service: Service;
  method: string;
  /** Without query; names that change from run to run are `{id}`. */
  path: string;
  /** 0 = no answer was given. */
  status: number;
  /** Virtual milliseconds, as Date has them. */
  at: number;
  /** How many activities had begun. */
  activity?: number;
}

/** What happens to a request. */
export type Mishap =
  | { kind: 'answer'; status: number; headers: Record<string, string>; body: string }
  | { kind: 'reset'; when: 'before' | 'after' }
  | { kind: 'late'; seconds: number; when: 'before' | 'after' }
  /** The host dies when Azure has acted and before it hears of it. */
  | { kind: 'die' };

export interface Observer {
  /** Called when a request arrives. */
  arrived(call: Call, exactPath: string): Mishap | undefined;
  /** Called when Azure has acted. */
  acted(call: Call): void;
  die(): void;
}

const lifeHeader = 'x-explorer-life';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export class Wire implements Activity {
  readonly calls: Call[] = [];
  /** Bearer tokens, signatures and passwords that were seen: they may stand nowhere. */
  readonly secrets = new Set<string>();
  observer: Observer | undefined;
  life: Life | undefined;
  /** Work that no timer waits for and no request shows: pictures, OCR. */
  working = 0;
  /** People who wait for the product's answer. */
  #asking = 0;
  readonly #clients = new Map<object, Life | undefined>();
  /** Sent by people; and by the product for screenshots, which are being served as long as they are under way. */
  readonly #fetches = new WeakSet<object>();
  readonly #servers = new Map<IncomingMessage, { parked: boolean }>();
  #begun = 0;

  constructor() {
    diagnostics.subscribe('http.client.request.created', message => this.#created((message as { request: ClientRequest }).request));
    diagnostics.subscribe('undici:request:create', message => this.#fetched((message as { request: Fetched }).request));
    for (const end of ['undici:request:trailers', 'undici:request:error'])
      diagnostics.subscribe(end, message => this.#clients.delete((message as { request: Fetched }).request));
  }

  /** A new scenario. */
  clear(): void {
    this.calls.length = 0;
    this.secrets.clear();
    this.observer = undefined;
  }

  busy(): boolean {
    let parked = 0;
    for (const entry of this.#servers.values()) if (entry.parked) parked++;
    return this.working + this.#asking > 0 || this.#clients.size > parked || this.#servers.size > parked;
  }

  /** Only people wait, for an answer that is itself a matter of time (the host has met a throttle, say). */
  stalled(): boolean {
    const parked = [...this.#servers.values()].filter(entry => entry.parked).length;
    const ofTheProduct = [...this.#clients.keys()].filter(request => !this.#fetches.has(request)).length;
    return this.working === 0 && ofTheProduct <= parked && this.#servers.size === parked;
  }

  count(): number {
    return this.#begun;
  }

  describe(): string {
    const last = this.calls.at(-1);
    return `${this.working} pieces of work, ${this.#asking} errands, ${this.#clients.size} requests sent, ${this.#servers.size} being served; last: ${last?.method} ${last?.path}`;
  }

  /** Runs what must be waited for. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    this.working++;
    this.#begun++;
    try {
      return await work();
    } finally {
      this.working--;
    }
  }

  /** A person's errand at the product. */
  async errand(work: () => Promise<unknown>): Promise<void> {
    this.#asking++;
    this.#begun++;
    try {
      await work();
    } finally {
      this.#asking--;
    }
  }

  /** A person's request to the host takes its place among the calls: what comes at a call comes while the repair waits too. Undefined = no answer came. */
  async asked<T extends { status: number }>(method: string, path: string, send: () => Promise<T | undefined>): Promise<T | undefined> {
    const call: Call = { n: this.calls.length + 1, service: 'host', method, path: withoutNames(path), status: 0, at: Date.now() };
    this.calls.push(call);
    const mishap = this.observer?.arrived(call, path);
    const late = mishap?.kind === 'late' ? mishap : undefined;
    if (mishap?.kind === 'reset' && mishap.when === 'before') return undefined;
    if (late?.when === 'before') await sleep(late.seconds * 1000);
    const answer = await send();
    call.status = answer?.status ?? 0;
    this.observer?.acted(call);
    if (mishap?.kind === 'die') this.observer?.die();
    if (mishap?.kind === 'die' || mishap?.kind === 'reset') return undefined;
    if (late?.when === 'after') await sleep(late.seconds * 1000);
    return answer;
  }

  /** Cuts every connection that a life has open. */
  cut(life: Life): void {
    for (const [request, owner] of this.#clients)
      if (owner === life && 'destroy' in request && typeof request.destroy === 'function') request.destroy(new Error('the host is dead'));
  }

  /** Stands before a server of Azure's. */
  tap(server: Server, serviceOf: (path: string) => Service): void {
    const listeners = server.listeners('request') as Listener[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const entry = { parked: false };
      this.#begun++;
      this.#servers.set(request, entry);
      response.once('close', () => this.#servers.delete(request));
      const serve = () => {
        for (const listener of listeners) listener(request, response);
      };
      const life = request.headers[lifeHeader];
      if (life === undefined || this.observer === undefined) return serve();
      if (life !== String(this.life?.number) || this.life?.dead) return request.socket.destroy();
      void this.#handle(request, response, serve, entry, serviceOf).catch(error => {
        console.error(error);
        request.socket.destroy();
      });
    });
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
    serve: () => void,
    entry: { parked: boolean },
    serviceOf: (path: string) => Service,
  ) {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const call: Call = {
      n: this.calls.length + 1,
      service: serviceOf(path),
      method: request.method ?? '',
      path: withoutNames(path),
      status: 0,
      at: Date.now(),
    };
    this.calls.push(call);
    this.#keepSecrets(request, query);
    const mishap = this.observer?.arrived(call, path);
    const park = async (seconds: number) => {
      entry.parked = true;
      await sleep(seconds * 1000);
      entry.parked = false;
      this.#begun++;
    };
    if (mishap?.kind === 'answer') {
      call.status = mishap.status;
      response.writeHead(mishap.status, { ...mishap.headers, 'content-length': Buffer.byteLength(mishap.body) }).end(mishap.body);
      return;
    }
    if (mishap?.kind === 'reset' && mishap.when === 'before') return request.socket.destroy();
    if (mishap?.kind === 'late' && mishap.when === 'before') await park(mishap.seconds);
    const release = this.#holdBack(response);
    const ended = new Promise<void>(resolve => release.onEnd(resolve));
    serve();
    await ended;
    call.status = response.statusCode;
    this.observer?.acted(call);
    if (mishap?.kind === 'reset') return request.socket.destroy();
    if (mishap?.kind === 'die') {
      this.observer?.die();
      return request.socket.destroy();
    }
    if (mishap?.kind === 'late' && mishap.when === 'after') await park(mishap.seconds);
    release.send();
  }

  /** What the server writes is kept until it may go. */
  #holdBack(response: ServerResponse): { onEnd(then: () => void): void; send(): void } {
    const write = response.write.bind(response);
    const end = response.end.bind(response);
    const kept: unknown[][] = [];
    let last: unknown[] = [];
    let done = () => {};
    response.write = (...args: unknown[]) => {
      kept.push(args);
      const callback = args.at(-1);
      if (typeof callback === 'function') callback();
      return true;
    };
    response.end = (...args: unknown[]) => {
      last = args;
      done();
      return response;
    };
    response.once('close', () => done());
    const send = () => {
      for (const args of kept)
        Reflect.apply(
          write,
          response,
          args.filter(arg => typeof arg !== 'function'),
        );
      Reflect.apply(end, response, last);
    };
    return {
      onEnd: then => {
        done = then;
      },
      send,
    };
  }

  /** Chunks are seen as the parser hands them on: reading them would take them from the server. */
  #keepSecrets(request: IncomingMessage, query: string): void {
    const token = request.headers.authorization?.replace(/^Bearer /i, '');
    if (token) this.secrets.add(token);
    const signature = new URLSearchParams(query).get('sig');
    if (signature) this.secrets.add(signature);
    const push = request.push.bind(request);
    request.push = (chunk: unknown, encoding?: BufferEncoding) => {
      const text = chunk instanceof Uint8Array ? Buffer.from(chunk).toString('latin1') : '';
      for (const [, password] of text.matchAll(/"adminPassword":"([^"]+)"/g)) this.secrets.add(password ?? '');
      for (const [, sig] of text.matchAll(/[?&]sig=([^"&]+)/g)) this.secrets.add(decodeURIComponent(sig ?? ''));
      return push(chunk, encoding);
    };
  }

  #created(request: ClientRequest): void {
    const life = lives.getStore();
    this.#begun++;
    this.#clients.set(request, life);
    request.once('close', () => this.#clients.delete(request));
    if (life?.dead) request.destroy(new Error('the host is dead'));
    else if (life) request.setHeader(lifeHeader, String(life.number));
  }

  #fetched(request: Fetched): void {
    const life = lives.getStore();
    this.#begun++;
    this.#fetches.add(request);
    this.#clients.set(request, life);
    if (life) request.addHeader(lifeHeader, String(life.number));
  }
}

interface Fetched {
  addHeader(name: string, value: string): void;
}

/** Ids of repairs and of VMs, and the hashes by which evidence is kept, which change from run to run. */
function withoutNames(path: string): string {
  return decodeURIComponent(path)
    .replaceAll(/\b(bootmedic-|r-|bm-?)[a-z2-7]{12}\b/g, '$1{id}')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '{guid}')
    .replace(/^\/(bootmedic|md)[0-9a-f]{12}\//, '/$1/')
    .replace(/(\/evidence\/.*)-[0-9a-f]{12}(\.\w+)$/, '$1-{hash}$2')
    .replace(/\/subscriptions\/\{guid\}/, '');
}
