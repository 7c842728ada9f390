import { deleteElement, readStore } from '../commands/bcdedit.ts';
import { completeBackup, restoreFiles, withUndo } from './backup.ts';
import { backUpStore } from './bootLoader.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

export function safebootOff(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    disk.findBootPartition();
    const { loader } = disk.bootEntry();
    const flag = safeBoot(disk, loader);
    if (flag === '') return { outcome: 'nothing-to-do', code: 'no-safe-mode' };
    session.find('safe-mode', 'certain', `safeboot is ${flag}`);
    if (flag === 'DsRepair') return { outcome: 'not-applicable', code: 'directory-repair-mode' };
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    withUndo(disk, () => clear(disk, loader));
    session.act({ what: 'left safe mode', target: 'safeboot', before: flag, after: 'absent', revertable: true });
    return { outcome: 'fixed', code: 'safe-mode-off' };
  });
}

function safeBoot(disk: RepairDisk, loader: string): string {
  return String(readStore(disk.session.computer, disk.store)?.[loader]?.elements.safeboot ?? '');
}

function clear(disk: RepairDisk, loader: string): void {
  const numbers = backUpStore(disk);
  const code = deleteElement(disk.session.computer, disk.store, loader, 'safeboot');
  if (code !== 0 || safeBoot(disk, loader) !== '') throw new ScriptFailure('bcd-not-changed', 'the safe mode flag could not be taken off');
  completeBackup(disk, numbers);
}
