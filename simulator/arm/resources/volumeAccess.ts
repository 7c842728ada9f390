/** Read access to a disk or snapshot by a SAS, which the copy of a disk out of Azure begins with (`test_snapshot_access`). */
import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud } from '../cloud.ts';
import { notAllowed } from '../errors.ts';
import { runOperation } from '../longRunning.ts';
import type { Disk, Snapshot } from '../model.ts';
import { checkIdle } from './volumeLife.ts';

const Grant = z.strictObject({
  access: z.enum(['None', 'Read', 'Write']),
  durationInSeconds: z.int().positive(),
  getSecureVMGuestStateSAS: z.boolean().optional(),
  fileFormat: z.enum(['VHD', 'VHDX']).optional(),
});

/** Whether somebody holds a SAS for it. Recorded: it holds until it is taken back, also beyond its time. */
export function isShared({ shared }: Disk | Snapshot): boolean {
  return shared === true;
}

/** Lets somebody in. The address is signed by nobody: no bytes stand behind it. */
export function beginAccess(request: ArmRequest, cloud: Cloud, volume: Disk | Snapshot): ArmResponse {
  parseBody(Grant, request.body, cloud);
  checkIdle(volume);
  if (volume.kind === 'disk' && volume.managedBy !== undefined && cloud.estate.vm(volume.managedBy)?.power !== 'deallocated')
    throw notAllowed('disk-in-use', `Disk ${volume.name} is attached to a running VM; a SAS cannot be created for it.`);
  const accessSAS = `https://md-${randomBytes(6).toString('hex')}.z1.blob.storage.azure.net/${randomBytes(6).toString('hex')}/abcd?sv=2018-03-28&sr=b&si=${randomUUID()}&sig=none`;
  const granted = () => ({ accessSAS });
  const headers = runOperation(cloud, request, {
    ...{ kind: 'disk', location: volume.location, seconds: cloud.durations.sample('disk.access'), output: granted, result: granted },
    complete: () => {
      volume.shared = true;
    },
  });
  return { status: 202, headers: headers.both };
}

/** Takes the SAS back. */
export function endAccess(request: ArmRequest, cloud: Cloud, volume: Disk | Snapshot): ArmResponse {
  checkIdle(volume);
  const headers = runOperation(cloud, request, {
    ...{ kind: 'disk', location: volume.location, seconds: cloud.durations.sample('disk.access') },
    complete: () => {
      delete volume.shared;
    },
  });
  return { status: 202, headers: headers.both };
}

/** What somebody may be reading cannot be deleted. */
export function checkUnshared(volume: Disk | Snapshot): void {
  if (isShared(volume)) throw notAllowed('disk-in-use', `${volume.name} has an active shared access signature: it must be revoked first.`);
}
