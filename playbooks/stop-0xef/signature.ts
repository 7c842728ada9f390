import type { Signature } from '../types.ts';

/** A wrong guess costs a boot with EMS and dump settings on a copy; the attempts find nothing to do on a sound disk. */
export const signature: Signature = {
  playbook: 'stop-0xef',
  title: 'Windows stop error 0x000000EF, CRITICAL_PROCESS_DIED',
  article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-guide-critical-process-died',
  answers: ['azure-0xef'],
  stopCodes: ['0x000000EF'],
  stopNames: ['CRITICAL_PROCESS_DIED'],
  harm: 'low',
};
