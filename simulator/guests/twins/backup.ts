/** Backups on the repair disk: every file is copied, and named in the manifest, before it is changed. */
import { z } from 'zod';
import { CommandError } from '../commands/computer.ts';
import type { RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure } from './session.ts';

const Opened = z.object({
  n: z.int(),
  script: z.string(),
  volume: z.enum(['windows', 'boot']),
  path: z.string(),
  backup: z.string(),
  sha256: z.string().nullable(),
});
const Line = z.union([Opened, z.object({ n: z.int(), after: z.string().nullable() }), z.object({ n: z.int(), reverted: z.literal(true) })]);
type Line = z.infer<typeof Line>;
type Entry = z.infer<typeof Opened> & { closed: boolean; after: string | null; reverted: boolean };

function folderOf(disk: RepairDisk): string {
  return `${disk.windowsRoot}bootmedic\\${disk.session.repairId}`;
}

export function manifestOf(disk: RepairDisk): Entry[] {
  const file = disk.session.computer.read(`${folderOf(disk)}\\manifest.jsonl`);
  const entries = new Map<number, Entry>();
  for (const text of file?.kind === 'text' ? file.text.split('\n').filter(Boolean) : []) {
    const line = lineOf(text);
    if (line === undefined) continue;
    if ('path' in line) entries.set(line.n, { ...line, closed: false, after: null, reverted: false });
    else Object.assign(entries.get(line.n) ?? {}, 'after' in line ? { closed: true, after: line.after } : { reverted: true });
  }
  return [...entries.values()];
}

/** Undefined: a script that was cut off left it torn. */
function lineOf(text: string): Line | undefined {
  try {
    return Line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Call before the first change; answers the entry's number for `completeBackup`. */
export function backUp(disk: RepairDisk, path: string): number {
  const { computer, scriptId } = disk.session;
  const n = manifestOf(disk).length + 1;
  const onBoot = disk.bootRoot !== '' && disk.bootRoot !== disk.windowsRoot && path.startsWith(disk.bootRoot);
  const sha256 = computer.hash(path);
  const backup = `${String(n).padStart(4, '0')}\\${path.slice(path.lastIndexOf('\\') + 1)}`;
  if (sha256 !== null) keepCopy(disk, path, `${folderOf(disk)}\\${backup}`);
  addLine(disk, { n, script: scriptId, volume: onBoot ? 'boot' : 'windows', path: path.slice(3), backup, sha256 });
  return n;
}

function keepCopy(disk: RepairDisk, path: string, target: string): void {
  try {
    disk.session.computer.copy(path, target);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new ScriptFailure('backup-failed', `${path} could not be backed up: nothing was changed`);
  }
}

/** Call after the change: what the files are now, so that a Revert can tell our bytes from later ones. */
export function completeBackup(disk: RepairDisk, numbers: number[]): void {
  for (const entry of manifestOf(disk)) {
    if (numbers.includes(entry.n)) addLine(disk, { n: entry.n, after: disk.session.computer.hash(pathOf(disk, entry)) });
  }
}

/** Puts back what this script changed. What was changed after it is nobody's to overwrite. */
export function restoreFiles(disk: RepairDisk, which: 'all' | 'unfinished' = 'all'): End {
  const { session } = disk;
  const entries = manifestOf(disk)
    .filter(({ script, reverted, closed }) => script === session.scriptId && !reverted && !(which === 'unfinished' && closed))
    .toReversed();
  if (entries.some(({ volume }) => volume === 'boot')) disk.findBootPartition('missing');
  for (const entry of entries) {
    const now = session.computer.hash(pathOf(disk, entry));
    if (entry.closed && now !== entry.after && now !== entry.sha256) {
      throw new ScriptFailure('changed-since', `${entry.path} was changed after this repair: nothing is put back`);
    }
  }
  for (const entry of entries) {
    restore(disk, entry);
    addLine(disk, { n: entry.n, reverted: true });
  }
  return session.actions.length === 0 ? { outcome: 'nothing-to-do', code: 'nothing-to-revert' } : { outcome: 'reverted', code: 'reverted' };
}

/** A change that fails in its middle is taken back at once; the failure is then told as it was. */
export function withUndo(disk: RepairDisk, change: () => void): void {
  try {
    change();
  } catch (error) {
    try {
      restoreFiles(disk, 'unfinished');
    } catch (another) {
      disk.session.warn(`what was begun could not be taken back: ${another instanceof Error ? another.message : another}`);
    }
    throw error;
  }
}

function restore(disk: RepairDisk, entry: Entry): void {
  const { computer } = disk.session;
  const path = pathOf(disk, entry);
  const before = computer.hash(path);
  if (before === entry.sha256) return;
  if (entry.sha256 === null) computer.delete(path);
  else computer.copy(`${folderOf(disk)}\\${entry.backup}`, path);
  disk.session.act({ what: 'put back', target: `\\${entry.path}`, before, after: entry.sha256, revertable: false });
}

export function pathOf(disk: RepairDisk, entry: Entry): string {
  return (entry.volume === 'boot' ? disk.bootRoot : disk.windowsRoot) + entry.path;
}

function addLine(disk: RepairDisk, line: Line): void {
  const { computer } = disk.session;
  const path = `${folderOf(disk)}\\manifest.jsonl`;
  const file = computer.read(path);
  const before = file?.kind === 'text' ? file.text : '';
  const text = `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${JSON.stringify(line)}\n`;
  computer.write(path, { kind: 'text', modified: computer.now.toISOString(), text });
}
