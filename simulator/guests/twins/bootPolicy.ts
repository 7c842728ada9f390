import { deleteElement, readStore, setElement } from '../commands/bcdedit.ts';
import { BOOT_MANAGER } from '../windows.ts';
import { completeBackup, restoreFiles, withUndo } from './backup.ts';
import { backUpStore } from './bootLoader.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

interface Wrong {
  target: string;
  before: string;
  after: string;
  /** Calls of bcdedit; each answers the exit code. */
  set: (() => number)[];
}

export function bootPolicy(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    disk.findBootPartition();
    const entry = disk.bootEntry();
    disk.testDiskOf(entry);
    const wrong = wrongPolicy(disk, entry.loader);
    for (const { target, before } of wrong) session.find('boot-policy', 'certain', `${target} is ${before}`);
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: wrong.length > 0 ? 'would-change' : 'policy-set' };
    if (wrong.length > 0) withUndo(disk, () => setPolicy(disk, wrong, entry.loader));
    return { outcome: session.actions.length === 0 ? 'nothing-to-do' : 'fixed', code: 'policy-set' };
  });
}

function wrongPolicy(disk: RepairDisk, loader: string): Wrong[] {
  const { computer } = disk.session;
  const store = readStore(computer, disk.store) ?? {};
  const { recoveryenabled, bootstatuspolicy } = store[loader]?.elements ?? {};
  const set = (object: string, element: string, value: string | number | boolean) => () =>
    setElement(computer, disk.store, object, element, value);
  const wrong: Wrong[] = [];
  if (recoveryenabled !== false) {
    const before = recoveryenabled === undefined ? 'absent' : 'Yes';
    wrong.push({ target: 'recoveryenabled', before, after: 'No', set: [set(loader, 'recoveryenabled', false)] });
  }
  if (bootstatuspolicy !== 'IgnoreAllFailures') {
    const before = bootstatuspolicy === undefined ? 'absent' : String(bootstatuspolicy);
    wrong.push({
      target: 'bootstatuspolicy',
      before,
      after: 'IgnoreAllFailures',
      set: [set(loader, 'bootstatuspolicy', 'IgnoreAllFailures')],
    });
  }
  if (store[BOOT_MANAGER]?.elements.displaybootmenu === true) {
    wrong.push({
      ...{ target: 'displaybootmenu', before: 'Yes', after: 'absent, timeout 5' },
      set: [() => deleteElement(computer, disk.store, BOOT_MANAGER, 'displaybootmenu'), set(BOOT_MANAGER, 'timeout', 5)],
    });
  }
  return wrong;
}

function setPolicy(disk: RepairDisk, wrong: Wrong[], loader: string): void {
  const numbers = backUpStore(disk);
  const codes = wrong.flatMap(({ set }) => set.map(call => call()));
  if (codes.some(code => code !== 0) || wrongPolicy(disk, loader).length > 0)
    throw new ScriptFailure('bcd-not-changed', 'the boot policy could not be set');
  completeBackup(disk, numbers);
  for (const { target, before, after } of wrong) disk.session.act({ what: 'boot policy', target, before, after, revertable: true });
}
