import { setDefault, setDevice, setElement } from '../commands/bcdedit.ts';
import { BOOT_MANAGER } from '../windows.ts';
import { completeBackup, restoreFiles, withUndo } from './backup.ts';
import { type BootLoader, backUpStore, bootLoader, deviceAt, deviceText, loaderPathOf } from './bootLoader.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

interface Wrong {
  target: string;
  before: string;
  after: string;
  /** One call of bcdedit; answers the exit code. */
  set(): number;
}

export function repairBcd(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    disk.findBootPartition('missing');
    const now = bootLoader(disk);
    if (now === undefined || now.loader === '') {
      session.find('bcd', 'certain', 'the boot configuration is missing, does not load or names no Windows');
      return { outcome: 'not-applicable', code: 'rebuild-needed' };
    }
    const before = disk.identity;
    if (now.default === now.loader && !now.managerDevice.startsWith(`${before} `)) disk.testDiskOf(disk.bootEntry());
    if (disk.identity !== before) return { outcome: 'fixed', code: 'disk-id' };
    const wrong = wrongElements(disk, now);
    for (const { target, before, after } of wrong) session.find('bcd', 'certain', `${target} is ${before}, not ${after}`);
    if (!session.computer.exists(`${disk.windowsRoot.slice(0, 2)}${loaderPathOf(disk)}`))
      session.warn('the loader itself is missing on the Windows partition');
    if (wrong.length === 0) return { outcome: 'nothing-to-do', code: 'bcd-sound' };
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    withUndo(disk, () => setElements(disk, wrong));
    return { outcome: 'fixed', code: 'bcd-repaired' };
  });
}

function wrongElements(disk: RepairDisk, now: BootLoader): Wrong[] {
  const { computer } = disk.session;
  const { store } = disk;
  const windows = deviceAt(disk, disk.windowsRoot);
  const boot = deviceAt(disk, disk.bootRoot);
  const path = loaderPathOf(disk);
  const all: Wrong[] = [
    { target: 'default', before: now.default, after: now.loader, set: () => setDefault(computer, store, now.loader) },
    {
      ...{ target: 'boot manager device', before: now.managerDevice, after: deviceText(boot) },
      set: () => setDevice(computer, store, BOOT_MANAGER, 'device', boot),
    },
    ...(['device', 'osdevice'] as const).map(name => ({
      ...{ target: `loader ${name}`, before: now[name], after: deviceText(windows) },
      set: () => setDevice(computer, store, now.loader, name, windows),
    })),
    { target: 'loader path', before: now.path, after: path, set: () => setElement(computer, store, now.loader, 'path', path) },
  ];
  return all.filter(({ before, after }) => before.toLowerCase() !== after.toLowerCase());
}

function setElements(disk: RepairDisk, wrong: Wrong[]): void {
  const numbers = backUpStore(disk);
  const codes = wrong.map(each => each.set());
  const now = bootLoader(disk);
  if (codes.some(code => code !== 0) || now === undefined || wrongElements(disk, now).length > 0)
    throw new ScriptFailure('bcd-not-changed', 'the boot configuration could not be put right');
  completeBackup(disk, numbers);
  for (const { target, before, after } of wrong) {
    disk.session.act({ what: 'boot configuration', target, before, after, revertable: true });
  }
}
