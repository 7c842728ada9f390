/** How a crash leaves a memory dump: into a dedicated file or the pagefile; `MEMORY.DMP` is made of it by the next boot that gets far enough. */
import type { DiskFile, Volume } from './disk.ts';
import { getNumber, getText } from './hive.ts';
import { bytesOf, deleteFile, fileAt, windowsHive, writeFile } from './volume.ts';

export interface BugCheck {
  code: number;
  /** Four; whole numbers up to 64 bits, as hexadecimal text such as `0xffffd80f12345080`. */
  parameters: readonly [string, string, string, string];
}

interface DumpFacts {
  build: number;
  at: Date;
  /** 1 complete, 4 small, 6 kernel. */
  dumpType: number;
}

const MEGABYTE = 1024 * 1024;
/** Bytes of a dump here. A real one is gigabytes of memory; this one has the true header and no memory worth telling. */
const DUMP_BYTES = MEGABYTE;
const HEADER_BYTES = 8192;
/** Where a Windows has its own system volume. */
const SYSTEM_DRIVE = 'C:';

/** A DUMP_HEADER64 (offsets: ntiodump.h of the Windows Driver Kit). Fields that nobody set read `PAGE`, as in a real one. */
function dumpHeader(bugCheck: BugCheck, facts: DumpFacts): Buffer {
  const header = Buffer.alloc(HEADER_BYTES, 'PAGE');
  header.write('PAGEDU64', 0, 'latin1');
  header.writeUInt32LE(15, 0x08);
  header.writeUInt32LE(facts.build, 0x0c);
  header.writeBigUInt64LE(0x1ad002n, 0x10);
  header.writeUInt32LE(0x8664, 0x30);
  header.writeUInt32LE(2, 0x34);
  header.writeUInt32LE(bugCheck.code, 0x38);
  for (const [index, parameter] of bugCheck.parameters.entries()) header.writeBigUInt64LE(BigInt(parameter), 0x40 + 8 * index);
  header.fill(0, 0x60, 0x80);
  header.writeUInt32LE(facts.dumpType, 0xf98);
  header.writeBigInt64LE(BigInt(DUMP_BYTES), 0xfa0);
  // FILETIME: 100 ns since 1601.
  header.writeBigInt64LE((BigInt(facts.at.getTime()) + 11_644_473_600_000n) * 10_000n, 0xfa8);
  header.fill(0, 0xfb0, 0x1030);
  header.writeUInt32LE(3, 0x1040);
  header.writeUInt32LE(0, 0x1050);
  return header;
}

/** A dump as a file; with `bytes` the length of the file it was written into. */
export function dumpFile(bugCheck: BugCheck, facts: DumpFacts, bytes = DUMP_BYTES): DiskFile {
  return { kind: 'data', modified: facts.at.toISOString(), bytes, head: dumpHeader(bugCheck, facts).toString('base64') };
}

/** Session Manager makes the dedicated dump file at boot, where one is configured, the volume has room and it is not there yet. */
export function prepareDumpFile(volume: Volume, controlSet: string, memoryMb: number, now: Date): void {
  const settings = settingsOf(volume, controlSet);
  const path = settings.dedicated && onSystemVolume(settings.dedicated);
  if (settings.enabled === 0 || path === undefined || fileAt(volume, path) !== undefined) return;
  const megabytes = settings.dumpFileSizeMb || neededMb(settings.enabled, memoryMb);
  writeFile(volume, path, { kind: 'data', modified: now.toISOString(), bytes: megabytes * MEGABYTE, head: '' });
}

