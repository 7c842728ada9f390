import type { Signature } from '../types.ts';

/** A wrong guess costs a look at the boot configuration: an element that is right is not written. */
export const signature: Signature = {
  playbook: 'boot-configuration',
  title: 'The boot configuration does not lead to Windows',
  article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/error-code-0xc000000e',
  answers: [
    ...['azure-0xc000000e', 'azure-0xc000000f', 'azure-0xc0000034', 'azure-0xc0000225', 'azure-bootmgr-missing', 'eng-uefi-pxe'],
    'azure-0x7b',
  ],
  stopCodes: ['0x0000007B'],
  statusCodes: ['0xC000000E', '0xC000000F', '0xC0000034', '0xC0000225'],
  stopNames: ['INACCESSIBLE_BOOT_DEVICE'],
  harm: 'low',
};
