/** The scripts on real Windows hives: they change the files through hivex, another program of hivex says what changed, and Revert gives every byte back. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptId } from '../../playbooks/types.ts';
import { addFile, addRun, type Case, contents, type Ran, runAll } from './standins/bench.ts';
import { edited, hiveFile, hiveOf, lacking, realCase, storeOf, unpack, watch } from './standins/hives.ts';

if (lacking.length > 0) console.warn(`SKIPPED: ${lacking.join(', ')} missing: the scripts are not tried on real hives`);
const present = lacking.length > 0 ? describe.skip : describe;

const loader = '{733b62e5-f608-11eb-825c-c112f60133ab}';
const at = (type: string, object = loader): string => `\\Objects\\${object}\\Elements\\${type}`;
const smartCards = 'Control\\Class\\{50DD5230-BA8A-11D1-BF5D-0000F805F530}';
const disks = 'Control\\Class\\{4D36E967-E325-11CE-BFC1-08002BE10318}';
const wide = (text: string): string => `hex:7:${Buffer.from(text, 'utf16le').toString('hex')}`;

/** The loader's device as Windows wrote it for this disk. */
const device = `${'00'.repeat(16)}06000000000000004800000000000000382c0f8eeae4ba47b7fc9d8c74dccf0b0000000000000000a994230b5e097d488d48719ecd4d78ca${'00'.repeat(16)}`;

/** Each case: its disk, the hives that are looked at before the last of its scripts is taken back, the scripts in the order in which they run. */
interface Real {
  made(name: string): Case;
  looked(made: Case): string[];
  runs: [ScriptId, Record<string, string>?][];
}
const system = (made: Case): string[] => [hiveFile(made, 'SYSTEM')];
const store = (made: Case): string[] => [storeOf(made)];
const memory = { MemoryMb: '4096' };
/** An element of the loader, as hivexsh sets it. */
const set = (type: string, value: string): string[] => [`cd ${at(type)}`, 'setval 1', 'Element', value];

const real: Record<string, Real> = {
  'boot-settings': {
    made: name => realCase(name, { SYSTEM: unpack('SYSTEM') }),
    looked: made => [...system(made), ...store(made)],
    runs: [['probe'], ['boot-settings', memory], ['boot-settings', memory]],
  },
  'replay-hives': {
    made: name =>
      realCase(name, {
        SYSTEM: unpack('SYSTEM_B'),
        'SYSTEM.LOG1': unpack('SYSTEM_B.LOG1'),
        'SYSTEM.LOG2': unpack('SYSTEM_B.LOG2'),
      }),
    looked: system,
    runs: [['replay-hives']],
  },
  // A filter of smart cards, which the disks have here behind one of Windows' own. The store does not know it.
  'driver-off': {
    made: name => {
      const filters = [`cd \\ControlSet001\\${disks}`, 'setval 1', 'UpperFilters', wide('PartMgr\0scfilter\0\0')];
      const made = realCase(name, { SYSTEM: edited(unpack('SYSTEM'), ...filters) });
      addFile(made, 'Windows/WinSxS/amd64_ntfs/ntfs.sys', 'ntfs');
      return made;
    },
    looked: system,
    runs: [['driver-off', { Driver: 'scfilter.sys' }]],
  },
  // The loader lies on a partition that is none of this disk's, and is the one of the other generation.
  'repair-bcd': {
    made: name => {
      const elsewhere = `hex:3:${device.replace('382c0f8e', '00000000')}`;
      return realCase(name, {
        BCD: edited(
          unpack('BCD'),
          ...set('11000001', elsewhere),
          ...set('21000001', elsewhere),
          ...set('12000002', 'string:\\Windows\\system32\\winload.exe'),
        ),
      });
    },
    looked: store,
    runs: [['repair-bcd']],
  },
  // Nothing is left in it that could be repaired.
  'rebuild-bcd': {
    made: name => realCase(name, { BCD: edited(unpack('BCD'), `cd \\Objects\\${loader}`, 'del') }),
    looked: store,
    runs: [['rebuild-bcd']],
  },
  'boot-policy': { made: name => realCase(name, {}), looked: store, runs: [['boot-policy']] },
  'safeboot-off': {
    made: name =>
      realCase(name, {
        BCD: edited(unpack('BCD'), `cd \\Objects\\${loader}\\Elements`, 'add 25000080', ...set('25000080', 'hex:3:0100000000000000')),
      }),
    looked: store,
    runs: [['safeboot-off']],
  },
  'pending-xml': {
    made: name => {
      const values = { PendingXmlIdentifier: 'hex:3:0102', NextQueueEntryIndex: 'dword:3', StoreFormatVersion: 'string:0.0.0.6' };
      const made = realCase(name, { COMPONENTS: hiveOf(['CanonicalData', 'DerivedData'], { '': values }) });
      addFile(made, 'Windows/WinSxS/pending.xml', '<PendingTransaction/>');
      return made;
    },
    looked: made => [hiveFile(made, 'COMPONENTS')],
    runs: [['pending-xml']],
  },
  'restore-regback': {
    made: name => {
      const regback = ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT'].map(hive => [`RegBack/${hive}`, hiveOf(['ControlSet001'], {})]);
      return realCase(name, { SYSTEM: unpack('corrupted_system_hive'), ...Object.fromEntries(regback) });
    },
    looked: made => [hiveFile(made, 'SOFTWARE')],
    runs: [['restore-regback']],
  },
};

