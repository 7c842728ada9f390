import { bootSettings, checkDisk, collectDump, interruptHung, offlineSfc, supportBundle } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** The articles' order: chkdsk first, then the file; here the file comes from the component store by SFC, never from another machine. */
export const playbook: Playbook = {
  id: signature.playbook,
  title: signature.title,
  article: signature.article,
  answers: signature.answers,
  attempts: [
    { id: 'check-disk', title: 'Repair the file system', scripts: [checkDisk], boot: 'if-changed' },
    { id: 'offline-sfc', title: 'Repair the files that the boot needs', scripts: [offlineSfc('derived')], boot: 'if-changed' },
    {
      id: 'write-dump',
      title: 'Boot once more so that a stop writes a memory dump',
      scripts: [collectDump],
      boot: 'for-dump',
      ifHung: interruptHung,
    },
    { id: 'collect-dump', title: 'Collect the memory dump for support', scripts: [collectDump], boot: 'never' },
  ],
  beforeBoot: [bootSettings],
  support: [
    ...supportBundle,
    'The file that the boot manager names, its size and signature on the repair disk',
    'After a change of VM size to one with NVMe disks a stop 0xED has another cause: the size before and after',
  ],
};
