/** What can be wrong with a disk's boot files, one thing at a time. */
import type { DiskContents, Volume } from './disk.ts';
import { fileAt } from './volume.ts';
import { BOOT_MANAGER, loaderPath, managerPath, storePath } from './windows.ts';

type BootDamage =
  | { kind: 'bcd-element'; element: 'default' | 'device' | 'osdevice' | 'path' }
  | { kind: 'missing-boot-manager' }
  | { kind: 'boot-flags'; safeboot?: string; displaybootmenu?: boolean; recoveryenabled?: boolean };

/** @throws when the disk has no boot configuration. */
export function damageBoot(disk: DiskContents, damage: BootDamage): void {
  const generation = disk.id.startsWith('mbr:') ? 'V1' : 'V2';
  const volume = disk.partitions.map(partition => partition.volume).find(each => each && fileAt(each, storePath(generation)));
  if (volume === undefined) throw new Error('the disk has no boot configuration');
  if (damage.kind === 'missing-boot-manager') delete volume.files[managerPath(generation)];
  else damageEntry(volume, generation, damage);
}

function damageEntry(volume: Volume, generation: 'V1' | 'V2', damage: Exclude<BootDamage, { kind: 'missing-boot-manager' }>): void {
  const file = fileAt(volume, storePath(generation));
  const manager = file?.kind === 'bcd' ? file.store[BOOT_MANAGER] : undefined;
  const loader = file?.kind === 'bcd' ? file.store[String(manager?.elements.default)] : undefined;
  if (manager === undefined || loader?.device === undefined) throw new Error('the boot configuration names no loader');
  if (damage.kind === 'boot-flags') {
    const { safeboot, displaybootmenu, recoveryenabled } = damage;
    if (safeboot !== undefined) loader.elements.safeboot = safeboot;
    if (displaybootmenu !== undefined) manager.elements.displaybootmenu = displaybootmenu;
    if (recoveryenabled !== undefined) loader.elements.recoveryenabled = recoveryenabled;
    return;
  }
  const nowhere = loader.device.disk.startsWith('mbr:') ? ('mbr:0badd15c' as const) : ('gpt:0badd15c-0000-4000-8000-000000000000' as const);
  switch (damage.element) {
    case 'default':
      manager.elements.default = '{0badd15c-0000-4000-8000-000000000000}';
      return;
    case 'path':
      loader.elements.path = loaderPath(generation === 'V1' ? 'V2' : 'V1');
      return;
    default:
      loader[damage.element] = { ...loader.device, disk: nowhere };
  }
}
