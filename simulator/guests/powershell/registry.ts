/**
 * Registry hives and boot stores in the words of the stand-ins (`tools.sh`): a first line `regf` with two sequence numbers, 11111111 clean or
 * 11112222 not written out, then `path|name|type|data`. A boot store is the hive that it is on Windows too.
 */
import type { BcdDevice, BcdStore, Key, RegistryValue } from '../disk.ts';
import { emptyKey, makeKey } from '../hive.ts';

/** Element types by bcdedit's names for them (bcdedit's reference; seen in a real store). */
const ELEMENTS: Record<string, string> = {
  path: '12000002',
  description: '12000004',
  locale: '12000005',
  inherit: '14000006',
  recoveryenabled: '16000009',
  systemroot: '22000002',
  default: '23000003',
  displayorder: '24000001',
  timeout: '25000004',
  safeboot: '25000080',
  bootstatuspolicy: '250000e0',
  displaybootmenu: '26000020',
  safebootalternateshell: '26000081',
  ems: '260000b0',
  emsport: '15000022',
  emsbaudrate: '15000023',
};
const DEVICES = { device: '11000001', osdevice: '21000001' } as const;
/** Integers that bcdedit prints as words. */
const WORDS: Record<string, string[]> = {
  bootstatuspolicy: ['DisplayAllFailures', 'IgnoreAllFailures', 'IgnoreShutdownFailures', 'IgnoreBootFailures'],
  safeboot: ['Minimal', 'Network', 'DsRepair'],
};
const CLEAN = 'regf11111111';
const DIRTY = 'regf11112222';

/** A hive's text: behind the first one its lines in the order of their bytes, so that the same hive is the same text, whoever wrote it. */
function hiveText(lines: string[], dirty = false): string {
  const ordered = lines.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `${dirty ? DIRTY : CLEAN}\n${ordered.join('\n')}\n`;
}

/** A hive as a file: how long it is on a real disk stands in a line of its own, which names no value. */
export function hiveFileText(root: Key, bytes: number, dirty: boolean): string {
  return hiveText([`|||${bytes}`, ...hiveLines(root, '')], dirty);
}

/** What a file of the stand-ins says; undefined where it is no hive. `bytes` = NaN where it does not say. */
export function readHive(text: string): { dirty: boolean; bytes: number; root: Key } | undefined {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  if (head !== CLEAN && head !== DIRTY) return undefined;
  const root = emptyKey();
  let bytes = Number.NaN;
  for (const line of lines) {
    const [path = '', name = '', type = '', ...rest] = line.split('|');
    const data = rest.join('|');
    if (path === '' && name === '') bytes = Number(data);
    else addLine(makeKey(root, path), name, type, data);
  }
  return { dirty: head === DIRTY, bytes, root };
}

function addLine(key: Key, name: string, type: string, data: string): void {
  if (type === 'REG_DWORD') key.values[name] = { type, data: Number(data) };
  else if (type === 'REG_MULTI_SZ') key.values[name] = { type, data: data.split('\\0') };
  else if (type === 'REG_SZ' || type === 'REG_EXPAND_SZ') key.values[name] = { type, data };
}

function hiveLines(key: Key, path: string): string[] {
  const values = Object.entries(key.values).map(([name, value]) => `${path}|${name}|${value.type}|${dataOf(value)}`);
  const below = Object.entries(key.keys).flatMap(([name, each]) => hiveLines(each, path === '' ? name : `${path}\\${name}`));
  return [...(path === '' ? [] : [`${path}|||`]), ...values, ...below];
}

function dataOf(value: RegistryValue): string {
  if (value.type === 'REG_DWORD') return `0x${value.data.toString(16)}`;
  return value.type === 'REG_MULTI_SZ' ? value.data.join('\\0') : value.data;
}

export function storeText(store: BcdStore): string {
  const lines = Object.entries(store).flatMap(([id, { device, osdevice, elements }]) => {
    const key = `Objects\\${id}\\Elements`;
    const devices = [
      ...(device ? [`${key}\\${DEVICES.device}|Element|REG_BINARY|${deviceHex(device)}`] : []),
      ...(osdevice ? [`${key}\\${DEVICES.osdevice}|Element|REG_BINARY|${deviceHex(osdevice)}`] : []),
    ];
    return [`${key}|||`, ...devices, ...Object.entries(elements).map(([name, value]) => elementLine(key, name, value))];
  });
  return hiveText(['Objects|||', ...lines]);
}

