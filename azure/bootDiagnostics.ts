/** A VM's console from outside: the screenshot and the serial log that boot diagnostics keep. They lag, and are overwritten. */
import type { Arm } from './arm.ts';
import { fail, toFault } from './errors.ts';
import { parseId } from './ids.ts';

export interface ConsoleBlob {
  bytes: Uint8Array;
  /** The blob's Last-Modified, ISO; whole seconds. */
  at: string;
}
/** Null = Azure has none. */
export interface Console {
  screenshot: ConsoleBlob | null;
  serialLog: ConsoleBlob | null;
}
export interface BootDiagnostics {
  read(vmId: string): Promise<Console>;
}

/** Minutes the addresses live: they are used at once. */
const lifetime = 5;
/** A serial log is kept whole by Azure; one that is larger than this is no log. */
const largest = 32 * 1024 * 1024;
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
          download(found.consoleScreenshotBlobUri),
          download(found.serialConsoleLogBlobUri),
        ]);
        return { screenshot, serialLog };
      } catch (error) {
        // A VM that is not allocated, or was never started with diagnostics on, has none to give.
        const { kind, code } = toFault(error);
        if ((kind === 'conflict' && !passing.test(code)) || kind === 'notFound') return { screenshot: null, serialLog: null };
        throw error;
      }
    },
  };
}

/** The address is a secret and carries its own permission: no token goes with it, and no error quotes it. */
async function download(address: string | undefined): Promise<ConsoleBlob | null> {
  if (!address) return null;
  const answer = await fetch(address, { signal: AbortSignal.timeout(patience) });
  if (answer.status === 404) return null;
  if (!answer.ok) {
    const kind = answer.status === 403 ? 'forbidden' : 'transient';
    throw fail(kind, `BootDiagnosticsHttp${answer.status}`, `reading boot diagnostics was answered with ${answer.status}`);
  }
  if (Number(answer.headers.get('content-length') ?? 0) > largest)
    throw fail('fatal', 'evidenceTooLarge', 'boot diagnostics larger than 32 MiB');
  const at = new Date(answer.headers.get('last-modified') ?? 0).toISOString();
  return { bytes: new Uint8Array(await answer.arrayBuffer()), at };
}
