/** `bcdedit /store`. */
import type { BcdStore } from '../disk.ts';
import { TIMINGS } from '../timings.ts';
import { EMS_SETTINGS } from '../windows.ts';
import type { Computer } from './computer.ts';

/** The store in a file; undefined = there is none. */
export function readStore(computer: Computer, path: string): BcdStore | undefined {
  computer.spend(TIMINGS.command.bcd);
  const file = computer.read(path);
  return file?.kind === 'bcd' ? file.store : undefined;
}

/** `/ems <loader> ON`; answers the exit code. */
export function switchEmsOn(computer: Computer, path: string, loader: string): number {
  return change(computer, path, loader, { ems: true });
}

/** `/emssettings EMSPORT:n EMSBAUDRATE:n`; answers the exit code. */
export function setEmsPort(computer: Computer, path: string, emsport: number, emsbaudrate: number): number {
  return change(computer, path, EMS_SETTINGS, { emsport, emsbaudrate });
}

function change(computer: Computer, path: string, object: string, elements: Record<string, number | boolean>): number {
  const store = structuredClone(readStore(computer, path));
  const entry = store?.[object];
  if (store === undefined || entry === undefined) return 1;
  Object.assign(entry.elements, elements);
  computer.write(path, { kind: 'bcd', modified: computer.now.toISOString(), store });
  return 0;
}
