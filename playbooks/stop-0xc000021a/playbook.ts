import { bootSettings, collectDump, interruptHung, offlineSfc, revertServicing, supportBundle } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** Microsoft's article stops at the memory dump; the two repairs are derived from the causes it names. */
export const playbook: Playbook = {
  id: signature.playbook,
  title: signature.title,
  article: signature.article,
  answers: signature.answers,
  attempts: [
    {
      id: 'revert-servicing',
      title: 'Undo an update that did not finish',
      scripts: [collectDump, revertServicing],
      boot: 'if-changed',
    },
    { id: 'offline-sfc', title: 'Repair system files', scripts: [collectDump, offlineSfc('derived')], boot: 'if-changed' },
    {
      id: 'write-dump',
      title: 'Boot once more so that the stop writes a memory dump',
      scripts: [],
      boot: 'for-dump',
      ifHung: interruptHung,
    },
    { id: 'collect-dump', title: 'Collect the memory dump for support', scripts: [collectDump], boot: 'never' },
  ],
  beforeBoot: [bootSettings],
  support: [
    ...supportBundle,
    'Parameter 1 points at the name of the process that ended, parameter 2 is its NTSTATUS: for example 0xC0000005 access violation, 0xC0000135 a missing DLL, 0xC0000428 a bad signature',
  ],
};
