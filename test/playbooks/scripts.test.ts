/**
 * The real scripts under a real PowerShell, with stand-ins for Windows' commands. All cases run in one PowerShell process, which takes some seconds;
 * each test then looks at what its case left behind.
 */
import { existsSync, readFileSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  addFault,
  addFile,
  addRun,
  type Case,
  contents,
  dump,
  gptDisk,
  hive,
  makeCase,
  pwsh,
  type Ran,
  read,
  runAll,
  systemHive,
  token,
  write,
} from './standins/bench.ts';

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: the repair scripts are not executed');

const cases = new Map<string, { made: Case; before: Record<string, string> }>();
let ran = new Map<string, Ran[]>();
/** Registers a case; its runs are done before the first test. */
function prepare(name: string, options: Parameters<typeof makeCase>[1], fill: (made: Case) => void): string {
  const made = makeCase(name, options);
  fill(made);
  cases.set(name, { made, before: contents(made) });
  return name;
}
function of(name: string): Omit<Case, 'runs'> & { before: Record<string, string>; runs: Ran[]; first: Ran } {
  const [known, runs] = [cases.get(name), ran.get(name)];
  const first = runs?.[0];
  if (known === undefined || runs === undefined || first === undefined) throw new Error(`no case ${name}`);
  return { ...known.made, before: known.before, runs, first };
}
const findings = (run: Ran | undefined): Record<string, string> =>
  Object.fromEntries((run?.result?.findings ?? []).map(each => [each.id, each.evidence]));
/** Nothing of the repair disk changed, it is offline and read-only as it came, with its id, and no letter or hive is left. */
function expectUntouched(name: string, id = gptDisk): void {
  const { made, before } = { made: of(name), before: of(name).before };
  expect(contents(made)).toEqual(before);
  expectReleased(name, id);
  expect(existsSync(join(made.windows, 'bootmedic'))).toBe(false);
}
function expectReleased(name: string, id = gptDisk): void {
  const made = of(name);
  expect([read(made, 'disks/2/offline'), read(made, 'disks/2/readonly'), read(made, 'disks/2/id')]).toEqual(['1', '1', id]);
  expect(read(made, 'loaded')).toBe('');
  expect(read(made, 'mounts')).not.toMatch(/^S /m);
}

const memory = { MemoryMb: '8192' };
const incident = '2024-06-10T12:00:00Z';
const crash = new Date('2024-06-10T11:50:00Z');
const pendingXml = 'Windows/WinSxS/pending.xml';
const winlogon = 'Windows/System32/winlogon.exe';

