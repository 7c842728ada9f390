import { isDirty, lookAt, repair } from '../commands/chkdsk.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

export function checkDisk(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return { outcome: 'not-applicable', code: 'no-revert' };
    const sound = isSound(disk);
    const dirty = isDirty(session.computer, disk.windowsRoot);
    if (!sound) session.find('file-system', 'certain', 'chkdsk finds errors on the Windows partition');
    if (dirty) session.find('dirty-volume', 'certain', 'the Windows partition waits for a check');
    if (sound && !dirty) return { outcome: 'nothing-to-do', code: 'file-system-sound' };
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    session.step('chkdsk, repairing');
    const code = repair(session.computer, disk.windowsRoot);
    if (code === 3 || !isSound(disk) || isDirty(session.computer, disk.windowsRoot))
      throw new ScriptFailure('file-system-not-repaired', `chkdsk could not repair the file system (exit code ${code})`);
    const before = sound ? 'waiting for a check' : 'errors';
    const after = `chkdsk exit code ${code}`;
    session.act({ what: 'repaired the file system', target: 'Windows partition', before, after, revertable: false });
    return { outcome: 'fixed', code: 'file-system-repaired' };
  });
}

function isSound(disk: RepairDisk): boolean {
  disk.session.step('chkdsk, looking only');
  return lookAt(disk.session.computer, disk.windowsRoot) !== 3;
}
