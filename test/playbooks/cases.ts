/**
 * One table: the disk before, the runs on it, and how each ends. `cases.test.ts` runs it against the scripts' twins always and against the
 * scripts themselves where PowerShell is, and compares the two to the last finding and the last byte: the model cannot drift from the scripts.
 */
import { createHash } from 'node:crypto';
import type { ScriptMode } from '../../playbooks/types.ts';
import { services, winlogon } from '../simulator/guests/world.ts';

export interface TableRun {
  mode: ScriptMode;
  outcome: string;
  code: string;
  parameters?: Record<string, string>;
  /** A finding that must be among what is found. */
  finds?: string;
}
export interface TableCase {
  name: string;
  script: string;
  windows?: object;
  damage?: object[];
  /** Texts that lie on the Windows volume beside what it has, by path. */
  files?: Record<string, string>;
  runs: TableRun[];
}

const run = (mode: ScriptMode, outcome: string, code: string, parameters?: Record<string, string>, finds?: string): TableRun => ({
  mode,
  outcome,
  code,
  ...(parameters && { parameters }),
  ...(finds !== undefined && { finds }),
});
const detect = (code = 'would-change') => run('Detect', 'nothing-to-do', code);
/** Looked at, repaired, nothing left to repair, taken back, nothing left to take back. */
const wholeLife = (done: string, again: string): TableRun[] => [
  detect(),
  run('Repair', 'fixed', done),
  run('Repair', 'nothing-to-do', again),
  run('Revert', 'reverted', 'reverted'),
  run('Revert', 'nothing-to-do', 'nothing-to-revert'),
];
const corrupt = (path: string, repairable = true) => ({ kind: 'corrupt-file', path, repairable });
const pending = { kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken: true };
const channel = (at = '2024-07-19T04:09:00.000Z') => ({
  ...{ kind: 'bad-driver', name: 'csagent.sys', at },
  reads: '\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000032.sys',
});
/** Of the simulator's `content of a vendor`. */
const vendorHash = createHash('sha256').update('content of a vendor').digest('hex');
const gen1 = { generation: 'V1' };
const otherId = { kind: 'changed-disk-id', id: 'gpt:11111111-2222-4333-8444-555555555555' };
const memory = { MemoryMb: '8192' };

