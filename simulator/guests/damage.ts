/** What can be wrong with a disk, in a scenario's words. */
import { z } from 'zod';
import { installBadDriver } from './badDriver.ts';
import { dumpFile } from './crashDump.ts';
import { damageBoot } from './damageBoot.ts';
import { damageRegistry } from './damageRegistry.ts';
import { type DiskContents, DiskId, type Volume } from './disk.ts';
import { nameIn } from './hive.ts';
import { installationOf } from './installation.ts';
import { leaveRename } from './renames.ts';
import { leavePending } from './servicing.ts';
import { CONFIG, fileAt, windowsVolume, writeFile } from './volume.ts';
import { BOOT_MANAGER, loaderPath, storePath } from './windows.ts';

const path = z.string().startsWith('\\');
/** When the damage was done. */
const at = z.iso.datetime().default('2026-11-20T22:40:00.000Z');

export const Damage = z.discriminatedUnion('kind', [
  /** A system file's bytes are not what they should be. `repairable` = the component store has its bytes. */
  z.strictObject({ kind: z.literal('corrupt-file'), path, repairable: z.boolean(), at }),
  z.strictObject({ kind: z.literal('missing-file'), path, repairable: z.boolean() }),
  /** A whole file of another version than the component store knows. */
  z.strictObject({ kind: z.literal('mismatched-file'), path, version: z.string(), repairable: z.boolean(), at }),
  z.strictObject({ kind: z.literal('pending-servicing'), package: z.string(), broken: z.boolean(), at }),
  /** A hive that does not load. */
  z.strictObject({ kind: z.literal('damaged-hive'), hive: z.enum(['SYSTEM', 'SOFTWARE', 'COMPONENTS']), at }),
  /** A hive that was not closed, and whose logs the start does not apply. */
  z.strictObject({ kind: z.literal('unreplayed-hive'), hive: z.enum(['SYSTEM', 'SOFTWARE']) }),
  /** What Windows keeps of its registry: whole, as up to Server 2016, or empty files, as since. */
  z.strictObject({ kind: z.literal('regback'), whole: z.boolean(), at }),
  z.strictObject({ kind: z.literal('missing-bcd') }),
  /** The default loader lies on a disk that is not there. */
  z.strictObject({ kind: z.literal('bcd-missing-device') }),
  /** One element of the boot configuration is wrong: no such entry, another disk's partition, the other generation's loader. */
  z.strictObject({ kind: z.literal('bcd-element'), element: z.enum(['default', 'device', 'osdevice', 'path']) }),
  z.strictObject({ kind: z.literal('missing-boot-manager') }),
  /** What makes a boot wait for a person, or start half of Windows. */
  z.strictObject({
    kind: z.literal('boot-flags'),
    safeboot: z.enum(['Minimal', 'Network', 'DsRepair']).optional(),
    displaybootmenu: z.boolean().optional(),
    recoveryenabled: z.boolean().optional(),
  }),
  /** The disk's own id changed, as when a copy was brought online beside the original. */
  z.strictObject({ kind: z.literal('changed-disk-id'), id: DiskId }),
  z.strictObject({ kind: z.literal('little-space'), freeMb: z.int().nonnegative() }),
  /** A system file of another version, whose right one takes its place while Windows starts: too late for this boot, in time for the next. */
  z.strictObject({ kind: z.literal('rename-at-restart'), path, version: z.string(), at }),
  /** A driver of somebody else that crashes whenever it starts, or never ends starting; `filter` = it is one of a device class. */
  z.strictObject({
    kind: z.literal('bad-driver'),
    name: z.string().regex(/^[\w-]+\.sys$/),
    filter: z.boolean().default(false),
    hangs: z.boolean().default(false),
    /** The driver itself is sound: it crashes on this file, its vendor's content. */
    reads: path.optional(),
    at,
  }),
  z.strictObject({ kind: z.literal('dirty-volume') }),
  /** Errors that keep Windows from mounting its own volume. */
  z.strictObject({ kind: z.literal('file-system-errors'), repairable: z.boolean() }),
  z.strictObject({ kind: z.literal('ransom-note'), path: path.default('\\HOW-TO-DECRYPT-YOUR-FILES.txt'), at }),
  /** A dump of an earlier crash. */
  z.strictObject({ kind: z.literal('dump'), path: path.default('\\Windows\\MEMORY.DMP'), stopCode: z.int(), at }),
]);
export type Damage = z.infer<typeof Damage>;

