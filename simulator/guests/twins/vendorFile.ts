import { backUp, completeBackup, restoreFiles, withUndo } from './backup.ts';
import { isOwn, storeOf } from './componentStore.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import type { End, Session } from './session.ts';

interface Rule {
  folder: string;
  files: RegExp;
  /** Milliseconds; NaN = the rule says nothing of it. */
  from: number;
  until: number;
  sha256: string;
  bytes: string;
}

const KNOWN = new Map<string, Rule>([
  [
    'csagent.sys',
    {
      ...{ folder: 'Windows\\System32\\drivers\\CrowdStrike', files: /^C-00000291.*\.sys$/i },
      ...{ from: Date.parse('2024-07-19T04:00:00Z'), until: Date.parse('2024-07-19T05:27:00Z'), sha256: '', bytes: '' },
    },
  ],
]);

/** The operator's where there is one, else what is known of the driver. */
function ruleOf(session: Session): Rule | undefined {
  const folder = session.parameter('Folder');
  if (folder === '') return KNOWN.get(session.parameter('Driver').toLowerCase());
  const literal = session.parameter('Files').replaceAll('.', String.raw`\.`).replaceAll('*', '.*');
  return {
    ...{ folder: `Windows\\System32\\drivers\\${folder}`, files: new RegExp(`^${literal}$`, 'i') },
    ...{ from: timeOf(session.parameter('FromUtc')), until: timeOf(session.parameter('UntilUtc')) },
    ...{ sha256: session.parameter('Sha256'), bytes: session.parameter('Bytes') },
  };
}

const timeOf = (text: string) => Date.parse(text.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'));

function isBad({ session, windowsRoot }: RepairDisk, path: string, { from, until, sha256, bytes }: Rule): boolean {
  const { computer } = session;
  const modified = Date.parse(computer.read(`${windowsRoot}${path}`)?.modified ?? '');
  if (Number.isNaN(from) && Number.isNaN(until) && sha256 === '' && bytes === '') return false;
  if (modified < from || modified >= until) return false;
  if (bytes !== '' && String(computer.length(`${windowsRoot}${path}`)) !== bytes) return false;
  return sha256 === '' || computer.hash(`${windowsRoot}${path}`) === sha256;
}

export function vendorFile(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    const driver = session.parameter('Driver').toLowerCase();
    const rule = ruleOf(session);
    if (driver === '' || rule === undefined) return { outcome: 'not-applicable', code: 'no-known-file' };
    const store = storeOf(disk);
    if (store.length === 0) return { outcome: 'not-applicable', code: 'store-unreadable' };
    const bad = session.computer
      .files(`${disk.windowsRoot}${rule.folder}`)
      .filter(name => rule.files.test(name) && name.toLowerCase() !== driver)
      .toSorted()
      .map(name => `${rule.folder}\\${name}`)
      .filter(path => {
        const modified = session.computer.read(`${disk.windowsRoot}${path}`)?.modified ?? '';
        session.find('vendor-file', 'certain', `\\${path} of ${modified.slice(0, 19)}Z`);
        if (!isBad(disk, path, rule)) return false;
        const name = path.split('\\').at(-1) ?? '';
        const own = isOwn(store, name);
        if (own) session.find('own-file', 'certain', `${name} came with Windows`);
        return !own;
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
