import { describe, expect, test } from '@jest/globals';
import { bundleOperatorScript } from '../../../playbooks/operatorScript.ts';
import { scriptIds, scriptText } from '../../../playbooks/scripts.ts';
import type { ScriptId } from '../../../playbooks/types.ts';
import { getNumber, getText } from '../../../simulator/guests/hive.ts';
import { fileAt, sha256Of, windowsHive, windowsVolume } from '../../../simulator/guests/volume.ts';
import fc from '../../fastCheck.ts';
import { boot, damages, disk, isReady, last, repaired, repairVm, run, serial, services, token, windows, winlogon } from './world.ts';

const corrupt = (path: string, repairable = true) => ({ kind: 'corrupt-file', path, repairable });
const pending = { kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken: true };
/** The frame of a person's script is never sent without one, and no twin knows what that would do. */
const withTwin = scriptIds.filter(id => id !== 'operator-script');
const onDisk = withTwin.filter(id => id !== 'make-safe');
const codeOf = ({ result, output, error }: Awaited<ReturnType<typeof run>>) => (result ? [result.outcome, result.code] : [output, error]);
const evidence = ({ result }: Awaited<ReturnType<typeof run>>, id: string) =>
  result?.findings.filter(finding => finding.id === id).map(finding => finding.evidence);

describe('running a script', () => {
  test('every shipped script has an accepted twin', async () => {
    for (const id of withTwin) expect([id, (await run(id, disk())).result?.token]).toEqual([id, token]);
  });

  test('an altered or unknown script ends as an unknown command does', async () => {
    const own = bundleOperatorScript('# writes: x\n# undone by: y\n');
    for (const script of [own, `${scriptText('probe').text} `, '# bootmedic: id=nothing; safety=auto_safe; origin=doc\n', 'Get-Disk']) {
      const ran = await run('probe', disk(), { script });
      expect(ran).toMatchObject({ exitCode: 1, output: '', error: expect.stringContaining('is not recognized') });
    }
  });

  test.each([
    [{ Colour: 'blue' }, "parameter name 'Colour'"],
    [{ Mode: 'Guess' }, 'does not belong to the set'],
    [{ Lun: 'three' }, 'System.Int32'],
    [{ Lun: '64' }, 'is not within'],
    [{ RepairId: 'x' }, 'pattern'],
    [{ Token: '' }, 'empty string'],
  ])('parameters %j are refused', async (parameters: Record<string, string>, complaint) => {
    const ran = await run('probe', disk(), { parameters });
    expect(ran).toMatchObject({ exitCode: 1, output: '', error: expect.stringContaining(complaint) });
  });

  test('a mandatory parameter that is missing is refused, one that the script lacks too', async () => {
    const missing = await run('collect-dump', disk(), { script: scriptText('boot-settings').text });
    expect(missing.error).toContain('missing mandatory parameters: MemoryMb');
    const ran = await run('make-safe', disk(), { parameters: { Lun: '3' } });
    expect(ran.error).toContain("parameter name 'Lun'");
  });
});

