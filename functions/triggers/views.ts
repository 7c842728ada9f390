/** A repair as the API shows it: what Durable Functions knows of it while it runs, and its records. */
import type { z } from 'zod';
import type { Records, RepairRecord, SoFar, Summary, TimelineEntry } from '../../records/index.ts';
import type { Instance } from './instances.ts';
import { linksOf } from './route.ts';
import type { repairItem, repairView } from './schemas.ts';

export type Item = z.infer<typeof repairItem>;
export type View = z.infer<typeof repairView>;

/** The orchestration's word counts while it runs and where the last summary could not be written, the summary's otherwise; undefined = neither is there. */
export function itemOf(instance: Instance | undefined, summary: Summary | undefined): Item | undefined {
  const base = instance && !(instance.ended && summary?.state === 'ended') ? summaryOf(instance, summary) : summary;
  if (base === undefined) return undefined;
  const status = instance && !instance.ended ? instance.customStatus : undefined;
  const progress = { phase: status?.phase ?? '', awaiting: status?.awaiting ?? '', since: status?.since ?? null };
  return { ...base, ...progress, links: linksOf(base.id) };
}

/** What a repair leaves to read, as far as it has come. */
export interface Known {
  record: RepairRecord | undefined;
  timeline: TimelineEntry[];
  soFar: SoFar;
}

export async function readKnown(records: Records, id: string): Promise<Known> {
  const [record, timeline, soFar] = await Promise.all([records.readRecord(id), records.readTimeline(id), records.readSoFar(id)]);
  return { record, timeline, soFar };
}

export function viewOf(item: Item, instance: Instance | undefined, { record, timeline, soFar }: Known): View {
  const story = record?.story;
  return {
    ...item,
    step: instance && !instance.ended ? instance.customStatus.step : '',
    planHash: story?.plan?.hash ?? story?.evidencePlan?.hash ?? instance?.customStatus.planHash ?? '',
    timeline,
    finding: (story?.diagnosis ?? soFar.diagnosis)?.findings[0] ?? null,
    evidencePlan: story?.evidencePlan ?? null,
    plan: story?.plan ?? soFar.plan,
    nextSteps: story?.nextSteps ?? [],
    leftovers: story?.leftovers ?? [],
    downFrom: story?.downFrom ?? null,
    downUntil: story?.downUntil ?? null,
  };
}

/** A summary made of what the orchestration itself says. @param written with the report: of the same state, while a person is asked or cleaning up goes on */
function summaryOf(instance: Instance, written: Summary | undefined): Summary {
  const { id, input, customStatus, output, ended, runtimeStatus, createdTime, lastUpdatedTime } = instance;
  const name = input?.vmId.split('/').at(-1) ?? 'The VM';
  const failed = `${name} was left by a repair that ended without a report (${runtimeStatus}): look at it, and at what has the tag bootmedic-repair=${id}.`;
  const underWay = written?.state === customStatus.state ? written.headline : `${name} is under repair.`;
  return {
    id,
    vmId: input?.vmId ?? '',
    state: ended ? 'ended' : customStatus.state,
    outcome: ended ? (output?.outcome ?? 'unknown') : null,
    headline: ended ? (output?.headline ?? failed) : underWay,
    mode: input?.mode ?? null,
    requestedBy: input?.requestedBy ?? '',
    requestedAt: input?.requestedAt ?? createdTime,
    endedAt: ended ? lastUpdatedTime : null,
    stopCode: customStatus.finding || null,
  };
}
