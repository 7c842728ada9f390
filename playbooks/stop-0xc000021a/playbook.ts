import { bootSettings, collectDump, collectLast, named, offlineSfc, revertServicing, supportBundle, writeDump } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** Microsoft's article stops at the memory dump; the two repairs are derived from the causes it names. */
export const playbook: Playbook = {
  ...named(signature),
  attempts: [
    {
      id: 'revert-servicing',
      title: 'Undo an update that did not finish',
      scripts: [collectDump, revertServicing],
      boot: 'if-changed',
    },
    { id: 'offline-sfc', title: 'Repair system files', scripts: [collectDump, offlineSfc('derived')], boot: 'if-changed' },
    writeDump('Boot once more so that the stop writes a memory dump', []),
    collectLast,
  ],
  beforeBoot: [bootSettings],
  support: [
    ...supportBundle,
    'Parameter 1 points at the name of the process that ended, parameter 2 is its NTSTATUS: for example 0xC0000005 access violation, 0xC0000135 a missing DLL, 0xC0000428 a bad signature',
  ],
};
