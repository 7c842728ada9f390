/**
 * What is on a disk, as pure JSON: partition table, partitions, and of the files only those that matter.
 * Whatever Windows keeps in a file or a registry value is kept there, and nowhere beside it, so that putting a file back puts its state back.
 */
import { z } from 'zod';

/** `gpt:<guid>` or `mbr:<signature, 8 hex digits>`, lower case: what a BCD device element names. */
export const DiskId = z
  .templateLiteral([z.enum(['gpt', 'mbr']), ':', z.string()])
  .refine(id => /^(gpt:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mbr:[0-9a-f]{8})$/.test(id), {
    message: 'a disk id is gpt:<guid> or mbr:<8 hex digits>, lower case',
  });
export type DiskId = z.infer<typeof DiskId>;

export const RegistryValue = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('REG_DWORD'), data: z.int().min(0).max(0xffffffff) }),
  z.strictObject({ type: z.enum(['REG_SZ', 'REG_EXPAND_SZ']), data: z.string() }),
  z.strictObject({ type: z.literal('REG_MULTI_SZ'), data: z.array(z.string()) }),
]);
export type RegistryValue = z.infer<typeof RegistryValue>;

/** A registry key. Names are found without regard to case, and kept as written. */
export interface Key {
  values: Record<string, RegistryValue>;
  keys: Record<string, Key>;
}
const Key: z.ZodType<Key> = z.lazy(() => z.strictObject({ values: z.record(z.string(), RegistryValue), keys: z.record(z.string(), Key) }));

/** A partition device of a BCD element: the disk by its id, the partition by its GUID (GPT) or byte offset (MBR). */
export const BcdDevice = z.strictObject({ disk: DiskId, partition: z.string() });
export type BcdDevice = z.infer<typeof BcdDevice>;

/** Elements by bcdedit's name for them; devices only under `device` and `osdevice`. */
const BcdObject = z.strictObject({
  device: BcdDevice.optional(),
  osdevice: BcdDevice.optional(),
  elements: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
/** Objects by GUID in braces, lower case. */
export const BcdStore = z.record(z.string(), BcdObject);
export type BcdStore = z.infer<typeof BcdStore>;

const common = { modified: z.iso.datetime() };

export const DiskFile = z.discriminatedUnion('kind', [
  /** A program or driver: what counts is which version it is, and whether its bytes are whole. */
  z.strictObject({
    ...common,
    kind: z.literal('binary'),
    bytes: z.int().nonnegative(),
    version: z.string(),
    whole: z.boolean(),
    /** A driver whose start never ends. */
    hangs: z.literal(true).optional(),
    /** A driver that crashes as long as this file is there. */
    crashesOn: z.string().optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('text'), text: z.string() }),
  /** The first bytes; the rest, up to `bytes`, is zeros. */
  z.strictObject({ ...common, kind: z.literal('data'), bytes: z.int().nonnegative(), head: z.base64() }),
  /** A registry hive as it is with its logs applied; null = it does not load. `dirty` = the logs are not applied yet, which loading does. */
  z.strictObject({
    ...common,
    kind: z.literal('hive'),
    bytes: z.int().nonnegative(),
    root: Key.nullable(),
    dirty: z.literal(true).optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('bcd'), store: BcdStore }),
  /** `pending.xml`: a servicing operation that the next boot is to finish. `broken` = it cannot be finished. */
  z.strictObject({ ...common, kind: z.literal('pending'), package: z.string(), broken: z.boolean() }),
]);
export type DiskFile = z.infer<typeof DiskFile>;

export const Volume = z.strictObject({
  /** GUID of the volume, as in `\\?\Volume{…}`. */
  id: z.guid(),
  label: z.string(),
  fileSystem: z.enum(['FAT32', 'NTFS']),
  /** Needs a check by chkdsk. */
  dirty: z.boolean(),
  /** What chkdsk would find, and whether it could repair it. */
  fileSystemErrors: z.enum(['none', 'repairable', 'unrepairable']).default('none'),
  /** `on` = readable only by its own machine; another one sees it locked. */
  bitLocker: z.enum(['off', 'on', 'suspended']),
  freeBytes: z.int().nonnegative(),
  /** By path below the volume, `\Windows\…`, found without regard to case. */
  files: z.record(z.string().startsWith('\\'), DiskFile),
  /** What the component store knows of a system file: the version that should be there, and whether it still has the bytes of it. */
  componentStore: z.record(z.string().startsWith('\\'), z.strictObject({ version: z.string(), hasBytes: z.boolean() })),
});
export type Volume = z.infer<typeof Volume>;

export const Partition = z.strictObject({
  /** GUID (GPT) or byte offset (MBR), as a BCD device names it. */
  id: z.string(),
  type: z.enum(['efi-system', 'microsoft-reserved', 'basic', 'recovery']),
  /** MBR only: the firmware boots this one. */
  active: z.boolean(),
  sizeMb: z.int().positive(),
  /** Absent on a partition without a file system. */
  volume: Volume.optional(),
});
export type Partition = z.infer<typeof Partition>;

/** A disk. */
export const DiskContents = z.strictObject({ id: DiskId, partitions: z.array(Partition) });
export type DiskContents = z.infer<typeof DiskContents>;
