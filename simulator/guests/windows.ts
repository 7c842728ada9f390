/** A healthy Windows Server disk, as a marketplace image would have made it. */
import { z } from 'zod';
import { BUILDS, type Build, guidOf, LANGUAGES, LOCALES } from './builds.ts';
import { type BcdDevice, type BcdStore, type DiskContents, type DiskFile, DiskId, type Key, type Partition, type Volume } from './disk.ts';
import { controlSetName, dword, emptyKey, makeKey, setValue, text } from './hive.ts';
import { CONFIG } from './volume.ts';

/** What a scenario says of a Windows; everything else follows. */
export const WindowsSpec = z.strictObject({
  build: z.literal(BUILDS.map(({ build }) => build)),
  language: z.enum(LANGUAGES).default('en-US'),
  generation: z.enum(['V1', 'V2']),
  edition: z.enum(['datacenter', 'datacenter-core']).default('datacenter'),
  smallDisk: z.boolean().default(false),
  /** The marketplace image's id when left out: two VMs of one image have the same. */
  diskId: DiskId.optional(),
  domainController: z.boolean().default(false),
  /** Of a failover cluster. */
  clusterNode: z.boolean().default(false),
  bitLocker: z.enum(['off', 'on', 'suspended']).default('off'),
  /** EMS in the BCD. Images of the last years have it on, older VMs do not. */
  ems: z.boolean().default(false),
  /** `AutoReboot` of CrashControl: a stop loops, or stays on the screen. */
  autoReboot: z.boolean().default(true),
  crashDumpEnabled: z.literal([0, 1, 2, 3, 7]).default(7),
  /** Megabytes of pagefile.sys on the Windows volume; 0 = it lies on the temporary disk, as on Azure. */
  pagefileMb: z.int().nonnegative().default(0),
  freeMb: z.int().positive().optional(),
  /** Numbers of the control sets that exist. */
  controlSets: z.array(z.int().min(1).max(999)).min(1).default([1]),
  defaultControlSet: z.int().min(1).max(999).default(1),
});
export type WindowsSpec = z.infer<typeof WindowsSpec>;

/** Files without which Windows does not get as far as its services, in the order in which it needs them. */
export const KERNEL = '\\Windows\\System32\\ntoskrnl.exe';
const CRITICAL_PROCESSES = ['smss.exe', 'csrss.exe', 'wininit.exe', 'winlogon.exe', 'services.exe', 'lsass.exe', 'svchost.exe'];
export const SYSTEM_FILES = [
  ...CRITICAL_PROCESSES.map(name => `\\Windows\\System32\\${name}`),
  ...['ntdll.dll', 'kernel32.dll', 'rpcss.dll'].map(name => `\\Windows\\System32\\${name}`),
];
export const BOOT_DRIVERS = ['vmbus.sys', 'storvsc.sys', 'disk.sys', 'partmgr.sys', 'ntfs.sys'].map(
  name => `\\Windows\\System32\\drivers\\${name}`,
);
export const BOOT_MANAGER = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
export const EMS_SETTINGS = '{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}';
const LOADER_SETTINGS = '{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}';
/** When the images were made. */
const IMAGED = '2024-09-05T04:12:00.000Z';
const MEGABYTE = 1024 * 1024;
/** Service of the VM agent; without it the guest never reports. */
export const AGENT = '\\WindowsAzure\\GuestAgent\\WindowsAzureGuestAgent.exe';
const AGENT_VERSION = '2.7.41491.1172';

function buildOf(number: number): Build {
  const build = BUILDS.find(known => known.build === number);
  if (build === undefined) throw new Error(`no Windows Server of build ${number} is known here`);
  return build;
}

/** Path of the loader below the Windows volume. */
export function loaderPath(generation: 'V1' | 'V2'): string {
  return `\\Windows\\system32\\winload.${generation === 'V1' ? 'exe' : 'efi'}`;
}

/** What the firmware, or the boot sector, starts: below the boot volume. */
export function managerPath(generation: 'V1' | 'V2'): string {
  return generation === 'V1' ? '\\bootmgr' : '\\EFI\\Microsoft\\Boot\\bootmgfw.efi';
}

/** Path of the boot configuration below the boot volume. */
export function storePath(generation: 'V1' | 'V2'): string {
  return generation === 'V1' ? '\\Boot\\BCD' : '\\EFI\\Microsoft\\Boot\\BCD';
}

/** The image's name: same name, same disk id, same partition GUIDs. */
function imageName(spec: WindowsSpec): string {
  return [buildOf(spec.build).year, spec.edition, spec.smallDisk ? 'smalldisk' : '', spec.generation].join('/');
}

