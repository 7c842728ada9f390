import type { Signature } from '../types.ts';

/** A wrong guess costs a pass of chkdsk that only looks, and one of SFC. */
export const signature: Signature = {
  playbook: 'file-system',
  title: 'The file system, or a file that the boot needs, is damaged',
  article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-check-disk-boot-error',
  answers: [
    'azure-checking-filesystem',
    'azure-0xc0000011',
    'azure-0xc0000098',
    'azure-0xc00000ba',
    'azure-0xc0000102',
    'azure-0xc0000221',
    'azure-0xc0000359',
    'azure-bootmgr-driver-unknown',
    'eng-0x24',
    'eng-0xed',
  ],
  stopCodes: ['0x00000024', '0x000000ED'],
  statusCodes: ['0xC0000011', '0xC0000098', '0xC00000BA', '0xC0000102', '0xC0000221', '0xC0000359'],
  stopNames: ['NTFS_FILE_SYSTEM', 'UNMOUNTABLE_BOOT_VOLUME'],
  harm: 'low',
};
