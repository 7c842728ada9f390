/**
 * A repair VM as a folder in which the stand-ins for Windows' commands and cmdlets (`tools.sh`, `commands.ps1`) work: its disks out of the model,
 * and back into it. A file that nobody touched comes back as the very thing that it was.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { guidOf } from '../builds.ts';
import { Computer } from '../commands/computer.ts';
import { newDiskPolicy, scanExclusions, setNewDiskPolicy, setScanExclusions } from '../commands/settings.ts';
import type { AttachedDisk, ScriptRun } from '../contract.ts';
import { type DiskContents, type DiskFile, DiskId, type Partition, Volume } from '../disk.ts';
import { nameIn } from '../hive.ts';
import { TIMINGS } from '../timings.ts';
import { fileAt, lengthOf, windowsVolume } from '../volume.ts';
import { fileFrom, markedText, textOf } from './files.ts';
import { partitionHex } from './registry.ts';

type Given = Pick<ScriptRun, 'system' | 'disks' | 'controller' | 'now'>;
/** What a script left, and how many guest seconds its commands and its sleep took. */
export interface Left {
  system: DiskContents;
  disks: AttachedDisk[];
  seconds: number;
}

/** Windows' own programs that `tools.sh` stands in for. */
export const TOOLS = ['reg', 'bcdedit', 'bcdboot', 'chkdsk', 'mountvol', 'robocopy', 'icacls', 'diskpart', 'dism', 'sfc'];
/** The number of the first data disk: the machine has its own and a temporary one. */
const FIRST = 2;
/** Stands for the component store's copies of drivers. */
const STORE_FOLDER = 'Windows/WinSxS/amd64_x';
const GPT_TYPES: Record<Partition['type'], string> = {
  'efi-system': '{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}',
  'microsoft-reserved': '{e3c9e316-0b5c-4db8-817d-f92df00215ae}',
  basic: '{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}',
  recovery: '{de94bba4-06d1-4d40-a16a-bfd50179d6ac}',
};
const { command: COSTS } = TIMINGS;
/** Guest seconds of a call, by its first word. */
const COST: Record<string, number> = {
  ...{ reg: COSTS.registry, bcdedit: COSTS.bcd, bcdboot: COSTS.bcdboot, chkdsk: COSTS.chkdsk, dism: COSTS.dism, sfc: COSTS.sfcVerify },
  ...{ mountvol: COSTS.file, robocopy: COSTS.file, icacls: COSTS.file, diskpart: COSTS.disk, 'Set-Disk': COSTS.disk },
};

export class World {
  readonly folder: string;
  /** The folder that holds `commands.ps1` and `tools.sh`. */
  readonly #assets: string;
  readonly #given: Given;
  /** When each file was last changed before the script began, nanoseconds. */
  readonly #changed = new Map<string, bigint>();
  readonly #letters = ['E', 'F', 'G', 'H', 'I', 'J', 'K', 'L'];
  readonly #begun: number;

  constructor(folder: string, given: Given, assets: string = import.meta.dirname) {
    this.folder = folder;
    this.#given = given;
    this.#assets = assets;
    const computer = new Computer(given);
    this.#addOwnDisk(computer);
    for (const [n, { contents }] of given.disks.entries()) {
      const attached = computer.disks[n];
      this.#addDisk(FIRST + n, contents, { own: false, online: attached !== undefined && computer.isOnline(attached) });
    }
    this.#put('drives.json', JSON.stringify(this.#drives()));
    this.#put('bcdboot-loader', `{${guidOf(`${given.disks[0]?.contents.id} bcdboot`)}}`);
    for (const empty of ['loaded', 'calls', 'slept']) this.#put(empty, '');
    for (const list of ['mounts', 'parts', 'volumes-by-name', 'locked']) this.#append(list, '');
    this.#begun = Date.now();
  }

  /** Folder of a partition's volume, for a disk by its place in the list. */
  volumeFolder(disk: number, partition: number): string {
    return this.#volumeFolder(FIRST + disk, partition);
  }

