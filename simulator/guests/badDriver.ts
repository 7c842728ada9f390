/** A driver of somebody else that crashes, or hangs, whenever Windows starts it. */
import type { DiskFile, Volume } from './disk.ts';
import { dword, findKey, getNumber, getText, setValue } from './hive.ts';
import { fileAt, windowsHive, writeFile } from './volume.ts';

/** The device class of disks. */
const DISK_DRIVES = 'Control\\Class\\{4d36e967-e325-11ce-bfc1-08002be10318}';
const FOLDER = '\\Windows\\System32\\drivers\\';
/** Boot, system and automatic start. */
const STARTED = 2;

/** @throws when the SYSTEM hive does not load. */
export function installBadDriver(
  volume: Volume,
  { name, filter, hangs, reads, at }: { name: string; filter: boolean; hangs: boolean; reads?: string | undefined; at: string },
): void {
  const system = windowsHive(volume, 'SYSTEM');
  if (system === undefined) throw new Error('the SYSTEM hive does not load');
  const service = `Vendor_${name.replace(/\.sys$/, '')}`;
  const driver = { kind: 'binary' as const, modified: at, bytes: 90_000, version: '7.11.18110.0' };
  const crashes = reads === undefined ? { whole: false } : { whole: true, crashesOn: reads };
  writeFile(volume, `${FOLDER}${name}`, { ...driver, ...(hangs ? { whole: true, hangs } : crashes) });
  if (reads !== undefined) writeFile(volume, reads, { kind: 'text', modified: at, text: 'content of a vendor' });
  for (const set of Object.keys(system.keys).filter(key => /^ControlSet\d{3}$/.test(key))) {
    const key = `${set}\\Services\\${service}`;
    setValue(system, key, 'Start', dword(0));
    setValue(system, key, 'ImagePath', { type: 'REG_EXPAND_SZ', data: `\\SystemRoot\\System32\\drivers\\${name}` });
    if (filter)
      setValue(system, `${set}\\${DISK_DRIVES}`, 'UpperFilters', {
        type: 'REG_MULTI_SZ',
        data: ['partmgr', service],
      });
  }
}

/** File name of the first driver that is started and crashes; undefined = none does. */
export const crashingDriver = (volume: Volume, controlSet: string): string | undefined =>
  startedDriver(volume, controlSet, file => !file.whole || (file.crashesOn !== undefined && fileAt(volume, file.crashesOn) !== undefined));

/** A disk whose filter does not start does not start. */
export function isDiskWithoutFilter(volume: Volume, controlSet: string): boolean {
  const system = windowsHive(volume, 'SYSTEM');
  if (system === undefined) return false;
  const filters = (getText(system, `${controlSet}\\${DISK_DRIVES}`, 'UpperFilters') ?? '').split('\\0');
  return filters.some(service => getNumber(system, `${controlSet}\\Services\\${service}`, 'Start') === 4);
}

/** Whether a driver is started whose start never ends. */
export const isHanging = (volume: Volume, controlSet: string): boolean =>
  startedDriver(volume, controlSet, file => file.hangs === true) !== undefined;

function startedDriver(volume: Volume, controlSet: string, bad: (file: DiskFile & { kind: 'binary' }) => boolean): string | undefined {
  const system = windowsHive(volume, 'SYSTEM');
  if (system === undefined) return undefined;
  for (const service of Object.keys(findKey(system, `${controlSet}\\Services`)?.keys ?? {})) {
    const key = `${controlSet}\\Services\\${service}`;
    const name = /\\drivers\\([^\\]+\.sys)$/i.exec(getText(system, key, 'ImagePath') ?? '')?.[1];
    const file = name === undefined ? undefined : fileAt(volume, `${FOLDER}${name}`);
    if ((getNumber(system, key, 'Start') ?? 4) <= STARTED && file?.kind === 'binary' && bad(file)) return name;
  }
  return undefined;
}