/** Writes the dump of a crash; answers whether there is one now. */
export function writeDump(
  volume: Volume,
  controlSet: string,
  memoryMb: number,
  bugCheck: BugCheck,
  facts: Omit<DumpFacts, 'dumpType'>,
): boolean {
  const settings = settingsOf(volume, controlSet);
  const path = carrierOf(settings);
  const carrier = path === undefined ? undefined : fileAt(volume, path);
  if (settings.enabled === 0 || path === undefined || carrier?.kind !== 'data') return false;
  if (carrier.bytes < neededMb(settings.enabled, memoryMb) * MEGABYTE) return false;
  const dumpType = settings.enabled === 1 ? 1 : settings.enabled === 3 ? 4 : 6;
  return writeFile(volume, path, dumpFile(bugCheck, { ...facts, dumpType }, carrier.bytes));
}

/** The boot got far enough: the dump leaves its carrier and becomes the configured file. A volume without room for it keeps nothing. */
export function saveDump(volume: Volume, controlSet: string, now: Date): void {
  const settings = settingsOf(volume, controlSet);
  const path = carrierOf(settings);
  const carrier = path === undefined ? undefined : fileAt(volume, path);
  if (path === undefined || carrier?.kind !== 'data') return;
  const head = Buffer.from(bytesOf(carrier, 0, HEADER_BYTES));
  if (head.toString('latin1', 0, 8) !== 'PAGEDU64') return;
  writeFile(volume, path, { ...carrier, head: '' });
  const small = head.readUInt32LE(0xf98) === 4;
  const target = small ? `\\Windows\\Minidump\\${minidumpName(now)}` : settings.dumpFile && onSystemVolume(settings.dumpFile);
  if (target === undefined) return;
  deleteFile(volume, target);
  writeFile(volume, target, { kind: 'data', modified: now.toISOString(), bytes: DUMP_BYTES, head: head.toString('base64') });
}

interface DumpSettings {
  enabled: number;
  dedicated: string | undefined;
  dumpFileSizeMb: number;
  dumpFile: string | undefined;
  pagingFiles: string;
}

function settingsOf(volume: Volume, controlSet: string): DumpSettings {
  const system = windowsHive(volume, 'SYSTEM');
  const control = `${controlSet}\\Control\\CrashControl`;
  const read = (name: string) => (system === undefined ? undefined : getText(system, control, name));
  return {
    enabled: (system && getNumber(system, control, 'CrashDumpEnabled')) ?? 0,
    dedicated: read('DedicatedDumpFile'),
    dumpFileSizeMb: (system && getNumber(system, control, 'DumpFileSize')) ?? 0,
    dumpFile: read('DumpFile'),
    pagingFiles: (system && getText(system, `${controlSet}\\Control\\Session Manager\\Memory Management`, 'PagingFiles')) ?? '',
  };
}

/** The file that a crash writes into: the dedicated one, else the pagefile of the system volume. */
function carrierOf(settings: DumpSettings): string | undefined {
  if (settings.dedicated) return onSystemVolume(settings.dedicated);
  return settings.pagingFiles.toUpperCase().startsWith(`${SYSTEM_DRIVE}\\`) ? '\\pagefile.sys' : undefined;
}

/** Megabytes that a dump of that kind takes. Complete: Microsoft's rule. The others are guessed: kernel memory is a quarter of all. */
function neededMb(enabled: number, memoryMb: number): number {
  if (enabled === 1) return memoryMb + 257;
  return enabled === 3 ? 1 : Math.ceil(memoryMb / 4);
}

/** Path below the system volume; undefined when it lies on another one. */
function onSystemVolume(path: string): string | undefined {
  const plain = path
    .replace(/^\\\?\?\\/, '')
    .replace(/^%SystemRoot%/i, `${SYSTEM_DRIVE}\\Windows`)
    .replace(/^%SystemDrive%/i, SYSTEM_DRIVE);
  return plain.toUpperCase().startsWith(`${SYSTEM_DRIVE}\\`) ? plain.slice(2) : undefined;
}

function minidumpName(now: Date): string {
  const [year = '', month = '', day = ''] = now.toISOString().slice(2, 10).split('-');
  return `${month}${day}${year}-10671-01.dmp`;
}
