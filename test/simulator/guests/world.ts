/** Disks, machines and script runs for the guests' tests. */

import { scriptText } from '../../../playbooks/scripts.ts';
import type { ScriptId, ScriptResult } from '../../../playbooks/types.ts';
import type { AttachedDisk, BootResult, Machine, ScriptEnd } from '../../../simulator/guests/contract.ts';
import type { DiskContents } from '../../../simulator/guests/disk.ts';
import { guests } from '../../../simulator/guests/index.ts';
import { SYSTEM_FILES } from '../../../simulator/guests/windows.ts';
import fc from '../../fastCheck.ts';

export const poweredOnAt = new Date('2026-11-21T03:00:00Z');
const repairId = 'r-abcdefghijkl';
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
  return guests.boot(contents, { computerName: 'app-01', generation, memoryGb: 8, poweredOnAt, timeScale: 1, ...machine });
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
  timeoutSeconds?: number;
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
    ...(options.timeoutSeconds !== undefined && { timeoutSeconds: options.timeoutSeconds }),
  });
  const line = end.output.trimEnd().split('\r\n').at(-1) ?? '';
  const text = line.startsWith('BOOTMEDIC-RESULT ') ? line.slice(17) : undefined;
  return { ...end, ...(text !== undefined && { result: JSON.parse(text) }), contents: end.disks[0]!.contents };
}

/** Runs a script and stores what it left. */
export async function repaired(id: ScriptId, contents: DiskContents, options: RunOptions = {}): Promise<DiskContents> {
  return (await run(id, contents, options)).contents;
}

const path = fc.constantFrom(...SYSTEM_FILES);
const anyDamage = fc.oneof(
  fc.record({ kind: fc.constant('corrupt-file'), path, repairable: fc.boolean() }),
  fc.record({ kind: fc.constant('missing-file'), path, repairable: fc.boolean() }),
  fc.record({ kind: fc.constant('mismatched-file'), path, repairable: fc.boolean(), version: fc.constant('10.0.1.2') }),
  fc.record({ kind: fc.constant('pending-servicing'), package: fc.constant('KB1'), broken: fc.boolean() }),
  fc.record({ kind: fc.constant('damaged-hive'), hive: fc.constantFrom('SYSTEM', 'SOFTWARE', 'COMPONENTS') }),
  fc.constantFrom({ kind: 'missing-bcd' }, { kind: 'bcd-missing-device' }, { kind: 'dirty-volume' }, { kind: 'ransom-note' }),
  fc.record({ kind: fc.constant('little-space'), freeMb: fc.nat(20_000) }),
);

/** Up to three things that are wrong with one disk. */
export const damages = fc
  .uniqueArray(anyDamage, { maxLength: 3, selector: damage => ('path' in damage ? damage.path : damage.kind) })
  // A hive that does not load can take no more damage.
  .map(found => found.toSorted((a, b) => Number(a.kind === 'damaged-hive') - Number(b.kind === 'damaged-hive')));

/** Any Windows that a scenario can describe. */
export const windows = fc.record({
  build: fc.constantFrom(14393, 17763, 20348),
  generation: fc.constantFrom('V1', 'V2'),
  ems: fc.boolean(),
  autoReboot: fc.boolean(),
  pagefileMb: fc.constantFrom(0, 4096, 9000),
  crashDumpEnabled: fc.constantFrom(0, 1, 2, 3, 7),
  controlSets: fc.constantFrom([1], [1, 2], [2]),
});
