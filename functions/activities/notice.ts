/** What others are told of a repair: data between the runbook, which knows when, and the activities, which know where. */
import type { OutcomeKind } from './story.ts';

/** `needs-person`: it ended so, or something could not be put back or removed. */
export type NoticeEvent = 'waiting-approval' | 'reminder' | 'ended' | 'needs-person';

export interface Notice {
  event: NoticeEvent;
  repairId: string;
  vmId: string;
  /** Guests' and directories' words may be in it. */
  headline: string;
  finding: string;
  outcome: OutcomeKind | null;
  /** What waits, for an approval; of an end a word that tells it from another notice of the same repair. */
  planHash: string | null;
  awaiting: string | null;
  nextSteps: string[];
}
