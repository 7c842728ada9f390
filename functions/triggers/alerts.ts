import type { z } from 'zod';
import { derivedRepairId } from './repairId.ts';
import { json, route } from './route.ts';
import { alertAnswer, alertBody } from './schemas.ts';
import { type Started, startRepair } from './start.ts';
import { readTarget } from './vmId.ts';

export const receiveAlert = route({
  name: 'receiveAlert',
  method: 'POST',
  role: 'ActionGroupsSecureWebhook',
  path: 'alerts',
  summary:
    'Takes an Azure Monitor alert (common alert schema) and starts one repair for each VM it names; delivering it again starts no other',
  body: alertBody,
  answers: {
    202: { description: 'Repairs were started', content: { 'application/json': alertAnswer } },
    200: { description: 'Nothing was started', content: { 'application/json': alertAnswer } },
  },
  problems: [413, 415],
  async handle({ body: { data }, client, services }) {
    const { alertId, monitorCondition: condition } = data.essentials;
    const { vms, ignored } = targetsOf(data.essentials);
    const repairs: Started[] = [];
    for (const { vmId, repairId } of vms) {
      const wish = { vmId, mode: null, playbook: null, consents: [], restartFirst: true, requestedBy: `alert ${alertId}` };
      repairs.push(await startRepair(client, services, wish, repairId));
    }
    return json(repairs.some(({ joined }) => !joined) ? 202 : 200, { alertId, condition, repairs, ignored });
  },
});

type Essentials = z.infer<typeof alertBody>['data']['essentials'];

/** The VMs that an alert wants repaired, each once, and why not for its other targets. A repair's id follows from the alert and the VM. */
export function targetsOf({ alertId, firedDateTime = '', monitorCondition, alertTargetIDs }: Essentials): {
  vms: { vmId: string; repairId: string }[];
  ignored: { target: string; reason: string }[];
} {
  const vms = new Map<string, { vmId: string; repairId: string }>();
  const ignored: { target: string; reason: string }[] = [];
  for (const target of alertTargetIDs) {
    const read = readTarget(target);
    if (monitorCondition === 'Resolved') ignored.push({ target, reason: 'the alert is resolved' });
    else if ('reason' in read) ignored.push({ target, reason: read.reason });
    else {
      const key = read.vmId.toLowerCase();
      if (!vms.has(key)) vms.set(key, { vmId: read.vmId, repairId: derivedRepairId(alertId, firedDateTime, key) });
    }
  }
  return { vms: [...vms.values()], ignored };
}