/** The boot store in a file of the stand-ins; undefined where it is none. Elements that the model does not know are not in it. */
export function readStore(text: string): BcdStore | undefined {
  const [head, first, ...lines] = text.trimEnd().split('\n');
  if (head !== CLEAN || !first?.startsWith('Objects')) return undefined;
  const store: BcdStore = {};
  for (const line of [first, ...lines]) {
    const [path = '', , kind = '', ...rest] = line.split('|');
    const [, id, , type] = path.split('\\');
    if (id === undefined) continue;
    const object = store[id] ?? { elements: {} };
    store[id] = object;
    const data = rest.join('|');
    const name = Object.entries(ELEMENTS).find(([, known]) => known === type)?.[0];
    if (type === DEVICES.device) object.device = deviceOf(data);
    else if (type === DEVICES.osdevice) object.osdevice = deviceOf(data);
    else if (name !== undefined) object.elements[name] = elementValue(name, kind, data);
  }
  return store;
}

function elementLine(key: string, name: string, value: string | number | boolean): string {
  const type = ELEMENTS[name];
  if (type === undefined) throw new Error(`the stand-ins know no BCD element ${name}`);
  const word = WORDS[name]?.indexOf(String(value)) ?? -1;
  const line = (kind: string, data: string) => `${key}\\${type}|Element|${kind}|${data}`;
  if (word !== -1) return line('REG_BINARY', integer(word));
  if (typeof value === 'boolean') return line('REG_BINARY', value ? '01' : '00');
  if (typeof value === 'number') return line('REG_BINARY', integer(value));
  return line(['displayorder', 'inherit'].includes(name) ? 'REG_MULTI_SZ' : 'REG_SZ', value);
}

function elementValue(name: string, kind: string, data: string): string | number | boolean {
  if (kind !== 'REG_BINARY') return data;
  if (data.length !== 16) return data === '01';
  const number = Number(Buffer.from(data, 'hex').readBigUInt64LE());
  return WORDS[name]?.[number] ?? number;
}

/** Eight bytes, the lowest first. */
function integer(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes.toString('hex').toUpperCase();
}

/** A partition's sixteen bytes in a device element: its GUID, or its byte offset. */
export function partitionHex(gpt: boolean, id: string): string {
  return (gpt ? hexOfGuid(id) : `${integer(Number(id))}${'00'.repeat(8)}`).toUpperCase();
}

function hexOfGuid(guid: string): string {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const swap = (part: string): string => Buffer.from(part, 'hex').reverse().toString('hex');
  return swap(a) + swap(b) + swap(c) + d + e;
}

/** A device element as Windows 10 writes it: 16 zero bytes, type 6, size 0x48, partition, disk. */
function deviceHex({ disk, partition }: BcdDevice): string {
  const head = `${'00'.repeat(16)}06000000000000004800000000000000`;
  const [scheme, id = ''] = disk.split(':');
  if (scheme === 'gpt') return `${head}${partitionHex(true, partition)}${'00'.repeat(8)}${hexOfGuid(id)}${'00'.repeat(16)}`.toUpperCase();
  const signature = Buffer.from(id, 'hex').reverse().toString('hex');
  return `${head}${partitionHex(false, partition)}${'00000000'}01000000${signature}${'00'.repeat(28)}`.toUpperCase();
}

function deviceOf(hex: string): BcdDevice {
  const bytes = Buffer.from(hex, 'hex');
  const guid = (at: number): string => {
    const part = (from: number, length: number) =>
      Buffer.from(bytes.subarray(at + from, at + from + length))
        .reverse()
        .toString('hex');
    return `${part(0, 4)}-${part(4, 2)}-${part(6, 2)}-${bytes.toString('hex', at + 8, at + 10)}-${bytes.toString('hex', at + 10, at + 16)}`;
  };
  if (bytes.readUInt32LE(52) === 0) return { disk: `gpt:${guid(56)}`, partition: guid(32) };
  return { disk: `mbr:${bytes.readUInt32LE(56).toString(16).padStart(8, '0')}`, partition: String(bytes.readBigUInt64LE(32)) };
}
