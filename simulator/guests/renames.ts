/** Files in use that are replaced while Windows starts: the Session Manager does it by `PendingFileRenameOperations` (Microsoft: MoveFileEx). */
import type { Volume } from './disk.ts';
import { findKey, nameIn, setValue } from './hive.ts';
import { deleteFile, fileAt, windowsHive, writeFile } from './volume.ts';

const VALUE = 'PendingFileRenameOperations';
const sessionManager = (controlSet: string) => `${controlSet}\\Control\\Session Manager`;
const NT_PATH = '\\??\\C:';

/** Leaves a file of another version with its right one beside it, to be renamed by the next boot. @throws when it is no system file. */
export function leaveRename(volume: Volume, { path, version, at }: { path: string; version: string; at: string }): void {
  const system = windowsHive(volume, 'SYSTEM');
  const file = fileAt(volume, path);
  if (system === undefined || file?.kind !== 'binary') throw new Error(`${path} is no system file of this disk`);
  writeFile(volume, `${path}.new`, { ...file, modified: at });
  writeFile(volume, path, { ...file, version });
  const value = { type: 'REG_MULTI_SZ' as const, data: [`${NT_PATH}${path}.new`, `!${NT_PATH}${path}`] };
  for (const controlSet of Object.keys(system.keys).filter(name => /^ControlSet\d+$/i.test(name))) {
    setValue(system, sessionManager(controlSet), VALUE, value);
  }
}

/** Carries out what is to be renamed; true = there was something. */
export function finishRenames(volume: Volume, controlSet: string): boolean {
  const system = windowsHive(volume, 'SYSTEM');
  const key = system && findKey(system, sessionManager(controlSet));
  const name = key && nameIn(key.values, VALUE);
  const value = name === undefined ? undefined : key?.values[name];
  if (key === undefined || name === undefined || value?.type !== 'REG_MULTI_SZ') return false;
  for (let at = 0; at + 1 < value.data.length; at += 2) rename(volume, value.data[at] ?? '', value.data[at + 1] ?? '');
  delete key.values[name];
  return true;
}

function rename(volume: Volume, from: string, to: string): void {
  const source = from.replace(NT_PATH, '');
  const file = fileAt(volume, source);
  if (file === undefined) return;
  writeFile(volume, to.replace(`!${NT_PATH}`, ''), file);
  deleteFile(volume, source);
}
