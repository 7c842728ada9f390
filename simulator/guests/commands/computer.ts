/** A running Windows as the scripts on it meet it: its disks by LUN, drive letters, files. Every command takes guest time. */

import { guidOf } from '../builds.ts';
import type { AttachedDisk, ScriptRun } from '../contract.ts';
import type { DiskContents, DiskFile, DiskId, Partition, Volume } from '../disk.ts';
import { getNumber } from '../hive.ts';
import { installationOf } from '../installation.ts';
import { TIMINGS } from '../timings.ts';
import { deleteFile, fileAt, lengthOf, sha256Of, windowsHive, windowsVolume, writeFile } from '../volume.ts';

/** An error of Windows' own, which a script may or may not have reckoned with. */
export class CommandError extends Error {}

/** Where a path leads. */
interface Place {
  volume: Volume;
  /** Below the volume, `\…`. */
  path: string;
}

/** SAN policy `OnlineAll`; every other one leaves a new disk of ours offline. */
const ONLINE_ALL = 1;
const LETTERS = ['E', 'F', 'G', 'H', 'I', 'J', 'K', 'L'];

export class Computer {
  readonly system: DiskContents;
  readonly disks: AttachedDisk[];
  readonly now: Date;
  readonly controller: ScriptRun['controller'];
  /** Guest seconds that commands have taken. */
  seconds = 0;
  readonly #online = new Set<AttachedDisk>();
  readonly #letters = new Map<string, Volume>();

