import type { Summary } from '../../records/index.ts';
import type { Activity, Input } from './activity.ts';

/** Puts together what the runbook knows, what was done when, and every write to Azure. Written again after clean-up. */
export const writeReport: Activity<'writeReport'> = async ({ story, state }, { records, repairId }) => {
  const [timeline, writes] = [await records.readTimeline(repairId), await records.readWrites(repairId)];
  await records.putRecord({ schema: 1, story, timeline, writes });
  await records.putSummary(summaryOf({ story, state }));
  return { blob: `records/${repairId}/record.json` };
};

function summaryOf({ story, state }: Input<'writeReport'>): Summary {
  const { repairId, request, headline, diagnosis } = story;
  const ended = state === 'ended';
  const { vmId, mode, requestedBy, requestedAt } = request;
  const stopCode = diagnosis?.findings[0]?.stopCode ?? null;
  const end = { outcome: ended ? story.outcome : null, endedAt: ended ? story.endedAt : null };
  return { id: repairId, vmId, state, headline, mode, requestedBy, requestedAt, stopCode, ...end };
}
