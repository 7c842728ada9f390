/** What becomes of a loaded kernel: a running Windows, or a stop. */
import { createHash } from 'node:crypto';
import { crashingDriver, isDiskWithoutFilter } from './badDriver.ts';
import type { BugCheck } from './crashDump.ts';
import type { Volume } from './disk.ts';
import { findKey, nameIn } from './hive.ts';
import type { Installation } from './installation.ts';
import { pendingOf } from './servicing.ts';
import { fileAt, isDirty, windowsHive } from './volume.ts';
import { SYSTEM_FILES } from './windows.ts';

export interface Stop extends BugCheck {
  name: string;
  /** File name of what the screen blames. */
  whatFailed?: string;
}

const INVALID_IMAGE = 0xc000012f;
const ENTRY_POINT_NOT_FOUND = 0xc0000139;
const CORRUPT_DISK = 0xc0000032;
const OBJECT_NAME_NOT_FOUND = 0xc0000034;
/** Without these the Windows subsystem itself does not come up (stop 0xC000021A); the others are marked critical (stop 0xEF). */
const SUBSYSTEM = ['smss.exe', 'csrss.exe', 'winlogon.exe', 'ntdll.dll', 'kernel32.dll'];

/** What the Session Manager needs before it can finish or undo pending servicing; the rest is needed after that. */
const EARLY = SYSTEM_FILES.filter(path => /\\(smss|csrss)\.exe$|\\ntdll\.dll$/.test(path));

/** Why Windows stops before it gets to pending servicing; undefined = it does not. Stop codes and parameters: Microsoft's bug check reference. */
export function findEarlyStop(volume: Volume, { controlSet }: Installation): Stop | undefined {
  if (volume.fileSystemErrors === 'repairable') {
    return { code: 0x24, name: 'NTFS_FILE_SYSTEM', parameters: ['0x1904fb', pointer('record'), pointer('context'), '0x0'] };
  }
  if (volume.fileSystemErrors === 'unrepairable') {
    return { code: 0xed, name: 'UNMOUNTABLE_BOOT_VOLUME', parameters: [pointer('device'), hex(CORRUPT_DISK), '0x0', '0x0'] };
  }
  const system = windowsHive(volume, 'SYSTEM');
  if (system === undefined || findKey(system, controlSet) === undefined) {
    return { code: 0x74, name: 'BAD_SYSTEM_CONFIG_INFO', parameters: ['0x2', pointer('hive'), '0x2', hex(OBJECT_NAME_NOT_FOUND)] };
  }
  if (windowsHive(volume, 'SOFTWARE') === undefined || isDirty(volume, 'SOFTWARE')) {
    return { code: 0xc0000218, name: 'STATUS_CANNOT_LOAD_REGISTRY_FILE', parameters: [pointer('software'), '0x0', '0x0', '0x0'] };
  }
  if (isDiskWithoutFilter(volume, controlSet))
    return { code: 0x7b, name: 'INACCESSIBLE_BOOT_DEVICE', parameters: [pointer('device'), hex(OBJECT_NAME_NOT_FOUND), '0x0', '0x0'] };
  const driver = crashingDriver(volume, controlSet);
  if (driver !== undefined) {
    const parameters = [pointer(driver), '0x2', '0x0', pointer(`${driver} code`)] as const;
    return { code: 0xd1, name: 'DRIVER_IRQL_NOT_LESS_OR_EQUAL', parameters, whatFailed: driver };
  }
  return firstFault(volume, EARLY);
}

/** Why Windows stops once nothing can be served any more, or because what is pending is broken. */
export function findLateStop(volume: Volume): Stop | undefined {
  return pendingOf(volume)?.broken ? terminated('winlogon.exe', ENTRY_POINT_NOT_FOUND) : firstFault(volume, SYSTEM_FILES);
}

function firstFault(volume: Volume, paths: string[]): Stop | undefined {
  for (const path of paths) {
    const status = faultOf(volume, path);
    if (status !== undefined) return stopOf(path.slice(path.lastIndexOf('\\') + 1), status);
  }
  return undefined;
}

/** A system file is in order when it is whole and of the version that the component store knows. */
export function isInOrder(volume: Volume, path: string): boolean {
  return faultOf(volume, path) === undefined;
}

function faultOf(volume: Volume, path: string): number | undefined {
  const file = fileAt(volume, path);
  const known = nameIn(volume.componentStore, path);
  const expected = known === undefined ? undefined : volume.componentStore[known]?.version;
  if (file?.kind !== 'binary') return OBJECT_NAME_NOT_FOUND;
  if (!file.whole) return INVALID_IMAGE;
  return expected === undefined || file.version === expected ? undefined : ENTRY_POINT_NOT_FOUND;
}

function stopOf(file: string, status: number): Stop {
  if (SUBSYSTEM.includes(file)) return terminated(file, status);
  return { code: 0xef, name: 'CRITICAL_PROCESS_DIED', parameters: [pointer(file), '0x0', '0x0', '0x0'], whatFailed: file };
}

/** Shown by its number: the screen has no name for it. */
function terminated(file: string, status: number): Stop {
  return { code: 0xc000021a, name: '0xc000021a', parameters: [pointer(file), hex(status), '0x0', '0x0'] };
}

/** An address in kernel memory, always the same for the same thing. */
function pointer(thing: string): string {
  return `0xffff${createHash('sha256').update(thing).digest('hex').slice(0, 11)}0`;
}

function hex(status: number): string {
  return `0xffffffff${status.toString(16)}`;
}
