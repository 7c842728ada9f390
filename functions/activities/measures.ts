/** What a repair that has ended adds to the figures: one line of the log, which Application Insights counts and draws (docs: KQL). Pure. */
import type { RepairRecord } from '../../records/index.ts';

export interface Measures {
  outcome: string;
  finding: string;
  playbook: string | null;
  mode: string | null;
  /** Seconds from the request to the end; of which the VM was down by us (null = not at all). */
  totalSeconds: number;
  downSeconds: number | null;
  /** Seconds by phase, as the steps of the timeline took them. */
  phaseSeconds: Record<string, number>;
  writes: number;
  /** Writes that Azure refused for being too many. */
  throttled: number;
  faults: number;
  boots: number;
}

export function measuresOf({ story, timeline, writes }: RepairRecord): Measures {
  const phaseSeconds: Record<string, number> = {};
  for (const { phase, from, to } of timeline) phaseSeconds[phase] = (phaseSeconds[phase] ?? 0) + between(from, to);
  const finding = story.diagnosis?.findings[0];
  return {
    outcome: story.outcome,
    finding: finding?.stopCode || finding?.id || '',
    playbook: story.plan?.playbook.id ?? null,
    mode: story.request.mode,
    totalSeconds: between(story.request.requestedAt, story.endedAt),
    downSeconds: story.downFrom === null ? null : between(story.downFrom, story.downUntil ?? story.endedAt),
    phaseSeconds: Object.fromEntries(Object.entries(phaseSeconds).map(([phase, seconds]) => [phase, Math.round(seconds * 10) / 10])),
    writes: writes.length,
    throttled: writes.filter(({ status }) => status === 429).length,
    faults: timeline.filter(({ outcome }) => outcome === 'fault').length,
    boots: story.attempts.filter(({ boot }) => boot !== null).length + (story.restart === null ? 0 : 1),
  };
}

function between(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 100) / 10);
}
