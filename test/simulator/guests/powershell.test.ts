/** A guest that runs scripts by a real PowerShell: the stand-ins answer out of the model, and what the script leaves is the model again. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseResult } from '../../../playbooks/result.ts';
import { scriptText } from '../../../playbooks/scripts.ts';
import type { ScriptEnd, ScriptRun } from '../../../simulator/guests/contract.ts';
import type { DiskContents, DiskFile } from '../../../simulator/guests/disk.ts';
import { fileFrom, textOf } from '../../../simulator/guests/powershell/files.ts';
import { findPowerShell } from '../../../simulator/guests/powershell/find.ts';
import { runByPowerShell } from '../../../simulator/guests/powershell/run.ts';
import { World } from '../../../simulator/guests/powershell/world.ts';
import fc from '../../fastCheck.ts';
import { pwsh, root } from '../../playbooks/standins/bench.ts';
import { comparable } from '../../playbooks/standins/compare.ts';
import { left } from '../../playbooks/standins/model.ts';
import { damages, disk, repairVm, run as runTwin, services, windows } from './world.ts';

const now = new Date('2026-11-21T03:20:00Z');
const runOf = (contents: DiskContents, more: Partial<ScriptRun> = {}): ScriptRun => ({
  ...{ script: '', parameters: {}, system: repairVm(), disks: [{ lun: 3, sizeGb: 127, contents }], controller: 'SCSI', now, fetch },
  ...more,
});
const filesOf = (contents: DiskContents) => contents.partitions.flatMap(({ volume }) => Object.entries(volume?.files ?? {}));
const textAt = (contents: DiskContents, path: string) => {
  const file = Object.fromEntries(filesOf(contents))[path];
  return file?.kind === 'text' ? file.text.trim() : undefined;
};

describe('the folder of a machine', () => {
  let count = 0;
  test('is the model, there and back: of any Windows, whatever is wrong with it', () => {
    fc.assert(
      fc.property(windows, damages, fc.constantFrom('off', 'on'), (spec, damage, bitLocker) => {
        const run = runOf(disk({ ...spec, bitLocker }, damage));
        const { system, disks } = new World(join(root, `world-${count++}`), run).left();
        expect({ system, disks }).toEqual({ system: run.system, disks: run.disks });
      }),
      { numRuns: 25 },
    );
  });

  test('knows what a file is wherever a script has copied it', () => {
    const damage = [
      { kind: 'pending-servicing', package: 'P~1', broken: true },
      { kind: 'damaged-hive', hive: 'SAM' },
    ].slice(0, 1);
    const made = filesOf(
      disk({ generation: 'V1', ems: true, controlSets: [1, 2] }, [...damage, { kind: 'unreplayed-hive', hive: 'SYSTEM' }]),
    );
    const odd: DiskFile[] = [
      { kind: 'hive', modified: now.toISOString(), bytes: 8192, root: null },
      { kind: 'binary', modified: now.toISOString(), bytes: 5, version: 'a "b" {', whole: false, hangs: true },
      { kind: 'text', modified: now.toISOString(), text: 'two\r\nlines, \u00fc' },
      { kind: 'data', modified: now.toISOString(), bytes: 3, head: Buffer.from([1, 0, 2]).toString('base64') },
    ];
    const kinds = new Set<string>();
    for (const file of [...made.map(([, file]) => file), ...odd]) {
      const path = join(root, `file-${count++}`);
      const bytes = textOf(file);
      writeFileSync(path, bytes);
      expect(fileFrom(path, Buffer.from(bytes).length, file.modified, undefined)).toEqual(file);
      kinds.add(file.kind);
    }
    expect([...kinds].toSorted()).toEqual(['bcd', 'binary', 'data', 'hive', 'pending', 'text']);
  });

  test('takes for broken what a script has written over a hive or a program, and for a text what it has made', () => {
    const path = join(root, 'file-scribbled');
    writeFileSync(path, 'scribbled');
    const from = (was?: DiskFile) => fileFrom(path, 9, now.toISOString(), was);
    const of = (kind: DiskFile['kind']) => filesOf(disk()).find(([, file]) => file.kind === kind)?.[1];
    expect([from(of('hive')), from(of('binary')), from()]).toMatchObject([{ root: null }, { whole: false }, { text: 'scribbled' }]);
  });
});

describe('a PowerShell that is none', () => {
  test.each([
    ['/nowhere/pwsh', /nothing that runs is at '\/nowhere\/pwsh'/],
    ['pwsh-that-is-not', /nothing that runs is at/],
    ['/etc/passwd', /nothing that runs is at/],
    ['/bin/true', /does not call itself PowerShell 7/],
  ])('%s is refused, with the remedy', async (name, problem) => {
    await expect(findPowerShell(name)).rejects.toThrow(problem);
    await expect(findPowerShell(name)).rejects.toThrow('give the path of PowerShell 7 (pwsh), or leave the option out');
  });
});

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: no guest runs a script itself');

const common = { Lun: '3', Token: 'token-of-this-run', RepairId: 'r-abcdefghijkl' };
const broken = disk({ generation: 'V1', controlSets: [1, 2] }, [{ kind: 'corrupt-file', path: services, repairable: true }]);
const machine = { file: pwsh ?? '', caPath: '/dev/null' };
const go = (script: string, more: Partial<ScriptRun> = {}, contents = broken) =>
  runByPowerShell(machine, runOf(contents, { script, ...more }));
const online = 'Set-Disk -Number 2 -IsReadOnly $false; Set-Disk -Number 2 -IsOffline $false\n';

present('a script of ours', () => {
  test.each(['boot-settings', 'offline-sfc', 'rebuild-bcd'])(
    '%s: says and leaves what its twin says and leaves, and takes it back in a later run',
    async id => {
      const extras: Record<string, Record<string, string>> = { 'boot-settings': { MemoryMb: '8192' }, 'rebuild-bcd': { When: 'always' } };
      let [real, twin] = [broken, broken];
      for (const mode of ['Repair', 'Revert'] as const) {
        const parameters = { ...common, Mode: mode, ...extras[id] };
        const ran = await go(scriptText(id).text, { parameters }, real);
        const model = await runTwin(id, twin, { mode, parameters });
        [real, twin] = [ran.disks[0]?.contents ?? broken, model.contents];
        expect(comparable(parseResult(ran.output, common.Token))).toEqual(comparable(model.result));
        expect([ran.exitCode, ran.error, left(real)]).toEqual([0, '', left(twin)]);
        // The machine itself is as it was, and nothing is left of the folder.
        expect(ran.system).toEqual(repairVm());
      }
      expect(left(real)).toEqual(left(broken));
    },
    120_000,
  );

  test('settings of the machine itself stay, and are there for the next script', async () => {
    const { RepairId, Token } = common;
    const parameters = { RepairId, Token, Mode: 'Repair' };
    const first = await go(scriptText('make-safe').text, { parameters });
    const again = await go(scriptText('make-safe').text, { parameters, system: first.system });
    expect([first, again].map(({ output }) => parseResult(output, Token)?.code)).toEqual(['safe', 'safe']);
    expect(parseResult(again.output, Token)?.outcome).toBe('nothing-to-do');
    expect(left(first.system)).toEqual(left((await runTwin('make-safe', broken)).system));
  }, 120_000);
});

present('any other script', () => {
  let ends: Record<string, ScriptEnd>;
  const cancel = new AbortController();
  beforeAll(async () => {
    process.env.SECRET_OF_THIS_PROCESS = 'hush';
    const begun = join(root, 'begun');
    const waiting = setInterval(() => existsSync(begun) && cancel.abort(), 100);
    const wrote = `${online}Set-Content -LiteralPath F:\\note.txt -Value begun\n`;
    const scripts: Record<string, [script: string, more?: Partial<ScriptRun>]> = {
      plain: [
        `param([string] $A, [string] $B, [int] $C)\n"[$A] [$B] [$C]"; [Environment]::GetEnvironmentVariables().Keys -join ' '\n${online}` +
          'New-Item -ItemType Directory F:\\made | Out-Null; Copy-Item F:\\Windows\\System32\\services.exe F:\\made; Remove-Item F:\\Windows\\System32\\lsass.exe\n' +
          "Copy-Item C:\\Windows\\System32\\ntdll.dll F:\\made; [Console]::Error.WriteLine('told'); exit 7",
        { parameters: { A: '-x "y" \u00fc', B: '', C: '5' } },
      ],
      wrong: ["this-is-no-command\n'but this is said'"],
      offline: ['Test-Path F:\\Windows', { system: (await runTwin('make-safe', broken)).system }],
      arrives: ['Test-Path F:\\Windows'],
      sleeps: [`${wrote}Start-Sleep -Seconds 5000\nSet-Content F:\\never.txt x`, { timeoutSeconds: 900 }],
      naps: ['Start-Sleep -Seconds 500; "awake"', { timeoutSeconds: 900 }],
      // Not in a loop: that would keep a core busy until its deadline, which is far enough off for a machine that has much to do.
      hangs: [`${wrote}[Console]::Out.WriteLine($env:BM)\n[Threading.Thread]::Sleep(-1)`, { timeoutSeconds: 900, timeScale: 20 }],
      cancelled: [`${wrote}Set-Content -LiteralPath '${begun}' -Value x\nwhile ($true) { }`, { signal: cancel.signal }],
      floods: ["$line = 'x' * 1048576\nforeach ($n in 1..24) { [Console]::Out.WriteLine($line) }\n'the end'"],
      destroys: ['[IO.Directory]::Delete("$env:BM/volumes", $true)'],
    };
    ends = Object.fromEntries(await Promise.all(Object.entries(scripts).map(async ([name, each]) => [name, await go(...each)] as const)));
    clearInterval(waiting);
  }, 180_000);
  const end = (name: string): ScriptEnd => {
    const found = ends[name];
    if (found === undefined) throw new Error(`${name} did not run`);
    return found;
  };
  const contentsOf = (name: string) => end(name).disks[0]?.contents ?? broken;

  test('runs as it was sent: its parameters, its exit code, both streams, and nothing of this process', () => {
    const { exitCode, output, error, seconds } = end('plain');
    expect([exitCode, error]).toEqual([7, 'told\r\n']);
    expect(output).toContain('[-x "y" \u00fc] [] [5]\r\n');
    expect(output).not.toContain('SECRET_OF_THIS_PROCESS');
    expect(seconds).toBeGreaterThan(4);
    expect(end('wrong').output).toBe('but this is said\r\n');
    expect(end('wrong').error).toContain('this-is-no-command');
  });

  test('what it does is done to the model, and nothing else', () => {
    const [before, after] = [Object.fromEntries(filesOf(broken)), Object.fromEntries(filesOf(contentsOf('plain')))];
    const own = Object.fromEntries(filesOf(repairVm()));
    expect(after['\\made\\services.exe']).toMatchObject({ kind: 'binary', whole: false });
    expect(after['\\made\\ntdll.dll']).toMatchObject({
      kind: 'binary',
      version: own['\\Windows\\System32\\ntdll.dll']?.kind === 'binary' ? own['\\Windows\\System32\\ntdll.dll'].version : '',
    });
    const changed = ['\\made\\services.exe', '\\made\\ntdll.dll', '\\Windows\\System32\\lsass.exe'];
    const rest = (files: Record<string, DiskFile>) => Object.fromEntries(Object.entries(files).filter(([path]) => !changed.includes(path)));
    expect(after['\\Windows\\System32\\lsass.exe']).toBeUndefined();
    expect(rest(after)).toEqual(rest(before));
    const free = (contents: DiskContents) => contents.partitions[1]?.volume?.freeBytes ?? 0;
    expect(free(contentsOf('plain'))).toBe(free(broken) - 700_000);
    expect(end('plain').system).toEqual(repairVm());
  });

  test('sees the volumes of a disk that arrives online, and none of one that the machine keeps offline', () => {
    expect([end('arrives').output, end('offline').output]).toEqual(['True\r\n', 'False\r\n']);
  });

  test.each(['sleeps', 'hangs', 'cancelled'])('that %s is ended there, and what it had done by then stays', name => {
    expect(end(name)).toMatchObject({ exitCode: -1, cutOff: 'all' });
    expect(textAt(contentsOf(name), '\\note.txt')).toBe('begun');
    expect(textAt(contentsOf(name), '\\never.txt')).toBeUndefined();
  });

  test('that sleeps takes the time of its sleep, and nobody waits for it', () => {
    expect(end('naps')).toMatchObject({ exitCode: 0, output: 'awake\r\n' });
    expect(end('naps').seconds).toBeGreaterThan(500);
  });

  test('that floods has its beginning and its end kept', () => {
    const { output } = end('floods');
    expect(output.length).toBeLessThan(18 * 1024 * 1024);
    expect(output).toMatch(/\(\d{6,} characters were left out here\)\r\nx+/);
    expect(output.endsWith('the end\r\n')).toBe(true);
  });

  test('that lays waste its own folder loses the machine, not the simulator', () => {
    expect(end('destroys')).toMatchObject({ exitCode: -1, error: expect.stringContaining('The simulated machine is lost') });
    expect(contentsOf('destroys')).toEqual(broken);
  });

  test('leaves neither a folder nor a process behind', () => {
    const [folder = ''] = /\/\S*bootmedic-guest-\w+/.exec(end('hangs').output) ?? [];
    expect(folder).not.toBe('');
    expect(existsSync(folder)).toBe(false);
    const pids = readdirSync('/proc').filter(pid => /^\d+$/.test(pid));
    expect(pids.filter(pid => environmentOf(pid).includes(folder))).toEqual([]);
  });
});

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
