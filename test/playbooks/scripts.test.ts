/**
 * The real scripts under a real PowerShell, with stand-ins for Windows' commands: what each does on the disks it is for. All cases run in one
 * PowerShell process, which takes some seconds; each test then looks at what its case left behind.
 */
import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { addFile, addRun, addSparseFile, contents, dump, gptDisk, hive, pwsh, read, runAll, systemHive, write } from './standins/bench.ts';
import { findings, makeTable } from './standins/table.ts';

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: the repair scripts are not executed');

const table = makeTable();
const memory = { MemoryMb: '8192' };
const incident = '2024-06-10T12:00:00Z';
const crash = new Date('2024-06-10T11:50:00Z');
const pendingXml = 'Windows/WinSxS/pending.xml';
const winlogon = 'Windows/System32/winlogon.exe';

table.prepare('probe', {}, each => {
  addFile(each, 'pagefile.sys', dump({ time: crash, length: 65536, claims: 20000 }));
  addRun(each, 'probe');
});
table.prepare(
  'probe-loaded',
  { system: ['ControlSet001\\Control\\ProductOptions|ProductType|REG_SZ|LanmanNT'], bcdDisk: '11111111-2222-3333-4444-555555555555' },
  each => {
    addFile(each, pendingXml, '<pending/>');
    addRun(each, 'probe');
  },
);
table.prepare('settings-gen1', { generation: 'V1', sets: [1, 2] }, each => {
  for (const mode of ['Detect', 'Repair', 'Repair', 'Revert', 'Revert']) addRun(each, 'boot-settings', { ...memory, Mode: mode });
});
table.prepare('settings-pagefile', {}, each => {
  addFile(each, 'Windows/System32/config/SYSTEM', systemHive([1]).replace('D:\\pagefile.sys', '?:\\pagefile.sys'));
  addSparseFile(each, 'pagefile.sys', 300 * 1024 * 1024);
  addRun(each, 'boot-settings', { MemoryMb: '40' });
});
table.prepare('settings-no-room', {}, each => {
  write(each, 'free', String(2 * 1024 ** 3));
  addRun(each, 'boot-settings', memory);
});
table.prepare('settings-less-room', {}, each => {
  write(each, 'free', String(7 * 1024 ** 3 + 5_000_000));
  addRun(each, 'boot-settings', memory);
  addRun(each, 'boot-settings', memory);
});
table.prepare('settings-changed-since', {}, each => {
  addRun(each, 'boot-settings', memory);
});
table.prepare('sfc', {}, each => {
  addFile(each, winlogon, 'corrupt');
  addRun(each, 'offline-sfc', { Mode: 'Detect' });
  for (const mode of ['Repair', 'Repair', 'Revert']) addRun(each, 'offline-sfc', { Mode: mode });
});
table.prepare('sfc-clean', { generation: 'V1' }, each => void addRun(each, 'offline-sfc'));
table.prepare('sfc-left', {}, each => {
  write(each, 'store/System32/user32.dll', 'UNREPAIRABLE');
  addFile(each, 'Windows/System32/user32.dll', 'corrupt');
  addFile(each, winlogon, 'corrupt');
  addRun(each, 'offline-sfc');
});
table.prepare('sfc-by-name', {}, each => {
  write(each, 'sfc-names', '');
  addFile(each, winlogon, 'corrupt');
  addFile(each, 'Windows/SysWOW64/winlogon.exe', 'another of its name');
  addFile(each, 'Windows/WinSxS/amd64_x/winlogon.exe', "the store's");
  for (const mode of ['Repair', 'Revert']) addRun(each, 'offline-sfc', { Mode: mode });
});
table.prepare('sfc-not-found', {}, each => {
  write(each, 'sfc-names', '');
  write(each, 'sfc-late', 'user32.dll');
  write(each, 'store/System32/user32.dll', 'user32, good');
  addFile(each, 'Windows/System32/user32.dll', 'corrupt');
  unlinkSync(join(each.windows, winlogon));
  addRun(each, 'offline-sfc');
});
table.prepare('servicing', {}, each => {
  addFile(each, pendingXml, '<pending/>');
  for (const mode of ['Repair', 'Repair', 'Revert']) addRun(each, 'revert-servicing', { Mode: mode });
});
table.prepare('servicing-none', {}, each => void addRun(each, 'revert-servicing'));
table.prepare('dump-order', { system: ['ControlSet001\\Control\\CrashControl|DedicatedDumpFile|REG_SZ|D:\\dd.sys'] }, each => {
  addFile(each, 'Windows/MEMORY.DMP', dump({ code: 0x7e, time: new Date('2023-01-01T00:00:00Z'), length: 16384 }));
  addFile(each, 'pagefile.sys', dump({ code: 0xef, time: crash, length: 65536, claims: 20000 }));
  addFile(each, 'Windows/Minidump/061024-1.dmp', dump({ time: crash, length: 8192 }));
  addRun(each, 'collect-dump', { IncidentUtc: incident });
  addRun(each, 'collect-dump');
});
table.prepare('dump-none', {}, each => {
  addFile(each, 'pagefile.sys', new Uint8Array(65536));
  addFile(each, 'Windows/MEMORY.DMP', 'PAGEDU64 cut off');
  addRun(each, 'collect-dump', { IncidentUtc: incident });
});
table.prepare('safe', {}, each => {
  addRun(each, 'make-safe');
  addRun(each, 'make-safe');
});

