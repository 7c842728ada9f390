import { OrchestrationRuntimeStatus } from 'durable-functions';
import { type Activity, given } from './activity.ts';

const { Completed, Failed, Terminated, Canceled } = OrchestrationRuntimeStatus;

const day = 86_400_000;

/** By the time an orchestration began. Records, evidence and audit are blobs, and stay. */
export const purgeHistory: Activity<'purgeHistory'> = async (_, { client, clock, settings }) => {
  const { instancesDeleted } = await given(client).purgeInstanceHistoryBy({
    createdTimeFrom: new Date(0),
    createdTimeTo: new Date(clock.now().getTime() - settings.sweep.historyDays * day),
    runtimeStatus: [Completed, Failed, Terminated, Canceled],
  });
  return { purged: instancesDeleted };
};
