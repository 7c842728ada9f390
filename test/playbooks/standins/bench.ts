/** A bench for the real scripts: case folders with a repair disk's contents, and one PowerShell process that runs them with Windows' commands stood in for. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from '@jest/globals';
import { parseResult } from '../../../playbooks/result.ts';
import { scriptIds, scriptText } from '../../../playbooks/scripts.ts';
import type { ScriptId, ScriptResult } from '../../../playbooks/types.ts';
import { TOOLS } from '../../../simulator/guests/powershell/world.ts';

const here = import.meta.dirname;
/** The simulator's stand-ins for Windows' commands. */
const standIns = join(here, '../../../simulator/guests/powershell');
export const pwsh = ['/usr/local/bin/pwsh', '/usr/bin/pwsh'].find(existsSync);
export const token = 'token-0123456789';
const repairId = 'r-abcdefgh2345';
export const gptDisk = '0b2394a9-095e-487d-8d48-719ecd4d78ca';
const windowsPartition = '8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b';
const loader = '{733b62e5-f608-11eb-825c-c112f60133ab}';

export interface Case {
  name: string;
  folder: string;
  /** Folder of the Windows volume. */
  windows: string;
  boot: string;
  runs: { script: ScriptId; parameters: Record<string, string> }[];
}
export interface Ran {
  output: string;
  exitCode: number;
  result: ScriptResult | null;
  /** Calls of native tools and of cmdlets that write. */
  calls: string[];
}

