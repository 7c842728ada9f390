import { describe, expect, test } from '@jest/globals';
import type { DiskContents } from '../../../simulator/guests/disk.ts';
import { guests } from '../../../simulator/guests/index.ts';
import { fileAt, windowsVolume } from '../../../simulator/guests/volume.ts';
import fc from '../../fastCheck.ts';
import { boot, damages, disk, isReady, last, poweredOnAt, serial, services, windows, winlogon } from './world.ts';

const corrupt = (path: string, repairable = true) => ({ kind: 'corrupt-file', path, repairable });
const pending = (broken: boolean) => ({ kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken });

describe('booting', () => {
  test.each([
    ['V1', 14393],
    ['V2', 17763],
    ['V2', 20348],
  ])('a healthy disk of generation %s and build %i becomes ready', (generation, build) => {
    const result = boot(disk({ generation, build }));
    expect(last(result)).toMatchObject({ screen: { kind: 'sign-in' }, agent: { osVersion: expect.stringContaining(`10.0.${build}.`) } });
  });

  test.each([
    [winlogon, '0xc000021a', undefined],
    ['\\Windows\\System32\\csrss.exe', '0xc000021a', undefined],
    [services, 'CRITICAL PROCESS DIED', 'services.exe'],
    ['\\Windows\\System32\\lsass.exe', 'CRITICAL PROCESS DIED', 'lsass.exe'],
  ])('a corrupt %s stops with %s', (path, stopCode, whatFailed) => {
    const result = boot(disk({}, [corrupt(path)]));
    expect(last(result).screen).toMatchObject({ kind: 'stop', stopCode, ...(whatFailed && { whatFailed }) });
    expect(isReady(result)).toBe(false);
  });

  test('the screen speaks the language of the disk, and names a stop as that build does', () => {
    const result = boot(disk({ language: 'nl-NL', build: 14393, generation: 'V1' }, [corrupt(services)]));
    expect(last(result).screen).toMatchObject({ language: 'nl-NL', stopCode: 'CRITICAL_PROCESS_DIED' });
  });

  test('the boot manager says what it lacks', () => {
    const status = (damage: object, windows = {}) => last(boot(disk(windows, [damage]))).screen;
    const driver = '\\Windows\\System32\\drivers\\storvsc.sys';
    expect(status({ kind: 'bcd-missing-device' })).toMatchObject({ kind: 'boot-manager', status: '0xc000000e' });
    expect(status({ kind: 'changed-disk-id', id: 'gpt:11111111-2222-4333-8444-555555555555' })).toMatchObject({ status: '0xc000000e' });
    expect(status({ kind: 'missing-bcd' }, { generation: 'V1' })).toMatchObject({ status: '0xc000000f', file: '\\Boot\\BCD' });
    expect(status({ kind: 'damaged-hive', hive: 'SYSTEM' })).toMatchObject({ status: '0xc000014c' });
    expect(status(corrupt(driver))).toMatchObject({ status: '0xc0000098', file: driver });
  });

  test('a disk of the other generation finds no firmware that boots it', () => {
    expect(last(boot(disk({ generation: 'V1' }), { generation: 'V2' })).screen.kind).toBe('firmware');
    expect(last(boot(disk({ generation: 'V2' }), { generation: 'V1' })).screen.kind).toBe('firmware');
  });

  test('COM1 is silent about a stop unless EMS is on, and then names it for machines', () => {
    const stopped = (ems: boolean) => serial(boot(disk({ ems }, [corrupt(winlogon)])));
    expect(stopped(false)).toBe('');
    expect(stopped(true)).toContain('SAC started and initialized');
    expect(/<PROPERTY NAME="STOPCODE"[^>]*>\s*<VALUE>\s*"?(0x[0-9A-Fa-f]+)"?/.exec(stopped(true))?.[1]).toBe('0xC000021A');
    expect(serial(boot(disk()))).toContain('Microsoft Azure VM Health Report - Start');
  });

  test('a file that is replaced while Windows starts stops that boot, and no other', () => {
    const damage = { kind: 'rename-at-restart', path: winlogon, version: '10.0.17763.1' };
    const first = boot(disk({}, [damage]));
    expect(last(first).screen).toMatchObject({ kind: 'stop', stopCode: '0xc000021a' });
    expect(isReady(boot(first.contents as DiskContents))).toBe(true);
    expect(isReady(boot(disk({ autoReboot: true }, [damage])))).toBe(true);
  });

  test('pending servicing is finished, or stops the boot when it is broken', () => {
    const done = boot(disk({}, [pending(false)]));
    expect(done.stages.some(({ screen }) => screen.kind === 'updating' && !screen.undoing)).toBe(true);
    expect(isReady(done)).toBe(true);
    expect(fileAt(windowsVolume(done.contents)!, '\\Windows\\WinSxS\\pending.xml')).toBeUndefined();
    expect(last(boot(disk({}, [pending(true)]))).screen).toMatchObject({ kind: 'stop', stopCode: '0xc000021a' });
  });

  test('AutoReboot makes the stop come again and again; what it left is on the disk after the first time', () => {
    const result = boot(disk({ autoReboot: true, pagefileMb: 9000 }, [corrupt(services)]));
    const stops = result.stages.filter(({ screen }) => screen.kind === 'stop' && screen.percent === 0);
    expect(stops.length).toBeGreaterThan(20);
    expect(result.settlesAtSeconds).toBeLessThan(stops[1]!.atSeconds);
    expect(boot(disk({}, [corrupt(services)])).stages.filter(({ screen }) => screen.kind === 'stop')).toHaveLength(1);
  });

  test('without its agent Windows shows the sign-in screen and never reports', () => {
    const contents = disk();
    delete windowsVolume(contents)!.files['\\WindowsAzure\\GuestAgent\\WindowsAzureGuestAgent.exe'];
    const result = boot(contents);
    expect(last(result).screen.kind).toBe('sign-in');
    expect(isReady(result)).toBe(false);
  });
});

