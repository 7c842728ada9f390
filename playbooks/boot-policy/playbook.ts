import { bootPolicy, bootSettings, collectLast, named, supportBundle } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** What hides the real error comes off first; the next boot then shows it, and the report names it. */
export const playbook: Playbook = {
  ...named(signature),
  attempts: [
    { id: 'boot-policy', title: 'Let the boot wait for nobody', scripts: [bootPolicy], boot: 'if-changed' },
    {
      id: 'safeboot-off',
      title: 'Leave safe mode',
      scripts: [
        {
          script: 'safeboot-off',
          mode: 'Repair',
          safety: 'consent',
          origin: 'derived',
          why: 'In safe mode neither the VM agent nor the applications start; somebody set the flag and did not take it off.',
          timeoutSeconds: 900,
          usualSeconds: 30,
          consent: 'leave-safe-mode',
          consentRequired: false,
        },
      ],
      boot: 'if-changed',
    },
    collectLast,
  ],
  beforeBoot: [bootSettings],
  support: [...supportBundle, 'Who set the safe mode flag or the boot menu, and why'],
};
