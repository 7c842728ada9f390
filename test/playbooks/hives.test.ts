/** boot-settings and probe on what real Windows hives say: a BCD of Windows 10, and a SYSTEM hive with two control sets. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { addFile, addRun, hive, makeCase, pwsh, type Ran, read, root, runAll, write } from './standins/bench.ts';

const reference = '/work/shared/reference/hives';
const missing = [
  [pwsh, 'pwsh'],
  [existsSync(reference), reference],
  [existsSync('/usr/bin/hivexsh'), 'hivexsh'],
]
  .filter(([there]) => !there)
  .map(([, name]) => name);
if (missing.length > 0) console.warn(`SKIPPED: ${missing.join(', ')} missing: the scripts are not tried on real hives`);
const present = missing.length > 0 ? describe.skip : describe;
const folder = root;

function shell(file: string, ...commands: string[]): string[] {
  const script = join(folder, 'commands');
  writeFileSync(script, `${commands.join('\n')}\n`);
  return execFileSync('hivexsh', ['-f', script, file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter(line => line !== '');
}
/** One of hivexsh's value lines, as a line of the stand-in's hive: what reg.exe would print. */
function asRegPrints(key: string, line: string): string {
  const [, name = '', value = ''] = /^"((?:[^"\\]|\\.)*)"=(.*)$/.exec(line) ?? [];
  const bytes = Buffer.from(value.replace(/^hex\(?.*?\)?:/, '').replaceAll(',', ''), 'hex');
  const wide = (): string => bytes.toString('utf16le').replace(/\0+$/, '').replaceAll('\0', '\\0');
  if (value.startsWith('dword:')) return `${key}|${name}|REG_DWORD|0x${Number.parseInt(value.slice(6), 16).toString(16)}`;
  if (value.startsWith('"')) return `${key}|${name}|REG_SZ|${value.slice(1, -1).replaceAll('\\\\', '\\')}`;
  if (value.startsWith('hex(2)')) return `${key}|${name}|REG_EXPAND_SZ|${wide()}`;
  if (value.startsWith('hex(7)')) return `${key}|${name}|REG_MULTI_SZ|${wide()}`;
  return `${key}|${name}|REG_BINARY|${bytes.toString('hex').toUpperCase()}`;
}
function exported(file: string, keys: string[]): string[] {
  return keys.flatMap(key => [`${key}|||`, ...shell(file, `cd \\${key}`, 'lsval').map(line => asRegPrints(key, line))]);
}

present('on real hives', () => {
  let ran: Ran[];
  const made = makeCase('real');
  beforeAll(async () => {
    for (const name of ['BCD', 'SYSTEM'])
      writeFileSync(join(folder, name), execFileSync('xz', ['-dc', join(reference, `${name}.xz`)], { maxBuffer: 2 ** 26 }));
    const bcd = join(folder, 'BCD');
    const elements = shell(bcd, 'cd \\Objects', 'ls').flatMap(object =>
      shell(bcd, `cd \\Objects\\${object}\\Elements`, 'ls').map(type => `Objects\\${object}\\Elements\\${type}`),
    );
    write(made, 'volumes/boot/EFI/Microsoft/Boot/BCD', hive(...exported(bcd, elements)));
    const below = [
      'Control\\CrashControl',
      'Control\\Nls\\Language',
      'Control\\ProductOptions',
      'Control\\Session Manager\\Memory Management',
    ];
    const keys = ['Select', ...['ControlSet001', 'ControlSet002'].flatMap(set => below.map(key => `${set}\\${key}`))];
    addFile(made, 'Windows/System32/config/SYSTEM', hive(...exported(join(folder, 'SYSTEM'), keys)));
    // The disk that this BCD was written for.
    write(made, 'disks/2/id', '0b2394a9-095e-487d-8d48-719ecd4d78ca');
    addRun(made, 'probe');
    addRun(made, 'boot-settings', { MemoryMb: '4096' });
    addRun(made, 'boot-settings', { MemoryMb: '4096' });
    ran = (await runAll([made])).get('real') ?? [];
  }, 120_000);

  test('probe reads them', () => {
    expect(ran[0]?.result).toMatchObject({ code: 'probed', warnings: [] });
    expect(ran[0]?.result?.findings.map(each => each.id)).not.toContain('disk-id');
    expect(ran[0]?.result?.findings.find(each => each.id === 'language')?.evidence).toMatch(/^[a-z]{2}-[A-Z]{2}$/);
  });

  test('boot-settings sets the default loader and both control sets, once', () => {
    expect(ran[1]?.result).toMatchObject({ outcome: 'fixed', code: 'set' });
    expect(ran[1]?.result?.actions.map(each => each.target)).toEqual([
      '{733b62e5-f608-11eb-825c-c112f60133ab}',
      'SYSTEM\\ControlSet001\\Control\\CrashControl',
      'SYSTEM\\ControlSet002\\Control\\CrashControl',
    ]);
    expect(ran[1]?.result?.actions[1]?.before).toContain('CrashDumpEnabled=2');
    expect(ran[2]?.result).toMatchObject({ outcome: 'nothing-to-do' });
    expect(read(made, 'volumes/boot/EFI/Microsoft/Boot/BCD')).toContain(
      'Objects\\{733b62e5-f608-11eb-825c-c112f60133ab}\\Elements\\260000b0|Element|REG_BINARY|01',
    );
  });
});