export const root = mkdtempSync(join(tmpdir(), 'bootmedic-scripts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const scripts = join(root, 'scripts');

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
export const hive = (...lines: string[]): string => `regf11111111\n${lines.join('\n')}\n`;

const hexOfGuid = (guid: string): string => {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const swap = (part: string): string => Buffer.from(part, 'hex').reverse().toString('hex');
  return swap(a) + swap(b) + swap(c) + d + e;
};
/** A BCD device element as Windows 10 writes it: 16 zero bytes, type 6, size 0x48, partition, disk. */
function device(gpt: boolean, diskId: string): string {
  const head = `${'00'.repeat(16)}06000000000000004800000000000000`;
  if (gpt) return `${head}${hexOfGuid(windowsPartition)}${'00'.repeat(8)}${hexOfGuid(diskId)}${'00'.repeat(16)}`.toUpperCase();
  const signature = Buffer.from(diskId, 'hex').reverse().toString('hex');
  return `${head}${'00007d1500000000'}${'00'.repeat(8)}${'00000000'}${'01000000'}${signature}${'00'.repeat(28)}`.toUpperCase();
}

/** SYSTEM hive of a Dutch member server, as lines of the stand-in. */
export const systemHive = (sets: number[], extra: string[] = []): string =>
  hive(
    'Select|Default|REG_DWORD|0x1',
    ...sets.flatMap(n => [
      `ControlSet00${n}\\Control\\CrashControl|CrashDumpEnabled|REG_DWORD|0x2`,
      `ControlSet00${n}\\Control\\Nls\\Language|Default|REG_SZ|0413`,
      `ControlSet00${n}\\Control\\ProductOptions|ProductType|REG_SZ|ServerNT`,
      `ControlSet00${n}\\Control\\Session Manager\\Memory Management|PagingFiles|REG_MULTI_SZ|D:\\pagefile.sys`,
    ]),
    ...extra,
  );

/** A repair VM with one repair disk at LUN 0 beside its own disk. The Windows is sound. */
export function makeCase(
  name: string,
  options: { generation?: 'V1' | 'V2'; sets?: number[]; system?: string[]; bcdDisk?: string; ownDiskId?: string } = {},
): Case {
  const folder = join(root, name);
  const gpt = (options.generation ?? 'V2') === 'V2';
  const id = gpt ? gptDisk : '1234abcd';
  const [windows, boot] = [join(folder, 'volumes/windows'), join(folder, 'volumes/boot')];
  const config = join(windows, 'Windows/System32/config');
  put(join(config, 'SYSTEM'), systemHive(options.sets ?? [1], options.system));
  put(join(config, 'SYSTEM.LOG1'), 'log');
  put(
    join(config, 'SOFTWARE'),
    hive(
      'Microsoft\\Windows NT\\CurrentVersion|CurrentBuild|REG_SZ|17763',
      'Microsoft\\Windows NT\\CurrentVersion|SystemRoot|REG_SZ|C:\\Windows',
    ),
  );
  put(join(config, 'COMPONENTS'), hive());
  put(join(windows, 'Windows/System32/winlogon.exe'), 'winlogon, good');
  put(join(folder, 'store/System32/winlogon.exe'), 'winlogon, good');
  put(
    join(boot, gpt ? 'EFI/Microsoft/Boot/BCD' : 'Boot/BCD'),
    hive(
      `Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\Elements\\23000003|Element|REG_SZ|${loader}`,
      `Objects\\${loader}\\Elements\\11000001|Element|REG_BINARY|${device(gpt, options.bcdDisk ?? id)}`,
    ),
  );
  const disks: [number, string, string][] = [
    [0, options.ownDiskId ?? 'deadbeef', '1'],
    [2, id, '0'],
  ];
  for (const [n, diskId, own] of disks) {
    put(join(folder, `disks/${n}/id`), diskId);
    put(join(folder, `disks/${n}/boot`), own);
    put(join(folder, `disks/${n}/offline`), own === '1' ? '0' : '1');
    put(join(folder, `disks/${n}/readonly`), own === '1' ? '0' : '1');
  }
  const volumes = ['\\\\?\\Volume{11111111-0000-0000-0000-000000000001}\\', '\\\\?\\Volume{11111111-0000-0000-0000-000000000002}\\'];
  put(
    join(folder, 'disks/2/partitions.json'),
    JSON.stringify([
      {
        DriveLetter: gpt ? '\0' : 'E',
        AccessPaths: [volumes[0]],
        GptType: gpt ? '{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}' : null,
        MbrType: gpt ? null : 7,
        IsActive: !gpt,
        Guid: null,
        Offset: 1048576,
      },
      {
        DriveLetter: '\0',
        AccessPaths: null,
        GptType: gpt ? '{e3c9e316-0b5c-4db8-817d-f92df00215ae}' : null,
        MbrType: null,
        IsActive: false,
        Guid: null,
        Offset: 2,
      },
      {
        DriveLetter: 'F',
        AccessPaths: [volumes[1]],
        GptType: gpt ? '{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}' : null,
        MbrType: gpt ? null : 7,
        IsActive: false,
        Guid: gpt ? `{${windowsPartition}}` : null,
        Offset: 0x157d0000,
      },
    ]),
  );
  const drive = (Index: number, SCSIPort: number, SCSILogicalUnit: number): object => ({
    Index,
    InterfaceType: 'SCSI',
    PNPDeviceID: 'SCSI\\DISK&VEN_MSFT&PROD_VIRTUAL_DISK\\0',
    SCSIPort,
    SCSILogicalUnit,
  });
  put(join(folder, 'drives.json'), JSON.stringify([drive(0, 0, 0), drive(1, 0, 1), drive(2, 1, 0)]));
  put(join(folder, 'mounts'), '');
  put(join(folder, 'loaded'), '');
  put(join(folder, 'locked'), '');
  put(join(folder, 'calls'), '');
  put(join(folder, 'policy'), 'OnlineAll');
  put(join(folder, 'free'), String(60 * 1024 ** 3));
  put(join(folder, 'volumes-by-name'), `${volumes[0]} ${boot}\n${volumes[1]} ${windows}\n`);
  mkdirSync(join(folder, 'host/System32'), { recursive: true });
  for (const tool of TOOLS) symlinkSync(join(standIns, 'tools.sh'), join(folder, `host/System32/${tool}.exe`));
  return { name, folder, windows, boot, runs: [] };
}

export function addFile(each: Case, path: string, content: string | Uint8Array): void {
  put(join(each.windows, path), content);
}
/** A file of that many bytes that takes no room. */
export function addSparseFile(each: Case, path: string, bytes: number): void {
  addFile(each, path, '');
  truncateSync(join(each.windows, path), bytes);
}
export function addRun<C extends Case>(each: C, script: ScriptId, parameters: Record<string, string> = {}): C {
  const common: Record<string, string> = script === 'make-safe' ? { Mode: 'Repair' } : { Mode: 'Repair', Lun: '0' };
  each.runs.push({ script, parameters: { ...common, Token: token, RepairId: repairId, ...parameters } });
  return each;
}

/** Path and SHA-256 of every file of the repair disk, but for our own folder. */
export function contents(each: Pick<Case, 'folder'>): Record<string, string> {
  const base = join(each.folder, 'volumes');
  const files = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter(
    name => statSync(join(base, name)).isFile() && !name.includes('bootmedic/'),
  );
  return Object.fromEntries(
    files.sort().map(name => [
      name,
      createHash('sha256')
        .update(readFileSync(join(base, name)))
        .digest('hex'),
    ]),
  );
}

/** Runs all runs of all cases in one PowerShell, which `kill` kills; answers them by case name, in order. */
export async function runAll(cases: Case[], kill?: AbortSignal): Promise<Map<string, Ran[]>> {
  if (pwsh === undefined) throw new Error('no pwsh');
  mkdirSync(scripts, { recursive: true });
  for (const id of scriptIds) writeFileSync(join(scripts, `${id}.ps1`), scriptText(id).text);
  const list = cases.flatMap(each =>
    each.runs.map((run, i) => ({ folder: each.folder, script: join(scripts, `${run.script}.ps1`), parameters: run.parameters, run: i })),
  );
  const file = join(root, `cases-${cases[0]?.name ?? 'none'}.json`);
  writeFileSync(file, JSON.stringify(list));
  await promisify(execFile)(pwsh, ['-NoProfile', '-NonInteractive', '-File', join(here, 'run.ps1'), file, join(standIns, 'commands.ps1')], {
    // Much of its time it compiles; what a profile of that would gain, these runs do not live to see.
    env: { ...process.env, NO_COLOR: '1', DOTNET_TieredPGO: '0' },
    killSignal: 'SIGKILL',
    ...(kill && { signal: kill }),
  });
  return new Map(
    cases.map(each => [
      each.name,
      each.runs.map((_, i) => {
        const output = readFileSync(join(each.folder, `output-${i}`), 'utf8').trimEnd();
        const exitCode = Number(readFileSync(join(each.folder, `exit-${i}`), 'utf8'));
        return {
          output,
          exitCode,
          result: parseResult(output, token),
          calls: readFileSync(join(each.folder, 'calls'), 'utf8').trim().split('\n'),
        };
      }),
    ]),
  );
}

/** Makes a call of a native tool fail: `words` are the beginning of its call, `code` its exit code, `lie` = says it worked and does nothing, `once` = fails the first time only, `hang` = would not end: the disks as they are then are kept in `hung`. */
export function addFault<C extends Case>(each: C, words: string, code: number | 'lie' | 'hang' | 'once'): C {
  put(join(each.folder, 'faults'), `${words}=${code}\n`);
  return each;
}
export const read = (each: Pick<Case, 'folder'>, path: string): string => readFileSync(join(each.folder, path), 'utf8').trim();
export const write = (each: Case, path: string, content: string): void => put(join(each.folder, path), content);

/** The bytes of a 64-bit dump's file: header with bug check, length and time, then filling. */
export function dump(options: { code?: number; time: Date; length: number; claims?: number }): Uint8Array {
  const bytes = Buffer.alloc(options.length, 'x');
  bytes.write('PAGEDU64', 0, 'ascii');
  bytes.writeUInt32LE(options.code ?? 0xef, 0x38);
  bytes.writeUInt32LE(1, 0xf98);
  bytes.writeBigInt64LE(BigInt(options.claims ?? options.length), 0xfa0);
  bytes.writeBigInt64LE((BigInt(options.time.getTime()) + 11_644_473_600_000n) * 10_000n, 0xfa8);
  return bytes;
}
