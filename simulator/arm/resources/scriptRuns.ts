import { AnonymousCredential, AppendBlobClient } from '@azure/storage-blob';
import type { AttachedDisk, ScriptEnd, ScriptRun } from '../../guests/contract.ts';
import type { DiskContents } from '../../guests/disk.ts';
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

/** What a disk holds on which nothing was ever written. */
const RAW: DiskContents = { id: 'mbr:00000000', partitions: [] };

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
  let goOn = () => {};
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
    const goingOn = end.cutOff !== 'all' && !cloud.rules.holds('run-command-timed-out');
    if (goingOn) goOn = () => void goesOn(cloud, vm, run, startedAt);
    // A guest may have worked in real time, and has then used some of it already.
    cancelEnd = cloud.clock.after(Math.min(end.seconds, run.timeoutSeconds) - cloud.clock.since(startedAt), () => {
      if (end.cutOff) commit(end.cutOff);
      if (!timedOut) return void finish(end, commit);
      // Stricter than Azure may be: what the script has started goes on writing, as long as the VM has its power and the disk.
      if (goingOn) goOn();
      else if (!end.cutOff) vm.session?.cancel.push(cloud.clock.after(end.seconds - run.timeoutSeconds, commit));
      const tell = () => close('TimedOut', `Execution did not end within ${run.timeoutSeconds} seconds.`, { exitCode: -1 });
      // What a real one had printed by then is in its blobs.
      if (end.cutOff === 'all') void appendBlobs(run, end).then(tell);
      else tell();
    });
  });
  return {
    done,
    stop: reason => {
      const wasOpen = open;
      close(reason, 'The script was stopped.');
      if (wasOpen && reason === 'Canceled') goOn();
    },
  };
}

/** What a script that was cut off does all the same, where nothing but the power ends it: at its own end, on the disks as they are then. */
async function goesOn(cloud: Cloud, vm: Vm, run: Run, begun: Date): Promise<void> {
  const { session } = vm;
  const { end } = await execute(cloud, vm, run, { fetch: offline });
  cloud.clock.after(end.seconds - cloud.clock.since(begun), async () => {
    if (session === undefined || vm.session !== session) return;
    const late = await execute(cloud, vm, run, { fetch });
    late.commit();
    await appendBlobs(run, late.end);
  });
}

/** For finding out how long a script would go on: nothing of it leaves the machine. */
const offline: typeof fetch = () => Promise.reject(new Error('offline'));

type Close = (state: Execution['executionState'], message: string) => void;

/** Makes the output blobs, then hands the script to the guest. What it did is known at once and takes effect at its end. */
async function begin(
  cloud: Cloud,
  vm: Vm,
  run: Run,
  { execution, close, signal }: { execution: Execution; close: Close; signal: AbortSignal },
): Promise<Executed | undefined> {
  Object.assign(execution, { executionState: 'Running', startTime: cloud.clock.now().toISOString() });
  for (const uri of [run.outputBlobUri, run.errorBlobUri]) {
    try {
      if (uri !== undefined) await blob(uri).create();
    } catch (error) {
      if (!cloud.rules.holds('run-command-output-blob')) continue;
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      close('Failed', `Failed to create the append blob for the output: ${code}`);
      return undefined;
    }
  }
  return execute(cloud, vm, run, { fetch, timeoutSeconds: run.timeoutSeconds, timeScale: cloud.clock.scale, signal });
}

interface Executed {
  end: ScriptEnd;
  /** Stores what it did. */
  commit: (what?: 'all' | 'system') => void;
}

type How = Pick<ScriptRun, 'fetch' | 'timeoutSeconds' | 'timeScale' | 'signal'>;

/** What a script does from here, on the disks as they are now. */
async function execute(cloud: Cloud, vm: Vm, run: Run, how: How): Promise<Executed> {
  const osDisk = cloud.estate.ownedDisk(vm.osDisk.diskId);
  const given = vm.dataDisks.filter(disk => !disk.toBeDetached).map(({ diskId, lun }) => ({ lun, disk: cloud.estate.ownedDisk(diskId) }));
  const unwritten = cloud.rules.holds('new-disk-uninitialised') ? undefined : RAW;
  const readable = given.flatMap(({ lun, disk }) => {
    const contents = disk.contents ?? unwritten;
    return contents === undefined ? [] : [{ lun, disk, contents }];
  });
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
    ...how,
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
  try {
    await blob(uri).appendBlock(bytes, bytes.length);
  } catch (error) {
    // The SAS may have expired meanwhile, or never have been one; the script has run all the same.
    if (!(error instanceof Error)) throw error;
  }
}

function blob(uri: string): AppendBlobClient {
  return new AppendBlobClient(uri, new AnonymousCredential(), { retryOptions: { maxTries: 1 } });
}
