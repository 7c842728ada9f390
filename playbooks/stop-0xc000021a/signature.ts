import type { Signature } from '../types.ts';

/** A wrong guess costs a boot with EMS and dump settings on a copy; the attempts find nothing to do on a sound disk. */
export const signature: Signature = {
  playbook: 'stop-0xc000021a',
  title: 'Windows stop error 0xC000021A, STATUS_SYSTEM_PROCESS_TERMINATED',
  article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-stop-error-system-process-terminated',
  answers: ['azure-0xc000021a'],
  stopCodes: ['0xC000021A'],
  stopNames: ['STATUS_SYSTEM_PROCESS_TERMINATED'],
  harm: 'low',
};
