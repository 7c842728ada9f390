import type { Signature } from '../types.ts';

/** A wrong guess costs a boot that shows its error instead of the recovery environment. */
export const signature: Signature = {
  playbook: 'boot-policy',
  title: 'The boot waits for a person, or stays in safe mode',
  article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-guide-windows-boot-manager-menu',
  answers: ['azure-bootmenu', 'eng-winre', 'eng-0xc0000001'],
  stopCodes: [],
  statusCodes: ['0xC0000001', '0xC0430001'],
  stopNames: [],
  harm: 'low',
};
