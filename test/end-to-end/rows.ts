/**
 * What becomes of a VM by each playbook, end to end: repaired; nothing to do; not applicable; failed; reverted (what it changed did not help, and
 * the original disk is back). One table: what is wrong with the disk, what is asked for, what the scripts say and how the repair ends.
 */
import type { Row } from '../../playbooks/proof.ts';
import { collectedRows } from '../playbooks/proofs.ts';

/** What became of it. */
export interface Told {
  outcome: string;
  playbook: string;
  headline: string;
  scripts: string[];
  /** Attempts that were booted. */
  boots: string[];
  original: boolean;
  power: boolean;
  breaches: number;
}

const services = '\\Windows\\System32\\services.exe';
const winlogon = '\\Windows\\System32\\winlogon.exe';
/** A Windows that is repaired of one thing, and then never ends starting. */
const hangs = { kind: 'bad-driver', name: 'stuck.sys', hangs: true };
/** No room for a backup, so nothing may be changed. */
const full = { kind: 'little-space', freeMb: 0 };
/** A stop that one playbook alone is for: the others find nothing to do. */
const vendor = { kind: 'bad-driver', name: 'vendor.sys' };
const torn = { kind: 'file-system-errors', repairable: false };
const pending = { kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken: true };
const version = { kind: 'mismatched-file', path: winlogon, version: '10.0.17763.6532', repairable: true };
const corrupt = (path: string, repairable: boolean) => ({ kind: 'corrupt-file', path, repairable });
const flags = (more: object) => ({ kind: 'boot-flags', ...more });

type Short = [
  name: Row['name'],
  damage: object[],
  says: string[],
  outcome: Row['outcome'],
  /** `diagnosed`: the playbook is not asked for, the diagnosis names it. */
  more?: Partial<Row['asked']> & { windows?: object; diagnosed?: true },
];
function rowsOf(playbook: string, shorts: Short[]): Row[] {
  return shorts.map(([name, damage, says, outcome, { windows, diagnosed, ...asked } = {}]) => ({
    ...{ playbook, name, damage, says, outcome, ...(windows && { windows }) },
    asked: asked.script === undefined && !diagnosed ? { playbook, ...asked } : asked,
  }));
}