prepare('probe', {}, each => {
  addFile(each, 'pagefile.sys', dump({ time: crash, length: 65536, claims: 20000 }));
  addRun(each, 'probe');
});
prepare(
  'probe-loaded',
  { system: ['ControlSet001\\Control\\ProductOptions|ProductType|REG_SZ|LanmanNT'], bcdDisk: '11111111-2222-3333-4444-555555555555' },
  each => {
    addFile(each, pendingXml, '<pending/>');
    addRun(each, 'probe');
  },
);
prepare('ransom', {}, each => {
  addFile(each, 'Users/olivia/Desktop/HOW_TO_DECRYPT_FILES.txt', 'pay');
  addRun(each, 'probe');
  addRun(each, 'boot-settings', memory);
});
prepare('innocent', {}, each => {
  for (const name of ['README.txt', 'restore.txt', 'how to install.txt', 'decrypt.exe', 'backup files.txt'])
    addFile(each, `Users/olivia/Desktop/${name}`, '');
  addRun(each, 'probe');
});
prepare('locked', {}, each => {
  unlinkSync(join(each.windows, 'Windows/System32/config/SYSTEM'));
  write(each, 'locked', '\\\\?\\Volume{11111111-0000-0000-0000-000000000002}\\\n');
  addRun(each, 'probe');
});
prepare('no-windows', {}, each => {
  unlinkSync(join(each.windows, 'Windows/System32/config/SYSTEM'));
  addRun(each, 'offline-sfc');
});
prepare('no-bcd', {}, each => {
  unlinkSync(join(each.boot, 'EFI/Microsoft/Boot/BCD'));
  addRun(each, 'boot-settings', memory);
});
prepare('hive-damaged', {}, each => {
  addFile(each, 'Windows/System32/config/SYSTEM', 'not a hive');
  addFile(each, 'Windows/MEMORY.DMP', dump({ time: crash, length: 16384 }));
  addRun(each, 'boot-settings', memory);
  addRun(each, 'collect-dump');
});
prepare('link', {}, each => {
  unlinkSync(join(each.windows, 'Windows/System32/config/SYSTEM'));
  symlinkSync(join(each.folder, 'policy'), join(each.windows, 'Windows/System32/config/SYSTEM'));
  addRun(each, 'boot-settings', memory);
});
for (const [name, luns] of Object.entries({
  'no-lun': [[2, 1, 5]],
  'two-luns': [
    [2, 1, 0],
    [3, 2, 0],
  ],
  'own-port': [[2, 0, 0]],
})) {
  prepare(name, {}, each => {
    const drive = ([Index, SCSIPort, SCSILogicalUnit]: number[]) => ({
      Index,
      InterfaceType: 'SCSI',
      PNPDeviceID: 'SCSI\\DISK',
      SCSIPort,
      SCSILogicalUnit,
    });
    write(each, 'drives.json', JSON.stringify([drive([0, 0, 0]), ...luns.map(drive)]));
    addRun(each, 'offline-sfc');
  });
}
prepare('collision', { ownDiskId: gptDisk }, each => {
  addRun(each, 'probe');
  addRun(each, 'boot-settings', memory);
});
prepare('id-changed-before', { bcdDisk: '11111111-2222-3333-4444-555555555555' }, each => {
  write(each, 'disks/2/partitions.json', read(each, 'disks/2/partitions.json'));
  addRun(each, 'boot-settings', memory);
});
prepare('settings-gen1', { generation: 'V1', sets: [1, 2] }, each => {
  for (const mode of ['Detect', 'Repair', 'Repair', 'Revert', 'Revert']) addRun(each, 'boot-settings', { ...memory, Mode: mode });
});
prepare('settings-pagefile', {}, each => {
  addFile(each, 'Windows/System32/config/SYSTEM', systemHive([1]).replace('D:\\pagefile.sys', '?:\\pagefile.sys'));
  addFile(each, 'pagefile.sys', new Uint8Array(300 * 1024 * 1024));
  addRun(each, 'boot-settings', { MemoryMb: '40' });
});
prepare('settings-no-room', {}, each => {
  write(each, 'free', String(2 * 1024 ** 3));
  addRun(each, 'boot-settings', memory);
});
prepare('settings-changed-since', {}, each => {
  addRun(each, 'boot-settings', memory);
});
prepare('sfc', {}, each => {
  addFile(each, winlogon, 'corrupt');
  addRun(each, 'offline-sfc', { Mode: 'Detect' });
  for (const mode of ['Repair', 'Repair', 'Revert']) addRun(each, 'offline-sfc', { Mode: mode });
});
prepare('sfc-clean', { generation: 'V1' }, each => void addRun(each, 'offline-sfc'));
prepare('sfc-left', {}, each => {
  write(each, 'store/System32/user32.dll', 'UNREPAIRABLE');
  addFile(each, 'Windows/System32/user32.dll', 'corrupt');
  addFile(each, winlogon, 'corrupt');
  addRun(each, 'offline-sfc');
});
prepare('sfc-pending', {}, each => {
  addFile(each, pendingXml, '<pending/>');
  addRun(each, 'offline-sfc');
});
prepare('servicing', {}, each => {
  addFile(each, pendingXml, '<pending/>');
  for (const mode of ['Repair', 'Repair', 'Revert']) addRun(each, 'revert-servicing', { Mode: mode });
});
prepare('servicing-none', {}, each => void addRun(each, 'revert-servicing'));
prepare('dump-order', { system: ['ControlSet001\\Control\\CrashControl|DedicatedDumpFile|REG_SZ|D:\\dd.sys'] }, each => {
  addFile(each, 'Windows/MEMORY.DMP', dump({ code: 0x7e, time: new Date('2023-01-01T00:00:00Z'), length: 16384 }));
  addFile(each, 'pagefile.sys', dump({ code: 0xef, time: crash, length: 65536, claims: 20000 }));
  addFile(each, 'Windows/Minidump/061024-1.dmp', dump({ time: crash, length: 8192 }));
  addRun(each, 'collect-dump', { IncidentUtc: incident });
  addRun(each, 'collect-dump');
});
prepare('dump-none', {}, each => {
  addFile(each, 'pagefile.sys', new Uint8Array(65536));
  addFile(each, 'Windows/MEMORY.DMP', 'PAGEDU64 cut off');
  addRun(each, 'collect-dump', { IncidentUtc: incident });
});
prepare('safe', {}, each => {
  addRun(each, 'make-safe');
  addRun(each, 'make-safe');
});
prepare('parameters', {}, each => {
  addRun(each, 'probe', { Lun: '64' });
  addRun(each, 'probe', { RepairId: '..\\..' });
  addRun(each, 'boot-settings', {});
});

