import type { Signature } from '../types.ts';

/**
 * No record of Microsoft's articles has it: the console shows no error, and two looks tell that nothing moves. A wrong guess takes down a
 * boot that was still under way after all that time; a screen that is only black may be a VM that serves, so that finding is less sure.
 */
export const signature: Signature = {
  playbook: 'hang',
  title: 'Windows hangs: it neither stops nor comes up',
  article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/serial-console-nmi-windows',
  answers: ['seen-hang'],
  derived: true,
  stopCodes: [],
  stopNames: [],
  harm: 'low',
};
