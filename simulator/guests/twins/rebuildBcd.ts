import { bcdboot } from '../commands/bcdboot.ts';
import { managerPath } from '../windows.ts';
import { backUp, completeBackup, manifestOf, restoreFiles, withUndo } from './backup.ts';
import { backUpStore, bootLoader, deviceAt, deviceText } from './bootLoader.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

export function rebuildBcd(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    disk.findBootPartition('missing');
    const reason = reasonFor(disk);
    if (reason !== '') session.find('bcd', 'certain', reason);
    else if (session.parameter('When') !== 'always') return { outcome: 'nothing-to-do', code: 'bcd-sound' };
    else if (manifestOf(disk).some(({ script, closed, reverted }) => script === session.scriptId && closed && !reverted)) {
      return { outcome: 'nothing-to-do', code: 'bcd-rebuilt' };
    }
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    const before = session.computer.hash(disk.store);
    withUndo(disk, () => makeNew(disk));
    const after = session.computer.hash(disk.store);
    session.act({ what: 'made a new boot configuration', target: disk.store.slice(2), before, after, revertable: true });
    return { outcome: 'fixed', code: 'bcd-rebuilt' };
  });
}

function managerOf(disk: RepairDisk): string {
  return `${disk.bootRoot.slice(0, 2)}${managerPath(disk.generation)}`;
}

function reasonFor(disk: RepairDisk): string {
  const now = bootLoader(disk);
  if (now === undefined) return 'the boot configuration is missing or does not load';
  if (now.loader === '') return 'the boot configuration names no Windows';
  return disk.session.computer.exists(managerOf(disk)) ? '' : 'the boot manager is missing';
}

function makeNew(disk: RepairDisk): void {
  const { computer } = disk.session;
  const numbers = [...backUpStore(disk), backUp(disk, managerOf(disk))];
  if (disk.generation === 'V2') numbers.push(backUp(disk, `${disk.bootRoot}EFI\\Boot\\bootx64.efi`));
  for (const suffix of ['', '.LOG', '.LOG1', '.LOG2']) computer.delete(`${disk.store}${suffix}`);
  const windows = deviceAt(disk, disk.windowsRoot);
  const from = { root: disk.windowsRoot, windows, boot: deviceAt(disk, disk.bootRoot) };
  const code = bcdboot(computer, from, { root: disk.bootRoot, generation: disk.generation });
  const now = bootLoader(disk);
  const expected = deviceText(windows);
  if (code !== 0 || now === undefined || now.loader !== now.default || now.device !== expected || now.osdevice !== expected)
    throw new ScriptFailure('bcdboot-failed', `bcdboot made no boot configuration for this Windows (exit code ${code})`);
  completeBackup(disk, numbers);
}
