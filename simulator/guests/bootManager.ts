/** From power on to a loaded kernel: firmware, boot manager, loader. */
import type { Machine, Screen } from './contract.ts';
import type { BcdDevice, BcdStore, DiskContents, Volume } from './disk.ts';
import { fileAt, isDirty, windowsHive } from './volume.ts';
import { BOOT_DRIVERS, BOOT_MANAGER, EMS_SETTINGS, KERNEL, loaderPath, storePath } from './windows.ts';

/** A kernel in memory, or the screen at which the way to it ended. */
export type Loaded = { volume: Volume; ems: boolean; safeMode: boolean } | { screen: Screen };

const REQUIRED_FILE = "The application or operating system couldn't be loaded because a required file is missing or contains errors.";

/** Texts and status codes: Microsoft's articles on VMs that do not boot. */
export function loadKernel(disk: DiskContents, generation: Machine['generation']): Loaded {
  const manager = findBootManager(disk, generation);
  if ('screen' in manager) return manager;
  const path = storePath(generation);
  const file = fileAt(manager.volume, path);
  if (file?.kind !== 'bcd') return failure('0xc000000f', path, 'The Boot Configuration Data for your PC is missing or contains errors.');
  if (file.store[BOOT_MANAGER]?.elements.displaybootmenu === true) {
    return firmware('Choose an operating system to start, or press TAB to select a tool:', '', '    Windows Server');
  }
  const loader = file.store[String(file.store[BOOT_MANAGER]?.elements.default)];
  if (loader === undefined) return failure('0xc0000034', path, 'The Boot Configuration Data for your PC is missing or contains errors.');
  const loaderFile = String(loader.elements.path ?? '');
  const windows = volumeOf(disk, loader.device);
  if (windows === undefined || volumeOf(disk, loader.osdevice) !== windows) return failure('0xc000000e', loaderFile, REQUIRED_FILE);
  if (loaderFile.toLowerCase() !== loaderPath(generation).toLowerCase()) return failure('0xc000000f', loaderFile, REQUIRED_FILE);
  return (
    findKernel(windows, loaderFile) ?? {
      volume: windows,
      ems: isEmsOn(file.store, loader.elements.ems),
      safeMode: loader.elements.safeboot !== undefined,
    }
  );
}

function findBootManager(disk: DiskContents, generation: Machine['generation']): { volume: Volume } | { screen: Screen } {
  const scheme = generation === 'V1' ? 'mbr:' : 'gpt:';
  const partition = disk.partitions.find(({ active, type }) => (generation === 'V1' ? active : type === 'efi-system'));
  const volume = disk.id.startsWith(scheme) ? partition?.volume : undefined;
  if (generation === 'V1') {
    if (volume === undefined)
      return firmware('Boot failure. Reboot and Select proper Boot device', 'or Insert Boot Media in selected Boot device');
    if (fileAt(volume, '\\bootmgr') === undefined) return firmware('BOOTMGR is missing', 'Press Ctrl+Alt+Del to restart');
    return { volume };
  }
  if (volume === undefined || fileAt(volume, '\\EFI\\Microsoft\\Boot\\bootmgfw.efi') === undefined) {
    return firmware(
      '1. SCSI Disk (0,0)  The boot loader did not load an operating system.',
      '',
      'No operating system was loaded. Your virtual machine may be configured incorrectly.',
      'Exit and re-configure your VM or click restart to retry the current boot sequence again.',
    );
  }
  return { volume };
}

function volumeOf(disk: DiskContents, device: BcdDevice | undefined): Volume | undefined {
  if (device?.disk !== disk.id) return undefined;
  return disk.partitions.find(({ id }) => id === device.partition)?.volume;
}

function findKernel(windows: Volume, loader: string): { screen: Screen } | undefined {
  const state = (path: string) => {
    const file = fileAt(windows, path);
    return file?.kind !== 'binary' ? 'missing' : file.whole ? 'whole' : 'corrupt';
  };
  if (state(loader) === 'missing') return failure('0xc000000f', loader, REQUIRED_FILE);
  if (state(loader) === 'corrupt') return failure('0xc0000428', loader, "The digital signature for this file couldn't be verified.");
  if (windowsHive(windows, 'SYSTEM') === undefined || isDirty(windows, 'SYSTEM')) {
    const info = "The operating system couldn't be loaded because the system registry file is missing or contains errors.";
    return failure('0xc000014c', '\\Windows\\System32\\config\\system', info);
  }
  if (state(KERNEL) !== 'whole') {
    return failure(
      '0xc0000221',
      '\\Windows\\system32\\ntoskrnl.exe',
      "The operating system couldn't be loaded because the kernel is missing or contains errors.",
    );
  }
  const driver = BOOT_DRIVERS.find(path => state(path) !== 'whole');
  if (driver === undefined) return undefined;
  const status = state(driver) === 'missing' ? '0xc0000225' : '0xc0000098';
  return failure(status, driver, "The operating system couldn't be loaded because a critical system driver is missing or contains errors.");
}

/** COM1 at Azure's speed, or what is said there is not heard. */
function isEmsOn(store: BcdStore, ems: unknown): boolean {
  const settings = store[EMS_SETTINGS]?.elements;
  return ems === true && settings?.emsport === 1 && settings.emsbaudrate === 115_200;
}

function failure(status: string, file: string, info: string): { screen: Screen } {
  return { screen: { kind: 'boot-manager', status, file, info } };
}

function firmware(...lines: string[]): { screen: Screen } {
  return { screen: { kind: 'firmware', lines } };
}