  /** The disks as they are now; the model's `now` is when a file was changed. */
  left(): Left {
    const disks = this.#given.disks.map((disk, n) => ({ ...disk, contents: this.#readDisk(FIRST + n, disk.contents) }));
    const system = this.#readDisk(0, this.#given.system);
    // A machine whose own Windows a script has destroyed has no settings to read.
    if (windowsVolume(system) === undefined) return { system, disks, seconds: this.#seconds() };
    const computer = new Computer({ ...this.#given, system, disks: [] });
    const policy = newDiskPolicy(computer);
    const said = this.#read('policy');
    const set = (['OnlineAll', 'OfflineShared', 'OfflineAll', 'OfflineInternal'] as const).find(each => each === said);
    if (set !== undefined && set !== policy) setNewDiskPolicy(computer, set);
    const excluded = this.#lines('excluded').filter(path => !scanExclusions(computer).includes(path));
    if (excluded.length > 0) setScanExclusions(computer, excluded, true);
    return { system: computer.system, disks, seconds: this.#seconds() };
  }

  #seconds(): number {
    const calls = this.#lines('calls').map(line => {
      const [tool = '', verb] = line.split(' ');
      if (tool === 'sfc' && verb === '/scannow') return COSTS.sfcScan;
      return COST[tool] ?? 0;
    });
    return [...calls, ...this.#lines('slept').map(Number), COSTS.start].reduce((a, b) => a + b);
  }

  #addOwnDisk(computer: Computer): void {
    const { system } = this.#given;
    this.#addDisk(0, system, { own: true, online: true });
    const windows = system.partitions.findIndex(({ volume }) => volume !== undefined && volume === windowsVolume(system));
    const host = join(this.#volumeFolder(0, windows), 'Windows');
    for (const name of TOOLS)
      for (const file of [name, `${name}.exe`]) symlinkSync(join(this.#assets, 'tools.sh'), join(host, 'System32', file));
    mkdirSync(join(host, 'Temp'), { recursive: true });
    symlinkSync(host, join(this.folder, 'host'));
    this.#put('policy', newDiskPolicy(computer));
    this.#put('excluded', scanExclusions(computer).join('\n'));
  }

  #addDisk(number: number, contents: DiskContents, { own, online }: { own: boolean; online: boolean }): void {
    const gpt = contents.id.startsWith('gpt:');
    const partitions = contents.partitions.map((partition, index) => {
      const { id, type, active, volume } = partition;
      const lettered = volume !== undefined && type === 'basic' && (!own || volume === windowsVolume(contents));
      const letter = lettered ? (own ? 'C' : this.#letters.shift()) : undefined;
      const path = `\\\\?\\Volume{${volume?.id ?? ''}}\\`;
      const folder = this.#volumeFolder(number, index);
      if (volume !== undefined) {
        this.#addVolume(`${number}.${index}`, volume);
        this.#append('volumes-by-name', `${path} ${folder}\n`);
        this.#append('parts', `${folder} ${partitionHex(gpt, id)} ${number}\n`);
        if (volume.bitLocker === 'on') this.#append('locked', `${path}\n`);
        if (online && letter !== undefined) this.#append('mounts', `${letter} ${folder}\n`);
      }
      return {
        DriveLetter: letter ?? '\0',
        AccessPaths: volume === undefined ? null : [path],
        GptType: gpt ? GPT_TYPES[type] : null,
        MbrType: gpt ? null : 7,
        IsActive: active,
        Guid: gpt ? `{${id}}` : null,
        Offset: gpt ? index : Number(id),
      };
    });
    this.#put(`disks/${number}/partitions.json`, JSON.stringify(partitions));
    const state = { id: contents.id.slice(4), boot: own ? '1' : '0', offline: online ? '0' : '1', readonly: online ? '0' : '1' };
    for (const [name, value] of Object.entries(state)) this.#put(`disks/${number}/${name}`, value);
  }

  /** What is locked has no files that anybody here could read. */
  #addVolume(name: string, volume: Volume): void {
    const base = join(this.folder, 'volumes', name);
    mkdirSync(base, { recursive: true });
    this.#put(`volumes-dirty/${name}`, volume.dirty ? '1' : '0');
    this.#put(`chkdsk/${name}`, volume.fileSystemErrors);
    this.#put(`free-${name}`, String(volume.freeBytes));
    if (volume.bitLocker === 'on') return;
    for (const [path, file] of Object.entries(volume.files)) {
      const place = join(base, onDisk(path));
      this.#put(`volumes/${name}/${onDisk(path)}`, textOf(file));
      if (file.kind === 'data') truncateSync(place, file.bytes);
      utimesSync(place, new Date(file.modified), new Date(file.modified));
      this.#changed.set(place, statSync(place, { bigint: true }).ctimeNs);
    }
    for (const [path, { version, hasBytes }] of Object.entries(volume.componentStore)) {
      if (!/^\\Windows\\/i.test(path)) continue;
      if (path.endsWith('.sys')) this.#put(`volumes/${name}/${STORE_FOLDER}/${path.slice(path.lastIndexOf('\\') + 1)}`, version);
      const there = fileAt(volume, path);
      const bytes = there?.kind === 'binary' ? there.bytes : 700_000;
      const whole = markedText({ kind: 'binary', modified: '', bytes, version, whole: true });
      this.#put(`store-${name}/${onDisk(path).slice('Windows/'.length)}`, hasBytes ? whole : `UNREPAIRABLE ${whole}`);
    }
  }

  #drives(): object[] {
    const drive = (Index: number, SCSIPort: number, SCSILogicalUnit: number, kind: string) => ({
      ...{ Index, InterfaceType: 'SCSI', PNPDeviceID: `SCSI\\DISK&VEN_${kind}`, SCSIPort, SCSILogicalUnit },
    });
    const kind = this.#given.controller === 'NVMe' ? 'NVME' : 'MSFT';
    return [drive(0, 0, 0, kind), drive(1, 0, 1, kind), ...this.#given.disks.map(({ lun }, n) => drive(FIRST + n, 1, lun, kind))];
  }

  #readDisk(number: number, before: DiskContents): DiskContents {
    const id = DiskId.safeParse(`${before.id.slice(0, 4)}${this.#read(`disks/${number}/id`)}`).data ?? before.id;
    const partitions = before.partitions.map((partition, index) =>
      partition.volume === undefined ? partition : { ...partition, volume: this.#readVolume(`${number}.${index}`, partition.volume) },
    );
    return structuredClone({ ...before, id, partitions });
  }

  #readVolume(name: string, before: Volume): Volume {
    if (before.bitLocker === 'on') return before;
    const base = join(this.folder, 'volumes', name);
    const found = readdirSync(base, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .filter(place => !place.startsWith(join(base, STORE_FOLDER)));
    const files = Object.fromEntries(
      found.map(place => this.#readFile(`\\${place.slice(base.length + 1).replaceAll('/', '\\')}`, place, before)),
    );
    const taken = (all: Volume['files']) => Object.values(all).reduce((sum, file) => sum + lengthOf(file), 0);
    // In the order of before, what is new behind it: two disks with the same on them are equal.
    const ordered = [
      ...Object.keys(before.files).filter(path => path in files),
      ...Object.keys(files).filter(path => !(path in before.files)),
    ];
    return {
      ...before,
      dirty: this.#read(`volumes-dirty/${name}`) === '1',
      fileSystemErrors: Volume.shape.fileSystemErrors.parse(this.#read(`chkdsk/${name}`)),
      freeBytes: Math.max(0, before.freeBytes + taken(before.files) - taken(files)),
      files: Object.fromEntries(ordered.flatMap(path => (files[path] ? [[path, files[path]]] : []))),
    };
  }

  #readFile(path: string, place: string, before: Volume): [path: string, file: DiskFile] {
    const written = nameIn(before.files, path) ?? path;
    const was = before.files[written];
    const { ctimeNs, mtimeMs, size } = statSync(place, { bigint: true });
    if (was !== undefined && this.#changed.get(place) === ctimeNs) return [written, was];
    // What a copy kept of its original's time stays.
    const modified = Number(mtimeMs) < this.#begun - 1000 ? new Date(Number(mtimeMs)) : this.#given.now;
    return [written, fileFrom(place, Number(size), modified.toISOString(), was)];
  }

  #volumeFolder(number: number, partition: number): string {
    return join(this.folder, `volumes/${number}.${partition}`);
  }

  #put(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content);
  }

  #append(path: string, content: string): void {
    writeFileSync(join(this.folder, path), content, { flag: 'a' });
  }

  #read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8').trim();
  }

  #lines(path: string): string[] {
    return this.#read(path)
      .split('\n')
      .filter(line => line !== '');
  }
}

/** Windows does not tell cases apart, this machine does. */
function onDisk(path: string): string {
  return path
    .replace(/\\system32\\/i, '\\System32\\')
    .replaceAll('\\', '/')
    .slice(1);
}
