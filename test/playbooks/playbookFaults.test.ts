/** The playbooks' own scripts with each of Windows' commands failing or lying: never fixed, never half done. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { disk } from '../simulator/guests/world.ts';
import { addFault, addRun, pwsh, type Ran, read, runAll } from './standins/bench.ts';
import { caseOf, left, leftByScript, type ModelCase } from './standins/model.ts';

const menu = [{ kind: 'boot-flags', displaybootmenu: true }];
const driver = [{ kind: 'bad-driver', name: 'vendor.sys' }];
const filter = [{ kind: 'bad-driver', name: 'vendor.sys', filter: true }];
const channel = [
  {
    ...{ kind: 'bad-driver', name: 'csagent.sys', at: '2024-07-19T04:09:00.000Z' },
    reads: '\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000032.sys',
  },
];
const pending = [{ kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken: true }];
const errors = [{ kind: 'file-system-errors', repairable: true }];
const dirty = [{ kind: 'unreplayed-hive', hive: 'SYSTEM' }];
const older = [
  { kind: 'regback', whole: true },
  { kind: 'damaged-hive', hive: 'SYSTEM' },
];
type Fault = [script: string, damage: object[], words: string, code: number | 'lie', expected: string, parameters?: Record<string, string>];
const faults: Fault[] = [
  ['repair-bcd', [{ kind: 'bcd-element', element: 'device' }], 'bcdedit', 1, 'bcd-not-changed'],
  ['repair-bcd', [{ kind: 'bcd-element', element: 'osdevice' }], 'bcdedit', 'lie', 'bcd-not-changed'],
  ['repair-bcd', [{ kind: 'bcd-element', element: 'default' }], 'robocopy', 16, 'backup-failed'],
  ['rebuild-bcd', [{ kind: 'missing-bcd' }], 'bcdboot', 193, 'bcdboot-failed'],
  ['rebuild-bcd', [], 'bcdboot', 'lie', 'bcdboot-failed', { When: 'always' }],
  ['rebuild-bcd', [], 'robocopy', 'lie', 'backup-failed', { When: 'always' }],
  ['boot-policy', menu, 'bcdedit', 1, 'bcd-not-changed'],
  ['boot-policy', menu, 'bcdedit', 'lie', 'bcd-not-changed'],
  ['safeboot-off', [{ kind: 'boot-flags', safeboot: 'Minimal' }], 'bcdedit', 'lie', 'bcd-not-changed'],
  ['check-disk', errors, 'chkdsk E: /f', 3, 'file-system-not-repaired'],
  ['check-disk', errors, 'chkdsk E: /f', 'lie', 'file-system-not-repaired'],
  ['check-disk', [], 'chkdsk', 50, 'chkdsk-failed'],
  ['driver-off', driver, 'reg add', 'lie', 'registry-not-changed', { Driver: 'vendor.sys' }],
  ['driver-off', driver, 'reg unload', 1, 'hive-in-use', { Driver: 'vendor.sys' }],
  ['driver-off', driver, 'reg load', 1, 'hive-damaged', { Driver: 'vendor.sys' }],
  ['driver-off', filter, 'reg add', 'lie', 'registry-not-changed', { Driver: 'vendor.sys' }],
  ['vendor-file', channel, 'robocopy', 'lie', 'backup-failed', { Driver: 'csagent.sys' }],
  ['pending-xml', pending, 'robocopy', 16, 'backup-failed'],
  ['pending-xml', pending, 'reg delete', 'lie', 'registry-not-changed'],
  ['pending-xml', pending, 'reg delete', 1, 'registry-not-changed'],
  ['replay-hives', dirty, 'robocopy', 16, 'backup-failed'],
  ['restore-regback', older, 'robocopy', 16, 'backup-failed'],
];

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: the playbooks’ scripts are not tried with faults');

present('a command that fails or lies', () => {
  let ran: Map<string, Ran[]>;
  const made: ModelCase[] = [];
  beforeAll(async () => {
    for (const [index, [script, damage, words, code, , parameters]] of faults.entries())
      made.push(addFault(addRun(caseOf(`fault-${index}`, disk({}, damage)), script, { Lun: '3', ...parameters }), words, code));
    ran = await runAll(made);
  }, 600_000);

  test.each(faults.map((fault, index) => [...fault.slice(0, 5), index] as [string, object[], string, number | 'lie', string, number]))(
    '%s, %j: %s %s',
    (_script, damage, _words, _code, expected, index) => {
      const [first] = ran.get(`fault-${index}`) ?? [];
      expect(first?.result ?? first?.output).toMatchObject({ outcome: 'failed', code: expected });
      const bench = made[index];
      if (bench === undefined) throw new Error('not run');
      const before = disk({}, damage);
      expect(leftByScript(bench)).toEqual(left(before));
      expect([read(bench, 'disks/2/offline'), read(bench, 'disks/2/readonly')]).toEqual(['1', '1']);
    },
  );
});
