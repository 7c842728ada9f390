import { setEmsPort, switchEmsOn } from '../commands/bcdedit.ts';
import type { LoadedHive } from '../commands/registry.ts';
import type { RegistryValue } from '../disk.ts';
import { dword } from '../hive.ts';
import { backUp, completeBackup, restoreFiles, withUndo } from './backup.ts';
import { backUpStore } from './bootLoader.ts';
import { toVolumePath } from './dumps.ts';
import { type BootEntry, onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

interface Wrong {
  set: string;
  name: string;
  value: RegistryValue;
  before: string | null;
}

const MEGABYTE = 1024 * 1024;

export function bootSettings(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    disk.findBootPartition();
    const entry = disk.bootEntry();
    disk.testDiskOf(entry);
    const { drive } = disk.windows();
    const wrong = disk.withHive('SYSTEM', 'copy', hive => wrongValues(disk, hive, drive));
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: wrong.length > 0 || !isEmsOn(entry) ? 'would-change' : 'set' };
    withUndo(disk, () => {
      if (!isEmsOn(entry)) setEms(disk, entry);
      if (wrong.length > 0) setCrashControl(disk, wrong);
    });
    return { outcome: session.actions.length === 0 ? 'nothing-to-do' : 'fixed', code: 'set' };
  });
}

function isEmsOn(entry: BootEntry): boolean {
  return entry.ems && entry.emsPort === 1 && entry.emsBaudRate === 115_200;
}

/** What differs from the plan, in every control set that exists. */
function wrongValues(disk: RepairDisk, hive: LoadedHive, drive: string): Wrong[] {
  const sets = disk.controlSets(hive);
  const plan = dumpPlan(disk, hive, sets.selected, drive);
  return sets.all.flatMap(set =>
    Object.entries(plan).flatMap(([name, value]) => {
      const before = hive.query(`${set}\\Control\\CrashControl`, name);
      return before === String(value.data) ? [] : [{ set, name, value, before }];
    }),
  );
}

/** A complete dump into a pagefile that holds all memory, else an automatic one into a file of its own as large as the disk allows. */
function dumpPlan(disk: RepairDisk, hive: LoadedHive, controlSet: string, drive: string): Record<string, RegistryValue> {
  const { session } = disk;
  const { computer } = session;
  const memoryMb = Number(session.parameter('MemoryMb'));
  const need = memoryMb + 257;
  const root = disk.windowsRoot.slice(0, 2);
  const common: Record<string, RegistryValue> = {
    DumpFile: { type: 'REG_EXPAND_SZ', data: '%SystemRoot%\\MEMORY.DMP' },
    NMICrashDump: dword(1),
    AutoReboot: dword(0),
  };
  const megabytes = (path: string) => Math.floor(computer.length(path) / MEGABYTE);
  const paging = hive.query(`${controlSet}\\Control\\Session Manager\\Memory Management`, 'PagingFiles') ?? '';
  const pagefile = megabytes(`${root}\\pagefile.sys`);
  const own = toVolumePath(hive.query(`${controlSet}\\Control\\CrashControl`, 'DedicatedDumpFile'));
  if (own === '' && new RegExp(`(^|\\\\0)(${drive}|\\?):\\\\`, 'i').test(paging) && pagefile >= need) {
    session.find('dump-plan', 'certain', `complete dump: pagefile.sys on the Windows volume has ${pagefile} MB of ${need} needed`);
    return { ...common, CrashDumpEnabled: dword(1) };
  }
  const file = own || '\\bootmedic.dmp';
  const room = Math.round(computer.freeBytes(disk.windowsRoot) / MEGABYTE) - 1024 + megabytes(`${root}${file}`);
  const least = Math.min(need, Math.max(2048, Math.round(memoryMb / 4)));
  const set = Number(hive.query(`${controlSet}\\Control\\CrashControl`, 'DumpFileSize') ?? 0);
  // Whole gigabytes, and one that fits already stays: the free space is a little less at the next look.
  const fitting = own !== '' && set >= least && set <= room ? set : Math.floor(room / 1024) * 1024;
  const size = room < need ? fitting : need;
  if (size < least) {
    session.find('dump-plan', 'certain', `no room for a dump: ${room} MB of ${need} needed; a crash may leave none`);
    session.warn('the Windows volume has too little free space for a memory dump');
    return { ...common, CrashDumpEnabled: dword(7) };
  }
  session.find('dump-plan', 'certain', `automatic dump to ${drive}:${file} of ${size} MB: no pagefile of ${need} MB on the Windows volume`);
  return {
    ...common,
    CrashDumpEnabled: dword(7),
    DedicatedDumpFile: { type: 'REG_SZ', data: `${drive}:${file}` },
    DumpFileSize: dword(size),
  };
}

function setCrashControl(disk: RepairDisk, wrong: Wrong[]): void {
  const numbers = ['', '.LOG1', '.LOG2'].map(suffix => backUp(disk, disk.hivePath(`SYSTEM${suffix}`)));
  disk.withHive('SYSTEM', 'write', hive => {
    for (const { set, name, value } of wrong) hive.add(`${set}\\Control\\CrashControl`, name, value);
  });
  completeBackup(disk, numbers);
  for (const [set, group] of Map.groupBy(wrong, one => one.set)) {
    disk.session.act({
      what: 'crash dump settings',
      target: `SYSTEM\\${set}\\Control\\CrashControl`,
      before: group.map(({ name, before }) => (before === null ? `${name} absent` : `${name}=${before}`)).join('; '),
      after: group.map(({ name, value }) => `${name}=${value.data}`).join('; '),
      revertable: true,
    });
  }
}

function setEms(disk: RepairDisk, entry: BootEntry): void {
  const { computer } = disk.session;
  const numbers = backUpStore(disk);
  const codes = [switchEmsOn(computer, disk.store, entry.loader), setEmsPort(computer, disk.store, 1, 115_200)];
  if (codes.some(code => code !== 0) || !isEmsOn(disk.bootEntry()))
    throw new ScriptFailure('bcd-not-changed', 'EMS could not be switched on in the BCD');
  completeBackup(disk, numbers);
  const word = (flag: boolean) => (flag ? 'True' : 'False');
  const before = `ems=${word(entry.ems)} port=${entry.emsPort ?? ''} baud=${entry.emsBaudRate ?? ''}`;
  disk.session.act({ what: 'EMS on in the BCD', target: entry.loader, before, after: 'ems=True port=1 baud=115200', revertable: true });
}
