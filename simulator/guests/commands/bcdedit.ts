/** `bcdedit /store`. */
import type { BcdDevice, BcdStore } from '../disk.ts';
import { TIMINGS } from '../timings.ts';
import { BOOT_MANAGER, EMS_SETTINGS } from '../windows.ts';
import type { Computer } from './computer.ts';

/** The store in a file; undefined = there is none. */
export function readStore(computer: Computer, path: string): BcdStore | undefined {
  computer.spend(TIMINGS.command.bcd);
  const file = computer.read(path);
  return file?.kind === 'bcd' ? file.store : undefined;
}

/** `/ems <loader> ON`; answers the exit code. */
export function switchEmsOn(computer: Computer, path: string, loader: string): number {
  return setElement(computer, path, loader, 'ems', true);
}

/** `/emssettings EMSPORT:n EMSBAUDRATE:n`; answers the exit code. */
export function setEmsPort(computer: Computer, path: string, emsport: number, emsbaudrate: number): number {
  return change(computer, path, EMS_SETTINGS, entry => Object.assign(entry.elements, { emsport, emsbaudrate }));
}

/** `/set <object> <element> <value>`; answers the exit code. */
export function setElement(computer: Computer, path: string, object: string, element: string, value: string | number | boolean): number {
  return change(computer, path, object, entry => {
    entry.elements[element] = value;
  });
}

/** `/set <object> device|osdevice partition=X:`: the store then names the disk by the id that it has now. Answers the exit code. */
export function setDevice(computer: Computer, path: string, object: string, element: 'device' | 'osdevice', device: BcdDevice): number {
  return change(computer, path, object, entry => {
    entry[element] = device;
  });
}

/** `/deletevalue <object> <element>`; answers the exit code, 1 where there is none. */
export function deleteElement(computer: Computer, path: string, object: string, element: string): number {
  if (readStore(computer, path)?.[object]?.elements[element] === undefined) return 1;
  return change(computer, path, object, entry => {
    delete entry.elements[element];
  });
}

/** `/default <object>`; answers the exit code. */
export function setDefault(computer: Computer, path: string, object: string): number {
  return setElement(computer, path, BOOT_MANAGER, 'default', object);
}

function change(computer: Computer, path: string, object: string, edit: (entry: BcdStore[string]) => void): number {
  const store = structuredClone(readStore(computer, path));
  const entry = store?.[object];
  if (store === undefined || entry === undefined) return 1;
  edit(entry);
  computer.write(path, { kind: 'bcd', modified: computer.now.toISOString(), store });
  return 0;
}
