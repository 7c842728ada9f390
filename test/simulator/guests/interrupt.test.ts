/** A non-maskable interrupt: who hears it, and what dump it leaves. */
import { expect, test } from '@jest/globals';
import { readDump } from '../../../diagnosis/index.ts';
import type { BootResult } from '../../../simulator/guests/contract.ts';
import { getNumber, setValue } from '../../../simulator/guests/hive.ts';
import { guests } from '../../../simulator/guests/index.ts';
import { fileAt, windowsHive, windowsVolume } from '../../../simulator/guests/volume.ts';
import { boot, disk, last, poweredOnAt, run, serial, winlogon } from './world.ts';

const hanging = { kind: 'bad-driver', name: 'vendor.sys', hangs: true };
const pagefileMb = 8 * 1024 + 257;

function interrupted(before: BootResult, atSeconds = 600): BootResult | undefined {
  const reached = before.stages.findLast(stage => stage.atSeconds <= atSeconds);
  const machine = { computerName: 'app-01', generation: 'V2' as const, memoryGb: 8, poweredOnAt, timeScale: 1 };
  return guests.interrupt(before.contents, machine, reached, atSeconds);
}
const headOf = (end: BootResult | undefined, path: string) => {
  const file = end && fileAt(windowsVolume(end.contents)!, path);
  return file?.kind === 'data' && file.head !== '' ? readDump(Buffer.from(file.head, 'base64')) : null;
};

test('a Windows whose driver hangs shows its logo for ever, without a stop screen and without an agent', () => {
  const { stages, settlesAtSeconds } = boot(disk({ ems: true }, [hanging]));
  expect(stages.at(-1)).toMatchObject({ screen: { kind: 'windows-logo' }, kernel: true });
  expect(stages.some(({ agent, screen }) => agent || screen.kind === 'stop')).toBe(false);
  expect(settlesAtSeconds).toBeLessThan(60);
});

test('is stopped with 0x80: the screen and COM1 say so, and a complete dump of that moment lies in the pagefile', () => {
  const before = boot(disk({ ems: true, pagefileMb, crashDumpEnabled: 1 }, [hanging]));
  const end = interrupted(before);
  expect(end?.stages.map(({ atSeconds, screen }) => [atSeconds, screen])).toMatchObject([
    [600, { kind: 'stop', stopCode: 'NMI HARDWARE FAILURE', percent: 0 }],
    [615, { kind: 'stop', percent: 100 }],
  ]);
  expect(serial(end!)).toContain('NMI_HARDWARE_FAILURE');
  expect(end?.settlesAtSeconds).toBe(615);
  expect(headOf(end, '\\pagefile.sys')).toMatchObject({ bugCheck: '0x00000080', crashedAt: '2026-11-21T03:10:00.000Z' });
  expect(headOf(before, '\\pagefile.sys')).toBeNull();
});

test.each([
  ['the pagefile is on another volume', { crashDumpEnabled: 7, pagefileMb: 0 }],
  ['the pagefile is too small for a complete dump', { crashDumpEnabled: 1, pagefileMb: pagefileMb - 1 }],
  ['the registry asks for none', { crashDumpEnabled: 0, pagefileMb }],
])('leaves no dump where %s', (_, windows) => {
  const end = interrupted(boot(disk({ ...windows }, [hanging])));
  expect(last(end!).screen).toMatchObject({ kind: 'stop', percent: 0 });
  expect(headOf(end, '\\pagefile.sys')).toBeNull();
});

test('leaves one in the dedicated dump file that boot-settings asked for', async () => {
  const { contents } = await run('boot-settings', disk({}, [hanging]));
  const end = interrupted(boot(contents));
  expect(last(end!).screen).toMatchObject({ kind: 'stop', percent: 100 });
  expect(headOf(end, '\\bootmedic.dmp')).toMatchObject({ bugCheck: '0x00000080' });
});

test.each([0, 1])('NMICrashDump %d makes no difference: no Windows here is older than Windows 8', value => {
  const contents = disk({ pagefileMb, crashDumpEnabled: 1 }, [hanging]);
  const system = windowsHive(windowsVolume(contents)!, 'SYSTEM')!;
  setValue(system, 'ControlSet001\\Control\\CrashControl', 'NMICrashDump', { type: 'REG_DWORD', data: value });
  expect(getNumber(system, 'ControlSet001\\Control\\CrashControl', 'NMICrashDump')).toBe(value);
  expect(headOf(interrupted(boot(contents)), '\\pagefile.sys')).not.toBeNull();
});

test('a running Windows is stopped too; with AutoReboot it starts again, and makes MEMORY.DMP of the dump', () => {
  const end = interrupted(boot(disk({ pagefileMb, crashDumpEnabled: 1, autoReboot: true })));
  expect(last(end!)).toMatchObject({ screen: { kind: 'sign-in' }, agent: {} });
  expect(headOf(end, '\\Windows\\MEMORY.DMP')).toMatchObject({ bugCheck: '0x00000080' });
});

test.each([
  ['a halted stop screen', disk({}, [{ kind: 'missing-file', path: winlogon, repairable: true }])],
  ['the boot manager', disk({}, [{ kind: 'missing-bcd' }])],
  ['the firmware', disk({}, [{ kind: 'missing-boot-manager' }])],
])('%s hears nothing', (_, contents) => {
  expect(interrupted(boot(contents))).toBeUndefined();
});

test('nor does a machine whose kernel is not loaded yet', () => {
  const before = boot(disk({}, [hanging]));
  expect(interrupted(before, 3)).toBeUndefined();
  expect(interrupted(before, 60)).toBeDefined();
});
