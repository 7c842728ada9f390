/**
 * One table: the disk before, the runs on it, and how each ends. `cases.test.ts` runs it against the scripts' twins always and against the
 * scripts themselves where PowerShell is, and compares the two to the last finding and the last byte: the model cannot drift from the scripts.
 */
import type { ScriptMode } from '../../playbooks/types.ts';
import { services, winlogon } from '../simulator/guests/world.ts';

export interface TableRun {
  mode: ScriptMode;
  outcome: string;
  code: string;
  parameters?: Record<string, string>;
}
export interface TableCase {
  name: string;
  script: string;
  windows?: object;
  damage?: object[];
  runs: TableRun[];
}

const run = (mode: ScriptMode, outcome: string, code: string, parameters?: Record<string, string>): TableRun => ({
  mode,
  outcome,
  code,
  ...(parameters && { parameters }),
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
    runs: [run('Detect', 'failed', 'hive-damaged')],
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
  { name: 'offline-sfc, sound', script: 'offline-sfc', runs: [run('Repair', 'nothing-to-do', 'clean')] },
  {
    name: 'offline-sfc, two files',
    script: 'offline-sfc',
    damage: [corrupt(services), corrupt(winlogon)],
    runs: wholeLife('files-repaired', 'clean'),
  },
  {
    name: 'offline-sfc, pending',
    script: 'offline-sfc',
    damage: [pending, corrupt(services)],
    runs: [run('Repair', 'failed', 'servicing-pending')],
  },
];
