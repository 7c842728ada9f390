import type { Signature } from '../types.ts';

/** A wrong guess leaves a driver switched off that was not to blame: security software, storage or network may depend on it. */
export const signature: Signature = {
  playbook: 'bad-driver',
  title: 'One driver stops every boot',
  article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-stop-error-system-thread-exception-not-handled',
  answers: ['azure-0x7e', 'azure-0xd1', 'eng-0x50', 'eng-crowdstrike-2024'],
  stopCodes: ['0x0000007E', '0x1000007E', '0x000000D1', '0x00000050'],
  // Without a driver that is named its article repairs the boot configuration.
  whenDriverBlamed: ['0x0000007B'],
  stopNames: [
    'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED',
    'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M',
    'DRIVER_IRQL_NOT_LESS_OR_EQUAL',
    'PAGE_FAULT_IN_NONPAGED_AREA',
  ],
  harm: 'high',
};