present('on real hives', () => {
  const before = new Map<string, Record<string, string>>();
  const changed = new Map<string, () => Record<string, string | null>>();
  const cases = new Map<string, Case>();
  let ran = new Map<string, Ran[]>();
  const said = (name: string) => (ran.get(name) ?? []).flatMap(({ result }) => (result ? [`${result.outcome} ${result.code}`] : []));
  const element = (now: string | null, ...at: string[]) => Object.fromEntries(at.map(key => [`${key}\\\\Element`, now]));

  beforeAll(async () => {
    for (const [name, { made, looked, runs }] of Object.entries(real)) {
      const each = made(name);
      before.set(name, contents(each));
      for (const [script, parameters] of runs) addRun(each, script, parameters);
      changed.set(name, watch(each, looked(each)));
      const [script, parameters] = runs.at(-1) ?? ['probe'];
      cases.set(name, addRun(each, script, { ...parameters, Mode: 'Revert' }));
    }
    ran = await runAll([...cases.values()]);
  }, 900_000);

  test.each(Object.keys(real))('%s: taken back, every byte of the disk is as it was', name => {
    const made = cases.get(name);
    expect(said(name).at(-1)).toBe('reverted reverted');
    expect(made && contents(made)).toEqual(before.get(name));
  });

  test('boot-settings: the dump settings of both control sets, the console of the default loader, and nothing else; once', () => {
    expect(said('boot-settings').slice(0, -1)).toEqual(['nothing-to-do probed', 'fixed set', 'nothing-to-do set']);
    const [probed, set] = ran.get('boot-settings') ?? [];
    expect(probed?.result?.findings.find(({ id }) => id === 'language')?.evidence).toBe('en-US');
    expect(set?.result?.actions[1]?.before).toBe(
      'NMICrashDump absent; AutoReboot=1; CrashDumpEnabled=2; DedicatedDumpFile absent; DumpFileSize absent',
    );
    const crash = (control: string) => ({
      [`\\${control}\\Control\\CrashControl\\\\AutoReboot`]: 'int32 0',
      [`\\${control}\\Control\\CrashControl\\\\CrashDumpEnabled`]: 'int32 7',
      [`\\${control}\\Control\\CrashControl\\\\NMICrashDump`]: 'int32 1',
      [`\\${control}\\Control\\CrashControl\\\\DedicatedDumpFile`]: 'string C:\\bootmedic.dmp',
      [`\\${control}\\Control\\CrashControl\\\\DumpFileSize`]: 'int32 4353',
    });
    const ems = '{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}';
    expect(changed.get('boot-settings')?.()).toEqual({
      ...{ ...crash('ControlSet001'), ...crash('ControlSet002') },
      ...{ [at('260000b0')]: 'key', ...element('binary 01', at('260000b0')) },
      ...{ [at('15000022', ems)]: 'key', ...element('binary 0100000000000000', at('15000022', ems)) },
      ...{ [at('15000023', ems)]: 'key', ...element('binary 00c2010000000000', at('15000023', ems)) },
    });
  });

  test('replay-hives: written whole, and what it says is what it said', () => {
    expect(said('replay-hives')[0]).toBe('fixed hives-replayed');
    expect(changed.get('replay-hives')?.()).toEqual({});
  });

  test('driver-off: off in both control sets, and off the lists of filters, which keep the others', () => {
    expect(said('driver-off')[0]).toBe('fixed driver-off');
    expect(changed.get('driver-off')?.()).toEqual({
      [`\\ControlSet001\\${disks}\\\\UpperFilters`]: 'string-list PartMgr',
      [`\\ControlSet001\\${smartCards}\\\\UpperFilters`]: null,
      [`\\ControlSet002\\${smartCards}\\\\UpperFilters`]: null,
      '\\ControlSet001\\services\\scfilter\\\\Start': 'int32 4',
      '\\ControlSet002\\services\\scfilter\\\\Start': 'int32 4',
    });
  });

  test('repair-bcd: the devices and the path, as Windows itself wrote them', () => {
    expect(said('repair-bcd')[0]).toBe('fixed bcd-repaired');
    expect(changed.get('repair-bcd')?.()).toEqual({
      ...element(`binary ${device}`, at('11000001'), at('21000001')),
      ...element('string \\Windows\\system32\\winload.efi', at('12000002')),
    });
  });

  test('rebuild-bcd: a new store, whose loader lies on this Windows', () => {
    expect(said('rebuild-bcd')[0]).toBe('fixed bcd-rebuilt');
    const fresh = '{11111111-2222-4333-8444-555555555555}';
    expect(changed.get('rebuild-bcd')?.()).toMatchObject({
      ...element(`binary ${device}`, at('11000001', fresh), at('21000001', fresh)),
      ...element(`string ${fresh}`, at('23000003', '{9dea862c-5cdd-4e70-acc1-f32b344d4795}')),
    });
  });

  test('boot-policy: recovery off, failures ignored', () => {
    expect(said('boot-policy')[0]).toBe('fixed policy-set');
    expect(changed.get('boot-policy')?.()).toEqual({
      ...element('binary 00', at('16000009')),
      ...{ [at('250000e0')]: 'key', ...element('binary 0100000000000000', at('250000e0')) },
    });
  });

  test('safeboot-off: the element is gone', () => {
    expect(said('safeboot-off')[0]).toBe('fixed safe-mode-off');
    expect(changed.get('safeboot-off')?.()).toEqual({ [at('25000080')]: null, ...element(null, at('25000080')) });
  });

  test('pending-xml: what points to it is gone, the rest of the component store’s values is not', () => {
    expect(said('pending-xml')[0]).toBe('fixed pending-xml-aside');
    expect(changed.get('pending-xml')?.()).toEqual({ '\\\\\\PendingXmlIdentifier': null, '\\\\\\NextQueueEntryIndex': null });
  });

  test('restore-regback: the hive that hivex refuses does not load, and the kept ones are put in place', () => {
    expect(said('restore-regback')[0]).toBe('fixed regback-restored');
    const [first] = ran.get('restore-regback') ?? [];
    expect(first?.result?.findings[0]?.evidence).toBe('these do not load: SYSTEM');
    expect(first?.output).toMatch(/> reg load \S+ \S+\/SYSTEM\n {2}exit code 1\n/);
    expect(changed.get('restore-regback')?.()).toMatchObject({ '\\ControlSet001': 'key', '\\Microsoft': null });
  });
});
