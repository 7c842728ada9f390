import type { RepairStory } from '../../functions/activities/contract.ts';
import { type Block, code, facts, link, note, pre, type Section, strong, type Text, text, time } from '../document.ts';
import { duration, millis, quoted } from '../words.ts';

/** The newest recovery point that Azure Backup has of the VM: the alternative to a repair. */
export function backup({ backup: look, startedAt }: Pick<RepairStory, 'backup' | 'startedAt'>): Section | null {
  if (!look?.found) return null;
  const { found, at } = look;
  const item = itemOf(found.itemId);
  return {
    id: 'backup',
    title: 'The alternative: its newest backup',
    blocks: [
      text('Azure Backup protects this VM. A restore takes it back to a recovery point: what it has written since is lost.'),
      ...(found.newest === null ? [note('warn', 'It is protected, and has no recovery point yet: there is nothing to restore.')] : []),
      ...facts({
        'Newest recovery point': found.newest === null ? null : [time(found.newest), ...before(found.newest, startedAt)],
        Vault: item ? [strong(item.vault), ' in resource group ', item.group] : [code(found.itemId)],
        Policy: found.policy === '' ? null : [found.policy],
        'State of protection': found.state === '' ? null : [found.state],
        'Last backup': found.lastStatus === '' ? null : [found.lastStatus],
        'As it was known at': [time(at)],
      }),
      ...(item && found.newest !== null ? commands(item) : []),
    ],
  };
}

function before(newest: string, startedAt: string): Text {
  const [point, start] = [millis(newest), millis(startedAt)];
  if (point === null || start === null || point > start) return [];
  return [`, ${duration((start - point) / 1000)} before this repair began`];
}

interface Item {
  subscription: string;
  group: string;
  vault: string;
  container: string;
  item: string;
}

function itemOf(id: string): Item | null {
  const parts =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.RecoveryServices\/vaults\/([^/]+)\/backupFabrics\/[^/]+\/protectionContainers\/([^/]+)\/protectedItems\/([^/]+)$/i.exec(
      id,
    );
  if (parts === null) return null;
  const [, subscription = '', group = '', vault = '', container = '', item = ''] = parts;
  return { subscription, group, vault, container, item };
}

/** learn.microsoft.com/cli/azure/backup: restored disks stand beside the VM; nothing of it is replaced by these. */
function commands({ subscription, group, vault, container, item }: Item): Block[] {
  const where = [`--subscription ${quoted(subscription)} -g ${quoted(group)} -v ${quoted(vault)}`];
  where.push(`-c ${quoted(container)} -i ${quoted(item)}`);
  return [
    ...pre(
      'List its recovery points',
      `az backup recoverypoint list ${where.join(' ')} --backup-management-type AzureIaasVM --workload-type VM -o table`,
    ),
    ...pre(
      'Restore the disks of one beside the VM (with your own names)',
      `az backup restore restore-disks ${where.join(' ')} --rp-name RECOVERY_POINT --storage-account ACCOUNT --target-resource-group GROUP`,
    ),
    text('How: ', link('https://learn.microsoft.com/azure/backup/backup-azure-arm-restore-vms')),
  ];
}

/** For the report's list of what was not checked; null = it was, and is told above. */
export function backupLimit({ backup: look }: Pick<RepairStory, 'backup'>): string | null {
  if (look == null) return 'Azure Backup was not asked for the newest recovery point.';
  if (look.unread !== null) return `Azure Backup could not be asked for the newest recovery point: ${look.unread}`;
  return look.found
    ? 'Whether the recovery point can be restored was not tried.'
    : 'No Recovery Services vault in sight protects this VM. Other means of backup were not looked for.';
}
