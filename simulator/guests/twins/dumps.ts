/** Memory dumps on the repair disk, in the order in which the scripts look for them. */
import type { LoadedHive } from '../commands/registry.ts';
import { bytesOf } from '../volume.ts';
import type { RepairDisk } from './repairDisk.ts';

export interface FoundDump {
  path: string;
  /** As the guest names it, without a letter. */
  guestPath: string;
  /** Bytes of the dump; the file may be longer. */
  length: number;
  time: Date;
  header: string;
}

/** The configured files below the system drive; '' = none. */
export interface DumpSetting {
  dedicated: string;
  dump: string;
}

export function dumpSetting(hive: LoadedHive, control: string): DumpSetting {
  return {
    dedicated: toVolumePath(hive.query(control, 'DedicatedDumpFile')),
    dump: toVolumePath(hive.query(control, 'DumpFile')),
  };
}

export function toVolumePath(path: string | null): string {
  const plain = (path ?? '')
    .replace(/^%SystemRoot%/i, '\\Windows')
    .replace(/^%SystemDrive%/i, '')
    .replace(/^\\\?\?\\/, '')
    .replace(/^[A-Za-z]:/, '');
  return /^\\[^\\]/.test(plain) ? plain : '';
}

export function findDumps(disk: RepairDisk, setting: DumpSetting): FoundDump[] {
  const { computer } = disk.session;
  const root = disk.windowsRoot.slice(0, 2);
  const matching = (folder: string, pattern: RegExp) =>
    computer
      .files(`${root}${folder}`)
      .filter(name => pattern.test(name))
      .map(name => `${folder.replace(/\\$/, '')}\\${name}`);
  const paths = [
    ...[setting.dedicated, setting.dump].filter(Boolean),
    ...['\\Windows\\MEMORY.DMP', '\\pagefile.sys'],
    ...matching('\\', /^DUMP.*\.tmp$/i),
    ...matching('\\Windows', /^DUMP.*\.tmp$/i),
    ...matching('\\Windows\\Minidump', /\.dmp$/i),
  ];
  const once = paths.filter((path, index) => paths.findIndex(other => other.toLowerCase() === path.toLowerCase()) === index);
  return once.flatMap(guestPath => readHeader(disk, `${root}${guestPath}`, guestPath) ?? []);
}

/** Undefined where the file does not begin like a dump. */
function readHeader(disk: RepairDisk, path: string, guestPath: string): FoundDump | undefined {
  const file = disk.session.computer.read(path);
  if (file?.kind !== 'data' || file.bytes < 4096) return undefined;
  const bytes = Buffer.from(bytesOf(file, 0, 4096));
  if (bytes.toString('latin1', 0, 8) !== 'PAGEDU64') return undefined;
  const required = Number(bytes.readBigInt64LE(0xfa0));
  return {
    ...{ path, guestPath, length: required > 8192 && required < file.bytes ? required : file.bytes },
    time: new Date(Number(bytes.readBigInt64LE(0xfa8) / 10_000n - 11_644_473_600_000n)),
    header: `${bytes.toString('base64', 0, 0x60)}:${bytes.toString('base64', 0xf80, 0xfc0)}`,
  };
}
