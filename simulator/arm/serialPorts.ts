/** COM1 of a VM from outside: a session for each `connect`, what is said live on a web socket, and the interrupt beside it. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { ArmResponse, Cloud, RawRequest } from './cloud.ts';
import { ArmError } from './errors.ts';
import type { Session, Vm } from './model.ts';
import type { RuleId } from './rules.ts';

export const SERIAL_PATH = '/serial/';
/** Wall milliseconds in which a connection string must be used, and between two looks at what COM1 has said. */
const USABLE_MS = 60_000;
const PERIOD_MS = 20;

/** One connection string. */
interface Port {
  vm: Vm;
  madeAt: number;
  /** Undefined before it is used, and after. */
  socket?: WebSocket;
  used: boolean;
}

const Command = z.strictObject({ command: z.literal('nmi'), requestId: z.uuid(), commandParameters: z.strictObject({}) });

export class SerialPorts {
  readonly #ports = new Map<string, Port>();
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 65_536 });

  /** Path of a new connection. @throws ArmError where Azure gives none */
  connect(vm: Vm): string {
    const id = randomUUID();
    this.#ports.set(id, { vm, madeAt: Date.now(), used: false });
    return `${SERIAL_PATH}${id}/client`;
  }

  upgrade(cloud: Cloud, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
    const port = this.#portAt(pathname, 'client');
    const refuse = (rule: RuleId, status: string) => {
      cloud.journal.refuse(rule);
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    const fresh = port !== undefined && !port.used && Date.now() - port.madeAt <= USABLE_MS;
    const usable = port !== undefined && (fresh || !cloud.rules.holds('serial-console-session'));
    if (!usable) refuse('serial-console-session', '404 Not Found');
    else if ('refused' in cloud.identity.verifyForArm(searchParams.get('authorization') ?? '')) {
      refuse('serial-console-token', '401 Unauthorized');
    } else {
      port.used = true;
      this.#server.handleUpgrade(request, socket, head, client => this.#accept(cloud, port, client));
    }
  }

  /** `POST …/adminCommand/nmi`. */
  command(cloud: Cloud, raw: RawRequest): ArmResponse {
    const port = this.#portAt(new URL(raw.url, 'https://localhost').pathname, 'adminCommand/nmi');
    const refuse = (rule: RuleId, status: number, code: string): ArmResponse => {
      cloud.journal.refuse(rule);
      return { status, body: { error: { code, message: code } } };
    };
    const token = /^Bearer (.+)$/.exec(raw.headers.authorization ?? '')?.[1] ?? '';
    if ('refused' in cloud.identity.verifyForArm(token)) return refuse('serial-console-token', 401, 'Unauthorized');
    if (port === undefined || (port.socket === undefined && cloud.rules.holds('serial-console-session')))
      return refuse('serial-console-session', 404, 'NotFound');
    if (raw.method !== 'POST' || !Command.safeParse(raw.body).success) return refuse('serial-console-command', 400, 'BadRequest');
    cloud.journal.record({
      ...{ at: new Date().toISOString(), method: 'POST', path: `${port.vm.id}/providers/Microsoft.SerialConsole/serialPorts/0` },
      ...{
        operation: 'POST Microsoft.SerialConsole/serialPorts:nmi',
        status: 200,
        correlationId: raw.headers['x-ms-correlation-request-id'] ?? '',
      },
    });
    cloud.machines.interrupt(port.vm);
    return { status: 200, body: {} };
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    for (const { socket } of this.#ports.values()) socket?.terminate();
  }

  #portAt(path: string, end: string): Port | undefined {
    const [id, ...rest] = path.slice(SERIAL_PATH.length).split('/');
    return rest.join('/') === end ? this.#ports.get(id ?? '') : undefined;
  }

  #accept(cloud: Cloud, port: Port, client: WebSocket): void {
    const { session } = port.vm;
    // The VM was switched off meanwhile: Azure closes the socket before its first message.
    if (session === undefined) client.close();
    else {
      for (const other of this.#ports.values()) if (other.vm === port.vm) other.socket?.close();
      port.socket = client;
      client.send('\r\n');
      let stop = () => {};
      const speak = () => {
        stop();
        stop = stream(cloud, port.vm, session, client);
      };
      const strict = cloud.rules.holds('serial-console-listens');
      if (strict) speak();
      client.on('message', () => {
        if (!strict) return speak();
        cloud.journal.refuse('serial-console-listens');
        client.close();
      });
      client.on('error', () => client.terminate());
      client.on('close', () => {
        stop();
        if (port.socket === client) delete port.socket;
      });
    }
  }
}

/** What is said from now on: what was said before is in boot diagnostics. @returns what ends it */
function stream(cloud: Cloud, vm: Vm, session: Session, client: WebSocket): () => void {
  let told = said(cloud, session).length;
  const timer = setInterval(() => {
    if (vm.session !== session) client.close();
    const text = said(cloud, session);
    if (text.length > told) client.send(Buffer.from(text.slice(told), 'latin1'));
    told = text.length;
  }, PERIOD_MS);
  return () => clearInterval(timer);
}

function said(cloud: Cloud, session: Session): string {
  return cloud.machines
    .reached(session)
    .map(stage => stage.serial)
    .join('');
}

/** Refuses what the portal refuses: the codes are not documented. */
export function checkPort(cloud: Cloud, subscription: string, vm: Vm): void {
  const refuse = (rule: RuleId, status: number, code: string, message: string) => new ArmError(rule, status, code, message);
  if (cloud.estate.subscription(subscription)?.serialConsoleDisabled)
    throw refuse('serial-console-enabled', 403, 'SerialConsoleDisabled', 'The serial console is disabled for this subscription.');
  if (vm.bootDiagnostics?.enabled !== true)
    throw refuse('serial-console-diagnostics', 409, 'BootDiagnosticsDisabled', `Boot diagnostics of VM '${vm.name}' are not enabled.`);
  if (vm.power !== 'running')
    throw refuse('serial-console-running', 409, 'VMNotRunning', `The serial console needs a running VM; '${vm.name}' is ${vm.power}.`);
}