/** Disk, partitions, boot files, hives and component store of a Windows in order. `machineId` tells this installation apart (`MachineGuid`). */
export function windowsDisk(spec: WindowsSpec, machineId: string): DiskContents {
  const image = imageName(spec);
  const guid = guidOf(image);
  const id = spec.diskId ?? (spec.generation === 'V1' ? (`mbr:${guid.slice(0, 8)}` as const) : (`gpt:${guid}` as const));
  const partitions = partitionsOf(spec, image);
  const windows = partitions.find(partition => partition.type === 'basic' && partition.volume?.label === 'Windows');
  const boot = partitions.find(partition => partition.active || partition.type === 'efi-system');
  if (windows?.volume === undefined || boot?.volume === undefined) throw new Error('a Windows disk has a Windows and a boot partition');
  boot.volume.files = bootFiles(spec, { disk: id, partition: windows.id }, { disk: id, partition: boot.id });
  fillWindows(windows.volume, spec, machineId);
  return { id, partitions };
}

function partitionsOf(spec: WindowsSpec, image: string): Partition[] {
  const windowsMb = (spec.smallDisk ? 30 : 127) * 1024 - 600;
  const make = (
    name: string,
    type: Partition['type'],
    offsetMb: number,
    sizeMb: number,
    volume?: Omit<Volume, 'id' | 'files' | 'componentStore' | 'dirty' | 'fileSystemErrors'>,
  ): Partition => ({
    id: spec.generation === 'V1' ? String(offsetMb * MEGABYTE) : guidOf(`${image}/${name}`),
    type,
    active: spec.generation === 'V1' && name === 'boot',
    sizeMb,
    ...(volume && {
      volume: {
        id: guidOf(`${image}/volume/${name}`),
        dirty: false,
        fileSystemErrors: 'none' as const,
        files: {},
        componentStore: {},
        ...volume,
      },
    }),
  });
  const windows = {
    label: 'Windows',
    fileSystem: 'NTFS' as const,
    bitLocker: spec.bitLocker,
    freeBytes: (spec.freeMb ?? windowsMb - 16 * 1024) * MEGABYTE,
  };
  const boot = { fileSystem: 'FAT32' as const, bitLocker: 'off' as const, freeBytes: 60 * MEGABYTE };
  if (spec.generation === 'V1') {
    return [
      make('boot', 'basic', 1, 500, { ...boot, label: 'System Reserved', fileSystem: 'NTFS', freeBytes: 460 * MEGABYTE }),
      make('windows', 'basic', 501, windowsMb, windows),
    ];
  }
  return [
    make('recovery', 'recovery', 1, 450, { ...boot, label: 'Recovery', fileSystem: 'NTFS' }),
    make('boot', 'efi-system', 451, 99, { ...boot, label: '' }),
    make('reserved', 'microsoft-reserved', 550, 16),
    make('windows', 'basic', 566, windowsMb, windows),
  ];
}

function bootFiles(spec: WindowsSpec, windows: BcdDevice, boot: BcdDevice): Volume['files'] {
  const { build, revision, product } = buildOf(spec.build);
  const loader = `{${guidOf(`${imageName(spec)}/loader`)}}`;
  const locale = { locale: spec.language };
  const store: BcdStore = {
    [BOOT_MANAGER]: {
      device: boot,
      elements: { ...locale, description: 'Windows Boot Manager', default: loader, displayorder: loader, timeout: 30 },
    },
    [loader]: {
      device: windows,
      osdevice: windows,
      elements: {
        ...{ ...locale, path: loaderPath(spec.generation), description: product, systemroot: '\\Windows', inherit: LOADER_SETTINGS },
        ...{ recoveryenabled: false, bootstatuspolicy: 'IgnoreAllFailures', ...(spec.ems && { ems: true }) },
      },
    },
    [EMS_SETTINGS]: { elements: spec.ems ? { emsport: 1, emsbaudrate: 115_200 } : {} },
  };
  return {
    [managerPath(spec.generation)]: binary(`10.0.${build}.${revision}`, 1_500_000),
    [storePath(spec.generation)]: { kind: 'bcd', modified: IMAGED, store },
  };
}

function binary(version: string, bytes: number): DiskFile {
  return { kind: 'binary', modified: IMAGED, bytes, version, whole: true };
}

