import type { Signature } from '../types.ts';

/** A wrong guess costs a look at the hives; an older registry is only put in place with consent. */
export const signature: Signature = {
  playbook: 'registry-hive',
  title: 'A registry hive does not load',
  article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/boot-error-0xc000014c',
  answers: ['azure-0xc000014c', 'azure-0x74', 'eng-0xc0000218'],
  stopCodes: ['0x00000074', '0xC0000218'],
  // REGISTRY_ERROR: Microsoft's bug check reference alone has it.
  derivedStopCodes: ['0x00000051'],
  statusCodes: ['0xC000014C'],
  stopNames: ['BAD_SYSTEM_CONFIG_INFO', 'STATUS_CANNOT_LOAD_REGISTRY_FILE'],
  harm: 'low',
};
