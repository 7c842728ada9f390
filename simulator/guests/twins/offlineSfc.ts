import { sfc } from '../commands/sfc.ts';
import { PENDING_XML } from '../volume.ts';
import { backUp, completeBackup, restoreFiles } from './backup.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

export function offlineSfc(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    disk.findBootPartition();
    if (session.computer.exists(`${disk.windowsRoot.slice(0, 2)}${PENDING_XML}`)) {
      session.find('pending-servicing', 'certain', 'WinSxS\\pending.xml');
      throw new ScriptFailure('servicing-pending', 'SFC refuses while a servicing operation is pending');
    }
    const corrupt = pass(disk, '/verifyonly');
    if (corrupt.length === 0) return { outcome: 'nothing-to-do', code: 'clean' };
    for (const file of corrupt.slice(0, 10)) session.find('corrupt-file', 'certain', file);
    if (corrupt.length > 10) session.warn(`${corrupt.length} files are corrupt, ten are named`);
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    repair(disk, corrupt);
    const left = pass(disk, '/verifyonly');
    if (left.length > 0) throw new ScriptFailure('files-not-repaired', `still corrupt after SFC: ${left.slice(0, 5).join(', ')}`);
    return { outcome: 'fixed', code: 'files-repaired' };
  });
}

/** The corrupt files of one pass, below the volume. The model's SFC names each with its folder, so none is looked for by its name. */
function pass(disk: RepairDisk, verb: '/verifyonly' | '/scannow'): string[] {
  disk.session.step(`sfc ${verb}`);
  const lines = sfc(disk.session.computer, verb, `${disk.windowsRoot}Windows`);
  if (!lines.some(line => line.includes('[SR] Verify complete')))
    throw new ScriptFailure('sfc-did-not-run', `sfc ${verb} left no log of a finished pass`);
  const found = lines.flatMap(line => {
    const [, folder, name] = /\[SR\] (?:Repairing|Could not reproject) corrupted file \[.*?\]"(.*?)"\\\[.*?\]"(.*?)"/.exec(line) ?? [];
    if (folder === undefined || name === undefined) return [];
    disk.session.print(line);
    return [`${folder.replace(/^\\\?\?\\[A-Z]:/i, '')}\\${name}`];
  });
  return found.toSorted();
}

function repair(disk: RepairDisk, corrupt: string[]): void {
  const { computer } = disk.session;
  const files = corrupt.map(path => ({ path, full: `${disk.windowsRoot.slice(0, 2)}${path}` }));
  const before = files.map(({ full }) => computer.hash(full));
  const numbers = files.map(({ full }) => backUp(disk, full));
  const said = pass(disk, '/scannow');
  completeBackup(disk, numbers);
  for (const [index, { path, full }] of files.entries()) {
    const [old, now] = [before[index] ?? null, computer.hash(full)];
    if (now !== old) disk.session.act({ what: 'repaired a system file', target: path, before: old, after: now, revertable: true });
  }
  for (const target of said.filter(path => !corrupt.includes(path)))
    disk.session.act({ what: 'may have repaired a system file', target, before: null, after: null, revertable: false });
}