present('the scripts', () => {
  beforeAll(() => table.run(), 300_000);

  test('probe tells what the disk is, and leaves no trace', () => {
    const { first } = table.of('probe');
    expect(first).toMatchObject({ exitCode: 0, result: { outcome: 'nothing-to-do', code: 'probed', actions: [], warnings: [] } });
    expect(findings(first)).toEqual({
      'windows-build': '17763',
      language: 'nl-NL',
      generation: 'V2',
      'free-space-bytes': String(60 * 1024 ** 3),
      dump: '\\pagefile.sys 20000',
      'dump-time': '\\pagefile.sys 2024-06-10T11:50:00Z',
      'dump-header': expect.stringMatching(/^[A-Za-z0-9+/]{128}:[A-Za-z0-9+/=]{88}$/),
    });
    table.expectUntouched('probe');
  });

  test('probe sees a domain controller, pending servicing and a BCD that expects another disk id', () => {
    const found = findings(table.of('probe-loaded').first);
    expect(found).toMatchObject({ 'domain-controller': expect.stringContaining('LanmanNT'), 'pending-servicing': 'WinSxS\\pending.xml' });
    expect(found['disk-id']).toBe(`the disk is gpt:${gptDisk}, its BCD expects gpt:11111111-2222-3333-4444-555555555555`);
    table.expectUntouched('probe-loaded');
  });

  test('boot-settings: looked at, set in every control set, nothing to do twice, put back byte for byte', () => {
    const each = table.of('settings-gen1');
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
    table.expectReleased('settings-gen1', '1234abcd');
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
    expect(table.of('settings-pagefile').first.result?.actions[1]?.after).toBe(
      'DumpFile=%SystemRoot%\\MEMORY.DMP; NMICrashDump=1; AutoReboot=0; CrashDumpEnabled=1',
    );
    const [less, again] = table.of('settings-less-room').runs;
    expect(less?.result?.actions[1]?.after).toContain('DumpFileSize=6144');
    expect(again?.result).toMatchObject({ outcome: 'nothing-to-do' });
    const none = table.of('settings-no-room').first.result;
    expect(none?.actions[1]?.after).toBe('DumpFile=%SystemRoot%\\MEMORY.DMP; NMICrashDump=1; AutoReboot=0; CrashDumpEnabled=7');
    expect(none?.warnings).toEqual(['the Windows volume has too little free space for a memory dump']);
  });

  test('Revert leaves alone what was changed since', async () => {
    const made = table.made('settings-changed-since');
    const after = hive('Select|Default|REG_DWORD|0x1', 'ControlSet001\\Control|Booted|REG_SZ|yes');
    addFile(made, 'Windows/System32/config/SYSTEM', after);
    made.runs.splice(0);
    addRun(made, 'boot-settings', { ...memory, Mode: 'Revert' });
    const again = (await runAll([made])).get('settings-changed-since');
    expect(again?.[0]?.result).toMatchObject({ outcome: 'failed', code: 'changed-since', actions: [] });
    expect(read(made, 'volumes/windows/Windows/System32/config/SYSTEM')).toBe(after.trim());
  }, 60_000);

  test('offline-sfc: looks first, backs up, repairs, proves, reverts', () => {
    const each = table.of('sfc');
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
    expect(table.of('sfc-clean').first.result).toMatchObject({ outcome: 'nothing-to-do', code: 'clean', actions: [] });
    table.expectUntouched('sfc-clean', '1234abcd');
    expect(table.of('sfc-left').first.result).toMatchObject({
      outcome: 'failed',
      code: 'files-not-repaired',
      warnings: [expect.stringContaining('user32.dll')],
    });
    expect(table.of('sfc-left').first.result?.actions).toHaveLength(1);
  });

  test('offline-sfc backs up what is named without its folder, and calls nothing revertable that it could not back up', () => {
    const each = table.of('sfc-by-name');
    const [repair, revert] = each.runs;
    expect(repair?.result).toMatchObject({
      outcome: 'fixed',
      actions: [{ target: '\\Windows\\System32\\winlogon.exe', before: each.before[`windows/${winlogon}`], revertable: true }],
    });
    expect(repair?.result?.actions).toHaveLength(1);
    expect(repair?.calls.filter(call => call.startsWith('robocopy ') && call.includes('WinSxS'))).toEqual([]);
    expect(revert?.result).toMatchObject({ outcome: 'reverted' });
    expect(contents(each)).toEqual(each.before);
    expect(table.of('sfc-not-found').first.result).toMatchObject({
      outcome: 'fixed',
      actions: [
        { target: '\\Windows\\System32\\user32.dll', revertable: false },
        { target: '\\Windows\\System32\\winlogon.exe', revertable: false },
      ],
    });
  });

  test('revert-servicing queues once', () => {
    const [repair, again, revert] = table.of('servicing').runs;
    expect(repair?.result).toMatchObject({ outcome: 'fixed', code: 'revert-queued' });
    expect(again?.result).toMatchObject({ outcome: 'nothing-to-do', code: 'revert-queued' });
    expect(revert?.calls.filter(call => call.startsWith('dism '))).toHaveLength(1);
    expect(revert?.calls.find(call => call.startsWith('dism '))).toMatch(
      /^dism \/English \/Image:F:\\ \/Cleanup-Image \/RevertPendingActions$/,
    );
    expect(table.of('servicing-none').first.result).toMatchObject({ outcome: 'nothing-to-do', code: 'nothing-pending' });
    table.expectUntouched('servicing-none');
  });

  test('collect-dump takes the first dump of this crash, wherever it lies', () => {
    const [fresh, any] = table.of('dump-order').runs;
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
    table.expectUntouched('dump-order');
    expect(table.of('dump-none').first.result).toMatchObject({ outcome: 'not-applicable', code: 'no-dump', findings: [{ id: 'no-dump' }] });
  });

  test('make-safe keeps new disks offline, once', () => {
    const each = table.of('safe');
    expect(each.first.result).toMatchObject({
      outcome: 'fixed',
      code: 'safe',
      actions: [{ before: 'OnlineAll', after: 'OfflineAll' }, {}],
    });
    expect(each.runs[1]?.result).toMatchObject({ outcome: 'nothing-to-do', actions: [] });
    expect(read(each, 'policy')).toBe('OfflineAll');
    table.expectUntouched('safe');
  });
});
