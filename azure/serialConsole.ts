/**
 * A VM's serial console: what COM1 says live, and the non-maskable interrupt that stops a hung Windows.
 *
 * The protocol is that of Microsoft's own CLI (Azure/azure-cli-extensions, src/serial-console; read, not run against Azure). The CLI also
 * sends its access token as a message into the socket. We never send anything there: what is on the other end is a guest.
 * Address and token are secrets: they are in no log, no error, no answer of ours.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Arm } from './arm.ts';
import { auditedAs } from './call.ts';
import type { Clock } from './clock.ts';
import { fail, toFault, unlessMissing } from './errors.ts';
import type { Fault } from './fault.ts';
import { parseId } from './ids.ts';

/** Why Azure does not let us at the console: a finding with its remedy, no failure. */
export interface ConsoleRefusal {
  code: 'console-disabled' | 'console-permission' | 'console-unreachable';
  message: string;
  remedy: string;
}
/**
 * `unknown`: the answer was lost, it may have been sent. `heard`: what COM1 said afterwards; from a guest, 64 KB at most.
 * `withheld`: whoever asked for it has thought better of it.
 */
export type Interrupted =
  | { sent: 'yes' | 'unknown'; heard: string; fault: Fault | null }
  | { sent: 'withheld'; why: string }
  | { sent: 'no'; refusal: ConsoleRefusal };

export interface SerialConsole {
  /**
   * Opens the console, listens for so many service seconds, sends one non-maskable interrupt, and listens again. Never repeated here.
   * Only one may be at a console: whoever was there before is thrown out (the page named below), so that it is opened for nothing less. Throws only what another try may cure.
   * @param last called with what COM1 has said, fresher than any boot diagnostics, when the interrupt is the next thing to happen: a reason
   * not to send it, or null; what it throws keeps it from being sent
   */
  interrupt(
    vmId: string,
    seconds: { before: number; after: number },
    last: (heard: string) => Promise<string | null>,
  ): Promise<Interrupted>;
}

const version = '2018-05-01';
const mostBytes = 64 * 1024;
/** Wall milliseconds until the console's first message. */
const patience = 30_000;
/** Where a token may go besides ARM's own host: learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/serial-console-windows. */
const consoleHosts = /\.serialconsole\.azure\.(com|us|cn)$/;

const serviceBody = z.object({ properties: z.object({ disabled: z.boolean() }) });
const connectBody = z.object({ connectionString: z.string().max(2000) });

export function serialConsole(arm: Arm, clock: Clock): SerialConsole {
  const open = async (vmId: string): Promise<Port | ConsoleRefusal> => {
    if (await isDisabled(arm, vmId)) return disabled;
    try {
      const { connectionString } = await arm.ask(`${portOf(vmId)}/connect`, version, null, connectBody);
      const address = trusted(connectionString, arm.host);
      return (await Port.open(address, await arm.token())) ?? unreachable('the console closed the connection before it said anything');
    } catch (error) {
      const fault = toFault(error);
      if (fault.kind === 'transient' || fault.kind === 'throttled') throw error;
      return refusalOf(fault);
    }
  };
  const wall = (seconds: number) => (seconds * 1000) / clock.timeScale;
  return {
    async interrupt(vmId, seconds, last) {
      const port = await open(vmId);
      if (!(port instanceof Port)) return { sent: 'no', refusal: port };
      let fault: Fault | null = null;
      try {
        const against = await last(await port.hear(wall(seconds.before)));
        if (against !== null) return { sent: 'withheld', why: against };
        const sentAt = port.bytes;
        fault = await sendInterrupt(arm, vmId, port);
        // Whatever answered that it will not do it has not done it.
        if (fault !== null && fault.kind !== 'transient') return { sent: 'no', refusal: refusalOf(fault) };
        return { sent: fault === null ? 'yes' : 'unknown', heard: await port.hear(wall(seconds.after), sentAt), fault };
      } finally {
        port.close();
      }
    },
  };
}

const portOf = (vmId: string) => `${vmId}/providers/Microsoft.SerialConsole/serialPorts/0`;

/** Null = taken on. The audit names the VM's port: the address is a secret. */
function sendInterrupt(arm: Arm, vmId: string, port: Port): Promise<Fault | null> {
  const body = { command: 'nmi', requestId: randomUUID(), commandParameters: {} };
  const named = { resource: portOf(vmId), operation: 'Microsoft.SerialConsole/serialPorts/connect/action' };
  return auditedAs({ ...named, before: 'hanging', after: 'a non-maskable interrupt' }, () =>
    arm.post(port.commandAddress('nmi'), body),
  ).then(() => null, toFault);
}

