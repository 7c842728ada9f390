/** What is Windows' own is left alone. */
import { createHash } from 'node:crypto';
import { full, hangs, type Proof, row, run, type TableRun, vendor, wholeLife } from '../proof.ts';

const channel = (at = '2024-07-19T04:09:00.000Z') => ({
  ...{ kind: 'bad-driver', name: 'csagent.sys', at },
  reads: '\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000032.sys',
});
const filter = { ...vendor, filter: true };
/** Of the simulator's `content of a vendor`. */
const vendorHash = createHash('sha256').update('content of a vendor').digest('hex');
const torn = { kind: 'file-system-errors', repairable: false };
const both = ['quarantine-vendor-file', 'switch-driver-off'];
const off = { asked: { consents: ['switch-driver-off'] } };

export const proof: Proof = {
  cases: [
    ...Object.entries<[damage: object[], driver: string, runs: TableRun[]]>({
      'none named': [[], '', [run('Repair', 'not-applicable', 'no-driver-named')]],
      "Windows' own": [[], 'storvsc.sys', [run('Repair', 'not-applicable', 'own-driver')]],
      unknown: [[], 'vendor.sys', [run('Repair', 'not-applicable', 'driver-not-found')]],
      'a filter': [[filter], 'vendor.sys', wholeLife('driver-off', 'driver-off')],
      'a bad one': [[vendor], 'Vendor.sys', wholeLife('driver-off', 'driver-off')],
    }).map(([name, [damage, Driver, runs]]) => ({
      ...{ name: `driver-off, ${name}`, script: 'driver-off', windows: { controlSets: [1, 2] }, damage },
      runs: runs.map(each => ({ ...each, parameters: { Driver } })),
    })),
    ...Object.entries<[driver: string, code: string]>({
      "Windows' own": ['StorVsc.sys', 'own-driver'],
      'a bad one': ['vendor.sys', 'store-unreadable'],
    }).map(([name, [Driver, code]]) => ({
      ...{ name: `driver-off, without a component store, ${name}`, script: 'driver-off', withoutStore: true },
      damage: [vendor],
      runs: [run('Repair', 'not-applicable', code, { Driver })],
    })),
    {
      name: 'driver-off, a service of its name that is of another file',
      script: 'driver-off',
      damage: [{ kind: 'bad-driver', name: 'other.sys' }],
      runs: [run('Repair', 'not-applicable', 'driver-not-found', { Driver: 'Vendor_other.sys' })],
    },
    {
      name: 'vendor-file, without a component store',
      script: 'vendor-file',
      withoutStore: true,
      damage: [channel()],
      runs: [run('Repair', 'not-applicable', 'store-unreadable', { Driver: 'csagent.sys' })],
    },
    ...Object.entries<[damage: object[], driver: string, runs: TableRun[]]>({
      'no rule': [[channel()], 'vendor.sys', [run('Repair', 'not-applicable', 'no-known-file')]],
      'of another time': [[channel('2024-07-19T05:27:00.000Z')], 'csagent.sys', [run('Repair', 'nothing-to-do', 'no-bad-file')]],
      'the bad one': [[channel()], 'CSAgent.sys', wholeLife('file-quarantined', 'no-bad-file')],
    }).map(([name, [damage, Driver, runs]]) => ({
      ...{ name: `vendor-file, ${name}`, script: 'vendor-file', damage },
      runs: runs.map(each => ({ ...each, parameters: { Driver } })),
    })),
    ...Object.entries<[rule: Record<string, string>, runs: TableRun[]]>({
      'by its time': [{ FromUtc: '20240719040900', UntilUtc: '20240719040901' }, wholeLife('file-quarantined', 'no-bad-file')],
      'by its size': [{ Bytes: '19' }, wholeLife('file-quarantined', 'no-bad-file')],
      'by its hash': [{ Sha256: vendorHash }, wholeLife('file-quarantined', 'no-bad-file')],
      'of another hash': [{ Sha256: '0'.repeat(64), Bytes: '19' }, [run('Repair', 'nothing-to-do', 'no-bad-file')]],
      'of another size': [{ Bytes: '20' }, [run('Repair', 'nothing-to-do', 'no-bad-file')]],
      'until its time': [{ UntilUtc: '20240719040900' }, [run('Repair', 'nothing-to-do', 'no-bad-file')]],
      'that says nothing': [{}, [run('Repair', 'nothing-to-do', 'no-bad-file')]],
      'of other files': [{ Files: 'C-00000292*.sys', Bytes: '19' }, [run('Repair', 'nothing-to-do', 'no-bad-file')]],
      'of a folder that is not there': [{ Folder: 'Other', Bytes: '19' }, [run('Repair', 'nothing-to-do', 'no-bad-file')]],
    }).map(([name, [rule, runs]]) => ({
      ...{ name: `vendor-file, an operator's rule ${name}`, script: 'vendor-file', damage: [{ ...channel(), name: 'vendor.sys' }] },
      runs: runs.map(each => ({ ...each, parameters: { Driver: 'vendor.sys', Folder: 'CrowdStrike', Files: 'C-0000029*.sys', ...rule } })),
    })),
    // By its name and hash a rule fits a file of Windows' own that somebody put there.
    {
      name: "vendor-file, an operator's rule for a file that came with Windows",
      script: 'vendor-file',
      damage: [{ ...channel(), name: 'vendor.sys', reads: '\\Windows\\System32\\drivers\\Vendor\\storvsc.sys' }],
      runs: [run('Repair', 'nothing-to-do', 'no-bad-file', { Driver: 'vendor.sys', Folder: 'Vendor', Files: 'stor*.sys', Bytes: '19' })],
    },
  ],
  ladders: [
    { wrong: 'one driver crashes', damage: [vendor], consents: ['switch-driver-off'], blames: 'vendor.sys', ends: 'driver-off' },
    { wrong: 'a filter crashes', damage: [filter], consents: ['switch-driver-off'], blames: 'vendor.sys', ends: 'driver-off' },
    { wrong: "a vendor's content crashes its driver", damage: [channel()], consents: both, blames: 'csagent.sys', ends: 'vendor-file' },
    { wrong: 'nobody asked', damage: [vendor], blames: 'vendor.sys', ends: 'none' },
  ],
  rows: [
    row('repaired', [vendor], ['driver-off: fixed, driver-off'], 'repaired', off),
    row(
      'nothing to do',
      [channel('2024-07-19T05:27:00.000Z')],
      ['vendor-file: nothing-to-do, no-bad-file', 'driver-off: fixed, driver-off'],
      'repaired',
      { asked: { consents: both } },
    ),
    row(
      'not applicable',
      [torn],
      ['vendor-file: not-applicable, no-known-file', 'driver-off: not-applicable, no-driver-named'],
      'rolled-back',
      off,
    ),
    row('failed', [vendor, full], ['driver-off: failed, backup-failed'], 'rolled-back', off),
    row('reverted', [vendor, hangs], ['driver-off: fixed, driver-off'], 'rolled-back', off),
  ],
};
