/**
 * One table of what the failure modes share, with what their folders add to it: the disk before, the runs on it, and how each ends. `cases.test.ts`
 * runs it against the scripts' twins always and against the scripts themselves where PowerShell is, and compares the two to the last finding and the
 * last byte: the model cannot drift from the scripts.
 */
import { corrupt, detect, pending, run, services, type TableCase, wholeLife, winlogon } from '../../playbooks/proof.ts';
import { ownCases } from './proofs.ts';

const gen1 = { generation: 'V1' };
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
  { name: 'boot-policy, as Azure has it', script: 'boot-policy', runs: [run('Repair', 'nothing-to-do', 'policy-set')] },
  {
    name: 'boot-policy, menu and recovery',
    script: 'boot-policy',
    damage: [{ kind: 'boot-flags', displaybootmenu: true, recoveryenabled: true }],
    runs: wholeLife('policy-set', 'policy-set'),
  },
  { name: 'probe, a node of a cluster', script: 'probe', windows: { clusterNode: true }, runs: [detect('probed')] },
  {
    name: 'probe, hive of a node of a cluster damaged',
    script: 'probe',
    windows: { clusterNode: true },
    damage: [{ kind: 'damaged-hive', hive: 'SYSTEM' }],
    runs: [run('Detect', 'failed', 'hive-damaged')],
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
  ...ownCases,
];
