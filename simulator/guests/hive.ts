import type { Key, RegistryValue } from './disk.ts';

/** The property's name as it is written in the record, found without regard to case. */
export function nameIn(record: Record<string, unknown>, name: string): string | undefined {
  if (Object.hasOwn(record, name)) return name;
  const wanted = name.toLowerCase();
  return Object.keys(record).find(key => key.toLowerCase() === wanted);
}

export function emptyKey(): Key {
  return { values: {}, keys: {} };
}

/** The key at a path such as `ControlSet001\Control`; '' is the root. */
export function findKey(root: Key, path: string): Key | undefined {
  let key: Key | undefined = root;
  for (const name of split(path)) {
    const written: string | undefined = nameIn(key.keys, name);
    key = written === undefined ? undefined : key.keys[written];
    if (key === undefined) return undefined;
  }
  return key;
}

/** The key at a path, made where it is missing. */
export function makeKey(root: Key, path: string): Key {
  let key = root;
  for (const name of split(path)) {
    const written = nameIn(key.keys, name) ?? name;
    const next = key.keys[written] ?? emptyKey();
    key.keys[written] = next;
    key = next;
  }
  return key;
}

/** Removes a key with everything below it. */
export function deleteKey(root: Key, path: string): void {
  const names = split(path);
  const last = names.pop();
  const parent = findKey(root, names.join('\\'));
  const written = parent && last !== undefined ? nameIn(parent.keys, last) : undefined;
  if (parent !== undefined && written !== undefined) delete parent.keys[written];
}

function getValue(root: Key, path: string, name: string): RegistryValue | undefined {
  const key = findKey(root, path);
  const written = key && nameIn(key.values, name);
  return written === undefined ? undefined : key?.values[written];
}

/** A value's number; undefined where it is missing or no number. */
export function getNumber(root: Key, path: string, name: string): number | undefined {
  const value = getValue(root, path, name);
  return value?.type === 'REG_DWORD' ? value.data : undefined;
}

/** A value's text, several lines joined as reg.exe prints them; undefined where it is missing or no text. */
export function getText(root: Key, path: string, name: string): string | undefined {
  const value = getValue(root, path, name);
  if (value === undefined || value.type === 'REG_DWORD') return undefined;
  return value.type === 'REG_MULTI_SZ' ? value.data.join('\\0') : value.data;
}

export function setValue(root: Key, path: string, name: string, value: RegistryValue): void {
  const key = makeKey(root, path);
  key.values[nameIn(key.values, name) ?? name] = value;
}

export function deleteValue(root: Key, path: string, name: string): void {
  const key = findKey(root, path);
  const written = key && nameIn(key.values, name);
  if (key !== undefined && written !== undefined) delete key.values[written];
}

export function dword(data: number): RegistryValue {
  return { type: 'REG_DWORD', data };
}

export function text(data: string): RegistryValue {
  return { type: 'REG_SZ', data };
}

/** `ControlSet003` of 3. */
export function controlSetName(number: number): string {
  return `ControlSet${String(number).padStart(3, '0')}`;
}

function split(path: string): string[] {
  return path.split('\\').filter(name => name !== '');
}
