/**
 * Connections to servers of this process, without sockets and encryption: a sixth of what a schedule costs. Above them all is as it is:
 * Node's own client, agent, parser and server. As over a network, what is sent arrives in a later turn of the event loop and belongs to
 * whoever has opened that end; an end that is destroyed is the end of what the other reads, and a reset to what it writes.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent, type Server } from 'node:https';
import { Duplex } from 'node:stream';

type Callback = (error?: Error | null) => void;

/** One side of a connection: what Node's client, agent and server ask of a TLS socket. Nobody's clock closes what lies idle. */
class End extends Duplex {
  readonly encrypted = true;
  readonly authorized = true;
  readonly remoteAddress = '127.0.0.1';
  other!: End;
  /** null = nothing more will come. */
  readonly #arriving: (Buffer | null)[] = [];
  readonly #asOpened = AsyncLocalStorage.snapshot();

  constructor() {
    super({ allowHalfOpen: false });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Callback): void {
    if (this.other.destroyed) done(Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET' }));
    else {
      this.other.#arrives(chunk);
      done();
    }
  }

  override _final(done: Callback): void {
    this.other.#arrives(null);
    done();
  }

  override _destroy(error: Error | null, done: Callback): void {
    this.other.#arrives(null);
    done(error);
  }

  #arrives(what: Buffer | null): void {
    if (this.#arriving.push(what) === 1) this.#asOpened(setImmediate, () => this.#receive());
  }

  #receive(): void {
    for (const what of this.#arriving.splice(0)) if (!this.readableEnded && !this.destroyed) this.push(what);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** The two sides of a new connection; the second is opened by nobody. */
export function connection(): [End, End] {
  const here = new End();
  const there = byNobody(() => new End());
  here.other = there;
  there.other = here;
  return [here, there];
}

const byNobody = AsyncLocalStorage.snapshot();
const servers = new Map<number, Server>();
const overTheNetwork = Agent.prototype.createConnection;

Agent.prototype.createConnection = function connect(options, callback) {
  const server = servers.get(Number(options.port));
  if (server === undefined) return overTheNetwork.call(this, options, callback);
  const [here, there] = connection();
  byNobody(() => server.emit('secureConnection', there));
  return here;
};

/** From now on who asks for the server's port by https is connected in memory. */
export function inMemory(server: Server): void {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  servers.set(address.port, server);
}
