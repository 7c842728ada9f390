import { LANGUAGES, LOCALES } from '../builds.ts';
import { type DumpSetting, dumpSetting, findDumps } from './dumps.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import type { End, Session } from './session.ts';

export function probe(session: Session): Promise<End> {
  // Read-only whatever is asked for.
  session.mode = 'Detect';
  return onRepairDisk(session, disk => {
    const { computer } = session;
    const { bitLocker } = computer.volumeOf(disk.windowsRoot);
    if (bitLocker === 'suspended') session.find('bitlocker', 'certain', 'protection 0, conversion 1');
    session.step('Windows');
    const setting = factsOrRole(disk);
    const { build, pending } = disk.windows();
    session.find('windows-build', 'certain', build);
    session.find('free-space-bytes', 'certain', String(computer.freeBytes(disk.windowsRoot)));
    if (pending.length > 0) session.find('pending-servicing', 'certain', pending.join(', '));
    session.step('boot files');
    disk.findBootPartition();
    session.find('generation', 'certain', disk.generation);
    disk.testDiskOf(disk.bootEntry());
    session.step('memory dumps');
    const dumps = findDumps(disk, setting);
    for (const { guestPath, length } of dumps) session.find('dump', 'certain', `${guestPath} ${length}`);
    for (const { guestPath, time, header } of dumps.slice(0, 3)) {
      session.find('dump-time', 'certain', `${guestPath} ${time.toISOString().slice(0, 19)}Z`);
      session.find('dump-header', 'certain', header);
    }
    return { outcome: 'nothing-to-do', code: 'probed' };
  });
}

/** What a domain controller or a node of a cluster is can be seen without its registry too. */
function factsOrRole(disk: RepairDisk): DumpSetting {
  const { session } = disk;
  try {
    return findSystemFacts(disk);
  } catch (error) {
    if (session.computer.exists(`${disk.windowsRoot}Windows\\NTDS\\ntds.dit`))
      session.find('domain-controller', 'likely', 'directory database \\Windows\\NTDS\\ntds.dit');
    else session.find('role-unknown', 'certain', 'the SYSTEM hive, which tells a domain controller, cannot be read');
    if (session.computer.exists(`${disk.windowsRoot}Windows\\Cluster\\CLUSDB`))
      session.find('cluster-node', 'likely', 'cluster database \\Windows\\Cluster\\CLUSDB');
    throw error;
  }
}

function findSystemFacts(disk: RepairDisk): DumpSetting {
  const { session } = disk;
  return disk.withHive('SYSTEM', 'copy', hive => {
    const set = disk.controlSets(hive).selected;
    const locale = hive.query(`${set}\\Control\\Nls\\Language`, 'Default');
    const language = LANGUAGES.find(name => LOCALES[name] === locale?.toLowerCase());
    if (locale !== null) session.find('language', 'certain', language ?? locale);
    const role = hive.query(`${set}\\Control\\ProductOptions`, 'ProductType');
    const database = hive.query(`${set}\\Services\\NTDS\\Parameters`, 'DSA Database file');
    if (role === 'LanmanNT' || database !== null) {
      session.find('domain-controller', 'certain', `product type ${role}, directory database ${database ?? ''}`);
    } else if (role === null) session.find('role-unknown', 'certain', 'the SYSTEM hive names no product type');
    const cluster = hive.query(`${set}\\Services\\ClusSvc`, 'Start');
    if (cluster === '2') session.find('cluster-node', 'certain', `service ClusSvc starts with ${cluster}`);
    return dumpSetting(hive, `${set}\\Control\\CrashControl`);
  });
}
