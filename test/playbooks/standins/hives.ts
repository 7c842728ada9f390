/** Real hive files on the bench: `reg`, `bcdedit` and `bcdboot` change them through hivexsh, and what they became is read by hivexml. */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addFile, addRun, type Case, gptDisk, makeCase, pwsh, root, write } from './bench.ts';

const reference = new URL('../../../../shared/reference/hives/', import.meta.url).pathname;
const programs = ['/usr/bin/hivexsh', '/usr/bin/hivexml', '/usr/bin/xz'];
/** What the machine lacks for these tests. */
export const lacking = [pwsh ?? 'pwsh', reference, ...programs].filter(each => !existsSync(each));

const large: ExecFileSyncOptionsWithStringEncoding = { encoding: 'utf8', maxBuffer: 2 ** 27, stdio: ['pipe', 'pipe', 'ignore'] };
const unpacked = new Map<string, Buffer>();

/** The file of a reference hive. */
export function unpack(name: 'BCD' | 'SYSTEM' | 'SYSTEM_B' | 'SYSTEM_B.LOG1' | 'SYSTEM_B.LOG2' | 'corrupted_system_hive'): Buffer {
  const bytes =
    unpacked.get(name) ??
    execFileSync('xz', ['-dc', join(reference, `${name}.xz`)], { maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'ignore'] });
  unpacked.set(name, bytes);
  return bytes;
}

/** The hive, changed by hivexsh's own commands. */
export function edited(hive: Uint8Array, ...commands: string[]): Buffer {
  const file = join(root, 'edited');
  writeFileSync(file, hive);
  execFileSync('hivexsh', ['-w', file], { ...large, input: `${commands.join('\n')}\ncommit\n` });
  return readFileSync(file);
}

/** A hive of these keys: the paths of all of them, those above first, and the values of some, as hivexsh takes them. */
export function hiveOf(keys: string[], values: Record<string, Record<string, string>>): Buffer {
  const empty = ['Objects', 'Description'].flatMap(name => [`cd \\${name}`, 'del']);
  const made = keys.flatMap(key => {
    const at = key.lastIndexOf('\\');
    return [`cd \\${key.slice(0, Math.max(at, 0))} `, `add ${key.slice(at + 1)}`];
  });
  const set = Object.entries(values).flatMap(([key, each]) => [
    `cd \\${key} `,
    `setval ${Object.keys(each).length}`,
    ...Object.entries(each).flat(),
  ]);
  return edited(unpack('BCD'), ...empty, ...made, ...set);
}

const attributes = {
  name: / name="([^"]*)"/,
  key: / key="([^"]*)"/,
  type: / type="([^"]*)"/,
  value: / value="([^"]*)"/,
  encoding: / encoding="([^"]*)"/,
};

/** Every key and value of a hive, by hivexml: `\key`, and `\key\\name` with type and data (bytes in hexadecimal). */
function facts(file: string): Map<string, string> {
  const known = new Map<string, string>();
  const path: string[] = [];
  let value = '';
  for (const [, end, tag, said = '', text] of xmlOf(file).matchAll(/<(\/?)(node|value|string)\b([^>]*)>([^<]*)/g)) {
    const attribute = (name: keyof typeof attributes): string => attributes[name].exec(said)?.[1] ?? '';
    if (tag === 'node' && end) path.pop();
    else if (tag === 'node') {
      path.push(attribute('name'));
      known.set(`\\${path.slice(1).join('\\')}`, 'key');
    } else if (tag === 'string' && !end) known.set(value, `${known.get(value)} ${text}`.trimEnd());
    else if (tag === 'value' && !end) {
      value = `\\${path.slice(1).join('\\')}\\\\${attribute('key')}`;
      const data = attribute('encoding') === 'base64' ? Buffer.from(attribute('value'), 'base64').toString('hex') : attribute('value');
      known.set(value, `${attribute('type')} ${data}`.trimEnd());
    }
  }
  return known;
}

/** hivexml opens its output by name, which is no pipe's: it writes a file. */
function xmlOf(hive: string): string {
  const file = join(root, 'hive.xml');
  const output = openSync(file, 'w');
  execFileSync('hivexml', [hive], { stdio: ['ignore', output, 'ignore'] });
  closeSync(output);
  return readFileSync(file, 'utf8');
}

/**
 * Has the case's runs so far followed by a look at these hives; the answer, asked when they have run, is what they have changed: each key and
 * value with what it has become; `null` = gone.
 */
export function watch(made: Case, files: string[]): () => Record<string, string | null> {
  const pairs = files.map((file, n) => {
    const [held, then] = [join(made.folder, `held-${n}`), join(made.folder, `then-${n}`)];
    copyFileSync(file, held);
    addRun(made, 'keep-hive', { From: file, To: then });
    return [held, then] as const;
  });
  const script = join(root, 'scripts/keep-hive.ps1');
  mkdirSync(dirname(script), { recursive: true });
  writeFileSync(script, 'param($Mode, $Lun, $Token, $RepairId, $From, $To) Copy-Item -LiteralPath $From -Destination $To');
  return () => Object.assign({}, ...pairs.map(([held, then]) => changes(facts(held), facts(then))));
}

function changes(before: Map<string, string>, after: Map<string, string>): Record<string, string | null> {
  const gone = [...before.keys()].filter(key => !after.has(key)).map(key => [key, null] as const);
  return Object.fromEntries([...gone, ...[...after].filter(([key, value]) => before.get(key) !== value)]);
}

/** The disk that the reference BCD was written for, with hives alone that hivex reads. */
export function realCase(name: string, { BCD = unpack('BCD'), ...hives }: Record<string, Uint8Array>): Case {
  const made = makeCase(name);
  const sound = hiveOf(['CanonicalData'], {});
  const software = hiveOf(['Microsoft', 'Microsoft\\Windows NT', 'Microsoft\\Windows NT\\CurrentVersion'], {
    'Microsoft\\Windows NT\\CurrentVersion': { CurrentBuild: 'string:17763', SystemRoot: 'string:C:\\Windows' },
  });
  const config = {
    SYSTEM: sound,
    SOFTWARE: software,
    SAM: sound,
    SECURITY: sound,
    DEFAULT: sound,
    COMPONENTS: sound,
    'BCD-Template': hiveOf(['Objects'], {}),
    ...hives,
  };
  rmSync(join(made.windows, 'Windows/System32/config'), { recursive: true });
  for (const [file, bytes] of Object.entries(config)) addFile(made, `Windows/System32/config/${file}`, bytes);
  writeFileSync(storeOf(made), BCD);
  addFile(made, 'Windows/System32/winload.efi', 'loader');
  for (const tool of ['reg', 'bcdedit', 'bcdboot']) {
    const link = join(made.folder, `host/System32/${tool}.exe`);
    rmSync(link);
    symlinkSync(join(import.meta.dirname, 'hives.sh'), link);
  }
  const boot = '36be3955-63bf-4068-a6ab-00195cca3a22';
  write(made, 'partitions', `F: 8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b ${gptDisk}\nS: ${boot} ${gptDisk}\n`);
  const partitions = join(made.folder, 'disks/2/partitions.json');
  writeFileSync(
    partitions,
    readFileSync(partitions, 'utf8').replace('"Guid":null,"Offset":1048576', `"Guid":"{${boot}}","Offset":1048576`),
  );
  return made;
}

export const storeOf = (made: Case): string => join(made.boot, 'EFI/Microsoft/Boot/BCD');
export const hiveFile = (made: Case, name: string): string => join(made.windows, 'Windows/System32/config', name);