const faults: [
  name: string,
  script: 'boot-settings' | 'offline-sfc' | 'revert-servicing',
  words: string,
  code: number | 'lie',
  expected: string,
][] = [
  ['no-letter', 'boot-settings', 'mountvol S: ', 1, 'boot-partition-not-found'],
  ['no-unload', 'boot-settings', 'reg unload', 1, 'hive-in-use'],
  ['no-rights', 'boot-settings', 'icacls', 5, 'backup-failed'],
  ['no-backup', 'boot-settings', 'robocopy', 16, 'backup-failed'],
  ['backup-lies', 'offline-sfc', 'robocopy', 'lie', 'backup-failed'],
  ['bcdedit-fails', 'boot-settings', 'bcdedit', 1, 'bcd-not-changed'],
  ['bcdedit-lies', 'boot-settings', 'bcdedit', 'lie', 'bcd-not-changed'],
  ['reg-lies', 'boot-settings', 'reg add', 'lie', 'registry-not-changed'],
  ['sfc-fails', 'offline-sfc', 'sfc', 1, 'sfc-did-not-run'],
  ['scannow-lies', 'offline-sfc', 'sfc /scannow', 'lie', 'sfc-did-not-run'],
  ['dism-fails', 'revert-servicing', 'dism', 87, 'dism-failed'],
];
for (const [name, script, words, code] of faults) {
  prepare(name, {}, each => {
    addFile(each, winlogon, 'corrupt');
    if (script === 'revert-servicing') addFile(each, pendingXml, '<pending/>');
    addFault(addRun(each, script, script === 'boot-settings' ? memory : {}), words, code);
  });
}

