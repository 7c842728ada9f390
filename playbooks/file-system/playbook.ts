import { bootSettings, checkDisk, collectDump, collectLast, named, offlineSfc, supportBundle, writeDump } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** The articles' order: chkdsk first, then the file; here the file comes from the component store by SFC, never from another machine. */
export const playbook: Playbook = {
  ...named(signature),
  attempts: [
    { id: 'check-disk', title: 'Repair the file system', scripts: [checkDisk], boot: 'if-changed' },
    { id: 'offline-sfc', title: 'Repair the files that the boot needs', scripts: [offlineSfc('derived')], boot: 'if-changed' },
    writeDump('Boot once more so that a stop writes a memory dump', [collectDump]),
    collectLast,
  ],
  beforeBoot: [bootSettings],
  support: [
    ...supportBundle,
    'The file that the boot manager names, its size and signature on the repair disk',
    'After a change of VM size to one with NVMe disks a stop 0xED has another cause: the size before and after',
  ],
};
