import { fail } from '../../azure/errors.ts';
import { parseId, sameId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Activity } from './activity.ts';
import { tagsFor } from './names.ts';

/** The state of the disk before anything is done to it. Usable at once; a copy made from it fills in the background. */
export const ensureSnapshot: Activity<'ensureSnapshot'> = ({ snapshotId, diskId, location, expires }, { azure, repairId }) =>
  azure.operations.reach({
    operation: `snapshot ${parseId(snapshotId).name}`,
    span: spans.snapshot,
    onlyOurs: true,
    async look(): Promise<Look<{ snapshotId: string }>> {
      const snapshot = await azure.snapshots.get(snapshotId);
      if (snapshot === undefined) return idle;
      if (!sameId(snapshot.sourceId, diskId)) throw fail('fatal', 'notOurs', `${snapshotId} is a snapshot of ${snapshot.sourceId}`);
      if (snapshot.provisioning === 'busy') return busy(snapshot.provisioningState);
      return snapshot.provisioning === 'succeeded' ? reached({ snapshotId }) : idle;
    },
    start: () => azure.snapshots.create(snapshotId, diskId, location, tagsFor(repairId, expires)),
    change: () => ({ after: `incremental snapshot of ${parseId(diskId).name}` }),
  });
