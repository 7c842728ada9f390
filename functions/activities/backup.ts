/** What Azure Backup has of a VM. Nice to have: it stops nothing, and nothing waits long for it. */
import { toFault } from '../../azure/errors.ts';
import type { BackupLook } from './contract.ts';
import type { Tools } from './tools.ts';

/** Never throws: why it could not be asked is its answer. */
export async function lookAtBackup(vmId: string, { azure, clock, log }: Tools): Promise<BackupLook> {
  const at = clock.now().toISOString();
  try {
    const [newest] = await azure.resourceGraph.backups(vmId);
    return { at, found: newest ?? null, unread: null };
  } catch (error) {
    const fault = toFault(error);
    log.warn({ fault }, 'the newest backup is not known');
    return { at, found: null, unread: `${fault.code}: ${fault.message.slice(0, 200)}` };
  }
}
