import { fail } from '../../azure/errors.ts';
import { parseId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Activity } from './activity.ts';
import { type Found, judgeLeftover, readPast } from './leftovers.ts';

interface End {
  deleted: boolean;
  why: string;
}
type Seen = Found & { provisioning: string; provisioningState: string };

/** Looks at the resource itself: Resource Graph lags, and somebody may have taken it into use since. */
export const ensureLeftoverDeleted: Activity<'ensureLeftoverDeleted'> = ({ resourceId }, tools) => {
  const { azure } = tools;
  const { type, name } = parseId(resourceId);
  const kind = kindOf(type.split('/')[1] ?? '', azure);
  if (kind === undefined) throw fail('fatal', 'notDeletable', `${resourceId} is no disk, snapshot or VM`);
  let why = '';
  return azure.operations.reach<End>({
    operation: `delete ${name}`,
    span: type.endsWith('/virtualMachines') ? spans.deleteVm : spans.deleteDisk,
    async look(): Promise<Look<End>> {
      const found = await kind.get(resourceId);
      if (found === undefined) return reached({ deleted: true, why: why || 'it was gone' });
      if (found.provisioning === 'busy') return busy(found.provisioningState);
      const judged = judgeLeftover(found, await readPast(found.tags, tools), tools.clock.now());
      ({ why } = judged);
      return judged.due ? idle : reached({ deleted: false, why });
    },
    start: () => kind.delete(resourceId),
    change: () => ({ before: `left by an earlier repair: ${why}` }),
  });
};

function kindOf(type: string, { disks, snapshots, vms }: Parameters<Activity<'ensureLeftoverDeleted'>>[1]['azure']) {
  const free = <T>(resource: T | undefined) => resource && { ...resource, attachedTo: null };
  const kinds: Record<string, { get(id: string): Promise<Seen | undefined>; delete: typeof disks.delete }> = {
    disks,
    snapshots: { get: async id => free(await snapshots.get(id)), delete: snapshots.delete },
    virtualMachines: { get: async id => free(await vms.get(id)), delete: vms.delete },
  };
  return Object.entries(kinds).find(([name]) => name.toLowerCase() === type.toLowerCase())?.[1];
}