export const cases: TableCase[] = [
  { name: 'probe, sound', script: 'probe', runs: [detect('probed')] },
  {
    name: 'probe, Gen1, a Dutch domain controller, pending',
    script: 'probe',
    windows: { generation: 'V1', language: 'nl-NL', domainController: true },
    damage: [pending],
    runs: [detect('probed')],
  },
  { name: 'probe, ransom note', script: 'probe', damage: [{ kind: 'ransom-note' }], runs: [run('Detect', 'failed', 'ransom-note')] },
  {
    name: 'probe, no BCD',
    script: 'probe',
    damage: [{ kind: 'missing-bcd' }],
    runs: [run('Detect', 'failed', 'boot-partition-not-found')],
  },
  {
    name: 'probe, hive damaged',
    script: 'probe',
    damage: [{ kind: 'damaged-hive', hive: 'SYSTEM' }],
    runs: [run('Detect', 'failed', 'hive-damaged', undefined, 'role-unknown')],
  },
  { name: 'probe, dump', script: 'probe', damage: [{ kind: 'dump', stopCode: 0xef }], runs: [detect('probed')] },
  {
    name: 'boot-settings, Gen1, two control sets',
    script: 'boot-settings',
    windows: { generation: 'V1', controlSets: [1, 2], defaultControlSet: 2 },
    runs: wholeLife('set', 'set').map(each => ({ ...each, parameters: memory })),
  },
  {
    name: 'boot-settings, disk id changed',
    script: 'boot-settings',
    damage: [{ kind: 'changed-disk-id', id: 'gpt:11111111-2222-4333-8444-555555555555' }],
    runs: [run('Repair', 'fixed', 'set', memory)],
  },
  { name: 'collect-dump, none', script: 'collect-dump', runs: [run('Repair', 'not-applicable', 'no-dump')] },
  {
    name: 'collect-dump, no consent',
    script: 'collect-dump',
    damage: [{ kind: 'dump', stopCode: 0xef }],
    runs: [run('Repair', 'nothing-to-do', 'no-consent')],
  },
  { name: 'revert-servicing, nothing pending', script: 'revert-servicing', runs: [run('Repair', 'nothing-to-do', 'nothing-pending')] },
  { name: 'revert-servicing, pending', script: 'revert-servicing', damage: [pending], runs: wholeLife('revert-queued', 'revert-queued') },
  { name: 'offline-sfc, sound', script: 'offline-sfc', runs: [run('Repair', 'nothing-to-do', 'clean')] },
  {
    name: 'offline-sfc, two files',
    script: 'offline-sfc',
    damage: [corrupt(services), corrupt(winlogon)],
    runs: wholeLife('files-repaired', 'clean'),
  },
  {
    name: 'offline-sfc, after a script that was cut off while it wrote the manifest',
    script: 'offline-sfc',
    damage: [corrupt(services)],
    files: { '\\bootmedic\\r-abcdefgh2345\\manifest.jsonl': '{"n":1,"script":"offline-sfc","volume":"win' },
    runs: wholeLife('files-repaired', 'clean'),
  },
  {
    name: 'offline-sfc, pending',
    script: 'offline-sfc',
    damage: [pending, corrupt(services)],
    runs: [run('Repair', 'failed', 'servicing-pending')],
  },
  // Boot configuration.
  { name: 'repair-bcd, sound', script: 'repair-bcd', runs: [run('Repair', 'nothing-to-do', 'bcd-sound')] },
  { name: 'repair-bcd, sound, Gen1', script: 'repair-bcd', windows: gen1, runs: [run('Repair', 'nothing-to-do', 'bcd-sound')] },
  ...['default', 'device', 'osdevice', 'path'].flatMap(element =>
    [{}, gen1].map((windows, n) => ({
      name: `repair-bcd, ${element}, Gen${2 - n}`,
      script: 'repair-bcd',
      windows,
      damage: [{ kind: 'bcd-element', element }],
      runs: n === 0 ? wholeLife('bcd-repaired', 'bcd-sound') : [run('Repair', 'fixed', 'bcd-repaired')],
    })),
  ),
  {
    name: 'repair-bcd, no store',
    script: 'repair-bcd',
    damage: [{ kind: 'missing-bcd' }],
    runs: [run('Repair', 'not-applicable', 'rebuild-needed')],
  },
  {
    name: 'repair-bcd, disk id',
    script: 'repair-bcd',
    damage: [otherId],
    runs: [run('Repair', 'fixed', 'disk-id'), run('Repair', 'nothing-to-do', 'bcd-sound')],
  },
  { name: 'rebuild-bcd, sound', script: 'rebuild-bcd', runs: [run('Repair', 'nothing-to-do', 'bcd-sound')] },
  {
    name: 'rebuild-bcd, always',
    script: 'rebuild-bcd',
    runs: wholeLife('bcd-rebuilt', 'bcd-rebuilt').map(each => ({ ...each, parameters: { When: 'always' } })),
  },
  { name: 'rebuild-bcd, no store', script: 'rebuild-bcd', damage: [{ kind: 'missing-bcd' }], runs: wholeLife('bcd-rebuilt', 'bcd-sound') },
  {
    name: 'rebuild-bcd, no store, Gen1',
    script: 'rebuild-bcd',
    windows: gen1,
    damage: [{ kind: 'missing-bcd' }],
    runs: wholeLife('bcd-rebuilt', 'bcd-sound'),
  },
  {
    name: 'rebuild-bcd, no boot manager',
    script: 'rebuild-bcd',
    damage: [{ kind: 'missing-boot-manager' }],
    runs: wholeLife('bcd-rebuilt', 'bcd-sound'),
  },
  {
    name: 'rebuild-bcd, no loader to take',
    script: 'rebuild-bcd',
    damage: [{ kind: 'missing-bcd' }, { kind: 'missing-file', path: '\\Windows\\system32\\winload.efi', repairable: true }],
    runs: [run('Repair', 'failed', 'bcdboot-failed')],
  },
  { name: 'boot-policy, as Azure has it', script: 'boot-policy', runs: [run('Repair', 'nothing-to-do', 'policy-set')] },
  {
    name: 'boot-policy, menu and recovery',
    script: 'boot-policy',
    damage: [{ kind: 'boot-flags', displaybootmenu: true, recoveryenabled: true }],
    runs: wholeLife('policy-set', 'policy-set'),
  },
  {
    name: 'probe, hive of a domain controller damaged',
    script: 'probe',
    windows: { domainController: true },
    damage: [{ kind: 'damaged-hive', hive: 'SYSTEM' }],
    runs: [run('Detect', 'failed', 'hive-damaged', undefined, 'domain-controller')],
  },
  {
    name: 'probe, SOFTWARE of a domain controller damaged',
    script: 'probe',
    windows: { domainController: true },
    damage: [{ kind: 'damaged-hive', hive: 'SOFTWARE' }],
    runs: [run('Detect', 'failed', 'hive-damaged', undefined, 'domain-controller')],
  },
  { name: 'safeboot-off, not set', script: 'safeboot-off', runs: [run('Repair', 'nothing-to-do', 'no-safe-mode')] },
  {
    name: 'safeboot-off',
    script: 'safeboot-off',
    damage: [{ kind: 'boot-flags', safeboot: 'Network' }],
    runs: wholeLife('safe-mode-off', 'no-safe-mode'),
  },
  {
    name: 'safeboot-off, directory repair',
    script: 'safeboot-off',
    damage: [{ kind: 'boot-flags', safeboot: 'DsRepair' }],
    runs: [run('Repair', 'not-applicable', 'directory-repair-mode')],
  },
  { name: 'check-disk, sound', script: 'check-disk', runs: [run('Repair', 'nothing-to-do', 'file-system-sound')] },
  {
    name: 'check-disk, errors',
    script: 'check-disk',
    damage: [{ kind: 'file-system-errors', repairable: true }],
    runs: [
      detect(),
      run('Repair', 'fixed', 'file-system-repaired'),
      run('Repair', 'nothing-to-do', 'file-system-sound'),
      run('Revert', 'not-applicable', 'no-revert'),
    ],
  },
  {
    name: 'check-disk, dirty',
    script: 'check-disk',
    windows: gen1,
    damage: [{ kind: 'dirty-volume' }],
    runs: [detect(), run('Repair', 'fixed', 'file-system-repaired')],
  },
  {
    name: 'check-disk, not to be repaired',
    script: 'check-disk',
    damage: [{ kind: 'file-system-errors', repairable: false }],
    runs: [run('Repair', 'failed', 'file-system-not-repaired')],
  },
  ...Object.entries<[damage: object[], driver: string, runs: TableRun[]]>({
    'none named': [[], '', [run('Repair', 'not-applicable', 'no-driver-named')]],
    "Windows' own": [[], 'storvsc.sys', [run('Repair', 'not-applicable', 'own-driver')]],
    unknown: [[], 'vendor.sys', [run('Repair', 'not-applicable', 'driver-not-found')]],
    'a filter': [[{ kind: 'bad-driver', name: 'vendor.sys', filter: true }], 'vendor.sys', wholeLife('driver-off', 'driver-off')],
    'a bad one': [[{ kind: 'bad-driver', name: 'vendor.sys' }], 'Vendor.sys', wholeLife('driver-off', 'driver-off')],
  }).map(([name, [damage, Driver, runs]]) => ({
    ...{ name: `driver-off, ${name}`, script: 'driver-off', windows: { controlSets: [1, 2] }, damage },
    runs: runs.map(each => ({ ...each, parameters: { Driver } })),
  })),
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
  { name: 'pending-xml, none', script: 'pending-xml', runs: [run('Repair', 'nothing-to-do', 'no-pending-xml')] },
  { name: 'pending-xml', script: 'pending-xml', damage: [pending], runs: wholeLife('pending-xml-aside', 'no-pending-xml') },
  // Registry.
  { name: 'replay-hives, sound', script: 'replay-hives', runs: [run('Repair', 'nothing-to-do', 'hives-sound')] },
  {
    name: 'replay-hives, one dirty',
    script: 'replay-hives',
    damage: [{ kind: 'unreplayed-hive', hive: 'SYSTEM' }],
    runs: wholeLife('hives-replayed', 'hives-sound'),
  },
  {
    name: 'replay-hives, one dirty, one broken',
    script: 'replay-hives',
    damage: [
      { kind: 'unreplayed-hive', hive: 'SOFTWARE' },
      { kind: 'damaged-hive', hive: 'SYSTEM' },
    ],
    runs: [run('Repair', 'fixed', 'hives-replayed'), run('Repair', 'not-applicable', 'hives-broken')],
  },
  {
    name: 'restore-regback, sound',
    script: 'restore-regback',
    damage: [{ kind: 'regback', whole: true }],
    runs: [run('Repair', 'nothing-to-do', 'hives-sound')],
  },
  {
    name: 'restore-regback, none',
    script: 'restore-regback',
    damage: [{ kind: 'damaged-hive', hive: 'SYSTEM' }],
    runs: [run('Repair', 'not-applicable', 'no-regback')],
  },
  {
    name: 'restore-regback, empty',
    script: 'restore-regback',
    damage: [
      { kind: 'regback', whole: false },
      { kind: 'damaged-hive', hive: 'SYSTEM' },
    ],
    runs: [run('Repair', 'not-applicable', 'no-regback')],
  },
  {
    name: 'restore-regback',
    script: 'restore-regback',
    damage: [
      { kind: 'regback', whole: true },
      { kind: 'damaged-hive', hive: 'SYSTEM' },
    ],
    runs: wholeLife('regback-restored', 'hives-sound'),
  },
];
