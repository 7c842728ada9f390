/** Disks, machines and script runs for the guests' tests. */

import { scriptText } from '../../../playbooks/scripts.ts';
import type { ScriptId, ScriptResult } from '../../../playbooks/types.ts';
import type { AttachedDisk, BootResult, Machine, ScriptEnd } from '../../../simulator/guests/contract.ts';
import type { DiskContents } from '../../../simulator/guests/disk.ts';
import { guests } from '../../../simulator/guests/index.ts';

export const poweredOnAt = new Date('2026-11-21T03:00:00Z');
export const repairId = 'r-abcdefghijkl';
export const token = 'token-of-this-run';
export const winlogon = '\\Windows\\System32\\winlogon.exe';
export const services = '\\Windows\\System32\\services.exe';

export function disk(windows: object = {}, damage: object[] = []): DiskContents {
  return guests.parseContents({ windows: { build: 17763, language: 'en-US', generation: 'V2', autoReboot: false, ...windows }, damage });
}

/** The repair VM's own disk, of another edition than `disk()`. */
export function repairVm(sku = '2019-datacenter-core-g2'): DiskContents {
  const image = guests.imageContents({ publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku, version: 'latest' }, 'a disk');
  if (image === undefined) throw new Error(`no image ${sku}`);
  return image.contents;
}

export function boot(contents: DiskContents, machine: Partial<Machine> = {}): BootResult {
  const generation = contents.id.startsWith('mbr:') ? 'V1' : 'V2';
  return guests.boot(contents, { computerName: 'app-01', generation, memoryGb: 8, poweredOnAt, ...machine });
}

export const last = ({ stages }: BootResult) => stages.at(-1)!;
export const serial = ({ stages }: BootResult) => stages.map(stage => stage.serial).join('');
export const isReady = ({ stages }: BootResult) => stages.some(stage => stage.agent !== undefined);

export interface Ran extends ScriptEnd {
  /** Undefined when there is no result line. */
  result?: ScriptResult & { token: string };
  contents: DiskContents;
}

export interface RunOptions {
  mode?: 'Detect' | 'Repair' | 'Revert';
  parameters?: Record<string, string>;
  system?: DiskContents;
  controller?: 'SCSI' | 'NVMe';
  script?: string;
  fetch?: typeof fetch;
  lun?: number;
}

const extras: Partial<Record<ScriptId, Record<string, string>>> = { 'boot-settings': { MemoryMb: '8192' } };

/** Runs a shipped script on a repair VM with the disk at LUN 3. */
export async function run(id: ScriptId, contents: DiskContents, options: RunOptions = {}): Promise<Ran> {
  const { mode = 'Repair', system = repairVm(), controller = 'SCSI', lun = 3 } = options;
  const disks: AttachedDisk[] = [{ lun: 3, sizeGb: 127, contents }];
  const end = await guests.runScript({
    script: options.script ?? scriptText(id).text,
    parameters: {
      Mode: mode,
      ...(id !== 'make-safe' && { Lun: String(lun) }),
      Token: token,
      RepairId: repairId,
      ...extras[id],
      ...options.parameters,
    },
    system,
    disks,
    controller,
    now: new Date('2026-11-21T03:20:00Z'),
    fetch: options.fetch ?? (() => Promise.reject(new Error('no network'))),
  });
  const line = end.output.trimEnd().split('\r\n').at(-1) ?? '';
  const text = line.startsWith('BOOTMEDIC-RESULT ') ? line.slice(17) : undefined;
  return { ...end, ...(text !== undefined && { result: JSON.parse(text) }), contents: end.disks[0]!.contents };
}

/** Runs a script and stores what it left. */
export async function repaired(id: ScriptId, contents: DiskContents, options: RunOptions = {}): Promise<DiskContents> {
  return (await run(id, contents, options)).contents;
}
