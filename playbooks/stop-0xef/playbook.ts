import { bootSettings, collectDump, collectLast, named, offlineSfc, supportBundle, writeDump } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** As Microsoft's article has it: repair system files, try a boot, and only then the memory dump. */
export const playbook: Playbook = {
  ...named(signature),
  attempts: [
    { id: 'offline-sfc', title: 'Repair system files', scripts: [offlineSfc('doc')], boot: 'if-changed' },
    writeDump('Boot once more so that the stop writes a memory dump', [collectDump]),
    collectLast,
  ],
  beforeBoot: [bootSettings],
  support: [
    ...supportBundle,
    'Parameter 1 is the process object that died, parameter 2 says what it was: 0 a process, 1 a thread',
    'The size of the VM before and after the last resize: the same stop follows a move to a size with NVMe disks',
  ],
};