describe('memory dumps', () => {
  const dumpIn = (contents: ReturnType<typeof disk>, path: string) => {
    const file = fileAt(windowsVolume(contents)!, path);
    return file?.kind === 'data' ? Buffer.from(file.head, 'base64') : undefined;
  };

  test('a crash writes a true header into the pagefile, and the next boot that gets far enough makes MEMORY.DMP of it', () => {
    const crashed = boot(disk({ pagefileMb: 9000, crashDumpEnabled: 1 }, [corrupt(winlogon)])).contents;
    const header = dumpIn(crashed, '\\pagefile.sys')!;
    expect(header.toString('latin1', 0, 8)).toBe('PAGEDU64');
    expect(header.readUInt32LE(0x38)).toBe(0xc000021a);
    expect(header.readBigUInt64LE(0x48)).toBe(0xffffffffc000012fn);
    expect(header.readUInt32LE(0x0c)).toBe(17763);
    expect(header.readUInt32LE(0xf98)).toBe(1);
    const time = Number(header.readBigInt64LE(0xfa8) / 10_000n - 11_644_473_600_000n);
    expect(time).toBeGreaterThan(poweredOnAt.getTime());
    expect(dumpIn(crashed, '\\Windows\\MEMORY.DMP')).toBeUndefined();

    const volume = windowsVolume(crashed)!;
    volume.files[winlogon] = windowsVolume(disk())!.files[winlogon]!;
    const saved = boot(crashed).contents;
    expect(dumpIn(saved, '\\Windows\\MEMORY.DMP')?.readUInt32LE(0x38)).toBe(0xc000021a);
    expect(dumpIn(saved, '\\pagefile.sys')).toHaveLength(0);
  });

  test('its time is the wall’s at the moment of the crash, also where time runs faster', () => {
    const { stages, contents } = boot(disk({ pagefileMb: 9000, crashDumpEnabled: 1 }, [corrupt(winlogon)]), { timeScale: 60 });
    const crashedAt = stages.find(({ screen }) => screen.kind === 'stop')!.atSeconds;
    const time = Number(dumpIn(contents, '\\pagefile.sys')!.readBigInt64LE(0xfa8) / 10_000n - 11_644_473_600_000n);
    expect(time - poweredOnAt.getTime()).toBe(Math.floor((crashedAt * 1000) / 60));
  });

  test('so is the time in the serial log', () => {
    const result = boot(disk({ ems: false }), { timeScale: 60 });
    const reported = /"reportTime":"([^"]+)"/.exec(serial(result))?.[1] ?? '';
    const ready = result.stages.find(({ agent }) => agent !== undefined)!.atSeconds;
    expect(Date.parse(reported.replace('0000Z', 'Z')) - poweredOnAt.getTime()).toBe(Math.floor((ready * 1000) / 60));
  });

  test.each([
    ['dumps are switched off', { pagefileMb: 9000, crashDumpEnabled: 0 }],
    ['the pagefile lies on the temporary disk', { crashDumpEnabled: 1 }],
    ['the pagefile cannot hold all memory', { pagefileMb: 8192, crashDumpEnabled: 1 }],
  ])('there is none when %s', (_, windows) => {
    const before = disk(windows, [corrupt(services)]);
    expect(boot(before).contents).toEqual(before);
  });
});

test('booting is total and pure, its stages are in order, and its contents stay valid', () => {
  fc.assert(
    fc.property(windows, damages, fc.constantFrom('V1' as const, 'V2' as const), (spec, damage, generation) => {
      const contents = disk(spec, damage);
      const before = structuredClone(contents);
      const result = boot(contents, { generation });
      expect(contents).toEqual(before);
      expect(boot(contents, { generation })).toEqual(result);
      const times = result.stages.map(stage => stage.atSeconds);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(guests.parseContents(JSON.parse(JSON.stringify(result.contents)))).toEqual(result.contents);
      expect(isReady(result)).toBe(last(result).agent !== undefined);
    }),
    { numRuns: 60 },
  );
});