describe('every script on the repair disk', () => {
  test.each(onDisk)('%s gives the disk back as it was found when it is healthy and has its settings', async id => {
    const contents = await repaired('boot-settings', disk());
    expect((await run(id, contents)).contents).toEqual(contents);
  });

  test.each(onDisk)('%s writes nothing to detect', async id => {
    const contents = disk({ pagefileMb: 9000 }, [corrupt(services), pending]);
    expect((await run(id, contents, { mode: 'Detect' })).contents).toEqual(contents);
  });

  test.each(onDisk)('%s fails with a code where it cannot work, and leaves the disk alone', async id => {
    const cases: [code: string, damage: object[], windows?: object, options?: Parameters<typeof run>[2]][] = [
      ['disk-not-found', [], {}, { lun: 4 }],
      ['disk-not-found', [], {}, { controller: 'NVMe' }],
      ['bitlocker-locked', [], { bitLocker: 'on' }],
      ['ransom-note', [{ kind: 'ransom-note' }]],
      ['ransom-note', [{ kind: 'ransom-note', path: '\\Users\\Public\\Desktop\\how_to_restore_files.html' }]],
    ];
    for (const [code, damage, windows, options] of cases) {
      const contents = disk(windows, damage);
      const ran = await run(id, contents, options);
      expect([id, ...codeOf(ran)]).toEqual([id, 'failed', code]);
      expect(ran.contents).toEqual(contents);
    }
  });

  test.each(onDisk)('%s keeps the id of a disk that collides with the repair VM’s own', async id => {
    const contents = await repaired('boot-settings', disk());
    const ran = await run(id, contents, { system: repairVm('2019-datacenter-gensecond') });
    expect(ran.contents).toEqual(contents);
    expect(ran.result?.warnings[0]).toContain('Windows changed it');
  });

  test('a disk that arrives online beside one with its id would not boot afterwards: the policy of make-safe is not what saves it', async () => {
    const contents = disk();
    const system = repairVm('2019-datacenter-gensecond');
    const ran = await run('boot-settings', contents, { system });
    expect(codeOf(ran)).toEqual(['failed', 'disk-id-collision']);
    expect(isReady(boot(ran.contents))).toBe(true);
  });

  test('a disk whose id was changed before is put right', async () => {
    const contents = disk({}, [{ kind: 'changed-disk-id', id: 'gpt:11111111-2222-4333-8444-555555555555' }]);
    expect(isReady(boot(contents))).toBe(false);
    const ran = await run('boot-settings', contents);
    expect(evidence(ran, 'disk-id')).toHaveLength(1);
    expect(isReady(boot(ran.contents))).toBe(true);
  });
});

describe('make-safe', () => {
  test('keeps new disks offline, once', async () => {
    const first = await run('make-safe', disk());
    expect(codeOf(first)).toEqual(['fixed', 'safe']);
    expect(
      getNumber(windowsHive(windowsVolume(first.system)!, 'SYSTEM')!, 'ControlSet001\\Services\\partmgr\\Parameters', 'SanPolicy'),
    ).toBe(3);
    const second = await run('make-safe', disk(), { system: first.system });
    expect(codeOf(second)).toEqual(['nothing-to-do', 'safe']);
    expect(second.system).toEqual(first.system);
    expect(isReady(boot(first.system))).toBe(true);
  });
});

describe('probe', () => {
  test('tells what the disk is, whatever mode it is asked for', async () => {
    const contents = disk({ language: 'nl-NL', domainController: true, pagefileMb: 9000, generation: 'V1' }, [pending]);
    const ran = await run('probe', contents, { mode: 'Repair' });
    expect(codeOf(ran)).toEqual(['nothing-to-do', 'probed']);
    expect(Object.fromEntries(ran.result!.findings.map(({ id, evidence }) => [id, evidence]))).toMatchObject({
      'windows-build': '17763',
      language: 'nl-NL',
      generation: 'V1',
      'free-space-bytes': String(windowsVolume(contents)!.freeBytes),
      'pending-servicing': 'WinSxS\\pending.xml, packages pending, reboot pending',
      'domain-controller': expect.stringContaining('ntds.dit'),
    });
    expect(ran.contents).toEqual(contents);
  });

  test('names the dumps', async () => {
    const crashed = boot(disk({ pagefileMb: 9000 }, [corrupt(services), { kind: 'dump', stopCode: 0x7b }])).contents;
    expect(evidence(await run('probe', crashed), 'dump')).toEqual(['\\Windows\\MEMORY.DMP 1048576', '\\pagefile.sys 1048576']);
  });
});

