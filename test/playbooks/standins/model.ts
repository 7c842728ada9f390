/** The simulator's disk on the bench, and back: so that one case can be run by a script's twin and by the script itself, and what they leave can be compared. */
import { join } from 'node:path';
import { Computer } from '../../../simulator/guests/commands/computer.ts';
import { setNewDiskPolicy } from '../../../simulator/guests/commands/settings.ts';
import type { DiskContents, DiskFile } from '../../../simulator/guests/disk.ts';
import { World } from '../../../simulator/guests/powershell/world.ts';
import { repairVm } from '../../simulator/guests/world.ts';
import { type Case, root } from './bench.ts';

export interface ModelCase extends Case {
  world: World;
}

/** A repair VM as `make-safe` leaves it: a disk that is attached stays offline. */
const safe = new Computer({ system: repairVm(), disks: [], controller: 'SCSI', now: new Date() });
setNewDiskPolicy(safe, 'OfflineAll');

/** The repair VM with the disk at LUN 3. */
export function caseOf(name: string, contents: DiskContents): ModelCase {
  const folder = join(root, name);
  const disks = [{ lun: 3, sizeGb: 127, contents }];
  const world = new World(folder, { system: safe.system, disks, controller: 'SCSI', now: new Date() });
  const windows = contents.partitions.findIndex(({ volume }) => volume?.label === 'Windows');
  return { name, folder, windows: world.volumeFolder(0, windows), boot: '', runs: [], world };
}

/** What a disk says, but for our own folder and for what only bytes decide: the stand-ins' files are not the model's. */
export function left({ id, partitions }: DiskContents): unknown {
  const volumes = partitions.map(({ volume }) => {
    if (volume === undefined) return undefined;
    const files = Object.entries(volume.files).map(([path, file]) => [path.toLowerCase(), plain(file)] as const);
    const ours = files.filter(([path]) => !path.startsWith('\\bootmedic\\'));
    return { dirty: volume.dirty, errors: volume.fileSystemErrors, files: Object.fromEntries(ours) };
  });
  return { id, volumes };
}

export function leftByScript({ world }: ModelCase): unknown {
  const [disk] = world.left().disks;
  if (disk === undefined) throw new Error('the bench has lost its disk');
  return left(disk.contents);
}

function plain(file: DiskFile): object {
  const { modified: _, ...rest } = file;
  return 'bytes' in rest && rest.kind !== 'data' ? { ...rest, bytes: undefined } : rest;
}
