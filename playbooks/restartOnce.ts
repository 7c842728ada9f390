/** What is done about a stop that no playbook answers: one restart, and then a person with what support asks for. */
import { supportBundle } from './steps.ts';
import type { Playbook } from './types.ts';

/** Named by no signature and no request: it is what remains. */
export const restartOnce = (title: string, article: string): Playbook => ({
  id: 'restart-once',
  title,
  article,
  answers: [],
  attempts: [],
  beforeBoot: [],
  support: [...supportBundle],
});

/** Microsoft's index of what keeps an Azure VM from booting. */
export const articleIndex = 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/boot-error-troubleshoot';
