/**
 * What becomes of a VM by each playbook, end to end: repaired; nothing to do; not applicable; failed; reverted (what it changed did not help, and
 * the original disk is back). One table: what is wrong with the disk, what is asked for, what the scripts say and how the repair ends.
 */
import type { RepairStory } from '../../functions/activities/contract.ts';
import { hangs, type OwnRow, type Row, row, vendor } from '../../playbooks/proof.ts';
import type { DiskContents } from '../../simulator/guests/disk.ts';
import { collectedRows } from '../playbooks/proofs.ts';

/** A row as `virtual.ts` is given it: of a machine of its own, as a scenario has it, where it names one; `whole`: with all that it leaves. */
export interface Performed extends Pick<Row, 'name' | 'damage' | 'asked' | 'windows'> {
  machine?: { resourceGroup: string; location: string };
  whole?: boolean;
}

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
  /** `contents` of the disk that the VM has in the end. */
  whole?: { story: RepairStory; contents: DiskContents | null };
}

export const rows: Row[] = collectedRows;

const header = '# writes: the service of vendor.sys in the SYSTEM hive\n# undone by: Revert\n';
const script = (body: string) => ({ asked: { script: { name: 'mine.ps1', content: `${header}${body}` } } });
const off = `$hive = Get-HivePath -Disk $Disk -Name 'SYSTEM'
$backup = Backup-File -Disk $Disk -Path $hive
Invoke-WithHive -Path $hive -Write -Body { param($Key) Set-RegistryValue -Key "$Key\\ControlSet001\\Services\\Vendor_vendor" -Name 'Start' -Type 'REG_DWORD' -Data '4' }
Complete-Backup -Disk $Disk -Numbers @($backup)
Add-Action -What 'switched the service off' -Target 'SYSTEM' -Before '0' -After '4' -Revertable $true
New-Outcome -Outcome 'fixed' -Code 'service-off'
`;

/** Those of an operator's own scripts, which only a guest with a PowerShell can run. */
const own: OwnRow[] = [
  row('repaired', [vendor], ['operator-script: fixed, service-off'], 'repaired', script(off)),
  row(
    'nothing to do',
    [vendor],
    ['operator-script: nothing-to-do, all-well'],
    'rolled-back',
    script("New-Outcome -Outcome 'nothing-to-do' -Code 'all-well'\n"),
  ),
  row(
    'not applicable',
    [vendor],
    ['operator-script: not-applicable, not-for-it'],
    'rolled-back',
    script("New-Outcome -Outcome 'not-applicable' -Code 'not-for-it'\n"),
  ),
  row(
    'failed',
    [vendor],
    ['operator-script: no result'],
    'rolled-back',
    script(`${off.replace('New-Outcome', "throw 'in the middle'\nNew-Outcome")}`),
  ),
  row('reverted', [vendor, hangs], ['operator-script: fixed, service-off'], 'rolled-back', script(off)),
];

export const ownRows: Row[] = own.map(each => ({ playbook: 'operator-script', ...each, asked: { ...each.asked } }));
