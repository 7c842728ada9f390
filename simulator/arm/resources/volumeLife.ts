/** What disks and snapshots do alike: they refuse while busy, go away by a long operation, and are listed by scope. */
import type { ArmRequest, ArmResponse, Cloud } from '../cloud.ts';
import { ArmError } from '../errors.ts';
import { runOperation } from '../longRunning.ts';
import type { Disk, Snapshot } from '../model.ts';
import { sameId } from '../paths.ts';

export function checkIdle(volume: Disk | Snapshot): void {
  if (volume.provisioningState === 'Succeeded' || volume.provisioningState === 'Failed') return;
  const kind = volume.type.endsWith('/disks') ? 'Disk' : 'Snapshot';
  throw new ArmError('disk-busy', 409, 'ConflictingUserInput', `${kind} '${volume.name}' has another operation in progress.`);
}

/** The end of a volume that nobody uses. */
export function removeVolume(request: ArmRequest, cloud: Cloud, volume: Disk | Snapshot): ArmResponse {
  checkIdle(volume);
  volume.provisioningState = 'Deleting';
  const headers = runOperation(cloud, request, {
    kind: 'disk',
    location: volume.location,
    seconds: cloud.durations.sample('disk.delete'),
    complete: () => cloud.estate.delete(volume.id),
    undo: () => {
      volume.provisioningState = 'Succeeded';
    },
  });
  return { status: 202, headers: headers.both };
}

/** Those of the request's subscription and, where it names one, resource group. */
export function inScope<V extends Disk | Snapshot>(request: ArmRequest, volumes: V[]): V[] {
  const group = request.resourceGroup.toLowerCase();
  return volumes.filter(({ id }) => {
    const [, , subscription, , owner] = id.split('/');
    return sameId(subscription, request.subscription) && (group === '' || owner?.toLowerCase() === group);
  });
}
