/** The repair disk as a script opens it: found by LUN, its Windows and boot partitions found, given back as it was. */

import { readStore } from '../commands/bcdedit.ts';
import { CommandError } from '../commands/computer.ts';
import { type LoadedHive, withHive } from '../commands/registry.ts';
import type { AttachedDisk } from '../contract.ts';
import type { BcdDevice, BcdStore, DiskId, Partition } from '../disk.ts';
import { findKey } from '../hive.ts';
import { SERVICING } from '../servicing.ts';
import { TIMINGS } from '../timings.ts';
import { CONFIG, PENDING_XML } from '../volume.ts';
import { BOOT_MANAGER, EMS_SETTINGS, storePath } from '../windows.ts';
import { ScriptFailure, type Session } from './session.ts';

const LETTERS = 'STUVWXYZRQPONM';
/** As the scripts' prelude knows a note of an extortionist. */
const NOTE =
  /^(_readme\.txt|.*(how|instructions?)[ _-]*to[ _-]*(decrypt|recover|restore|unlock|back[ _-]*(up)?)[ _-]*(your|my|all)?[ _-]*files?.*|.*(decrypt|restore|recover|unlock)[ _-]*(your|my|all)[ _-]*(files?|data).*|.*files?[ _-]*(are|were|have been)[ _-]*encrypted.*|help[ _-]*decrypt.*|recover-.+-files|ryukreadme|conti_readme|@please_read_me@)(\.(txt|html?|hta|bmp|rtf))?$/i;

export interface BootEntry {
  loader: string;
  ems: boolean;
  emsPort: number | null;
  emsBaudRate: number | null;
  device: BcdDevice | undefined;
}

export class RepairDisk {
  readonly session: Session;
  readonly disk: AttachedDisk;
  /** What its id should be when it is given back. */
  identity: DiskId;
  /** Another online disk had its id: Windows gave it a new one. */
  identityChanged = false;
  /** `F:\` of the Windows partition. */
  windowsRoot = '';
  /** `S:\` of the boot partition, once found. */
  bootRoot = '';
  generation: 'V1' | 'V2' = 'V1';
  readonly #mounted: string[] = [];

  constructor(session: Session) {
    const lun = Number(session.parameter('Lun'));
    const found = session.computer.disksAt(lun);
    const [disk] = found;
    if (disk === undefined) throw new ScriptFailure('disk-not-found', `no SCSI data disk is at LUN ${lun}`);
    if (found.length > 1) throw new ScriptFailure('disk-ambiguous', `${found.length} SCSI data disks are at LUN ${lun}`);
    this.session = session;
    this.disk = disk;
    this.identity = disk.contents.id;
  }

  /** Brings it online and finds its Windows. A ransom note stops everything. */
  open(): void {
    const { computer } = this.session;
    this.session.step(`disk at LUN ${this.disk.lun}, id ${this.identity}`);
    computer.setOnline(this.disk);
    if (this.disk.contents.id !== this.identity) {
      this.identityChanged = true;
      this.session.warn(`another disk has the id ${this.identity}: Windows changed it when the disk came online; it is put back`);
    }
    this.windowsRoot = this.#findWindows();
    this.#testRansomNote();
  }

