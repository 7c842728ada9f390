/** `reg.exe` on hives of other disks. */
import type { Key, RegistryValue } from '../disk.ts';
import { deleteValue, getNumber, getText, setValue } from '../hive.ts';
import { TIMINGS } from '../timings.ts';
import type { Computer } from './computer.ts';

/** A loaded hive; every call is one run of reg.exe. */
export class LoadedHive {
  readonly root: Key;
  readonly #computer: Computer;

  constructor(computer: Computer, root: Key) {
    this.#computer = computer;
    this.root = root;
  }

  /** A number as decimal text, several texts joined by `\0`; null = no such value. */
  query(path: string, name: string): string | null {
    this.#computer.spend(TIMINGS.command.registry);
    return getText(this.root, path, name) ?? getNumber(this.root, path, name)?.toString() ?? null;
  }

  delete(path: string, name: string): void {
    this.#computer.spend(TIMINGS.command.registry);
    deleteValue(this.root, path, name);
  }

  add(path: string, name: string, value: RegistryValue): void {
    this.#computer.spend(TIMINGS.command.registry);
    setValue(this.root, path, name, value);
  }
}

/**
 * Loads a hive, calls the body, unloads it. What the body changes is in the file afterwards; with `copy` the file is left as it is.
 * Undefined = there is no such hive, or it does not load.
 */
export function withHive<T>(
  computer: Computer,
  path: string,
  mode: 'copy' | 'write',
  body: (hive: LoadedHive) => T,
): { value: T } | undefined {
  computer.spend(2 * TIMINGS.command.registry);
  const file = computer.read(path);
  if (file?.kind !== 'hive' || file.root === null) return undefined;
  const root = structuredClone(file.root);
  const value = body(new LoadedHive(computer, root));
  const { dirty: _, ...clean } = file;
  if (mode === 'write') computer.write(path, { ...clean, modified: computer.now.toISOString(), root });
  return { value };
}
