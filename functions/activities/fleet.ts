import { readInstance } from '../triggers/instances.ts';
import { derivedRepairId } from '../triggers/repairId.ts';
import { startRepair } from '../triggers/start.ts';
import { type Activity, given } from './activity.ts';
import type { FleetRepair } from './fleetStory.ts';

export const startFleetRepairs: Activity<'startFleetRepairs'> = async (
  { fleetId, vmIds, mode, requestedBy, caller },
  { client, records, settings },
) => {
  const started: FleetRepair[] = [];
  for (const vmId of vmIds) {
    const wish = { vmId, mode, playbook: null, consents: [], restartFirst: true, requestedBy: `${requestedBy} (fleet ${fleetId})`, caller };
    const own = derivedRepairId(fleetId, vmId.toLowerCase());
    const { id } = await startRepair(given(client), { records, settings }, wish, own);
    started.push({ vmId, repairId: id, ...(id !== own && { elsewhere: true as const }) });
  }
  return { started };
};

export const readRepairs: Activity<'readRepairs'> = async ({ repairIds }, { client, records }) => {
  const look = async (repairId: string) => {
    const instance = await readInstance(given(client), repairId);
    if (instance && !instance.ended) return { repairId, outcome: null, joinedTo: null };
    const outcome = instance?.output?.outcome ?? (await records.readSummary(repairId))?.outcome ?? 'unknown';
    return { repairId, outcome, joinedTo: instance?.output?.joinedTo ?? null };
  };
  return { repairs: await Promise.all(repairIds.map(look)) };
};
