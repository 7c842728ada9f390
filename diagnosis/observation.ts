import type { HostHealth, PowerEvent, VmFacts } from '../functions/activities/contract.ts';
import type { ScreenRead } from '../ocr/types.ts';
import type { Stillness } from './types.ts';

/** What is known of a VM at one moment: its facts, what its console showed and what Azure says of it, each with its time. */
export interface Observation {
  vm: Pick<VmFacts, 'power' | 'powerChangedAt' | 'powerEvents' | 'agent'>;
  screenshot?: { at: string; read: ScreenRead; evidenceId: string };
  serialLog?: { at: string; text: string; evidenceId: string };
  /** Azure's view of the host; absent = it was not or could not be read. */
  health?: HostHealth;
  /** A power operation that Azure's activity log says has begun and has not ended. */
  underWay?: PowerEvent;
  /** What could not be looked at, each with why, in words. */
  unread?: string[];
  /** What an earlier look showed, so many service seconds ago; the same after `least` means that it hangs. */
  earlier?: Stillness & { secondsAgo: number; least: number };
  /** ISO time of the look. */
  now: string;
}
