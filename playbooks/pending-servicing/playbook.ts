import { bootSettings, collectLast, named, offlineSfc, revertServicing, supportBundle } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** Microsoft's article removes the newest pending package; here what is pending is undone whole, and removing a package stays with a person. */
export const playbook: Playbook = {
  ...named(signature),
  attempts: [
    { id: 'revert-servicing', title: 'Undo the update that does not finish', scripts: [revertServicing], boot: 'if-changed' },
    { id: 'offline-sfc', title: 'Repair the system files it left', scripts: [offlineSfc('derived')], boot: 'if-changed' },
    {
      id: 'pending-xml',
      title: 'Set the pending actions aside',
      scripts: [
        {
          script: 'pending-xml',
          mode: 'Repair',
          safety: 'consent',
          origin: 'derived',
          why: 'Where undoing the update does not end the loop, its list of actions is taken away: Windows starts, and its servicing may need repair.',
          timeoutSeconds: 1800,
          usualSeconds: 60,
          consent: 'set-pending-xml-aside',
          consentRequired: false,
        },
      ],
      boot: 'if-changed',
    },
    collectLast,
  ],
  beforeBoot: [bootSettings],
  support: [
    ...supportBundle,
    'CBS.log and DISM.log of the repair disk (Windows\\Logs), and which package is pending',
    'Two screenshots an hour apart: does the percentage move?',
  ],
};
