/**
 * Runs a script as it was sent, by a real PowerShell: what it asks of Windows is answered by stand-ins on a folder that is made of the disks, and
 * what it leaves there is the disks afterwards. It is no prison: only for scripts that one would run on this machine.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScriptEnd, ScriptRun } from '../contract.ts';
import { type Left, World } from './world.ts';

/** Of what a script prints; beyond this only its end is kept. Characters. */
const MOST_OUTPUT = 16 * 1024 * 1024;
const TAIL = 64 * 1024;

export interface PowerShell {
  /** Path of `pwsh`, version 7. */
  file: string;
  /** Authority of the network that a script may use. */
  caPath: string;
  /** The folder of `commands.ps1` and `tools.sh`; beside this file where it is left out. */
  assets?: string;
}

/** Process groups that must not outlive this process. */
const alive = new Set<number>();
const endAll = () => {
  for (const group of alive) kill(group);
};

export async function runByPowerShell({ file, caPath, assets = import.meta.dirname }: PowerShell, run: ScriptRun): Promise<ScriptEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'bootmedic-guest-'));
  try {
    const world = new World(folder, run, assets);
    const script = join(folder, 'script.ps1');
    await writeFile(script, run.script);
    // The stand-ins are there before the script, as Windows' own commands would be.
    await mkdir(join(folder, '.config/powershell'), { recursive: true });
    await copyFile(join(assets, 'commands.ps1'), join(folder, '.config/powershell/profile.ps1'));
    await mkdir(join(folder, 'temp'));
    const begun = performance.now();
    const ended = await execute(file, [...OPTIONS, script, ...argumentsOf(run.parameters)], environment(folder, caPath, run), run);
    const { system, disks, seconds } = leftBy(world, run, ended);
    const { output, error } = ended;
    // A sleep is not slept: a script whose sleep goes beyond its deadline is ended in it.
    const overslept = run.timeoutSeconds !== undefined && ended.signal !== null && seconds > run.timeoutSeconds;
    const worked = seconds + (performance.now() - begun) / 1000;
    if (ended.cut || overslept) return { seconds: Number.POSITIVE_INFINITY, exitCode: -1, output, error, disks, system, cutOff: 'all' };
    return { seconds: worked, exitCode: ended.exitCode ?? -1, output, error, disks, system };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A script may have laid waste the folder itself: then the disks are as they were, and its errors say so. */
function leftBy(world: World, run: ScriptRun, ended: Ended): Left {
  try {
    return world.left();
  } catch (error) {
    ended.error += `\r\nThe simulated machine is lost: ${error instanceof Error ? error.message : String(error)}\r\n`;
    ended.exitCode = -1;
    return { system: run.system, disks: run.disks, seconds: 0 };
  }
}

const OPTIONS = ['-NoLogo', '-NonInteractive', '-File'];

/** As Azure's agent passes them: each bound by its name, and a value that begins with a dash is no name. */
function argumentsOf(parameters: Record<string, string>): string[] {
  return Object.entries(parameters).flatMap(([name, value]) => (value === '' ? [`-${name}`, ''] : [`-${name}:${value}`]));
}

/** Of this process' own environment nothing: the guest is another machine. */
function environment(folder: string, caPath: string, { timeoutSeconds }: ScriptRun): NodeJS.ProcessEnv {
  return {
    ...{ BM: folder, HOME: folder, SystemRoot: join(folder, 'host'), PATH: join(folder, 'host/System32'), TMPDIR: join(folder, 'temp') },
    ...{ SSL_CERT_FILE: caPath, NO_COLOR: '1', LC_ALL: 'C.UTF-8' },
    ...{ POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off', DOTNET_EnableDiagnostics: '0' },
    // A script is over before code that is compiled a second time would pay.
    ...{ DOTNET_TieredPGO: '0', DOTNET_TC_CallCounting: '0' },
    ...(timeoutSeconds !== undefined && { BM_SECONDS: String(timeoutSeconds) }),
  };
}

interface Ended {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  error: string;
  /** Ended from outside: at its deadline, or because nobody wants it any more. */
  cut: boolean;
}

function execute(
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  { timeoutSeconds, timeScale = 1, signal }: ScriptRun,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: env.BM, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, error] = [collect(child.stdout), collect(child.stderr)];
    let cut = false;
    const end = () => {
      cut = true;
      if (child.pid !== undefined) kill(child.pid);
    };
    const deadline = timeoutSeconds === undefined ? undefined : setTimeout(end, Math.min(2 ** 31 - 1, (timeoutSeconds * 1000) / timeScale));
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    watch(child);
    child.once('error', reject);
    // What it started and left behind goes with it; it would hold the streams open, too.
    child.once('exit', () => child.pid !== undefined && kill(child.pid));
    child.once('close', (exitCode, ended) => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', end);
      resolve({ exitCode, signal: ended, output: output(), error: error(), cut });
    });
  });
}

function watch(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (alive.size === 0) process.once('exit', endAll);
  alive.add(pid);
  child.once('close', () => {
    alive.delete(pid);
    if (alive.size === 0) process.removeListener('exit', endAll);
  });
}

function kill(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Text of a stream, with Windows' line ends; its middle is left out where it is a flood. */
function collect(stream: NodeJS.ReadableStream | null): () => string {
  let [text, tail, length] = ['', '', 0];
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    length += chunk.length;
    if (text.length < MOST_OUTPUT) text += chunk;
    else tail = (tail + chunk).slice(-TAIL);
  });
  return () => {
    const missing = length - text.length - tail.length;
    const whole = missing > 0 ? `${text}\n(${missing} characters were left out here)\n${tail}` : text + tail;
    return whole.replace(/\r?\n/g, '\r\n');
  };
}
