import { bootSettings, collectLast, named, supportBundle } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** The article's order: load the hive, and only where that fails the copies that Windows kept. */
export const playbook: Playbook = {
  ...named(signature),
  repairs: ['hive-damaged'],
  refuses: [
    {
      finding: 'domain-controller',
      reason:
        'The VM is a domain controller: its registry and its directory belong together, and a repaired or older registry may part them.',
      remedy: 'Restore it from a backup of its system state, or build it anew from another domain controller.',
    },
    {
      finding: 'cluster-node',
      reason: 'The VM is a node of a failover cluster, whose registry and cluster database belong together on all nodes.',
      remedy: 'Evict the node from the cluster and build it anew, or restore the cluster from a backup of its system state.',
    },
  ],
  attempts: [
    {
      id: 'replay-hives',
      title: "Apply the registry's own logs",
      scripts: [
        {
          script: 'replay-hives',
          mode: 'Repair',
          safety: 'auto_with_snapshot',
          origin: 'doc',
          why: 'A hive that was not closed has its last changes in its logs; loading it once applies them.',
          timeoutSeconds: 1800,
          usualSeconds: 60,
        },
      ],
      boot: 'if-changed',
    },
    {
      id: 'restore-regback',
      title: 'Restore the registry that Windows kept',
      scripts: [
        {
          script: 'restore-regback',
          mode: 'Repair',
          safety: 'consent',
          origin: 'doc',
          why: 'Where a hive does not load at all, an older copy is the last way to a Windows that starts; what changed since is lost to it.',
          timeoutSeconds: 1800,
          usualSeconds: 60,
          consent: 'use-regback',
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
    'The five hives and their logs as they were: \\bootmedic\\<repair id>\\ on the repair disk, and the snapshot',
  ],
};
