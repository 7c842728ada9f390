import type { LoadedHive } from '../commands/registry.ts';
import { dword, findKey, getText } from '../hive.ts';
import { backUp, completeBackup, restoreFiles, withUndo } from './backup.ts';
import { isOwn, isOwnDriver, storeOf } from './componentStore.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

interface Service {
  set: string;
  service: string;
  start: string;
  filters: Filter[];
}

interface Filter {
  key: string;
  name: 'UpperFilters' | 'LowerFilters';
  services: string[];
}

export function driverOff(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    const driver = session.parameter('Driver');
    if (driver === '') return { outcome: 'not-applicable', code: 'no-driver-named' };
    const store = storeOf(disk);
    if (isOwn(store, driver)) {
      session.find('own-driver', 'certain', `${driver} came with Windows`);
      return { outcome: 'not-applicable', code: 'own-driver' };
    }
    if (store.length === 0) return { outcome: 'not-applicable', code: 'store-unreadable' };
    const services = disk.withHive('SYSTEM', 'copy', hive => servicesOf(disk, hive, driver));
    if (services.length === 0) return { outcome: 'not-applicable', code: 'driver-not-found' };
    for (const { set, service, start } of services)
      session.find('driver', 'certain', `${driver} is ${set}\\Services\\${service}, Start=${start}`);
    if (services.some(({ filters }) => filters.length > 0)) session.warn(`${driver} filters a class of devices, and is taken off it`);
    const on = services.filter(({ start, filters }) => start !== '4' || filters.length > 0);
    if (on.length === 0) return { outcome: 'nothing-to-do', code: 'driver-off' };
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    withUndo(disk, () => switchOff(disk, on));
    return { outcome: 'fixed', code: 'driver-off' };
  });
}

function servicesOf(disk: RepairDisk, hive: LoadedHive, driver: string): Service[] {
  return disk.controlSets(hive).all.flatMap(set => {
    const all = Object.keys(findKey(hive.root, `${set}\\Services`)?.keys ?? {});
    if (!all.some(name => getText(hive.root, `${set}\\Services\\${name}`, 'ImagePath')))
      throw new ScriptFailure('hive-damaged', 'ImagePath could not be searched for (reg exit code 1)');
    const image = (name: string) => getText(hive.root, `${set}\\Services\\${name}`, 'ImagePath')?.toLowerCase() ?? '';
    const named = all.filter(name => `\\${image(name)}`.endsWith(`\\${driver.toLowerCase()}`));
    const filters = filtersOf(hive, set);
    const stem = driver.replace(/\.sys$/i, '');
    const nameless = image(stem) === '' ? [stem] : [];
    const found = (named.length > 0 ? named : nameless).filter(service => !isOwnDriver(service));
    return found.flatMap(service => {
      const start = hive.query(`${set}\\Services\\${service}`, 'Start');
      return start === null ? [] : [{ set, service, start, filters: filters.filter(({ services }) => has(services, service)) }];
    });
  });
}

function filtersOf(hive: LoadedHive, set: string): Filter[] {
  const classes = Object.keys(findKey(hive.root, `${set}\\Control\\Class`)?.keys ?? {});
  return (['UpperFilters', 'LowerFilters'] as const).flatMap(name =>
    classes.flatMap(each => {
      const key = `${set}\\Control\\Class\\${each}`;
      const services = listOf(hive, key, name);
      return services.length === 0 ? [] : [{ key, name, services }];
    }),
  );
}

function listOf(hive: LoadedHive, key: string, name: string): string[] {
  return (getText(hive.root, key, name) ?? '').split('\\0').filter(Boolean);
}

const has = (services: string[], service: string) => services.some(each => each.toLowerCase() === service.toLowerCase());

function takeOff(hive: LoadedHive, { key, name }: Filter, service: string): void {
  const data = listOf(hive, key, name).filter(each => !has([each], service));
  if (data.length === 0) hive.delete(key, name);
  else hive.add(key, name, { type: 'REG_MULTI_SZ', data });
}

function switchOff(disk: RepairDisk, services: Service[]): void {
  const numbers = ['', '.LOG1', '.LOG2'].map(suffix => backUp(disk, disk.hivePath(`SYSTEM${suffix}`)));
  disk.withHive('SYSTEM', 'write', hive => {
    for (const { set, service, start, filters } of services) {
      for (const filter of filters) takeOff(hive, filter, service);
      if (start !== '4') hive.add(`${set}\\Services\\${service}`, 'Start', dword(4));
    }
  });
  completeBackup(disk, numbers);
  for (const { set, service, start, filters } of services) {
    for (const { key, name } of filters)
      disk.session.act({
        ...{ what: 'took a filter off a device class', target: `SYSTEM\\${key}`, revertable: true },
        ...{ before: `${name} with ${service}`, after: `${name} without it` },
      });
    if (start === '4') continue;
    const target = `SYSTEM\\${set}\\Services\\${service}`;
    disk.session.act({ what: 'switched a driver off', target, before: `Start=${start}`, after: 'Start=4', revertable: true });
  }
}
