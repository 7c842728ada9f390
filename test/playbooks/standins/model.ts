/**
 * The simulator's disk as the bench's folder, and back: so that one case can be run by a script's twin and by the script itself, and what
 * they leave can be compared. What a real disk has and the model has not (times, lengths, free space) is left out of the comparison.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { guidOf } from '../../../simulator/guests/builds.ts';
import type { BcdDevice, BcdStore, DiskContents, DiskFile, Key, Partition, RegistryValue } from '../../../simulator/guests/disk.ts';
import { emptyKey, makeKey } from '../../../simulator/guests/hive.ts';
import { type Case, hive, root, tools } from './bench.ts';

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
const integer = (value: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes.toString('hex').toUpperCase();
};
const hexOfGuid = (guid: string): string => {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const swap = (part: string): string => Buffer.from(part, 'hex').reverse().toString('hex');
  return swap(a) + swap(b) + swap(c) + d + e;
};

function deviceHex({ disk, partition }: BcdDevice): string {
  const head = `${'00'.repeat(16)}06000000000000004800000000000000`;
  const [scheme, id = ''] = disk.split(':');
  if (scheme === 'gpt') return `${head}${partHex(true, partition)}${'00'.repeat(8)}${hexOfGuid(id)}${'00'.repeat(16)}`.toUpperCase();
  const signature = Buffer.from(id, 'hex').reverse().toString('hex');
  return `${head}${partHex(false, partition)}${'00000000'}01000000${signature}${'00'.repeat(28)}`.toUpperCase();
}

/** A partition's sixteen bytes in a device element. */
const partHex = (gpt: boolean, id: string): string => (gpt ? hexOfGuid(id) : `${integer(Number(id))}${'00'.repeat(8)}`).toUpperCase();

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

function elementLine(key: string, name: string, value: string | number | boolean): string {
  const type = ELEMENTS[name];
  if (type === undefined) throw new Error(`the bench knows no BCD element ${name}`);
  const word = WORDS[name]?.indexOf(String(value)) ?? -1;
  const line = (kind: string, data: string) => `${key}\\${type}|Element|${kind}|${data}`;
  if (word !== -1) return line('REG_BINARY', integer(word));
  if (typeof value === 'boolean') return line('REG_BINARY', value ? '01' : '00');
  if (typeof value === 'number') return line('REG_BINARY', integer(value));
  return line(['displayorder', 'inherit'].includes(name) ? 'REG_MULTI_SZ' : 'REG_SZ', value);
}

function storeText(store: BcdStore): string {
  return hive(
    'Objects|||',
    ...Object.entries(store).flatMap(([id, { device, osdevice, elements }]) => {
      const key = `Objects\\${id}\\Elements`;
      const devices = Object.entries({ device, osdevice }).flatMap(([name, value]) =>
        value === undefined ? [] : [`${key}\\${DEVICES[name as 'device']}|Element|REG_BINARY|${deviceHex(value)}`],
      );
      return [`${key}|||`, ...devices, ...Object.entries(elements).map(([name, value]) => elementLine(key, name, value))];
    }),
  );
}

function storeOf(text: string): BcdStore {
  const store: BcdStore = {};
  for (const line of text.trim().split('\n').slice(1)) {
    const [path = '', , , data = ''] = line.split('|');
    const [, id, , type] = path.split('\\');
    if (id === undefined) continue;
    const object = store[id] ?? { elements: {} };
    store[id] = object;
    const device = Object.entries(DEVICES).find(([, known]) => known === type)?.[0];
    const name = Object.entries(ELEMENTS).find(([, known]) => known === type)?.[0];
    if (device !== undefined) object[device as 'device'] = deviceOf(data);
    else if (name !== undefined) object.elements[name] = elementValue(name, data);
  }
  return store;
}