/** Applies damage to a Windows disk, in place. @throws when the disk lacks what is to be damaged. */
export function applyDamage(disk: DiskContents, damage: Damage): void {
  const volume = windowsVolume(disk);
  if (volume === undefined) throw new Error('the disk holds no Windows');
  switch (damage.kind) {
    case 'corrupt-file':
    case 'missing-file':
    case 'mismatched-file':
      damageFile(volume, damage);
      return;
    case 'rename-at-restart':
      leaveRename(volume, damage);
      return;
    case 'pending-servicing':
      leavePending(volume, damage);
      return;
    case 'damaged-hive':
      volume.files[`${CONFIG}\\${damage.hive}`] = { kind: 'hive', modified: damage.at, bytes: 8192, root: null };
      return;
    case 'unreplayed-hive':
    case 'regback':
      damageRegistry(volume, damage);
      return;
    case 'missing-bcd':
    case 'bcd-missing-device':
      damageStore(disk, damage.kind);
      return;
    case 'bcd-element':
    case 'missing-boot-manager':
    case 'boot-flags':
      damageBoot(disk, damage);
      return;
    case 'changed-disk-id':
      disk.id = damage.id;
      return;
    case 'little-space':
      volume.freeBytes = damage.freeMb * 1024 * 1024;
      return;
    case 'dirty-volume':
      volume.dirty = true;
      return;
    case 'bad-driver':
      installBadDriver(volume, damage);
      return;
    case 'file-system-errors':
      volume.fileSystemErrors = damage.repairable ? 'repairable' : 'unrepairable';
      return;
    case 'ransom-note':
      writeFile(volume, damage.path, { kind: 'text', modified: damage.at, text: 'Your files are encrypted. To get them back, pay.' });
      return;
    case 'dump':
      writeFile(
        volume,
        damage.path,
        dumpFile(
          { code: damage.stopCode, parameters: ['0x0', '0x0', '0x0', '0x0'] },
          { build: installationOf(volume)?.build ?? 0, at: new Date(damage.at), dumpType: 6 },
        ),
      );
      return;
  }
}

function damageFile(volume: Volume, damage: Damage & { kind: 'corrupt-file' | 'missing-file' | 'mismatched-file' }): void {
  const written = nameIn(volume.files, damage.path);
  const file = written === undefined ? undefined : volume.files[written];
  if (written === undefined || file?.kind !== 'binary') throw new Error(`${damage.path} is no system file of this disk`);
  const known = nameIn(volume.componentStore, damage.path);
  const stored = known === undefined ? undefined : volume.componentStore[known];
  if (stored === undefined) throw new Error(`${damage.path} is not in the component store`);
  stored.hasBytes = damage.repairable;
  if (damage.kind === 'missing-file') delete volume.files[written];
  else if (damage.kind === 'corrupt-file') volume.files[written] = { ...file, whole: false, modified: damage.at };
  else volume.files[written] = { ...file, version: damage.version, modified: damage.at };
}

function damageStore(disk: DiskContents, kind: 'missing-bcd' | 'bcd-missing-device'): void {
  const generation = disk.id.startsWith('mbr:') ? 'V1' : 'V2';
  for (const { volume } of disk.partitions) {
    const file = volume && fileAt(volume, storePath(generation));
    if (file?.kind !== 'bcd') continue;
    if (kind === 'missing-bcd') {
      delete volume?.files[storePath(generation)];
      continue;
    }
    const loader = file.store[String(file.store[BOOT_MANAGER]?.elements.default)];
    if (loader?.device === undefined) throw new Error(`the BCD names no ${loaderPath(generation)}`);
    const disk = generation === 'V1' ? ('mbr:0badd15c' as const) : ('gpt:0badd15c-0000-4000-8000-000000000000' as const);
    loader.device = { ...loader.device, disk };
    loader.osdevice = loader.device;
  }
}
