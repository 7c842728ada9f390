/** `bcdboot <windows> /s <boot volume> /f BIOS|UEFI`. */
import { guidOf } from '../builds.ts';
import type { BcdDevice, DiskFile } from '../disk.ts';
import { TIMINGS } from '../timings.ts';
import { BOOT_MANAGER, EMS_SETTINGS, loaderPath, managerPath, storePath } from '../windows.ts';
import type { Computer } from './computer.ts';

/** A store and a boot manager as Windows Setup makes them: recovery on, no EMS. Answers the exit code. */
export function bcdboot(
  computer: Computer,
  from: { root: string; windows: BcdDevice; boot: BcdDevice },
  to: { root: string; generation: 'V1' | 'V2' },
): number {
  computer.spend(TIMINGS.command.bcdboot);
  const loaderFile = computer.read(`${from.root.slice(0, 2)}${loaderPath(to.generation)}`);
  if (loaderFile?.kind !== 'binary') return 193;
  const loader = `{${guidOf(`${from.windows.disk} bcdboot`)}}`;
  const store: DiskFile = {
    kind: 'bcd',
    modified: computer.now.toISOString(),
    store: {
      [BOOT_MANAGER]: {
        device: from.boot,
        elements: { description: 'Windows Boot Manager', locale: 'en-US', default: loader, displayorder: loader, timeout: 30 },
      },
      [loader]: {
        device: from.windows,
        osdevice: from.windows,
        elements: {
          path: loaderPath(to.generation),
          description: 'Windows Server',
          locale: 'en-US',
          systemroot: '\\Windows',
          recoveryenabled: true,
        },
      },
      [EMS_SETTINGS]: { elements: {} },
    },
  };
  computer.write(`${to.root.slice(0, 2)}${storePath(to.generation)}`, store);
  computer.write(`${to.root.slice(0, 2)}${managerPath(to.generation)}`, { ...loaderFile, bytes: 1_500_000, whole: true });
  return 0;
}
