import { bootSettings, collectDump, collectLast, named, supportBundle, writeDump } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** Microsoft's articles collect the dump and end there; that one driver is to blame is what the screen or the log says. */
export const playbook: Playbook = {
  ...named(signature),
  attempts: [
    {
      id: 'vendor-file',
      title: 'Quarantine the content file that the driver crashes on',
      scripts: [
        collectDump,
        {
          script: 'vendor-file',
          mode: 'Repair',
          safety: 'consent',
          origin: 'derived',
          why: 'Where a vendor has named the file that its driver crashes on, that file alone goes, and the driver stays on.',
          timeoutSeconds: 1800,
          usualSeconds: 60,
          consent: 'quarantine-vendor-file',
          consentRequired: false,
        },
      ],
      boot: 'if-changed',
    },
    {
      id: 'driver-off',
      title: 'Switch off the driver that is blamed',
      scripts: [
        collectDump,
        {
          script: 'driver-off',
          mode: 'Repair',
          safety: 'consent',
          origin: 'derived',
          why: 'The same driver is blamed for the stop: Windows starts without it, and the owner decides what becomes of it.',
          timeoutSeconds: 1800,
          usualSeconds: 60,
          consent: 'switch-driver-off',
          consentRequired: true,
        },
      ],
      boot: 'if-changed',
    },
    writeDump('Boot once more so that the stop writes a memory dump', [collectDump]),
    collectLast,
  ],
  beforeBoot: [bootSettings],
  support: [
    ...supportBundle,
    'The driver that is blamed: its vendor, its version, and what of it was updated last',
    'On a VM with accelerated networking and a Mellanox driver (mlx5.sys): switch accelerated networking off, update the driver, switch it on again',
  ],
};
