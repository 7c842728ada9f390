import { bootSettings, collectDump, collectLast, named, supportBundle, writeDump } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';

/** Nothing says what it waits for: the dump of the moment at which it hangs does, and only an interrupt makes it write one. */
export const playbook: Playbook = {
  ...named(signature),
  attempts: [writeDump('Boot with dump settings on, and stop what hangs so that it writes a memory dump', [collectDump]), collectLast],
  beforeBoot: [bootSettings],
  support: [
    ...supportBundle,
    'Since when it hangs, and what the screen showed at both looks',
    'What starts with Windows on this VM: drivers, services, security software',
  ],
};