  /** Disks that are attached arrive, as the machine's SAN policy says. */
  constructor(run: Pick<ScriptRun, 'system' | 'disks' | 'controller' | 'now'>) {
    this.system = structuredClone(run.system);
    this.disks = structuredClone(run.disks);
    this.controller = run.controller;
    this.now = run.now;
    const own = windowsVolume(this.system);
    if (own === undefined) throw new CommandError('the machine that runs scripts has no Windows');
    this.#letters.set('C', own);
    const hive = windowsHive(own, 'SYSTEM');
    const set = installationOf(own)?.controlSet ?? '';
    const policy = (hive && getNumber(hive, `${set}\\Services\\partmgr\\Parameters`, 'SanPolicy')) ?? ONLINE_ALL;
    // One whose id another disk already has stays offline all the same ("signature collision").
    if (policy === ONLINE_ALL) for (const disk of this.disks) if (!this.#collides(disk)) this.#bringOnline(disk);
  }

  /** The disk at a LUN of the controller for data disks. */
  disksAt(lun: number): AttachedDisk[] {
    this.spend(TIMINGS.command.disk);
    return this.controller === 'SCSI' ? this.disks.filter(disk => disk.lun === lun) : [];
  }

  isOnline(disk: AttachedDisk): boolean {
    return this.#online.has(disk);
  }

  /** Brings a disk online. Where another online disk has its id, Windows gives it a new one. */
  setOnline(disk: AttachedDisk): void {
    this.spend(TIMINGS.command.disk);
    if (this.isOnline(disk)) return;
    if (this.#collides(disk)) disk.contents.id = freshId(disk);
    this.#bringOnline(disk);
  }

  /** Takes a disk offline; its letters are gone. */
  setOffline(disk: AttachedDisk): void {
    this.spend(TIMINGS.command.disk);
    this.#online.delete(disk);
    for (const { volume } of disk.contents.partitions) this.#dropLetters(volume);
  }

  /** `diskpart`'s `uniqueid disk`, on an offline disk. */
  setDiskId(disk: AttachedDisk, id: DiskId): void {
    this.spend(TIMINGS.command.disk);
    if (this.isOnline(disk)) throw new CommandError('the id of an online disk is not changed');
    disk.contents.id = id;
  }

  /** Partitions of an online disk. */
  partitionsOf(disk: AttachedDisk): Partition[] {
    return this.isOnline(disk) ? disk.contents.partitions : [];
  }

  letterOf(volume: Volume): string | undefined {
    return [...this.#letters].find(([, mounted]) => mounted === volume)?.[0];
  }

  /** `mountvol X: \\?\Volume{…}`. */
  mount(letter: string, volume: Volume): void {
    this.spend(TIMINGS.command.file);
    if (this.#letters.has(letter)) throw new CommandError(`${letter}: is in use`);
    this.#letters.set(letter, volume);
  }

  /** `mountvol X: /D`. */
  unmount(letter: string): void {
    this.spend(TIMINGS.command.file);
    this.#letters.delete(letter);
  }

  usedLetters(): string[] {
    // D: is the temporary disk.
    return [...this.#letters.keys(), 'D'];
  }

  freeBytes(root: string): number {
    return this.#place(root).volume.freeBytes;
  }

  /** Undefined where there is no such file, no such drive, or BitLocker hides it. */
  read(path: string): DiskFile | undefined {
    const place = this.#find(path);
    return place === undefined || place.volume.bitLocker === 'on' ? undefined : fileAt(place.volume, place.path);
  }

  exists(path: string): boolean {
    return this.read(path) !== undefined;
  }

  /** Bytes; 0 where there is no such file. */
  length(path: string): number {
    const file = this.read(path);
    return file === undefined ? 0 : lengthOf(file);
  }

  /** SHA-256 in lower-case hexadecimal; null where there is no such file. */
  hash(path: string): string | null {
    this.spend(TIMINGS.command.file);
    const file = this.read(path);
    return file === undefined ? null : sha256Of(file);
  }

  write(path: string, file: DiskFile): void {
    this.spend(TIMINGS.command.file);
    const place = this.#place(path);
    if (place.volume.bitLocker === 'on') throw new CommandError(`${path}: the drive is locked by BitLocker`);
    if (!writeFile(place.volume, place.path, file)) throw new CommandError(`There is not enough space on the disk: ${path}`);
  }

  copy(from: string, to: string): void {
    const file = this.read(from);
    if (file === undefined) throw new CommandError(`Cannot find path '${from}' because it does not exist.`);
    this.write(to, structuredClone(file));
  }

  delete(path: string): void {
    this.spend(TIMINGS.command.file);
    const place = this.#place(path);
    deleteFile(place.volume, place.path);
  }

  /** Names of the files directly in a folder such as `F:\Users\Public\Desktop`, newest first. */
  files(folder: string): string[] {
    return this.#below(folder)
      .filter(([rest]) => !rest.includes('\\'))
      .toSorted(([, a], [, b]) => b.modified.localeCompare(a.modified))
      .map(([rest]) => rest);
  }

  /** Names of the folders directly in a folder. */
  folders(folder: string): string[] {
    const names = this.#below(folder).flatMap(([rest]) => (rest.includes('\\') ? [rest.slice(0, rest.indexOf('\\'))] : []));
    return [...new Set(names)];
  }

  /** The volume that a path lies on. @throws CommandError when no such drive is there. */
  volumeOf(path: string): Volume {
    return this.#place(path).volume;
  }

  spend(seconds: number): void {
    this.seconds += seconds;
  }

  #below(folder: string): [rest: string, file: DiskFile][] {
    const place = this.#find(folder);
    if (place === undefined || place.volume.bitLocker === 'on') return [];
    const prefix = `${place.path.replace(/\\$/, '')}\\`.toLowerCase();
    return Object.entries(place.volume.files)
      .filter(([path]) => path.toLowerCase().startsWith(prefix))
      .map(([path, file]) => [path.slice(prefix.length), file]);
  }

  #place(path: string): Place {
    const place = this.#find(path);
    if (place === undefined) throw new CommandError(`Cannot find drive. A drive with the name '${path.slice(0, 1)}' does not exist.`);
    return place;
  }

  #find(path: string): Place | undefined {
    const volume = this.#letters.get(path.slice(0, 1).toUpperCase());
    return volume === undefined ? undefined : { volume, path: path.slice(2).replace(/\\{2,}/g, '\\') };
  }

  #bringOnline(disk: AttachedDisk): void {
    this.#online.add(disk);
    for (const { volume, type } of disk.contents.partitions) {
      const letter = LETTERS.find(free => !this.#letters.has(free));
      if (volume !== undefined && letter !== undefined && type === 'basic') this.#letters.set(letter, volume);
    }
  }

  #dropLetters(volume: Volume | undefined): void {
    for (const [letter, mounted] of this.#letters) if (mounted === volume) this.#letters.delete(letter);
  }

  #collides(disk: AttachedDisk): boolean {
    const others = [this.system, ...[...this.#online].filter(other => other !== disk).map(({ contents }) => contents)];
    return others.some(({ id }) => id === disk.contents.id);
  }
}

/** What Windows would draw at random; here always the same for the same disk and LUN. */
function freshId(disk: AttachedDisk): DiskId {
  const guid = guidOf(`${disk.contents.id} online at ${disk.lun}`);
  return disk.contents.id.startsWith('mbr:') ? `mbr:${guid.slice(0, 8)}` : `gpt:${guid}`;
}
