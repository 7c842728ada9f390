import { nameIn } from '../hive.ts';
import { PENDING_XML } from '../volume.ts';
import { backUp, restoreFiles } from './backup.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';
import { setAside } from './vendorFile.ts';

const POINTERS = ['PendingXmlIdentifier', 'NextQueueEntryIndex', 'AdvancedInstallersNeedResolving'];

export function pendingXml(session: Session): Promise<End> {
  return onRepairDisk(session, disk => {
    if (session.mode === 'Revert') return restoreFiles(disk);
    if (!session.computer.exists(`${disk.windowsRoot.slice(0, 2)}${PENDING_XML}`))
      return { outcome: 'nothing-to-do', code: 'no-pending-xml' };
    session.find('pending-servicing', 'certain', PENDING_XML);
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-change' };
    const names = pointersOf(disk);
    setAside(disk, [PENDING_XML.slice(1)], 'set the pending actions aside', () => removePointers(disk, names));
    const told = { what: 'removed what points to pending actions', target: 'COMPONENTS', after: null, revertable: true };
    if (names.length > 0) session.act({ ...told, before: names.join(', ') });
    session.warn('updates may fail until servicing is repaired in the running Windows: DISM /Online /Cleanup-Image /RestoreHealth');
    return { outcome: 'fixed', code: 'pending-xml-aside' };
  });
}

function pointersOf(disk: RepairDisk): string[] {
  if (!disk.session.computer.exists(disk.hivePath('COMPONENTS'))) return [];
  return disk.withHive('COMPONENTS', 'copy', ({ root }) => {
    if (Object.keys(root.keys).length === 0)
      throw new ScriptFailure('hive-damaged', 'the COMPONENTS hive says nothing of the component store');
    return POINTERS.filter(name => nameIn(root.values, name) !== undefined);
  });
}

function removePointers(disk: RepairDisk, names: string[]): number[] {
  if (names.length === 0) return [];
  const numbers = ['', '.LOG1', '.LOG2'].map(suffix => backUp(disk, disk.hivePath(`COMPONENTS${suffix}`)));
  disk.withHive('COMPONENTS', 'write', hive => {
    for (const name of names) hive.delete('', name);
  });
  return numbers;
}
