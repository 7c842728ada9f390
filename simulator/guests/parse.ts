import { z } from 'zod';
import { applyDamage, Damage } from './damage.ts';
import { DiskContents } from './disk.ts';
import { WindowsSpec, windowsDisk } from './windows.ts';

const Described = z.strictObject({
  windows: WindowsSpec,
  damage: z.array(Damage).default([]),
});

/**
 * A disk's contents, either whole or described: `{ "windows": { build, language, generation, … }, "damage": [ { kind, … }, … ] }`.
 * @throws Error that names the field which is wrong.
 */
export function parseContents(value: unknown): DiskContents {
  if (typeof value !== 'object' || value === null || !('windows' in value)) return checked(DiskContents, value);
  const { windows, damage } = checked(Described, value);
  const disk = windowsDisk(windows, JSON.stringify(value));
  for (const one of damage) applyDamage(disk, one);
  return disk;
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new Error(`disk contents: ${z.prettifyError(result.error)}`);
  return result.data;
}
