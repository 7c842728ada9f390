import type { Signature } from '../types.ts';

/** A wrong guess cuts an update short that was still at work: it is then undone, and has to be installed again. */
export const signature: Signature = {
  playbook: 'pending-servicing',
  title: 'An update neither finishes nor is undone',
  article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-stuck-updating-boot-error',
  answers: ['azure-stuck-updating'],
  stopCodes: [],
  stopNames: [],
  harm: 'high',
};
