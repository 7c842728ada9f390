import { createHash } from 'node:crypto';
import type { DiskContents, DiskFile, Key, Volume } from './disk.ts';
import { nameIn } from './hive.ts';

/** Hives of Windows lie here. */
export const CONFIG = '\\Windows\\System32\\config';
export const PENDING_XML = '\\Windows\\WinSxS\\pending.xml';
const MEGABYTE = 1024 * 1024;
/** Beyond this, a file's hash is made of what tells it apart rather than of its bytes. */
const HASHED_WHOLE = 64 * MEGABYTE;

export function fileAt(volume: Volume, path: string): DiskFile | undefined {
  const written = nameIn(volume.files, path);
  return written === undefined ? undefined : volume.files[written];
}

/** Length in bytes as a directory shows it. */
export function lengthOf(file: DiskFile): number {
  if ('bytes' in file) return file.bytes;
  return Buffer.byteLength(file.kind === 'text' ? file.text : JSON.stringify(file));
}

/** Writes a file, if it fits; false = the volume is full, and nothing was written. */
export function writeFile(volume: Volume, path: string, file: DiskFile): boolean {
  const written = nameIn(volume.files, path) ?? path;
  const old = volume.files[written];
  const free = volume.freeBytes + (old === undefined ? 0 : lengthOf(old)) - lengthOf(file);
  if (free < 0) return false;
  volume.freeBytes = free;
  volume.files[written] = file;
  return true;
}

export function deleteFile(volume: Volume, path: string): void {
  const written = nameIn(volume.files, path);
  const file = written === undefined ? undefined : volume.files[written];
  if (written === undefined || file === undefined) return;
  volume.freeBytes += lengthOf(file);
  delete volume.files[written];
}

/** SHA-256 of the file's contents, lower-case hexadecimal. Equal contents have equal hashes, whenever they were written. */
export function sha256Of(file: DiskFile): string {
  const hash = createHash('sha256');
  if (file.kind === 'text') hash.update(file.text);
  else if (file.kind === 'data' && file.bytes <= HASHED_WHOLE) hash.update(bytesOf(file, 0, file.bytes));
  else hash.update(JSON.stringify({ ...file, modified: '' }));
  return hash.digest('hex');
}

/** Bytes of a data file from an offset: its head, then zeros. */
export function bytesOf(file: DiskFile & { kind: 'data' }, from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, Math.min(count, file.bytes - from)));
  bytes.set(Buffer.from(file.head, 'base64').subarray(from, from + bytes.length));
  return bytes;
}

/** The root of a hive; undefined where the file is missing or does not load. */
function hiveAt(volume: Volume, path: string): Key | undefined {
  const file = fileAt(volume, path);
  return file?.kind === 'hive' ? (file.root ?? undefined) : undefined;
}

export function windowsHive(volume: Volume, name: 'SYSTEM' | 'SOFTWARE' | 'COMPONENTS'): Key | undefined {
  return hiveAt(volume, `${CONFIG}\\${name}`);
}

/** Logs of the hive that Windows itself, here, does not get applied. */
export function isDirty(volume: Volume, name: 'SYSTEM' | 'SOFTWARE'): boolean {
  const file = fileAt(volume, `${CONFIG}\\${name}`);
  return file?.kind === 'hive' && file.dirty === true;
}

/** The volume that holds a Windows; undefined = none does. */
export function windowsVolume(disk: DiskContents): Volume | undefined {
  return disk.partitions.map(partition => partition.volume).find(volume => volume && fileAt(volume, `${CONFIG}\\SYSTEM`) !== undefined);
}
