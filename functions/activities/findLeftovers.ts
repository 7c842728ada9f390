import type { SeenVolume } from '../../azure/resourceGraph.ts';
import { monthlyUsd } from '../../report/prices.ts';
import type { Activity } from './activity.ts';
import type { LeftoverSeen } from './contract.ts';
import { judgeLeftover, readPast } from './leftovers.ts';

/** What bears our tag in all subscriptions: ours, or an owner's disk that a repair replaced and keeps. Reads only. */
export const findLeftovers: Activity<'findLeftovers'> = async ({ token }, tools) => {
  const { found, next } = await tools.azure.resourceGraph.volumes(token);
  const leftovers: LeftoverSeen[] = [];
  for (const volume of found) leftovers.push(await look(volume, tools));
  return { leftovers, next };
};

async function look(volume: SeenVolume, tools: Parameters<Activity<'findLeftovers'>>[1]): Promise<LeftoverSeen> {
  const { id: resourceId, type, tags, sizeGb, sku } = volume;
  const { repairId, expires, due, why } = judgeLeftover(volume, await readPast(tags, tools), tools.clock.now());
  return { resourceId, type, repairId, expires, sizeGb, monthlyUsd: monthlyUsd(type, sku, sizeGb), due, why };
}
