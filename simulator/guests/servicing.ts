/** Windows servicing: an operation that the next boot is to finish, or to undo. */
import type { DiskFile, Volume } from './disk.ts';
import { deleteKey, dword, getNumber, makeKey, setValue } from './hive.ts';
import { deleteFile, fileAt, PENDING_XML, windowsHive, writeFile } from './volume.ts';

export const SERVICING = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing';
/** Stands for the mark that DISM leaves in the COMPONENTS hive; its real name is not documented. */
const REVERT_MARK = 'RevertPendingActions';

/** Stands for what else that hive says of a queue. */
const QUEUE = 'NextQueueEntryIndex';

/** The operation that is pending, by its `pending.xml`. */
export function pendingOf(volume: Volume): (DiskFile & { kind: 'pending' }) | undefined {
  const file = fileAt(volume, PENDING_XML);
  return file?.kind === 'pending' ? file : undefined;
}

/** Leaves an operation pending. @throws when the SOFTWARE hive does not load. */
export function leavePending(volume: Volume, operation: { package: string; broken: boolean; at: string }): void {
  const software = windowsHive(volume, 'SOFTWARE');
  if (software === undefined) throw new Error('the SOFTWARE hive does not load');
  setValue(software, `${SERVICING}\\PackagesPending\\${operation.package}`, 'PendingState', dword(0x70));
  makeKey(software, `${SERVICING}\\RebootPending`);
  const components = windowsHive(volume, 'COMPONENTS');
  if (components !== undefined) setValue(components, '', QUEUE, dword(operation.package.length));
  writeFile(volume, PENDING_XML, { kind: 'pending', modified: operation.at, package: operation.package, broken: operation.broken });
}

/** Has the next boot undo what is pending; false = the COMPONENTS hive does not load. */
export function queueRevert(volume: Volume): boolean {
  const components = windowsHive(volume, 'COMPONENTS');
  if (components === undefined) return false;
  setValue(components, '', REVERT_MARK, dword(1));
  return true;
}

export function isRevertQueued(volume: Volume): boolean {
  const components = windowsHive(volume, 'COMPONENTS');
  return components !== undefined && getNumber(components, '', REVERT_MARK) === 1;
}

/** What is pending is over, done or undone. */
export function endPending(volume: Volume): void {
  deleteFile(volume, PENDING_XML);
  const software = windowsHive(volume, 'SOFTWARE');
  if (software !== undefined) {
    deleteKey(software, `${SERVICING}\\PackagesPending`);
    deleteKey(software, `${SERVICING}\\RebootPending`);
  }
  const components = windowsHive(volume, 'COMPONENTS');
  if (components !== undefined) for (const name of [REVERT_MARK, QUEUE]) delete components.values[name];
}
