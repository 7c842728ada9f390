/** The repairs that one alert asks for: begun at once where they are few, else by an orchestration of their own. */
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import type { AlertRequest } from '../activities/contract.ts';
import { ALERT } from '../names.ts';
import { readAdmission, readStatus } from './instances.ts';
import { derivedRepairId } from './repairId.ts';
import { linksOf, type Services } from './route.ts';
import { type Started, startRepair } from './start.ts';

type Fired = { alertId: string; firedDateTime?: string | null | undefined };
type Given = Pick<Services, 'records' | 'settings'>;

/**
 * Repairs that one alert starts at the same time. Azure Monitor waits some seconds for an answer (how many is not documented), tries up to five
 * times more within 75 seconds, and then calls no endpoint of the action group for 15 minutes (learn.microsoft.com, "Action groups", "Webhook
 * retry behavior"); an alert may name a thousand machines, each of which takes some questions.
 */
export const atOnce = 16;

/** The same for each delivery of the alert; another when it fires again. */
export const repairIdFor = ({ alertId, firedDateTime }: Fired, vmId: string): string =>
  derivedRepairId(alertId, firedDateTime ?? '', vmId.toLowerCase());

/** A machine whose repair cannot be started now does not keep the others waiting. @throws the first of such faults, once all were tried */
export async function startAll(client: DurableClient, services: Given, { vmIds, ...alert }: AlertRequest): Promise<Started[]> {
  const repairs: Started[] = [];
  const faults: unknown[] = [];
  const startOne = (vmId: string) => {
    const wish = { vmId, mode: null, playbook: null, consents: [], restartFirst: true, requestedBy: `alert ${alert.alertId}` };
    return startRepair(client, services, wish, repairIdFor(alert, vmId));
  };
  for (let first = 0; first < vmIds.length; first += atOnce) {
    for (const begun of await Promise.allSettled(vmIds.slice(first, first + atOnce).map(startOne))) {
      if (begun.status === 'fulfilled') repairs.push(begun.value);
      else faults.push(begun.reason);
    }
  }
  if (faults.length > 0) throw faults[0];
  return repairs;
}

/**
 * Takes an alert down durably, and answers: what is under repair by the admission's word is joined, the others will be begun under the ids
 * that are told. Delivered again it begins no other.
 */
export async function takeDown(client: DurableClient, alert: AlertRequest): Promise<Started[]> {
  const instanceId = derivedRepairId('alert', alert.alertId, alert.firedDateTime, ...alert.vmIds).replace(/^r/, 'a');
  const known = async () => (await readStatus(client, instanceId, z.object({ name: z.string() }))) !== undefined;
  let again = await known();
  if (!again) {
    try {
      await client.startNew(ALERT, { instanceId, input: alert });
    } catch (error) {
      // The same delivery, twice at once: the other one was faster.
      if (!(await known())) throw error;
      again = true;
    }
  }
  const { running } = await readAdmission(client);
  return alert.vmIds.map(vmId => {
    const other = running[vmId.toLowerCase()]?.repairId;
    const id = other ?? repairIdFor(alert, vmId);
    return { id, vmId, state: other ? 'running' : 'queued', joined: again || other !== undefined, links: linksOf(id) };
  });
}