/** Who may not ask, or whose provider is not registered, finds out by connecting. */
async function isDisabled(arm: Arm, vmId: string): Promise<boolean> {
  const { subscriptionId } = parseId(vmId);
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.SerialConsole/consoleServices/default`;
  const service = await unlessMissing(arm.read(path, version, serviceBody)).catch(error => {
    if (toFault(error).kind !== 'forbidden') throw error;
  });
  return service?.properties.disabled ?? false;
}

/** The bearer token goes there: an address elsewhere is not ours to open. @throws AzureError */
function trusted(connectionString: string, armHost: string): URL {
  const address = URL.canParse(connectionString) ? new URL(connectionString) : null;
  const known = address !== null && (address.host === armHost || consoleHosts.test(address.hostname));
  if (known && address.protocol === 'wss:' && address.pathname.endsWith('/client')) return address;
  throw fail('fatal', 'consoleAddress', 'Azure answered with an address that is not the serial console’s');
}

const disabled: ConsoleRefusal = {
  code: 'console-disabled',
  message: 'the serial console is disabled for the subscription',
  remedy: 'Enable the serial console for the subscription (az serial-console enable), then start the repair again.',
};
const unreachable = (message: string): ConsoleRefusal => ({
  code: 'console-unreachable',
  message: message.slice(0, 300),
  remedy: 'Let the function app reach *.serialconsole.azure.com over https, and see that the VM runs with boot diagnostics on.',
});

function refusalOf({ kind, code, message }: Fault): ConsoleRefusal {
  const said = `${code}: ${message}`;
  if (kind !== 'forbidden') return unreachable(said);
  const remedy =
    'Give the identity the action Microsoft.SerialConsole/serialPorts/connect/action on the VM (Virtual Machine Contributor has it).';
  return { code: 'console-permission', message: said.slice(0, 300), remedy };
}

/** An open console. Whatever it says is hostile: bounded, and only kept. */
class Port {
  readonly #socket: WebSocket;
  readonly #address: URL;
  readonly #chunks: Buffer[] = [];
  /** That it has said, and that are kept. */
  bytes = 0;
  #over: () => void = () => {};
  readonly #ended = new Promise<void>(resolve => {
    this.#over = resolve;
  });

  private constructor(address: URL, token: string) {
    this.#address = address;
    const url = new URL(address);
    url.searchParams.set('authorization', token);
    url.searchParams.set('new', '1');
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
  }

  /** Undefined = it was closed before its first message, or said nothing for half a minute. */
  static open(address: URL, token: string): Promise<Port | undefined> {
    const port = new Port(address, token);
    return new Promise(resolve => {
      const give = (answer: Port | undefined) => {
        clearTimeout(timer);
        resolve(answer);
        if (answer === undefined) port.close();
      };
      const timer = setTimeout(() => give(undefined), patience);
      const socket = port.#socket;
      socket.addEventListener('message', ({ data }) => {
        port.#keep(data);
        give(port);
      });
      // An error is followed by no close where there was no connection.
      for (const end of ['close', 'error'] as const) {
        socket.addEventListener(end, () => {
          port.#over();
          give(undefined);
        });
      }
    });
  }

  /** What it says from here (or an earlier moment) on: for so many wall milliseconds, until it is closed, or until it has said too much. */
  async hear(milliseconds: number, from = this.bytes): Promise<string> {
    const over = new AbortController();
    await Promise.race([this.#ended, sleep(milliseconds, null, over).catch(() => {})]);
    over.abort();
    return Buffer.concat(this.#chunks).subarray(from).toString('latin1');
  }

  /** As the CLI makes it. */
  commandAddress(command: string): string {
    const url = new URL(this.#address);
    url.protocol = 'https:';
    url.pathname = url.pathname.replace(/\/client$/, `/adminCommand/${command}`);
    return url.href;
  }

  close(): void {
    this.#socket.close();
  }

  #keep(data: unknown): void {
    const chunk = typeof data === 'string' ? Buffer.from(data) : data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.alloc(0);
    this.#chunks.push(chunk.subarray(0, mostBytes - this.bytes));
    this.bytes = Math.min(mostBytes, this.bytes + chunk.length);
    if (this.bytes === mostBytes) this.#over();
  }
}