describe('boot-settings', () => {
  test('has EMS and dump settings in every control set that exists, and none that does not; a second run changes nothing', async () => {
    const first = await run('boot-settings', disk({ controlSets: [1, 3], defaultControlSet: 3 }));
    expect(codeOf(first)).toEqual(['fixed', 'set']);
    const system = windowsHive(windowsVolume(first.contents)!, 'SYSTEM')!;
    expect(Object.keys(system.keys)).toEqual(['Select', 'ControlSet001', 'ControlSet003']);
    for (const set of ['ControlSet001', 'ControlSet003']) {
      expect(getNumber(system, `${set}\\Control\\CrashControl`, 'CrashDumpEnabled')).toBe(7);
      expect(getText(system, `${set}\\Control\\CrashControl`, 'DedicatedDumpFile')).toBe('C:\\bootmedic.dmp');
      expect(getText(system, `${set}\\Control\\CrashControl`, 'DumpFile')).toBe('%SystemRoot%\\MEMORY.DMP');
    }
    expect(serial(boot(first.contents))).toContain('SAC started');
    const second = await run('boot-settings', first.contents);
    expect(codeOf(second)).toEqual(['nothing-to-do', 'set']);
    expect(second.contents).toEqual(first.contents);
  });

  test.each([
    ['complete dump', { pagefileMb: 9000 }, [], true],
    ['automatic dump', {}, [], true],
    ['no room', {}, [{ kind: 'little-space', freeMb: 2500 }], false],
  ])('plans a %s by what the disk holds, and the next crash does so', async (plan, windows, damage, dumps) => {
    const ran = await run('boot-settings', disk(windows, [corrupt(services), ...damage]));
    expect(evidence(ran, 'dump-plan')?.[0]).toContain(plan);
    const crashed = await run('collect-dump', boot(ran.contents).contents);
    expect(codeOf(crashed)).toEqual(dumps ? ['nothing-to-do', 'no-consent'] : ['not-applicable', 'no-dump']);
  });
});

describe('Revert', () => {
  test.each<[ScriptId, object[]]>([
    ['boot-settings', []],
    ['revert-servicing', [pending]],
    ['offline-sfc', [corrupt(services), corrupt(winlogon)]],
  ])('of %s puts every file back, once', async (id, damage) => {
    const before = disk({}, damage);
    const changed = await repaired(id, before);
    expect(changed).not.toEqual(before);
    const reverted = await run(id, changed, { mode: 'Revert' });
    expect(codeOf(reverted)).toEqual(['reverted', 'reverted']);
    expect(hashes(reverted.contents)).toEqual(hashes(before));
    expect(codeOf(await run(id, reverted.contents, { mode: 'Revert' }))).toEqual(['nothing-to-do', 'nothing-to-revert']);
  });

  test('leaves alone what was changed after the repair', async () => {
    const changed = await repaired('offline-sfc', disk({}, [corrupt(services)]));
    Object.assign(fileAt(windowsVolume(changed)!, services)!, { version: '10.0.99999.1' });
    const reverted = await run('offline-sfc', changed, { mode: 'Revert' });
    expect(codeOf(reverted)).toEqual(['failed', 'changed-since']);
    expect(hashes(reverted.contents)).toEqual(hashes(changed));
  });

  test('of a queued revert unqueues it: the boot stops as before', async () => {
    const queued = await repaired('revert-servicing', disk({}, [pending]));
    expect(isReady(boot(queued))).toBe(true);
    const reverted = await repaired('revert-servicing', queued, { mode: 'Revert' });
    expect(last(boot(reverted)).screen.kind).toBe('stop');
  });

  /** Hash of every file but our own. */
  function hashes(contents: ReturnType<typeof disk>) {
    const files = contents.partitions.flatMap(({ volume }) => Object.entries(volume?.files ?? {}));
    return Object.fromEntries(files.filter(([path]) => !path.startsWith('\\bootmedic\\')).map(([path, file]) => [path, sha256Of(file)]));
  }
});

describe('offline-sfc', () => {
  test('repairs what the component store can, and the disk boots', async () => {
    const contents = disk({}, [corrupt(services), corrupt(winlogon)]);
    expect(isReady(boot(contents))).toBe(false);
    const ran = await run('offline-sfc', contents);
    expect(codeOf(ran)).toEqual(['fixed', 'files-repaired']);
    expect(evidence(ran, 'corrupt-file')).toEqual([services, winlogon]);
    expect(isReady(boot(ran.contents))).toBe(true);
    expect(codeOf(await run('offline-sfc', ran.contents))).toEqual(['nothing-to-do', 'clean']);
  });

  test('says which files it could not repair', async () => {
    const ran = await run('offline-sfc', disk({}, [corrupt(services, false), corrupt(winlogon)]));
    expect(codeOf(ran)).toEqual(['failed', 'files-not-repaired']);
    expect(ran.result?.warnings[0]).toContain(services);
    expect(ran.result?.warnings[0]).not.toContain(winlogon);
  });

  test('refuses while servicing is pending', async () => {
    expect(codeOf(await run('offline-sfc', disk({}, [pending, corrupt(services)])))).toEqual(['failed', 'servicing-pending']);
  });

  test('its result line stays below 3 KB with every file corrupt', async () => {
    const files = Object.keys(windowsVolume(disk())!.componentStore).filter(path => path.endsWith('.exe') || path.endsWith('.dll'));
    const ran = await run(
      'offline-sfc',
      disk(
        {},
        files.map(path => corrupt(path)),
      ),
    );
    expect(ran.output.trimEnd().split('\r\n').at(-1)!.length).toBeLessThanOrEqual(3072);
    expect(ran.result?.warnings.at(-1)).toContain('more entries are in the log');
  });
});

