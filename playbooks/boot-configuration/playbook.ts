import { bootPolicy, bootSettings, collectDump, named, offlineSfc, supportBundle } from '../steps.ts';
import type { Playbook, ScriptStep } from '../types.ts';
import { signature } from './signature.ts';

const repairBcd: ScriptStep = {
  script: 'repair-bcd',
  mode: 'Repair',
  safety: 'auto_with_snapshot',
  origin: 'doc',
  why: 'The boot manager finds Windows by the default entry, its devices and its path: only what is wrong of them is set.',
  timeoutSeconds: 900,
  usualSeconds: 30,
};

const rebuildBcd = (when: 'if-broken' | 'always', why: string): ScriptStep => ({
  ...{ script: 'rebuild-bcd', mode: 'Repair', safety: 'auto_with_snapshot', origin: 'derived', why },
  parameters: { When: when },
  timeoutSeconds: 900,
  usualSeconds: 60,
});

/** Least first: an element, a new store where there is none to repair, a new one in any case, and then the files that it leads to. */
export const playbook: Playbook = {
  ...named(signature),
  repairs: ['boot-partition-not-found', 'boot-entry-not-found'],
  attempts: [
    {
      id: 'repair-entries',
      title: 'Repair the boot configuration',
      scripts: [
        repairBcd,
        rebuildBcd(
          'if-broken',
          'Where the boot configuration or the boot manager is missing there is nothing to repair: bcdboot makes it new.',
        ),
        bootPolicy,
      ],
      boot: 'if-changed',
    },
    {
      id: 'rebuild',
      title: 'Make the boot configuration new',
      scripts: [rebuildBcd('always', 'The repaired boot configuration did not lead to Windows: bcdboot makes a new one.'), bootPolicy],
      boot: 'if-changed',
    },
    { id: 'offline-sfc', title: 'Repair the files that it leads to', scripts: [offlineSfc('derived')], boot: 'if-changed' },
    { id: 'collect-dump', title: 'Collect a memory dump, if there is one', scripts: [collectDump], boot: 'never' },
  ],
  beforeBoot: [bootSettings],
  support: [...supportBundle, 'The boot configuration before and after: \\bootmedic\\<repair id>\\ on the repair disk has the one before'],
};
