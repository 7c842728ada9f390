import { backUp, completeBackup, restoreFiles, withUndo } from './backup.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { testHive } from './replayHives.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

const NAMES = ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT'];
const HOUR = 3_600_000;

export function restoreRegback(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    const broken = NAMES.filter(name => !testHive(disk, disk.hivePath(name)));
    if (broken.length === 0) return { outcome: 'nothing-to-do', code: 'hives-sound' };
    session.find('hive', 'certain', `these do not load: ${broken.join(', ')}`);
    const obstacle = obstacleIn(disk);
    if (obstacle !== '') {
      session.warn(obstacle);
      return { outcome: 'not-applicable', code: 'no-regback' };
    }
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    withUndo(disk, () => restore(disk));
    return { outcome: 'fixed', code: 'regback-restored' };
  });
}

function obstacleIn(disk: RepairDisk): string {
  const { computer } = disk.session;
  const times: string[] = [];
  for (const name of NAMES) {
    const path = disk.hivePath(`RegBack\\${name}`);
    const file = computer.read(path);
    if (file === undefined) return `RegBack has no ${name}`;
    if (computer.length(path) === 0) return `RegBack's ${name} is empty`;
    if (!testHive(disk, path)) return `RegBack's ${name} does not load`;
    times.push(file.modified);
  }
  const [first = ''] = times.toSorted();
  if (Date.parse(times.toSorted().at(-1) ?? '') - Date.parse(first) > HOUR) return 'the hives in RegBack are of different times';
  disk.session.find('regback', 'certain', `RegBack is of ${first.slice(0, 10)}`);
  return '';
}

function restore(disk: RepairDisk): void {
  const { computer } = disk.session;
  const numbers = NAMES.flatMap(name => ['', '.LOG', '.LOG1', '.LOG2'].map(suffix => backUp(disk, disk.hivePath(`${name}${suffix}`))));
  for (const name of NAMES) {
    for (const suffix of ['.LOG', '.LOG1', '.LOG2']) computer.delete(disk.hivePath(`${name}${suffix}`));
    const before = computer.hash(disk.hivePath(name));
    computer.copy(disk.hivePath(`RegBack\\${name}`), disk.hivePath(name));
    const after = computer.hash(disk.hivePath(name));
    if (!testHive(disk, disk.hivePath(name))) throw new ScriptFailure('regback-failed', `${name} could not be put in place`);
    const target = `Windows\\System32\\config\\${name}`;
    disk.session.act({ what: 'restored a hive from RegBack', target, before, after, revertable: true });
  }
  completeBackup(disk, numbers);
}