test('the Dutch case: reverting servicing alone is not enough, SFC after the boot is', async () => {
  const mismatched = { kind: 'mismatched-file', path: winlogon, version: '10.0.17763.6532', repairable: true };
  let contents = disk({ language: 'nl-NL', controlSets: [1, 2] }, [pending, mismatched]);
  expect(last(boot(contents)).screen).toMatchObject({ kind: 'stop', stopCode: '0xc000021a' });
  expect(codeOf(await run('collect-dump', contents))).toEqual(['not-applicable', 'no-dump']);
  const queued = await run('revert-servicing', contents);
  expect(codeOf(queued)).toEqual(['fixed', 'revert-queued']);
  expect(codeOf(await run('revert-servicing', queued.contents))).toEqual(['nothing-to-do', 'revert-queued']);
  contents = await repaired('boot-settings', queued.contents);

  const second = boot(contents);
  expect(second.stages.some(({ screen }) => screen.kind === 'updating' && screen.undoing)).toBe(true);
  expect(last(second).screen).toMatchObject({ kind: 'stop', stopCode: '0xc000021a', percent: 100 });
  expect(serial(second)).toContain('BLUESCREEN');
  contents = second.contents;

  expect(evidence(await run('collect-dump', contents), 'dump')).toEqual(['\\bootmedic.dmp 1048576']);
  expect(codeOf(await run('revert-servicing', contents))).toEqual(['nothing-to-do', 'nothing-pending']);
  expect(codeOf(await run('offline-sfc', contents))).toEqual(['fixed', 'files-repaired']);
  expect(isReady(boot(await repaired('offline-sfc', contents)))).toBe(true);
});

describe('whatever the disk', () => {
  const shipped = fc.constantFrom(...onDisk);

  test('a second Repair finds nothing to do, and the disk keeps its id', async () => {
    await fc.assert(
      fc.asyncProperty(shipped, windows, damages, async (id, spec, damage) => {
        const contents = disk(spec, damage);
        const first = await run(id, contents);
        expect(first.exitCode).toBe(0);
        // Only where the BCD expects another id is it changed, to that one.
        if (!damage.some(({ kind }) => kind === 'bcd-missing-device')) expect(first.contents.id).toBe(contents.id);
        if (first.result?.outcome !== 'fixed') return;
        const second = await run(id, first.contents);
        expect([second.result?.outcome, second.result?.actions]).toEqual(['nothing-to-do', []]);
        expect(second.contents).toEqual(first.contents);
      }),
      { numRuns: 80 },
    );
  });

  test('a healthy one gets no write but its settings, and boots after those', async () => {
    await fc.assert(
      fc.asyncProperty(shipped, windows, async (id, spec) => {
        const contents = disk(spec);
        const ran = await run(id, contents);
        if (id === 'boot-settings') expect(isReady(boot(ran.contents))).toBe(true);
        else expect(ran.contents).toEqual(contents);
      }),
      { numRuns: 40 },
    );
  });

  test('Revert after Repair is a disk that boots as before', async () => {
    await fc.assert(
      fc.asyncProperty(shipped, windows, damages, async (id, spec, damage) => {
        // The disk's id is no file: Revert leaves it as the BCD expects it.
        fc.pre(!damage.some(({ kind }) => kind === 'bcd-missing-device'));
        const contents = disk(spec, damage);
        const reverted = await repaired(id, await repaired(id, contents), { mode: 'Revert' });
        expect(last(boot(reverted)).screen).toEqual(last(boot(contents)).screen);
      }),
      { numRuns: 80 },
    );
  });
});