function elementValue(name: string, data: string): string | number | boolean {
  if (/^[0-9A-F]{16}$/.test(data)) {
    const number = Number(Buffer.from(data, 'hex').readBigUInt64LE());
    return WORDS[name]?.[number] ?? number;
  }
  return /^0[01]$/.test(data) ? data === '01' : data;
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

function hiveOf(text: string): Key | null {
  if (!text.startsWith('regf')) return null;
  const key = emptyKey();
  for (const line of text.trim().split('\n').slice(1)) {
    const [path = '', name = '', type, data = ''] = line.split('|');
    const at = makeKey(key, path);
    if (type === 'REG_DWORD') at.values[name] = { type, data: Number(data) };
    else if (type === 'REG_MULTI_SZ') at.values[name] = { type, data: data.split('\\0') };
    else if (type === 'REG_SZ' || type === 'REG_EXPAND_SZ') at.values[name] = { type, data };
  }
  return key;
}

/** A file's bytes on the bench. */
function bytesOf(file: DiskFile): string | Uint8Array {
  switch (file.kind) {
    case 'hive':
      return file.root === null
        ? 'no hive'
        : hive(...hiveLines(file.root, '')).replace(/^regf11111111/, file.dirty ? 'regf11112222' : '$&');
    case 'bcd':
      return storeText(file.store);
    case 'binary':
      return `binary ${file.version} ${file.whole ? 'whole' : 'corrupt'}`;
    case 'pending':
      return `pending ${file.package} ${file.broken}`;
    case 'text':
      return file.text;
    case 'data':
      return Buffer.from(file.head, 'base64');
  }
}

/** What a file is, for comparing: texts and binaries by their bytes, hives and stores by what they say. */
function plain(kind: DiskFile['kind'], bytes: Buffer): unknown {
  if (kind === 'hive') return { dirty: bytes.toString().startsWith('regf11112222'), root: hiveOf(bytes.toString()) };
  if (kind === 'bcd') return storeOf(bytes.toString());
  // A data file is its first bytes, then zeros.
  const end = kind === 'data' ? bytes.findLastIndex(byte => byte !== 0) + 1 : bytes.length;
  return createHash('sha256').update(bytes.subarray(0, end)).digest('hex');
}

const folderOf = (made: Case, index: number): string => join(made.folder, `volumes/${index}`);
/** Windows does not tell cases apart, this machine does. */
const onBench = (path: string): string =>
  path
    .replace(/\\system32\\/i, '\\System32\\')
    .replaceAll('\\', '/')
    .slice(1);

/** Every file of the disk but ours, as the model has it, in the words of `left`. */
export function leftByTwin(contents: DiskContents): Record<string, unknown> {
  const files = contents.partitions.flatMap(({ volume }, index) =>
    Object.entries(volume?.files ?? {}).map(
      ([path, file]) => [`${index}${path.toLowerCase()}`, plain(file.kind, Buffer.from(bytesOf(file)))] as const,
    ),
  );
  const volumes = contents.partitions.map(({ volume }) => volume && [volume.dirty, volume.fileSystemErrors]);
  return { id: contents.id, volumes, ...Object.fromEntries(files.filter(([path]) => !path.includes('\\bootmedic\\')).sort()) };
}

/** The same of the bench's folder. `before` says what kind of file each is. */
export function leftByScript(made: Case, before: DiskContents): Record<string, unknown> {
  const scheme = before.id.slice(0, 4);
  const files = before.partitions.flatMap(({ volume }, index) => {
    if (volume === undefined) return [];
    const base = folderOf(made, index);
    return readdirSync(base, { recursive: true, encoding: 'utf8' })
      .filter(name => statSync(join(base, name)).isFile() && !name.startsWith('bootmedic/') && !name.includes('WinSxS/amd64_x/'))
      .map(name => {
        const path = `\\${name.replaceAll('/', '\\')}`;
        const known = Object.entries(volume.files).find(([each]) => each.toLowerCase() === path.toLowerCase())?.[1].kind;
        return [`${index}${path.toLowerCase()}`, plain(known ?? kindOf(path), readFileSync(join(base, name)))] as const;
      });
  });
  const id = `${scheme}${readFileSync(join(made.folder, 'disks/2/id'), 'utf8').trim()}`;
  const state = (name: string, index: number) => readFileSync(join(made.folder, name, String(index)), 'utf8').trim();
  const volumes = before.partitions.map(({ volume }, index) => volume && [state('volumes-dirty', index) === '1', state('chkdsk', index)]);
  return { id, volumes, ...Object.fromEntries(files.sort()) };
}

const kindOf = (path: string): DiskFile['kind'] => (/\\BCD$/i.test(path) ? 'bcd' : 'binary');

const GPT_TYPES: Record<Partition['type'], string> = {
  'efi-system': '{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}',
  'microsoft-reserved': '{e3c9e316-0b5c-4db8-817d-f92df00215ae}',
  basic: '{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}',
  recovery: '{de94bba4-06d1-4d40-a16a-bfd50179d6ac}',
};

/** A repair VM with the disk at LUN 3. */
export function caseOf(name: string, contents: DiskContents): Case {
  const folder = join(root, name);
  const made: Case = { name, folder, windows: '', boot: '', runs: [] };
  const put = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const gpt = contents.id.startsWith('gpt:');
  const letters = ['E', 'F', 'G'];
  const mounts: string[] = [];
  const volumes: string[] = [];
  const partitions = contents.partitions.map(({ id, type, active, volume }, index) => {
    const letter = volume !== undefined && type === 'basic' ? (letters.shift() ?? '\0') : '\0';
    const guid = `\\\\?\\Volume{${volume?.id ?? ''}}\\`;
    if (volume !== undefined) {
      mkdirSync(folderOf(made, index), { recursive: true });
      volumes.push(`${guid} ${folderOf(made, index)}`);
      if (letter !== '\0') mounts.push(`${letter} ${folderOf(made, index)}`);
      for (const [path, file] of Object.entries(volume.files)) {
        put(`volumes/${index}/${onBench(path)}`, bytesOf(file));
        utimesSync(join(folderOf(made, index), onBench(path)), new Date(file.modified), new Date(file.modified));
        if (file.kind === 'data') truncateSync(join(folderOf(made, index), onBench(path)), file.bytes);
      }
      for (const [path, { version }] of Object.entries(volume.componentStore))
        if (path.endsWith('.sys')) put(`volumes/${index}/Windows/WinSxS/amd64_x/${path.slice(path.lastIndexOf('\\') + 1)}`, version);
      for (const [path, { version, hasBytes }] of Object.entries(volume.componentStore))
        if (path.startsWith('\\Windows\\'))
          put(`store/${onBench(path).slice('Windows/'.length)}`, hasBytes ? `binary ${version} whole` : 'UNREPAIRABLE');
      put(`volumes-dirty/${index}`, volume.dirty ? '1' : '0');
      put(`chkdsk/${index}`, volume.fileSystemErrors);
    }
    return {
      DriveLetter: letter,
      AccessPaths: volume === undefined ? null : [guid],
      GptType: gpt ? GPT_TYPES[type] : null,
      MbrType: gpt ? null : 7,
      IsActive: active,
      Guid: gpt ? `{${id}}` : null,
      Offset: gpt ? index : Number(id),
    };
  });
  for (const [n, id, own] of [
    [0, 'deadbeef', true],
    [2, contents.id.slice(4), false],
  ] as const) {
    put(`disks/${n}/id`, id);
    put(`disks/${n}/boot`, own ? '1' : '0');
    put(`disks/${n}/offline`, own ? '0' : '1');
    put(`disks/${n}/readonly`, own ? '0' : '1');
  }
  put('disks/2/partitions.json', JSON.stringify(partitions));
  const drive = (Index: number, SCSIPort: number, SCSILogicalUnit: number) => ({
    Index,
    InterfaceType: 'SCSI',
    PNPDeviceID: 'SCSI\\DISK',
    SCSIPort,
    SCSILogicalUnit,
  });
  put('drives.json', JSON.stringify([drive(0, 0, 0), drive(1, 0, 1), drive(2, 1, 3)]));
  put('mounts', `${mounts.join('\n')}\n`);
  put('bcdboot-loader', `{${guidOf(`${contents.id} bcdboot`)}}`);
  put('parts', `${contents.partitions.map(({ id }, index) => `${folderOf(made, index)} ${partHex(gpt, id)}`).join('\n')}\n`);
  put('volumes-by-name', `${volumes.join('\n')}\n`);
  for (const empty of ['loaded', 'locked', 'calls']) put(empty, '');
  put('policy', 'OfflineAll');
  const windows = contents.partitions.findIndex(({ volume }) => volume?.label === 'Windows');
  put('free', String(contents.partitions[windows]?.volume?.freeBytes ?? 0));
  mkdirSync(join(folder, 'host/System32'), { recursive: true });
  for (const tool of tools) {
    const place = join(folder, `host/System32/${tool}.exe`);
    if (!existsSync(place)) symlinkSync(join(import.meta.dirname, 'tools.sh'), place);
  }
  return { ...made, windows: folderOf(made, windows) };
}