function fillWindows(volume: Volume, spec: WindowsSpec, machineId: string): void {
  const { build, revision } = buildOf(spec.build);
  const version = `10.0.${build}.${revision}`;
  for (const path of [KERNEL, loaderPath(spec.generation), ...BOOT_DRIVERS, ...SYSTEM_FILES]) {
    volume.files[path] = binary(version, path === KERNEL ? 9_700_000 : 700_000);
    volume.componentStore[path] = { version, hasBytes: true };
  }
  volume.files[AGENT] = binary(AGENT_VERSION, 3_400_000);
  if (spec.clusterNode) volume.files['\\Windows\\Cluster\\CLUSDB'] = { kind: 'data', modified: IMAGED, bytes: MEGABYTE, head: '' };
  if (spec.domainController) volume.files['\\Windows\\NTDS\\ntds.dit'] = { kind: 'data', modified: IMAGED, bytes: 20 * MEGABYTE, head: '' };
  const hive = (root: Key, bytes: number): DiskFile => ({ kind: 'hive', modified: IMAGED, bytes, root });
  volume.files[`${CONFIG}\\SYSTEM`] = hive(systemHive(spec), 14_680_064);
  volume.files[`${CONFIG}\\SOFTWARE`] = hive(softwareHive(spec, machineId), 74_186_752);
  volume.files[`${CONFIG}\\COMPONENTS`] = hive(componentsHive(), 41_943_040);
  for (const name of ['SAM', 'SECURITY', 'DEFAULT']) volume.files[`${CONFIG}\\${name}`] = hive(emptyKey(), 262_144);
  if (spec.pagefileMb > 0) volume.files['\\pagefile.sys'] = { kind: 'data', modified: IMAGED, bytes: spec.pagefileMb * MEGABYTE, head: '' };
}

/** What stands at its root, with no more below it than the scripts ask for. */
function componentsHive(): Key {
  const root = emptyKey();
  for (const name of ['CanonicalData\\Catalogs', 'CanonicalData\\Deployments', 'DerivedData\\Components']) makeKey(root, name);
  return root;
}

function systemHive(spec: WindowsSpec): Key {
  const root = emptyKey();
  const selected = spec.controlSets.includes(spec.defaultControlSet) ? spec.defaultControlSet : Math.min(...spec.controlSets);
  for (const [name, number] of Object.entries({
    Current: selected,
    Default: selected,
    Failed: 0,
    LastKnownGood: Math.max(...spec.controlSets),
  })) {
    setValue(root, 'Select', name, dword(number));
  }
  for (const number of spec.controlSets) fillControlSet(makeKey(root, controlSetName(number)), spec);
  return root;
}

function fillControlSet(set: Key, spec: WindowsSpec): void {
  const crash = 'Control\\CrashControl';
  setValue(set, crash, 'AutoReboot', dword(spec.autoReboot ? 1 : 0));
  setValue(set, crash, 'CrashDumpEnabled', dword(spec.crashDumpEnabled));
  setValue(set, crash, 'DumpFile', { type: 'REG_EXPAND_SZ', data: '%SystemRoot%\\MEMORY.DMP' });
  setValue(set, crash, 'MinidumpDir', { type: 'REG_EXPAND_SZ', data: '%SystemRoot%\\Minidump' });
  const locale = LOCALES[spec.language];
  setValue(set, 'Control\\Nls\\Language', 'Default', text(locale));
  setValue(set, 'Control\\Nls\\Language', 'InstallLanguage', text(locale));
  setValue(set, 'Control\\ProductOptions', 'ProductType', text(spec.domainController ? 'LanmanNT' : 'ServerNT'));
  const paging = spec.pagefileMb > 0 ? 'C:\\pagefile.sys' : 'D:\\pagefile.sys';
  setValue(set, 'Control\\Session Manager\\Memory Management', 'PagingFiles', { type: 'REG_MULTI_SZ', data: [`${paging} 0 0`] });
  // Azure's images bring new disks online (SAN policy 1, OnlineAll).
  setValue(set, 'Services\\partmgr\\Parameters', 'SanPolicy', dword(1));
  setValue(set, 'Services\\WindowsAzureGuestAgent', 'Start', dword(2));
  if (spec.clusterNode) setValue(set, 'Services\\ClusSvc', 'Start', dword(2));
  setValue(set, 'Services\\WindowsAzureGuestAgent', 'ImagePath', { type: 'REG_EXPAND_SZ', data: `C:${AGENT}` });
  if (spec.domainController) setValue(set, 'Services\\NTDS\\Parameters', 'DSA Database file', text('C:\\Windows\\NTDS\\ntds.dit'));
}

function softwareHive(spec: WindowsSpec, machineId: string): Key {
  const root = emptyKey();
  const { build, revision, product } = buildOf(spec.build);
  const version = 'Microsoft\\Windows NT\\CurrentVersion';
  setValue(root, version, 'CurrentBuild', text(String(build)));
  setValue(root, version, 'CurrentBuildNumber', text(String(build)));
  setValue(root, version, 'UBR', dword(revision));
  setValue(root, version, 'ProductName', text(product));
  setValue(root, version, 'InstallationType', text(spec.edition === 'datacenter-core' ? 'Server Core' : 'Server'));
  setValue(root, version, 'SystemRoot', text('C:\\Windows'));
  setValue(root, 'Microsoft\\Cryptography', 'MachineGuid', text(guidOf(machineId)));
  makeKey(root, 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing');
  return root;
}
