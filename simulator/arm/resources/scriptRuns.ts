import { AnonymousCredential, AppendBlobClient } from '@azure/storage-blob';
import type { AttachedDisk, ScriptEnd } from '../../guests/contract.ts';
import type { Cloud } from '../cloud.ts';
import type { Execution, Vm } from '../model.ts';

/** A script to run, whoever asked for it. */
export interface Run {
  script: string;
  parameters: Record<string, string>;
  /** Guest seconds. */
  timeoutSeconds: number;
  /** SAS of append blobs; an existing one is overwritten. */
  outputBlobUri?: string;
  errorBlobUri?: string;
}

export interface RunHandle {
  done: Promise<void>;
  /** Ends it; what it has done by then may stay on the disks. */
  stop: (reason: 'Canceled' | 'Failed') => void;
}

/** What the instance view holds of each stream. */
const TAIL_BYTES = 4096;

/** The last bytes of a text, beginning at a whole character. */
function tail(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= TAIL_BYTES) return text;
  const start = bytes.subarray(bytes.length - TAIL_BYTES);
  return start.subarray(start.findIndex(byte => (byte & 0xc0) !== 0x80)).toString();
}

/** Starts a script on a VM and keeps its execution up to date until it has ended. */
export function startRun(cloud: Cloud, vm: Vm, run: Run, execution: Execution): RunHandle {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let cancelEnd = () => {};
  let open = true;
  const abort = new AbortController();
  const close = (state: Execution['executionState'], message: string, more: Partial<Execution> = {}) => {
    if (!open) return;
    open = false;
    cancelEnd();
    abort.abort();
    Object.assign(execution, { executionState: state, executionMessage: message, endTime: cloud.clock.now().toISOString(), ...more });
    resolve();
  };
  const finish = async (end: ScriptEnd, commit: () => void) => {
    if (!open) return;
    commit();
    await appendBlobs(run, end);
    const { exitCode } = end;
    // On Linux as recorded (`test_run_command_v2`).
    const failed = vm.osDisk.osType === 'Linux' ? 'Execution failed: failed to execute command:' : 'Execution failed:';
    const message = exitCode === 0 ? 'Execution completed' : `${failed} command terminated with exit status=${exitCode}`;
    close(exitCode === 0 ? 'Succeeded' : 'Failed', message, { exitCode, output: tail(end.output), error: tail(end.error) });
  };
  const startedAt = cloud.clock.now();
  void begin(cloud, vm, run, { execution, close, signal: abort.signal }).then(started => {
    if (started === undefined) return;
    const { end, commit } = started;
    if (!open) return end.cutOff === 'all' ? commit() : undefined;
    const timedOut = end.seconds > run.timeoutSeconds;
    // A guest may have worked in real time, and has then used some of it already.
    cancelEnd = cloud.clock.after(Math.min(end.seconds, run.timeoutSeconds) - cloud.clock.since(startedAt), () => {
      if (end.cutOff) commit(end.cutOff);
      if (!timedOut) return void finish(end, commit);
      // Stricter than Azure may be: what the script has started goes on writing, as long as the VM has its power and the disk.
      if (!end.cutOff) vm.session?.cancel.push(cloud.clock.after(end.seconds - run.timeoutSeconds, commit));
      const tell = () => close('TimedOut', `Execution did not end within ${run.timeoutSeconds} seconds.`, { exitCode: -1 });
      // What a real one had printed by then is in its blobs.
      if (end.cutOff === 'all') void appendBlobs(run, end).then(tell);
      else tell();
    });
  });
  return { done, stop: reason => close(reason, 'The script was stopped.') };
}

type Close = (state: Execution['executionState'], message: string) => void;

/** Makes the output blobs, then hands the script to the guest. What it did is known at once and takes effect at its end. */
async function begin(
  cloud: Cloud,
  vm: Vm,
  run: Run,
  { execution, close, signal }: { execution: Execution; close: Close; signal: AbortSignal },
): Promise<{ end: ScriptEnd; commit: (what?: 'all' | 'system') => void } | undefined> {
  Object.assign(execution, { executionState: 'Running', startTime: cloud.clock.now().toISOString() });
  for (const uri of [run.outputBlobUri, run.errorBlobUri]) {
    try {
      if (uri !== undefined) await blob(uri).create();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      close('Failed', `Failed to create the append blob for the output: ${code}`);
      return undefined;
    }
  }
  const osDisk = cloud.estate.ownedDisk(vm.osDisk.diskId);
  const given = vm.dataDisks.filter(disk => !disk.toBeDetached).map(({ diskId, lun }) => ({ lun, disk: cloud.estate.ownedDisk(diskId) }));
  const readable = given.flatMap(({ lun, disk }) => (disk.contents === undefined ? [] : [{ lun, disk, contents: disk.contents }]));
  if (osDisk.contents === undefined) throw new Error(`OS disk ${osDisk.id} has no contents`);
  const system = osDisk.contents;
  const disks: AttachedDisk[] = readable.map(({ lun, disk, contents }) => ({
    lun,
    sizeGb: disk.sizeGb,
    contents: structuredClone(contents),
  }));
  const { script, parameters } = run;
  const controller = vm.diskController;
  const end = await cloud.guests.runScript({
    script,
    parameters,
    system: structuredClone(system),
    disks,
    controller,
    now: cloud.clock.now(),
    fetch,
    timeoutSeconds: run.timeoutSeconds,
    timeScale: cloud.clock.scale,
    signal,
  });
  const commit = (what: 'all' | 'system' = 'all') => {
    cloud.machines.commit(vm, [
      { diskId: osDisk.id, before: system, after: end.system, store: () => Object.assign(osDisk, { contents: end.system }) },
      ...(what === 'all' ? readable : []).flatMap(({ disk, contents, lun }) => {
        const after = end.disks.find(other => other.lun === lun)?.contents;
        return after === undefined
          ? []
          : [{ diskId: disk.id, before: contents, after, store: () => Object.assign(disk, { contents: after }) }];
      }),
    ]);
  };
  return { end, commit };
}

async function appendBlobs(run: Run, end: ScriptEnd): Promise<void> {
  await append(run.outputBlobUri, end.output);
  await append(run.errorBlobUri, end.error);
}

async function append(uri: string | undefined, text: string): Promise<void> {
  if (uri === undefined || text === '') return;
  const bytes = Buffer.from(text);
  await blob(uri)
    .appendBlock(bytes, bytes.length)
    .catch((error: unknown) => {
      // The SAS may have expired meanwhile; the script has run all the same.
      if (!(error instanceof Error)) throw error;
    });
}

function blob(uri: string): AppendBlobClient {
  return new AppendBlobClient(uri, new AnonymousCredential(), { retryOptions: { maxTries: 1 } });
}