  /** Letters taken back, offline, its id as it was. */
  close(): void {
    const { computer } = this.session;
    for (const letter of this.#mounted) computer.unmount(letter);
    const differs = this.disk.contents.id !== this.identity;
    computer.setOffline(this.disk);
    if (differs) {
      computer.setDiskId(this.disk, this.identity);
      this.session.print(`the disk has its id ${this.identity} again`);
    }
  }

  /** Path of the boot configuration. */
  get store(): string {
    return `${this.bootRoot.slice(0, 2)}${storePath(this.generation)}`;
  }

  hivePath(name: string): string {
    return `${this.windowsRoot.slice(0, 2)}${CONFIG}\\${name}`;
  }

  /** Calls the body with a loaded hive. @throws ScriptFailure `hive-damaged` */
  withHive<T>(name: string, mode: 'copy' | 'write', body: (hive: LoadedHive) => T): T {
    const result = withHive(this.session.computer, this.hivePath(name), mode, body);
    if (result === undefined) {
      // Two more tries, after two and three seconds.
      this.session.computer.spend(2 * TIMINGS.command.registry + 5);
      throw new ScriptFailure('hive-damaged', `the hive ${this.hivePath(name)} does not load (reg exit code 1)`);
    }
    return result.value;
  }

  /** Generation 1: the active partition. Generation 2: the EFI system partition. Without `missing` it must hold a store. */
  findBootPartition(store?: 'missing'): void {
    const generation = this.identity.startsWith('gpt:') ? 'V2' : 'V1';
    for (const partition of this.#partitions()) {
      if (generation === 'V2' ? partition.type !== 'efi-system' : !partition.active) continue;
      const root = this.#rootOf(partition);
      if (root === undefined) continue;
      if (store !== 'missing' && !this.session.computer.exists(`${root.slice(0, 2)}${storePath(generation)}`)) continue;
      this.bootRoot = root;
      this.generation = generation;
      return;
    }
    throw new ScriptFailure('boot-partition-not-found', 'no active or EFI system partition of the disk holds a BCD');
  }

  /** What the registry and the component store say of the Windows. */
  windows(): { build: string; drive: string; pending: string[] } {
    return this.withHive('SOFTWARE', 'copy', hive => {
      const version = 'Microsoft\\Windows NT\\CurrentVersion';
      const build = hive.query(version, 'CurrentBuild');
      if (build === null) throw new ScriptFailure('hive-damaged', 'the SOFTWARE hive does not say which Windows it is of');
      const drive = /^([A-Za-z]):\\/.exec(hive.query(version, 'SystemRoot') ?? '')?.[1]?.toUpperCase() ?? 'C';
      const pending = [
        ...(this.session.computer.exists(`${this.windowsRoot.slice(0, 2)}${PENDING_XML}`) ? ['WinSxS\\pending.xml'] : []),
        ...(Object.keys(findKey(hive.root, `${SERVICING}\\PackagesPending`)?.keys ?? {}).length > 0 ? ['packages pending'] : []),
        ...(findKey(hive.root, `${SERVICING}\\RebootPending`) !== undefined ? ['reboot pending'] : []),
      ];
      return { build, drive, pending };
    });
  }

  /** Every control set that exists, and the one that the next boot uses. */
  controlSets(hive: LoadedHive): { all: string[]; selected: string } {
    const all = Object.keys(hive.root.keys).filter(name => /^ControlSet\d{3}$/i.test(name));
    const selected = `ControlSet${(hive.query('Select', 'Default') ?? '').padStart(3, '0')}`;
    if (!all.includes(selected))
      throw new ScriptFailure('hive-damaged', `Select\\Default names ${selected}, which is not in the SYSTEM hive`);
    return { all, selected };
  }

  bootEntry(): BootEntry {
    const store: BcdStore = readStore(this.session.computer, this.store) ?? {};
    const loader = String(store[BOOT_MANAGER]?.elements.default ?? '');
    const entry = store[loader];
    if (loader === '') throw new ScriptFailure('boot-entry-not-found', 'the BCD names no default boot loader');
    if (entry === undefined) throw new ScriptFailure('boot-entry-not-found', `the BCD's default boot loader ${loader} does not exist`);
    const { emsport, emsbaudrate } = store[EMS_SETTINGS]?.elements ?? {};
    const number = (value: unknown) => (typeof value === 'number' ? value : null);
    return { loader, ems: entry.elements.ems === true, emsPort: number(emsport), emsBaudRate: number(emsbaudrate), device: entry.device };
  }

  /** The BCD finds its disk by id: where it names another id but a partition of this disk, the id was changed before, and Repair puts it back. */
  testDiskOf({ device }: BootEntry): void {
    if (device === undefined || device.disk === this.identity) return;
    const ours = this.#partitions().some(({ id }) => id === device.partition);
    if (!ours || device.disk.slice(0, 4) !== this.identity.slice(0, 4)) {
      this.session.warn(`the BCD's default loader lies on a disk ${device.disk}, this disk is ${this.identity}`);
      return;
    }
    this.session.find('disk-id', 'certain', `the disk is ${this.identity}, its BCD expects ${device.disk}`);
    if (this.session.mode !== 'Repair') return;
    this.session.act({
      what: 'put the disk id back',
      target: `disk at LUN ${this.disk.lun}`,
      before: this.identity,
      after: device.disk,
      revertable: true,
    });
    this.identity = device.disk;
  }

  #partitions(): Partition[] {
    return this.session.computer.partitionsOf(this.disk);
  }

  /** `S:\`; a partition without a letter is given one, until the disk is closed. */
  #rootOf({ volume }: Partition): string | undefined {
    const { computer } = this.session;
    if (volume === undefined) return undefined;
    const held = computer.letterOf(volume);
    if (held !== undefined) return `${held}:\\`;
    const letter = [...LETTERS].find(free => !computer.usedLetters().includes(free));
    if (letter === undefined) throw new ScriptFailure('no-drive-letter', 'the repair VM has no free drive letter');
    computer.mount(letter, volume);
    this.#mounted.push(letter);
    return `${letter}:\\`;
  }

  #findWindows(): string {
    const candidates = this.#partitions().filter(({ type }) => type !== 'efi-system' && type !== 'recovery');
    const roots = candidates.flatMap(partition => this.#rootOf(partition) ?? []);
    const found = roots.filter(root => this.session.computer.exists(`${root.slice(0, 2)}${CONFIG}\\SYSTEM`));
    if (found.length > 1) throw new ScriptFailure('windows-ambiguous', `${found.length} partitions hold a Windows: ${found.join(' ')}`);
    const [root] = found;
    if (root !== undefined) return root;
    if (candidates.some(({ volume }) => volume?.bitLocker === 'on')) {
      this.session.find('bitlocker', 'certain', 'a partition is locked by BitLocker');
      throw new ScriptFailure('bitlocker-locked', 'the Windows partition is locked by BitLocker');
    }
    throw new ScriptFailure('windows-not-found', `none of ${candidates.length} partitions has \\Windows\\System32\\config\\SYSTEM`);
  }

  #testRansomNote(): void {
    const { computer } = this.session;
    const root = this.windowsRoot;
    const desktops = computer.folders(`${root}Users`).map(user => `${root}Users\\${user}\\Desktop`);
    for (const folder of [root, `${root}Users\\Public\\Documents`, ...desktops]) {
      const note = computer.files(folder).find(name => /\.(txt|html?|hta|bmp|rtf)$/i.test(name) && NOTE.test(name));
      if (note === undefined) continue;
      this.session.find('ransom-note', 'likely', `${folder.slice(2).replace(/\\$/, '')}\\${note}`);
      throw new ScriptFailure('ransom-note', 'a file looks like a ransom note: nothing is changed, the disk is evidence');
    }
  }
}

/** Opens the repair disk, calls the body, and gives the disk back whatever happens. */
export async function onRepairDisk<T>(session: Session, body: (disk: RepairDisk) => T | Promise<T>): Promise<T> {
  const disk = new RepairDisk(session);
  try {
    disk.open();
    return await body(disk);
  } catch (error) {
    if (error instanceof CommandError) session.print(error.message);
    throw error;
  } finally {
    disk.close();
  }
}
