/**
 * The scripts on disks that must not be touched, and with Windows' commands that fail or lie: found or stopped, never half done, never "fixed".
 */
import { symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { addFault, addFile, addRun, contents, dump, gptDisk, pwsh, read, token, write } from './standins/bench.ts';
import { makeTable } from './standins/table.ts';

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: the repair scripts are not executed');

const table = makeTable();
const memory = { MemoryMb: '8192' };
const crash = new Date('2024-06-10T11:50:00Z');
const pendingXml = 'Windows/WinSxS/pending.xml';
const winlogon = 'Windows/System32/winlogon.exe';

table.prepare('ransom', {}, each => {
  addFile(each, 'Users/olivia/Desktop/HOW_TO_DECRYPT_FILES.txt', 'pay');
  addRun(each, 'probe');
  addRun(each, 'boot-settings', memory);
});
table.prepare('innocent', {}, each => {
  for (const name of ['README.txt', 'restore.txt', 'how to install.txt', 'decrypt.exe', 'backup files.txt'])
    addFile(each, `Users/olivia/Desktop/${name}`, '');
  addRun(each, 'probe');
});
table.prepare('locked', {}, each => {
  unlinkSync(join(each.windows, 'Windows/System32/config/SYSTEM'));
  write(each, 'locked', '\\\\?\\Volume{11111111-0000-0000-0000-000000000002}\\\n');
  addRun(each, 'probe');
});
for (const [name, oem] of Object.entries({ refs: 'ReFS', unreadable: 'garbage' })) {
  table.prepare(name, {}, each => {
    unlinkSync(join(each.windows, 'Windows/System32/config/SYSTEM'));
    write(each, 'locked', `\\\\?\\Volume{11111111-0000-0000-0000-000000000002}\\ ${oem}\n`);
    addRun(each, 'probe');
  });
}
table.prepare('dynamic', {}, each => {
  unlinkSync(join(each.windows, 'Windows/System32/config/SYSTEM'));
  const basic = '{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}';
  write(each, 'disks/2/partitions.json', read(each, 'disks/2/partitions.json').replace(basic, '{af9b60a0-1431-4f62-bc68-3311714a69ad}'));
  addRun(each, 'probe');
});
table.prepare('two-windows', {}, each => {
  addFile(each, 'x', '');
  const parts = JSON.parse(read(each, 'disks/2/partitions.json'));
  const other = '\\\\?\\Volume{11111111-0000-0000-0000-000000000003}\\';
  write(each, 'disks/2/partitions.json', JSON.stringify([...parts, { ...parts[2], DriveLetter: '\0', AccessPaths: [other] }]));
  write(each, 'volumes-by-name', `${read(each, 'volumes-by-name')}\n${other} ${each.windows}\n`);
  addRun(each, 'probe');
});
// The script died between its first change and its end: the manifest names the file, and its last line is torn.
table.prepare('crashed', {}, each => {
  const sha256 = contents(each)[`windows/${winlogon}`];
  const entry = {
    n: 1,
    script: 'offline-sfc',
    volume: 'windows',
    path: winlogon.replaceAll('/', '\\'),
    backup: '0001\\winlogon.exe',
    sha256,
  };
  addFile(each, 'bootmedic/r-abcdefgh2345/0001/winlogon.exe', 'winlogon, good');
  addFile(each, 'bootmedic/r-abcdefgh2345/manifest.jsonl', `${JSON.stringify(entry)}\n{"n":1,"aft`);
  addFile(each, winlogon, 'half written');
  addRun(each, 'offline-sfc', { Mode: 'Revert' });
  addRun(each, 'offline-sfc', { Mode: 'Revert' });
});
table.prepare('no-windows', {}, each => {
  unlinkSync(join(each.windows, 'Windows/System32/config/SYSTEM'));
  addRun(each, 'offline-sfc');
});
table.prepare('no-bcd', {}, each => {
  unlinkSync(join(each.boot, 'EFI/Microsoft/Boot/BCD'));
  addRun(each, 'boot-settings', memory);
});
table.prepare('hive-damaged', {}, each => {
  addFile(each, 'Windows/System32/config/SYSTEM', 'not a hive');
  addFile(each, 'Windows/MEMORY.DMP', dump({ time: crash, length: 16384 }));
  addRun(each, 'boot-settings', memory);
  addRun(each, 'collect-dump');
});
table.prepare('link', {}, each => {
  unlinkSync(join(each.windows, 'Windows/System32/config/SYSTEM'));
  symlinkSync(join(each.folder, 'policy'), join(each.windows, 'Windows/System32/config/SYSTEM'));
  addRun(each, 'boot-settings', memory);
});
table.prepare('collision', { ownDiskId: gptDisk }, each => {
  addRun(each, 'probe');
  addRun(each, 'boot-settings', memory);
});
table.prepare('id-changed-before', { bcdDisk: '11111111-2222-3333-4444-555555555555' }, each => {
  write(each, 'disks/2/partitions.json', read(each, 'disks/2/partitions.json'));
  addRun(each, 'boot-settings', memory);
});
table.prepare('sfc-pending', {}, each => {
  addFile(each, pendingXml, '<pending/>');
  addRun(each, 'offline-sfc');
});
table.prepare('no-tool', {}, each => {
  unlinkSync(join(each.folder, 'host/System32/sfc.exe'));
  addRun(each, 'offline-sfc');
});
table.prepare('parameters', {}, each => {
  addRun(each, 'probe', { Lun: '64' });
  addRun(each, 'probe', { RepairId: '..\\..' });
  addRun(each, 'boot-settings', {});
});

table.prepare('hive-held', {}, each => {
  addFault(addRun(each, 'boot-settings', memory), 'reg load', 'once');
});

for (const [name, luns] of Object.entries({
  'no-lun': [[2, 1, 5]],
  'two-luns': [
    [2, 1, 0],
    [3, 2, 0],
  ],
  'own-port': [[2, 0, 0]],
})) {
  table.prepare(name, {}, each => {
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
  table.prepare(name, {}, each => {
    addFile(each, winlogon, 'corrupt');
    if (script === 'revert-servicing') addFile(each, pendingXml, '<pending/>');
    addFault(addRun(each, script, script === 'boot-settings' ? memory : {}), words, code);
  });
}

present('scripts that must stop', () => {
  beforeAll(() => table.run(), 300_000);

  test('a ransom note stops every script; innocent names do not', () => {
    for (const run of table.of('ransom').runs)
      expect(run.result).toMatchObject({
        outcome: 'failed',
        code: 'ransom-note',
        findings: [{ id: 'ransom-note', evidence: '\\Users\\olivia\\Desktop\\HOW_TO_DECRYPT_FILES.txt' }],
        actions: [],
      });
    table.expectUntouched('ransom');
    expect(table.of('innocent').first.result).toMatchObject({ code: 'probed' });
  });

  test.each([
    ['locked', 'bitlocker-locked'],
    ['no-windows', 'windows-not-found'],
    ['refs', 'file-system-refs'],
    ['unreadable', 'file-system-unreadable'],
    ['dynamic', 'disk-dynamic'],
    ['two-windows', 'windows-ambiguous'],
    ['no-bcd', 'boot-partition-not-found'],
    ['hive-damaged', 'hive-damaged'],
    ['link', 'link-on-disk'],
    ['no-lun', 'disk-not-found'],
    ['two-luns', 'disk-ambiguous'],
    ['own-port', 'disk-not-found'],
    ['sfc-pending', 'servicing-pending'],
    ['no-tool', 'tool-missing'],
  ])('%s: nothing is changed, code %s', (name, code) => {
    expect(table.of(name).first).toMatchObject({ exitCode: 0, result: { outcome: 'failed', code, actions: [] } });
    table.expectUntouched(name);
  });

  test('what a script that died in its middle has changed is put back byte for byte, once', () => {
    const each = table.of('crashed');
    const [revert, again] = each.runs;
    expect(revert?.result).toMatchObject({
      outcome: 'reverted',
      actions: [{ what: 'put back', target: '\\Windows\\System32\\winlogon.exe' }],
    });
    expect(read(each, `volumes/windows/${winlogon}`)).toBe('winlogon, good');
    expect(again?.result).toMatchObject({ outcome: 'nothing-to-do', code: 'nothing-to-revert' });
    table.expectReleased('crashed');
  });

  test('a disk whose id another disk has: its id is put back, and its BCD is not written meanwhile', () => {
    const [probe, settings] = table.of('collision').runs;
    expect(probe?.result).toMatchObject({ code: 'probed', warnings: [expect.stringContaining(gptDisk)] });
    expect(settings?.result).toMatchObject({ outcome: 'failed', code: 'disk-id-collision', actions: [] });
    table.expectUntouched('collision');
  });

  test('a disk whose id was changed before: Repair gives it the one that its BCD expects', () => {
    const { first } = table.of('id-changed-before');
    expect(first.result).toMatchObject({
      outcome: 'fixed',
      actions: [{ what: 'put the disk id back', after: 'gpt:11111111-2222-3333-4444-555555555555' }, {}, {}],
    });
    table.expectReleased('id-changed-before', '11111111-2222-3333-4444-555555555555');
  });

  test('collect-dump finds a dump beside a hive that does not load', () => {
    expect(table.of('hive-damaged').runs[1]?.result).toMatchObject({
      code: 'no-consent',
      findings: [{ id: 'dump', evidence: '\\Windows\\MEMORY.DMP 16384' }, {}],
    });
  });

  test('a hive that somebody holds for a moment is tried again', () => {
    expect(table.of('hive-held').first).toMatchObject({ result: { outcome: 'fixed', code: 'set' } });
    table.expectReleased('hive-held');
  });

  test('bad parameters run nothing', () => {
    for (const run of table.of('parameters').runs) expect(run).toMatchObject({ exitCode: 1, result: null });
    table.expectUntouched('parameters');
  });

  test.each(faults)('%s (%s, %s): not fixed', (name, _script, _words, _code, expected) => {
    const { first, made, before } = { ...table.of(name), made: table.of(name) };
    expect(first.result).toMatchObject({ outcome: 'failed', code: expected });
    expect([read(made, 'disks/2/offline'), read(made, 'disks/2/id')]).toEqual(['1', gptDisk]);
    // What was begun is taken back; what was finished before (here EMS) stays, and is named.
    const bcd = 'boot/EFI/Microsoft/Boot/BCD';
    if (expected === 'registry-not-changed') expect(first.result?.actions.map(each => each.what)).toContain('EMS on in the BCD');
    expect({ ...contents(made), ...(expected === 'registry-not-changed' ? { [bcd]: before[bcd] } : {}) }).toEqual(before);
    expect(first.output.trim().split('\n').at(-1)).toMatch(new RegExp(`^BOOTMEDIC-RESULT \\{"token":"${token}"`));
  });
});
