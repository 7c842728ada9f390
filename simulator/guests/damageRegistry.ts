/** What can be wrong with a registry that still has its files, and what Windows kept of it. */
import type { Volume } from './disk.ts';
import { CONFIG, fileAt, writeFile } from './volume.ts';

type RegistryDamage = { kind: 'unreplayed-hive'; hive: 'SYSTEM' | 'SOFTWARE' } | { kind: 'regback'; whole: boolean; at: string };

/** @throws when the hive that is to be damaged is none. */
export function damageRegistry(volume: Volume, damage: RegistryDamage): void {
  if (damage.kind === 'unreplayed-hive') {
    const file = fileAt(volume, `${CONFIG}\\${damage.hive}`);
    if (file?.kind !== 'hive') throw new Error(`there is no hive ${damage.hive}`);
    file.dirty = true;
    return;
  }
  for (const name of ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT']) {
    const file = fileAt(volume, `${CONFIG}\\${name}`);
    if (file?.kind !== 'hive') throw new Error(`there is no hive ${name}`);
    const kept = damage.whole ? structuredClone(file) : ({ kind: 'data', bytes: 0, head: '' } as const);
    writeFile(volume, `${CONFIG}\\RegBack\\${name}`, { ...kept, modified: damage.at });
  }
}
