import { bootSettings, collectDump, interruptHung, supportBundle } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** Nothing says what it waits for: the dump of the moment at which it hangs does, and only an interrupt makes it write one. */
export const playbook: Playbook = {
  id: signature.playbook,
  title: signature.title,
  article: signature.article,
  answers: signature.answers,
  attempts: [
    {
      id: 'write-dump',
      title: 'Boot with dump settings on, and stop what hangs so that it writes a memory dump',
      scripts: [collectDump],
      boot: 'for-dump',
      ifHung: interruptHung,
    },
    { id: 'collect-dump', title: 'Collect the memory dump for support', scripts: [collectDump], boot: 'never' },
  ],
  beforeBoot: [bootSettings],
  support: [
    ...supportBundle,
    'Since when it hangs, and what the screen showed at both looks',
    'What starts with Windows on this VM: drivers, services, security software',
  ],
};