export const rows: Row[] = [
  ...rowsOf('stop-0xc000021a', [
    ['repaired', [version], ['offline-sfc: fixed, files-repaired'], 'repaired'],
    ['nothing to do', [vendor], ['revert-servicing: nothing-to-do, nothing-pending', 'offline-sfc: nothing-to-do, clean'], 'rolled-back'],
    ['not applicable', [vendor], ['collect-dump: not-applicable, no-dump'], 'rolled-back'],
    ['failed', [corrupt(winlogon, false)], ['offline-sfc: failed, files-not-repaired'], 'rolled-back'],
    ['reverted', [version, hangs], ['offline-sfc: fixed, files-repaired'], 'rolled-back'],
  ]),
  ...rowsOf('stop-0xef', [
    ['repaired', [corrupt(services, true)], ['offline-sfc: fixed, files-repaired'], 'repaired'],
    ['nothing to do', [vendor], ['offline-sfc: nothing-to-do, clean'], 'rolled-back'],
    ['not applicable', [vendor], ['collect-dump: not-applicable, no-dump'], 'rolled-back'],
    ['failed', [{ kind: 'missing-file', path: services, repairable: false }], ['offline-sfc: failed, files-not-repaired'], 'rolled-back'],
    ['reverted', [corrupt(services, true), hangs], ['offline-sfc: fixed, files-repaired'], 'rolled-back'],
  ]),
  ...rowsOf('boot-configuration', [
    ['repaired', [{ kind: 'bcd-element', element: 'device' }], ['repair-bcd: fixed, bcd-repaired'], 'repaired'],
    ['nothing to do', [vendor], ['repair-bcd: nothing-to-do, bcd-sound'], 'rolled-back'],
    [
      'not applicable',
      [{ kind: 'missing-bcd' }],
      ['repair-bcd: not-applicable, rebuild-needed', 'rebuild-bcd: fixed, bcd-rebuilt'],
      'repaired',
    ],
    [
      'failed',
      [{ kind: 'missing-bcd' }, { kind: 'missing-file', path: '\\Windows\\system32\\winload.efi', repairable: false }],
      ['rebuild-bcd: failed, bcdboot-failed'],
      'rolled-back',
    ],
    ['reverted', [{ kind: 'bcd-element', element: 'path' }, hangs], ['repair-bcd: fixed, bcd-repaired'], 'rolled-back'],
  ]),
  ...rowsOf('file-system', [
    ['repaired', [{ kind: 'file-system-errors', repairable: true }], ['check-disk: fixed, file-system-repaired'], 'repaired'],
    ['nothing to do', [vendor], ['check-disk: nothing-to-do, file-system-sound'], 'rolled-back'],
    ['not applicable', [vendor], ['collect-dump: not-applicable, no-dump'], 'rolled-back'],
    ['failed', [{ kind: 'file-system-errors', repairable: false }], ['check-disk: failed, file-system-not-repaired'], 'rolled-back'],
    ['reverted', [{ kind: 'file-system-errors', repairable: true }, hangs], ['check-disk: fixed, file-system-repaired'], 'rolled-back'],
  ]),
  ...rowsOf('bad-driver', [
    ['repaired', [vendor], ['driver-off: fixed, driver-off'], 'repaired', { consents: ['switch-driver-off'] }],
    [
      'nothing to do',
      [
        {
          ...{ kind: 'bad-driver', name: 'csagent.sys', at: '2024-07-19T05:27:00.000Z' },
          reads: '\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000032.sys',
        },
      ],
      ['vendor-file: nothing-to-do, no-bad-file', 'driver-off: fixed, driver-off'],
      'repaired',
      { consents: ['quarantine-vendor-file', 'switch-driver-off'] },
    ],
    [
      'not applicable',
      [torn],
      ['vendor-file: not-applicable, no-known-file', 'driver-off: not-applicable, no-driver-named'],
      'rolled-back',
      { consents: ['switch-driver-off'] },
    ],
    ['failed', [vendor, full], ['driver-off: failed, backup-failed'], 'rolled-back', { consents: ['switch-driver-off'] }],
    ['reverted', [vendor, hangs], ['driver-off: fixed, driver-off'], 'rolled-back', { consents: ['switch-driver-off'] }],
  ]),
  ...rowsOf('pending-servicing', [
    ['repaired', [pending], ['revert-servicing: fixed, revert-queued'], 'repaired'],
    [
      'nothing to do',
      [vendor],
      ['revert-servicing: nothing-to-do, nothing-pending', 'pending-xml: nothing-to-do, no-pending-xml'],
      'rolled-back',
    ],
    ['not applicable', [vendor], ['collect-dump: not-applicable, no-dump'], 'rolled-back'],
    ['failed', [pending, { kind: 'damaged-hive', hive: 'COMPONENTS' }], ['revert-servicing: failed, dism-failed'], 'rolled-back'],
    ['reverted', [pending, hangs], ['revert-servicing: fixed, revert-queued'], 'rolled-back'],
  ]),
  // A boot menu is acted on when it is still there after some time: its wait may end by itself.
  ...rowsOf('boot-policy', [
    ['repaired', [flags({ displaybootmenu: true })], ['boot-policy: fixed, policy-set'], 'repaired', { diagnosed: true }],
    ['nothing to do', [vendor], ['boot-policy: nothing-to-do, policy-set', 'safeboot-off: nothing-to-do, no-safe-mode'], 'rolled-back'],
    [
      'not applicable',
      [flags({ safeboot: 'DsRepair' }), vendor],
      ['safeboot-off: not-applicable, directory-repair-mode'],
      'rolled-back',
      { consents: ['leave-safe-mode'] },
    ],
    ['failed', [flags({ recoveryenabled: true }), vendor, full], ['boot-policy: failed, backup-failed'], 'rolled-back'],
    ['reverted', [flags({ recoveryenabled: true }), vendor], ['boot-policy: fixed, policy-set'], 'rolled-back'],
  ]),
  ...collectedRows,
];

const header = '# writes: the service of vendor.sys in the SYSTEM hive\n# undone by: Revert\n';
const script = (body: string) => ({ script: { name: 'mine.ps1', content: `${header}${body}` } });
const off = `$hive = Get-HivePath -Disk $Disk -Name 'SYSTEM'
$backup = Backup-File -Disk $Disk -Path $hive
Invoke-WithHive -Path $hive -Write -Body { param($Key) Set-RegistryValue -Key "$Key\\ControlSet001\\Services\\Vendor_vendor" -Name 'Start' -Type 'REG_DWORD' -Data '4' }
Complete-Backup -Disk $Disk -Numbers @($backup)
Add-Action -What 'switched the service off' -Target 'SYSTEM' -Before '0' -After '4' -Revertable $true
New-Outcome -Outcome 'fixed' -Code 'service-off'
`;

/** Those of an operator's own scripts, which only a guest with a PowerShell can run. */
export const ownRows: Row[] = rowsOf('operator-script', [
  ['repaired', [vendor], ['operator-script: fixed, service-off'], 'repaired', script(off)],
  [
    'nothing to do',
    [vendor],
    ['operator-script: nothing-to-do, all-well'],
    'rolled-back',
    script("New-Outcome -Outcome 'nothing-to-do' -Code 'all-well'\n"),
  ],
  [
    'not applicable',
    [vendor],
    ['operator-script: not-applicable, not-for-it'],
    'rolled-back',
    script("New-Outcome -Outcome 'not-applicable' -Code 'not-for-it'\n"),
  ],
  [
    'failed',
    [vendor],
    ['operator-script: no result'],
    'rolled-back',
    script(`${off.replace('New-Outcome', "throw 'in the middle'\nNew-Outcome")}`),
  ],
  ['reverted', [vendor, hangs], ['operator-script: fixed, service-off'], 'rolled-back', script(off)],
]);
