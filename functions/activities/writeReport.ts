import type { Summary } from '../../records/index.ts';
import type { Activity } from './activity.ts';
import type { RepairStory } from './contract.ts';

/** Puts together what the runbook knows, what was done when, and every write to Azure. Written again after clean-up. */
export const writeReport: Activity<'writeReport'> = async ({ story }, { records, repairId }) => {
  const [timeline, writes] = [await records.readTimeline(repairId), await records.readWrites(repairId)];
  await records.putRecord({ schema: 1, story, timeline, writes });
  await records.putSummary(summaryOf(story));
  return { blob: `records/${repairId}/record.json` };
};

function summaryOf(story: RepairStory): Summary {
  const { repairId, request, outcome, headline, endedAt, diagnosis } = story;
  const { vmId, mode, requestedBy, requestedAt } = request;
  const stopCode = diagnosis?.findings[0]?.stopCode ?? null;
  return { id: repairId, vmId, state: 'ended', outcome, headline, mode, requestedBy, requestedAt, endedAt, stopCode };
}
