/**
 * The seam between Azure (ARM, in `simulator/arm`) and the machines it hosts (in `simulator/guests`).
 * ARM knows disks, power and time; a guest knows what is on a disk and what a computer does with it.
 * Times here are unscaled guest seconds; ARM divides them by the time scale.
 */
import type { DiskContents } from './disk.ts';

/** The hardware a disk is booted on, and its time. */
export interface Machine {
  computerName: string;
  generation: 'V1' | 'V2';
  memoryGb: number;
  /** Wall time of power on; log lines and dump headers carry it. */
  poweredOnAt: Date;
  /** Guest seconds that pass in a second of wall time. */
  timeScale: number;
}

/** What the console shows; `renderScreen` draws it. Pure data, so that an instance's state stays JSON. */
export type Screen =
  | { kind: 'black' }
  | { kind: 'windows-logo' }
  | { kind: 'stop'; language: string; stopCode: string; whatFailed?: string; percent: number }
  /** Text of the virtual machine's own firmware. */
  | { kind: 'firmware'; lines: string[] }
  | { kind: 'boot-manager'; status: string; file?: string; info: string }
  | { kind: 'updating'; language: string; percent: number; undoing: boolean }
  | { kind: 'checking-disk'; language: string; percent: number }
  | { kind: 'sign-in'; language: string; computerName: string };

/** From `atSeconds` after power on this is on the screen, and `serial` has been appended to COM1. */
export interface BootStage {
  atSeconds: number;
  screen: Screen;
  serial: string;
  /** Present from the moment the VM agent reports; it then reports again every agent period while the VM runs. */
  agent?: { version: string; osName: string; osVersion: string };
  /** A Windows kernel runs, and would hear an interrupt: absent before it is loaded, and once it has stopped. */
  kernel?: true;
}

/** Booting is a function of the contents: nothing else decides how it ends. */
export interface BootResult {
  stages: BootStage[];
  /** The disk as the boot leaves it (dump written, pending servicing done or undone). */
  contents: DiskContents;
  /** When `contents` is on the disk, so many seconds after power on. A machine that crashes over and over has written its dump long before the last stage. */
  settlesAtSeconds: number;
}

/** A data disk as the repair VM's Windows sees it. */
export interface AttachedDisk {
  lun: number;
  sizeGb: number;
  contents: DiskContents;
}

/** One Run Command execution on a Windows VM whose agent is ready. */
export interface ScriptRun {
  script: string;
  /** Plain and protected parameters together, as PowerShell would bind them. */
  parameters: Record<string, string>;
  /** The VM's own OS disk (policies such as NewDiskPolicy live there). */
  system: DiskContents;
  disks: AttachedDisk[];
  controller: 'SCSI' | 'NVMe';
  now: Date;
  /** The only network the guest has: storage, over https under the simulator's CA. */
  fetch: typeof fetch;
  /** Unscaled seconds after which the agent ends it; absent = never. */
  timeoutSeconds?: number;
  /** Guest seconds that pass in a second of wall time, for who runs in it; 1 = absent. */
  timeScale?: number;
  /** Nobody waits for it any more: it is ended where it stands. */
  signal?: AbortSignal;
}

export interface ScriptEnd {
  /** How long the script ran, unscaled seconds. */
  seconds: number;
  exitCode: number;
  output: string;
  error: string;
  /** The disks as the script leaves them, same order as given; and the VM's own. */
  disks: AttachedDisk[];
  system: DiskContents;
  /** It was still at work when it was ended: what is told as it was then (of `system` only, the disks are not). */
  cutOff?: 'system' | 'all';
}

/** What ARM asks of a guest. */
export interface Guests {
  boot(disk: DiskContents, machine: Machine): BootResult;
  /**
   * What a non-maskable interrupt does so many seconds after power on, with the disk as it is then and this stage reached.
   * The stages follow what was reached; undefined = nobody hears it.
   */
  interrupt(disk: DiskContents, machine: Machine, reached: BootStage | undefined, atSeconds: number): BootResult | undefined;
  /** PNG, 1024 x 768 (Azure serves a BMP or PNG of the console's size). */
  renderScreen(screen: Screen): Promise<Uint8Array>;
  runScript(run: ScriptRun): Promise<ScriptEnd>;
  /** The contents of a new OS disk from a marketplace image, e.g. sku `2019-datacenter-gensecond`; undefined = no such image. */
  imageContents(
    image: { publisher: string; offer: string; sku: string; version: string },
    diskId: string,
  ): { contents: DiskContents; sizeGb: number } | undefined;
  /** Checks a scenario's disk contents; throws an error that names the field. */
  parseContents(value: unknown): DiskContents;
}
