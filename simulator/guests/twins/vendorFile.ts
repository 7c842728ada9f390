import { backUp, completeBackup, restoreFiles, withUndo } from './backup.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import type { End, Session } from './session.ts';

const KNOWN = new Map([
  [
    'csagent.sys',
    {
      ...{ folder: 'Windows\\System32\\drivers\\CrowdStrike', files: /^C-00000291.*\.sys$/i },
      ...{ from: Date.parse('2024-07-19T04:00:00Z'), until: Date.parse('2024-07-19T05:27:00Z') },
    },
  ],
]);

export function vendorFile(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    const rule = KNOWN.get(session.parameter('Driver').toLowerCase());
    if (rule === undefined) return { outcome: 'not-applicable', code: 'no-known-file' };
    const bad = session.computer
      .files(`${disk.windowsRoot}${rule.folder}`)
      .filter(name => rule.files.test(name))
      .toSorted()
      .map(name => `${rule.folder}\\${name}`)
      .filter(path => {
        const modified = session.computer.read(`${disk.windowsRoot}${path}`)?.modified ?? '';
        session.find('vendor-file', 'certain', `\\${path} of ${modified.slice(0, 19)}Z`);
        return Date.parse(modified) >= rule.from && Date.parse(modified) < rule.until;
      });
    if (bad.length === 0) return { outcome: 'nothing-to-do', code: 'no-bad-file' };
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    setAside(disk, bad, 'quarantined a file');
    return { outcome: 'fixed', code: 'file-quarantined' };
  });
}

/** Files below the Windows partition's root are only in the backup folder from now on, and what `also` changes is changed: all of it, or nothing. */
export function setAside(disk: RepairDisk, paths: string[], what: string, also: () => number[] = () => []): void {
  const { computer } = disk.session;
  const full = (path: string) => `${disk.windowsRoot}${path}`;
  const hashes = paths.map(path => computer.hash(full(path)));
  withUndo(disk, () => {
    const numbers = paths.map(path => {
      const number = backUp(disk, full(path));
      computer.delete(full(path));
      return number;
    });
    completeBackup(disk, [...numbers, ...also()]);
  });
  for (const [n, path] of paths.entries())
    disk.session.act({ what, target: `\\${path}`, before: hashes[n] ?? null, after: null, revertable: true });
}
