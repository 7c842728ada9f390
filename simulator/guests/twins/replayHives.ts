import { withHive } from '../commands/registry.ts';
import { backUp, completeBackup, restoreFiles, withUndo } from './backup.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

export function replayHives(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    const dirty: string[] = [];
    const broken: string[] = [];
    for (const name of ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT', 'COMPONENTS']) {
      const loads = testHive(disk, disk.hivePath(name));
      if (!loads) session.find('hive', 'certain', `${name} does not load`);
      else if (isDirty(disk, name)) session.find('hive', 'certain', `${name} has logs that are not applied`);
      if (!loads) broken.push(name);
      else if (isDirty(disk, name)) dirty.push(name);
    }
    if (dirty.length === 0)
      return broken.length > 0 ? { outcome: 'not-applicable', code: 'hives-broken' } : { outcome: 'nothing-to-do', code: 'hives-sound' };
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    withUndo(disk, () =>
      dirty.forEach(name => {
        replay(disk, name);
      }),
    );
    if (broken.length > 0) session.warn(`these hives still do not load: ${broken.join(', ')}`);
    return { outcome: 'fixed', code: 'hives-replayed' };
  });
}

/** Does a copy of it load? */
export function testHive(disk: RepairDisk, path: string): boolean {
  return withHive(disk.session.computer, path, 'copy', () => true) !== undefined;
}

function isDirty(disk: RepairDisk, name: string): boolean {
  const file = disk.session.computer.read(disk.hivePath(name));
  return file?.kind === 'hive' && file.dirty === true;
}

function replay(disk: RepairDisk, name: string): void {
  const numbers = ['', '.LOG', '.LOG1', '.LOG2'].map(suffix => backUp(disk, disk.hivePath(`${name}${suffix}`)));
  withHive(disk.session.computer, disk.hivePath(name), 'write', () => undefined);
  if (isDirty(disk, name)) throw new ScriptFailure('hive-not-replayed', `the logs of ${name} could not be applied`);
  completeBackup(disk, numbers);
  const target = `Windows\\System32\\config\\${name}`;
  disk.session.act({ what: 'applied the transaction logs', target, before: 'dirty', after: 'clean', revertable: true });
}
