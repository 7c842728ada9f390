/** A VM's console from outside: the screenshot and the serial log that boot diagnostics keep. They lag, and are overwritten. */
import type { Arm } from './arm.ts';
import { fail, toFault } from './errors.ts';
import { parseId } from './ids.ts';

export interface ConsoleBlob {
  bytes: Uint8Array;
  /** The blob's Last-Modified, ISO; whole seconds. */
  at: string;
}
/** Null = Azure has none, or it cannot be read. */
export interface Console {
  screenshot: ConsoleBlob | null;
  serialLog: ConsoleBlob | null;
  /** Why something could not be read, in a phrase: no permission, a storage account that is gone; null = all there is was read. */
  unread: string | null;
}
export interface BootDiagnostics {
  /** Throws only what another try may cure. */
  read(vmId: string): Promise<Console>;
}

/** Minutes the addresses live: they are used at once. */
const lifetime = 5;
/** Larger than this is no screenshot; of a serial log the end is read, which tells of the last boot. */
const largest = 32 * 1024 * 1024;
const tail = 4 * 1024 * 1024;
const patience = 60_000;
/** Conflicts that pass: they say nothing about what there is. */
const passing = /AnotherOperation|Concurrent|Preempted/;

export function bootDiagnostics(arm: Arm): BootDiagnostics {
  return {
    async read(vmId) {
      const { subscriptionId, resourceGroup, name } = parseId(vmId);
      const { virtualMachines } = arm.compute(subscriptionId);
      try {
        const found = await virtualMachines.retrieveBootDiagnosticsData(resourceGroup, name, { sasUriExpirationTimeInMinutes: lifetime });
        const [screenshot, serialLog] = await Promise.all([
          orWhy(download(found.consoleScreenshotBlobUri, 'whole or not at all')),
          orWhy(download(found.serialConsoleLogBlobUri, 'its end')),
        ]);
        return { screenshot: screenshot.blob, serialLog: serialLog.blob, unread: screenshot.why ?? serialLog.why };
      } catch (error) {
        // A VM that is not allocated, or was never started with diagnostics on, has none to give.
        const { kind, code, message } = toFault(error);
        const lasts = (kind === 'conflict' && !passing.test(code)) || kind === 'notFound' || kind === 'forbidden';
        if (lasts) return { screenshot: null, serialLog: null, unread: `${code}: ${message}`.slice(0, 300) };
        throw error;
      }
    },
  };
}

/** An owner's storage account may be gone, or closed to Azure, or what Azure gives is no address: another try finds it so again. */
async function orWhy(reading: Promise<ConsoleBlob | null>): Promise<{ blob: ConsoleBlob | null; why: string | null }> {
  try {
    return { blob: await reading, why: null };
  } catch (error) {
    const { kind, code, message } = toFault(error);
    if (kind !== 'forbidden' && code !== 'ENOTFOUND' && code !== 'unexpectedBody') throw error;
    return { blob: null, why: `${code}: ${message}`.slice(0, 300) };
  }
}

/** The address is a secret and carries its own permission: no token goes with it, and no error quotes it. */
async function download(address: string | undefined, ifLarge: 'whole or not at all' | 'its end'): Promise<ConsoleBlob | null> {
  if (!address) return null;
  if (!URL.canParse(address)) throw fail('fatal', 'unexpectedBody', 'what Azure gives as the address of boot diagnostics is none');
  const answer = await get(address);
  if (answer === null) return null;
  const length = Number(answer.headers.get('content-length') ?? 0);
  if (length <= largest) return blobOf(answer);
  await answer.body?.cancel();
  if (ifLarge === 'whole or not at all') return null;
  const end = await get(address, `bytes=${length - tail}-${length - 1}`);
  return end && blobOf(end);
}

async function get(address: string, range?: string): Promise<Response | null> {
  const answer = await fetch(address, { signal: AbortSignal.timeout(patience), headers: range ? { range } : {} });
  if (answer.status === 404) return null;
  if (answer.ok) return answer;
  const kind = answer.status === 403 ? 'forbidden' : 'transient';
  throw fail(kind, `BootDiagnosticsHttp${answer.status}`, `reading boot diagnostics was answered with ${answer.status}`);
}

async function blobOf(answer: Response): Promise<ConsoleBlob> {
  const at = new Date(Date.parse(answer.headers.get('last-modified') ?? '') || 0).toISOString();
  return { bytes: new Uint8Array(await answer.arrayBuffer()), at };
}
