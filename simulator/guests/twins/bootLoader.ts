/** What a boot configuration says, as the scripts read it. */
import { readStore } from '../commands/bcdedit.ts';
import type { BcdDevice } from '../disk.ts';
import { BOOT_MANAGER, loaderPath } from '../windows.ts';
import { backUp } from './backup.ts';
import type { RepairDisk } from './repairDisk.ts';
import { ScriptFailure } from './session.ts';

export interface BootLoader {
  /** As the store has it. */
  default: string;
  /** The one meant; '' = none. */
  loader: string;
  path: string;
  device: string;
  osdevice: string;
  managerDevice: string;
}

/** Undefined = there is no store, or it does not load. */
export function bootLoader(disk: RepairDisk): BootLoader | undefined {
  const store = readStore(disk.session.computer, disk.store);
  if (store === undefined) return undefined;
  const loaders = Object.keys(store).filter(id => /\\winload\.(exe|efi)$/i.test(String(store[id]?.elements.path)));
  const named = String(store[BOOT_MANAGER]?.elements.default ?? '');
  const loader = loaders.includes(named) ? named : loaders.length === 1 ? (loaders[0] ?? '') : '';
  const entry = store[loader];
  return {
    ...{ default: named, loader, path: String(entry?.elements.path ?? '') },
    ...{ device: deviceText(entry?.device), osdevice: deviceText(entry?.osdevice) },
    managerDevice: deviceText(store[BOOT_MANAGER]?.device),
  };
}

export function deviceText(device: BcdDevice | undefined): string {
  return device === undefined ? 'missing' : `${device.disk} ${device.partition}`;
}

/** A partition's device as bcdedit would write it now: by the id that the disk has now. */
export function deviceAt(disk: RepairDisk, root: string): BcdDevice {
  const { computer } = disk.session;
  const partition = computer
    .partitionsOf(disk.disk)
    .find(({ volume }) => volume !== undefined && computer.letterOf(volume) === root.slice(0, 1));
  return { disk: disk.disk.contents.id, partition: partition?.id ?? '' };
}

/** The store with its logs, before the first write to it. */
export function backUpStore(disk: RepairDisk): number[] {
  if (disk.identityChanged) {
    const message = 'while the disk is online under another id its BCD must not be written: use a repair VM of another image';
    throw new ScriptFailure('disk-id-collision', message);
  }
  return ['', '.LOG', '.LOG1', '.LOG2'].map(suffix => backUp(disk, `${disk.store}${suffix}`));
}

export const loaderPathOf = (disk: RepairDisk): string => loaderPath(disk.generation);
