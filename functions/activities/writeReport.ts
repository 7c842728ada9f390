import type { RepairRecord, Summary } from '../../records/index.ts';
import type { Activity, Input } from './activity.ts';
import { measuresOf } from './measures.ts';

/** Puts together what the runbook knows, what was done when, and every write to Azure. Written again after clean-up. */
export const writeReport: Activity<'writeReport'> = async ({ story, state }, { records, log, repairId, trace }) => {
  const [timeline, writes] = [await records.readTimeline(repairId), await records.readWrites(repairId)];
  const record: RepairRecord = { schema: 1, story, timeline, writes };
  await records.putRecord(record);
  await records.putSummary(summaryOf({ story, state }));
  if (state === 'ended') {
    const measures = measuresOf(record);
    log.info(measures, 'repair ended');
    trace?.repairEnded(story.request.requestedAt, story.endedAt, measures);
  }
  return { blob: `records/${repairId}/record.json` };
};

function summaryOf({ story, state }: Input<'writeReport'>): Summary {
  const { repairId, request, headline, diagnosis } = story;
  const ended = state === 'ended';
  const { vmId, mode, requestedBy, requestedAt } = request;
  const stopCode = diagnosis?.findings[0]?.stopCode ?? null;
  const end = { outcome: ended ? story.outcome : null, endedAt: ended ? story.endedAt : null };
  const refusals = story.refusals.map(({ code }) => code);
  return { id: repairId, vmId, state, headline, mode, requestedBy, requestedAt, stopCode, refusals, ...end };
}
