import { revertPendingActions } from '../commands/dism.ts';
import { PENDING_XML } from '../volume.ts';
import { backUp, completeBackup, manifestOf, pathOf, restoreFiles, withUndo } from './backup.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

export function revertServicing(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    const { pending } = disk.windows();
    if (pending.length === 0) return { outcome: 'nothing-to-do', code: 'nothing-pending' };
    session.find('pending-servicing', 'certain', pending.join(', '));
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    // What is pending stays pending until the boot: only the manifest tells that the revert is queued already.
    if (manifestOf(disk).some(({ script, closed, reverted }) => script === session.scriptId && closed && !reverted)) {
      return { outcome: 'nothing-to-do', code: 'revert-queued' };
    }
    queue(disk, pending);
    return { outcome: 'fixed', code: 'revert-queued' };
  });
}

function queue(disk: RepairDisk, pending: string[]): void {
  const hives = ['COMPONENTS', 'SOFTWARE', 'SYSTEM'].flatMap(name =>
    ['', '.LOG1', '.LOG2'].map(suffix => disk.hivePath(`${name}${suffix}`)),
  );
  withUndo(disk, () => {
    const numbers = [`${disk.windowsRoot.slice(0, 2)}${PENDING_XML}`, ...hives].map(path => backUp(disk, path));
    const code = revertPendingActions(disk.session.computer, disk.windowsRoot);
    if (code !== 0 && code !== 3010) throw new ScriptFailure('dism-failed', `DISM ended with 0x${code.toString(16).padStart(8, '0')}`);
    const written = manifestOf(disk).some(
      entry => numbers.includes(entry.n) && disk.session.computer.hash(pathOf(disk, entry)) !== entry.sha256,
    );
    if (!written) throw new ScriptFailure('dism-failed', 'DISM says that the revert is queued, and has written nothing');
    completeBackup(disk, numbers);
  });
  disk.session.act({
    what: 'queued the revert of pending servicing',
    target: 'Windows\\WinSxS',
    before: pending.join(', '),
    after: 'reverted by the next boot',
    revertable: true,
  });
}
