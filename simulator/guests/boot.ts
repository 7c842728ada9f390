/** Booting is a function of the disk's contents: what is on the screen and on COM1, when, and what the boot leaves on the disk. */
import { isHanging } from './badDriver.ts';
import { loadKernel } from './bootManager.ts';
import type { BootResult, BootStage, Machine, Screen } from './contract.ts';
import { prepareDumpFile, saveDump, writeDump } from './crashDump.ts';
import type { DiskContents, Volume } from './disk.ts';
import { getNumber } from './hive.ts';
import { type Installation, installationOf } from './installation.ts';
import { finishRenames } from './renames.ts';
import { bugCheckLog, healthReport, SAC_READY, SAC_STARTED } from './serialLog.ts';
import { endPending, isRevertQueued, pendingOf } from './servicing.ts';
import { findEarlyStop, findLateStop, type Stop } from './startup.ts';
import { TIMINGS } from './timings.ts';
import { fileAt, windowsHive } from './volume.ts';
import { AGENT } from './windows.ts';

const TIMES = TIMINGS.boot;
/** Bug check 0x80 as Windows gives it for an interrupt that nothing else explains. */
const NMI: Stop = { code: 0x80, name: 'NMI_HARDWARE_FAILURE', parameters: ['0x4f4454', '0x0', '0x0', '0x0'] };

/** Boots a disk on a machine. Pure: the disk given is not changed. */
export function boot(disk: DiskContents, machine: Machine): BootResult {
  return bootFrom(structuredClone(disk), machine, [], 0);
}

/**
 * A non-maskable interrupt stops a Windows that runs, hung or not, as the registry says it should then dump and restart. A halted stop
 * screen hears nothing, nor does what runs before a kernel. Pure: the disk given is not changed.
 */
export function interrupt(disk: DiskContents, machine: Machine, reached: BootStage | undefined, atSeconds: number): BootResult | undefined {
  if (!reached?.kernel) return undefined;
  const contents = structuredClone(disk);
  const pass = new Pass(contents, machine, atSeconds);
  const end = pass.interrupt();
  if (end === undefined) return undefined;
  if (end === 'crash') return bootFrom(contents, machine, pass.stages, pass.at);
  return { stages: pass.stages, contents, settlesAtSeconds: pass.at };
}

function bootFrom(contents: DiskContents, machine: Machine, stages: BootStage[], start: number): BootResult {
  let from = start;
  for (;;) {
    const pass = new Pass(contents, machine, from);
    const end = pass.run();
    stages.push(...pass.stages);
    if (end === 'stay') return { stages, contents, settlesAtSeconds: pass.at };
    if (end === 'crash') return { stages: [...stages, ...repeat(pass.stages, pass.at - from)], contents, settlesAtSeconds: pass.at };
    from = pass.at;
  }
}

/** A machine that restarts after each stop shows the same over and over: told for an hour. */
function repeat(stages: BootStage[], period: number): BootStage[] {
  const rounds = Math.ceil(TIMES.loopFor / period);
  return Array.from({ length: rounds }, (_, round) =>
    stages.map(stage => ({ ...stage, atSeconds: stage.atSeconds + (round + 1) * period })),
  ).flat();
}

/** One way from power on or restart to where the machine stays, or restarts by itself: after servicing, or after a crash. */
class Pass {
  readonly stages: BootStage[] = [];
  /** Seconds after power on. */
  at: number;
  readonly #disk: DiskContents;
  readonly #machine: Machine;
  #kernel = false;

  constructor(disk: DiskContents, machine: Machine, from: number) {
    this.#disk = disk;
    this.#machine = machine;
    this.at = from;
  }

