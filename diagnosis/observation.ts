import type { VmFacts } from '../functions/activities/contract.ts';
import type { ScreenRead } from '../ocr/types.ts';

/** What is known of a VM at one moment: its facts and what its console showed, each with the time it was captured. */
export interface Observation {
  vm: Pick<VmFacts, 'power' | 'powerChangedAt' | 'agent'>;
  screenshot?: { at: string; read: ScreenRead; evidenceId: string };
  serialLog?: { at: string; text: string; evidenceId: string };
  /** ISO time of the look. */
  now: string;
}