present('the scripts', () => {
  beforeAll(async () => {
    ran = await runAll([...cases.values()].map(each => each.made));
  }, 300_000);

  test('probe tells what the disk is, and leaves no trace', () => {
    const { first } = of('probe');
    expect(first).toMatchObject({ exitCode: 0, result: { outcome: 'nothing-to-do', code: 'probed', actions: [], warnings: [] } });
    expect(findings(first)).toEqual({
      'windows-build': '17763',
      language: 'nl-NL',
      generation: 'V2',
      'free-space-bytes': String(60 * 1024 ** 3),
      dump: '\\pagefile.sys 20000',
    });
    expectUntouched('probe');
  });

  test('probe sees a domain controller, pending servicing and a BCD that expects another disk id', () => {
    const found = findings(of('probe-loaded').first);
    expect(found).toMatchObject({ 'domain-controller': expect.stringContaining('LanmanNT'), 'pending-servicing': 'WinSxS\\pending.xml' });
    expect(found['disk-id']).toBe(`the disk is gpt:${gptDisk}, its BCD expects gpt:11111111-2222-3333-4444-555555555555`);
    expectUntouched('probe-loaded');
  });

  test('a ransom note stops every script; innocent names do not', () => {
    for (const run of of('ransom').runs)
      expect(run.result).toMatchObject({
        outcome: 'failed',
        code: 'ransom-note',
        findings: [{ id: 'ransom-note', evidence: '\\Users\\olivia\\Desktop\\HOW_TO_DECRYPT_FILES.txt' }],
        actions: [],
      });
    expectUntouched('ransom');
    expect(of('innocent').first.result).toMatchObject({ code: 'probed' });
  });

  test.each([
    ['locked', 'bitlocker-locked'],
    ['no-windows', 'windows-not-found'],
    ['no-bcd', 'boot-partition-not-found'],
    ['hive-damaged', 'hive-damaged'],
    ['link', 'link-on-disk'],
    ['no-lun', 'disk-not-found'],
    ['two-luns', 'disk-ambiguous'],
    ['own-port', 'disk-not-found'],
    ['sfc-pending', 'servicing-pending'],
  ])('%s: nothing is changed, code %s', (name, code) => {
    expect(of(name).first).toMatchObject({ exitCode: 0, result: { outcome: 'failed', code, actions: [] } });
    expectUntouched(name);
  });

  test('a disk whose id another disk has: its id is put back, and its BCD is not written meanwhile', () => {
    const [probe, settings] = of('collision').runs;
    expect(probe?.result).toMatchObject({ code: 'probed', warnings: [expect.stringContaining(gptDisk)] });
    expect(settings?.result).toMatchObject({ outcome: 'failed', code: 'disk-id-collision', actions: [] });
    expectUntouched('collision');
  });

  test('a disk whose id was changed before: Repair gives it the one that its BCD expects', () => {
    const { first } = of('id-changed-before');
    expect(first.result).toMatchObject({
      outcome: 'fixed',
      actions: [{ what: 'put the disk id back', after: 'gpt:11111111-2222-3333-4444-555555555555' }, {}, {}],
    });
    expectReleased('id-changed-before', '11111111-2222-3333-4444-555555555555');
  });

  test('boot-settings: looked at, set in every control set, nothing to do twice, put back byte for byte', () => {
    const each = of('settings-gen1');
    const [detect, repair, again, revert, nothing] = each.runs;
    expect(detect?.result).toMatchObject({ outcome: 'nothing-to-do', code: 'would-change', actions: [] });
    expect(repair?.result).toMatchObject({ outcome: 'fixed', code: 'set' });
    expect(repair?.result?.actions.map(action => action.target)).toEqual([
      '{733b62e5-f608-11eb-825c-c112f60133ab}',
      'SYSTEM\\ControlSet001\\Control\\CrashControl',
      'SYSTEM\\ControlSet002\\Control\\CrashControl',
    ]);
    expect(repair?.result?.actions[1]?.before).toContain('CrashDumpEnabled=2');
    expect(repair?.result?.actions[1]?.after).toBe(
      'DumpFile=%SystemRoot%\\MEMORY.DMP; NMICrashDump=1; AutoReboot=0; CrashDumpEnabled=7; DedicatedDumpFile=C:\\bootmedic.dmp; DumpFileSize=8449',
    );
    expect(repair?.calls).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^bcdedit \/store E:\\Boot\\BCD \/ems \{733b62e5-.*\} ON$/),
        'bcdedit /store E:\\Boot\\BCD /emssettings EMSPORT:1 EMSBAUDRATE:115200',
      ]),
    );
    expect(again?.result).toMatchObject({ outcome: 'nothing-to-do', code: 'set', actions: [] });
    expect(revert?.result).toMatchObject({ outcome: 'reverted', code: 'reverted' });
    expect(nothing?.result).toMatchObject({ outcome: 'nothing-to-do', code: 'nothing-to-revert' });
    expect(contents(each)).toEqual(each.before);
    expectReleased('settings-gen1', '1234abcd');
    // The manifest names each file before it is changed.
    const manifest = readFileSync(join(each.windows, 'bootmedic/r-abcdefgh2345/manifest.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(manifest[0]).toMatchObject({
      n: 1,
      script: 'boot-settings',
      volume: 'boot',
      path: 'Boot\\BCD',
      sha256: each.before['boot/Boot/BCD'],
    });
  });

  test('boot-settings chooses the dump by what the disk can hold', () => {
    expect(of('settings-pagefile').first.result?.actions[1]?.after).toBe(
      'DumpFile=%SystemRoot%\\MEMORY.DMP; NMICrashDump=1; AutoReboot=0; CrashDumpEnabled=1',
    );
    const none = of('settings-no-room').first.result;
    expect(none?.actions[1]?.after).toBe('DumpFile=%SystemRoot%\\MEMORY.DMP; NMICrashDump=1; AutoReboot=0; CrashDumpEnabled=7');
    expect(none?.warnings).toEqual(['the Windows volume has too little free space for a memory dump']);
  });

  test('Revert leaves alone what was changed since', async () => {
    const made = cases.get('settings-changed-since')?.made;
    if (made === undefined) throw new Error('no case');
    const after = hive('Select|Default|REG_DWORD|0x1', 'ControlSet001\\Control|Booted|REG_SZ|yes');
    addFile(made, 'Windows/System32/config/SYSTEM', after);
    made.runs.splice(0);
    addRun(made, 'boot-settings', { ...memory, Mode: 'Revert' });
    const again = (await runAll([made])).get('settings-changed-since');
    expect(again?.[0]?.result).toMatchObject({ outcome: 'failed', code: 'changed-since', actions: [] });
    expect(read(made, 'volumes/windows/Windows/System32/config/SYSTEM')).toBe(after.trim());
  }, 60_000);

  test('offline-sfc: looks first, backs up, repairs, proves, reverts', () => {
    const each = of('sfc');
    const [detect, repair, again, revert] = each.runs;
    expect(detect?.result).toMatchObject({
      outcome: 'nothing-to-do',
      code: 'would-change',
      findings: [{ id: 'corrupt-file', evidence: '\\Windows\\System32\\winlogon.exe' }],
      actions: [],
    });
    expect(repair?.result).toMatchObject({
      outcome: 'fixed',
      code: 'files-repaired',
      actions: [{ target: '\\Windows\\System32\\winlogon.exe', before: each.before[`windows/${winlogon}`], revertable: true }],
    });
    expect(again?.result).toMatchObject({ outcome: 'nothing-to-do', code: 'clean' });
    expect(revert?.result).toMatchObject({ outcome: 'reverted' });
    expect(contents(each)).toEqual(each.before);
    expect(repair?.calls.find(call => call.startsWith('sfc /scannow'))).toMatch(
      /^sfc \/scannow \/offbootdir=S:\\ \/offwindir=F:\\Windows \/offlogfile=/,
    );
    // What SFC printed, in Dutch and UTF-16, is readable in the log.
    expect(repair?.output).toContain('Windows-bronbeveiliging heeft beschadigde bestanden gevonden.');
  });

  test('offline-sfc writes nothing to a sound disk, and does not call a half repair a repair', () => {
    expect(of('sfc-clean').first.result).toMatchObject({ outcome: 'nothing-to-do', code: 'clean', actions: [] });
    expectUntouched('sfc-clean', '1234abcd');
    expect(of('sfc-left').first.result).toMatchObject({
      outcome: 'failed',
      code: 'files-not-repaired',
      warnings: [expect.stringContaining('user32.dll')],
    });
    expect(of('sfc-left').first.result?.actions).toHaveLength(1);
  });

  test('revert-servicing queues once', () => {
    const [repair, again, revert] = of('servicing').runs;
    expect(repair?.result).toMatchObject({ outcome: 'fixed', code: 'revert-queued' });
    expect(again?.result).toMatchObject({ outcome: 'nothing-to-do', code: 'revert-queued' });
    expect(revert?.calls.filter(call => call.startsWith('dism '))).toHaveLength(1);
    expect(revert?.calls.find(call => call.startsWith('dism '))).toMatch(
      /^dism \/English \/Image:F:\\ \/Cleanup-Image \/RevertPendingActions /,
    );
    expect(of('servicing-none').first.result).toMatchObject({ outcome: 'nothing-to-do', code: 'nothing-pending' });
    expectUntouched('servicing-none');
  });

  test('collect-dump takes the first dump of this crash, wherever it lies', () => {
    const [fresh, any] = of('dump-order').runs;
    expect(fresh?.result).toMatchObject({
      outcome: 'nothing-to-do',
      code: 'no-consent',
      warnings: [expect.stringContaining('MEMORY.DMP is of 2023-01-01')],
    });
    expect(findings(fresh).dump).toBe('\\pagefile.sys 20000');
    const [head = '', tail = ''] = (findings(fresh)['dump-header'] ?? '')
      .split(':')
      .map(part => Buffer.from(part, 'base64').toString('latin1'));
    expect([head.slice(0, 8), head.length, tail.length, head.charCodeAt(0x38)]).toEqual(['PAGEDU64', 0x60, 0x40, 0xef]);
    expect(findings(any).dump).toBe('\\Windows\\MEMORY.DMP 16384');
    expectUntouched('dump-order');
    expect(of('dump-none').first.result).toMatchObject({ outcome: 'not-applicable', code: 'no-dump', findings: [{ id: 'no-dump' }] });
  });

  test('collect-dump finds a dump beside a hive that does not load', () => {
    expect(of('hive-damaged').runs[1]?.result).toMatchObject({
      code: 'no-consent',
      findings: [{ id: 'dump', evidence: '\\Windows\\MEMORY.DMP 16384' }, {}],
    });
  });

  test('make-safe keeps new disks offline, once', () => {
    const each = of('safe');
    expect(each.first.result).toMatchObject({
      outcome: 'fixed',
      code: 'safe',
      actions: [{ before: 'OnlineAll', after: 'OfflineAll' }, {}],
    });
    expect(each.runs[1]?.result).toMatchObject({ outcome: 'nothing-to-do', actions: [] });
    expect(read(each, 'policy')).toBe('OfflineAll');
    expectUntouched('safe');
  });

  test('bad parameters run nothing', () => {
    for (const run of of('parameters').runs) expect(run).toMatchObject({ exitCode: 1, result: null });
    expectUntouched('parameters');
  });

  test.each(faults)('%s (%s, %s): not fixed', (name, _script, _words, _code, expected) => {
    const { first, made, before } = { ...of(name), made: of(name) };
    expect(first.result).toMatchObject({ outcome: 'failed', code: expected });
    expect([read(made, 'disks/2/offline'), read(made, 'disks/2/id')]).toEqual(['1', gptDisk]);
    if (expected === 'backup-failed') expect(contents(made)).toEqual(before);
    expect(first.output.trim().split('\n').at(-1)).toMatch(new RegExp(`^BOOTMEDIC-RESULT \\{"token":"${token}"`));
  });
});