  run(): 'stay' | 'restart' | 'crash' {
    const from = this.at;
    this.#show(0, { kind: 'black' });
    const loaded = loadKernel(this.#disk, this.#machine.generation);
    const installation = 'volume' in loaded ? installationOf(loaded.volume) : undefined;
    if ('screen' in loaded || installation === undefined) {
      this.#show(TIMES.logo, 'screen' in loaded ? loaded.screen : { kind: 'black' });
      return 'stay';
    }
    const { volume, ems, safeMode } = loaded;
    this.#show(TIMES.logo, { kind: 'windows-logo' });
    if (ems) this.#show(TIMES.serialConsole - TIMES.logo, { kind: 'windows-logo' }, SAC_STARTED);
    this.at = from + TIMES.kernel;
    this.#kernel = true;
    this.#checkDisk(volume, installation);
    prepareDumpFile(volume, installation.controlSet, this.#machine.memoryGb * 1024, this.#now());
    const early = findEarlyStop(volume, installation);
    if (early === undefined && this.#serve(volume, installation)) return 'restart';
    const stop = early ?? findLateStop(volume);
    // What was to be replaced at restart is replaced by now: the stop that this boot runs into is its last.
    const replaced = finishRenames(volume, installation.controlSet);
    if (stop !== undefined) {
      const end = this.#crash(volume, installation, { stop, ems, after: TIMES.stop - TIMES.kernel });
      return end === 'crash' && replaced ? 'restart' : end;
    }
    if (isHanging(volume, installation.controlSet)) this.#show(0, { kind: 'windows-logo' });
    else this.#becomeReady(volume, installation, { ems, safeMode });
    return 'stay';
  }

  /** Undefined = there is no Windows that could stop. Since Windows 8 no `NMICrashDump` is needed: older ones are not here. */
  interrupt(): 'stay' | 'crash' | undefined {
    const loaded = loadKernel(this.#disk, this.#machine.generation);
    const installation = 'volume' in loaded ? installationOf(loaded.volume) : undefined;
    if ('screen' in loaded || installation === undefined) return undefined;
    return this.#crash(loaded.volume, installation, { stop: NMI, ems: loaded.ems, after: 0 });
  }

  #checkDisk(volume: Volume, { language }: Installation): void {
    if (!volume.dirty) return;
    volume.dirty = false;
    this.#show(0, { kind: 'checking-disk', language, percent: 11 });
    this.#show(TIMES.chkdsk, { kind: 'checking-disk', language, percent: 100 });
  }

  #crash(volume: Volume, installation: Installation, { stop, ems, after }: { stop: Stop; ems: boolean; after: number }): 'stay' | 'crash' {
    const { build, language, controlSet } = installation;
    // Builds from 1803 to 21H1 show names with blanks.
    const stopCode = build >= 17134 && build < 20348 ? stop.name.replaceAll('_', ' ') : stop.name;
    this.#kernel = false;
    const screen = { kind: 'stop' as const, language, stopCode, ...(stop.whatFailed !== undefined && { whatFailed: stop.whatFailed }) };
    this.#show(after, { ...screen, percent: 0 }, ems ? bugCheckLog(stop, installation, this.#machine) : '');
    const written = writeDump(volume, controlSet, this.#machine.memoryGb * 1024, stop, { build, at: this.#now() });
    if (written) this.#show(TIMES.dump, { ...screen, percent: 100 });
    const system = windowsHive(volume, 'SYSTEM');
    const restarts = system !== undefined && getNumber(system, `${controlSet}\\Control\\CrashControl`, 'AutoReboot') === 1;
    if (!restarts) return 'stay';
    this.at += TIMES.restart;
    return 'crash';
  }

  /** Finishes or undoes what is pending; true = there was something, and the machine restarts. */
  #serve(volume: Volume, { language }: Installation): boolean {
    const undoing = isRevertQueued(volume);
    const pending = pendingOf(volume);
    if (!undoing && (pending === undefined || pending.broken)) return false;
    for (const percent of [5, 40, 75, 100]) this.#show(TIMES.servicingStep, { kind: 'updating', language, percent, undoing });
    endPending(volume);
    this.at += TIMES.restart;
    return true;
  }

  #becomeReady(volume: Volume, installation: Installation, { ems, safeMode }: { ems: boolean; safeMode: boolean }): void {
    const { language, controlSet, product, build, revision } = installation;
    const screen: Screen = { kind: 'sign-in', language, computerName: this.#machine.computerName };
    saveDump(volume, controlSet, this.#now());
    this.#show(TIMES.signIn - TIMES.kernel, screen, ems ? SAC_READY : '');
    const system = windowsHive(volume, 'SYSTEM');
    const start = system && getNumber(system, `${controlSet}\\Services\\WindowsAzureGuestAgent`, 'Start');
    const agent = fileAt(volume, AGENT);
    // Safe mode starts no service of others.
    if (agent?.kind !== 'binary' || !agent.whole || start !== 2 || safeMode) return;
    this.at += TIMES.agent - TIMES.signIn;
    this.stages.push({
      atSeconds: this.at,
      screen,
      serial: ems ? '' : healthReport(this.#now()),
      agent: { version: agent.version, osName: product, osVersion: `10.0.${build}.${revision}` },
      kernel: true,
    });
  }

  #show(after: number, screen: Screen, serial = ''): void {
    this.at += after;
    this.stages.push({ atSeconds: this.at, screen, serial, ...(this.#kernel && { kernel: true }) });
  }

  /** On the wall's clock, which every reader of a log or a dump has. */
  #now(): Date {
    const { poweredOnAt, timeScale } = this.#machine;
    return new Date(poweredOnAt.getTime() + (this.at * 1000) / timeScale);
  }
}
