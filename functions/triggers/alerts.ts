import type { DurableClient } from 'durable-functions';
import { alertBody, type Essentials } from './alertSchema.ts';
import { resolveHints } from './hints.ts';
import { readAdmission, repairUnderWay } from './instances.ts';
import { type Ignored, readAlert } from './readAlert.ts';
import { json, route, type Services } from './route.ts';
import { alertAnswer } from './schemas.ts';
import { atOnce, startAll, takeDown } from './startAlerted.ts';

/**
 * Whatever an alert says, it is answered with 200 or 202: Azure delivers again what is answered with 408, 429, 503 or 504 (learn.microsoft.com,
 * "Action groups"), and an alert about no machine is about none the next time too. What is no common alert gets 400, which is not repeated.
 * What keeps us from taking it (Durable Functions, the storage, Resource Graph) is over the next time: 503, never 500, which loses it.
 */
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
  againAfter: 10,
  async handle({ body: { data }, client, services }) {
    const { essentials } = data;
    const { alertId, monitorCondition: condition } = essentials;
    const read = readAlert(data);
    const hinted = await resolveHints(read.hints, essentials, services.machines);
    const vmIds = [...new Map([...read.vmIds, ...hinted.vmIds].map(id => [id.toLowerCase(), id])).values()];
    const ignored = [...read.ignored, ...hinted.ignored];
    if (condition === 'Resolved') {
      const noted = await noteResolved(client, services, essentials, vmIds);
      return json(200, { alertId, condition, repairs: [], ignored: resolved(essentials, ignored), noted });
    }
    const alert = { alertId, firedDateTime: essentials.firedDateTime ?? '', vmIds };
    const repairs = await (vmIds.length > atOnce ? takeDown(client, alert) : startAll(client, services, alert));
    return json(repairs.some(({ joined }) => !joined) ? 202 : 200, { alertId, condition, repairs, ignored, noted: [] });
  },
});

function resolved({ alertTargetIDs }: Essentials, ignored: Ignored[]): Ignored[] {
  const others = new Map(ignored.map(each => [each.target, each]));
  return (alertTargetIDs ?? []).map(target => others.get(target) ?? { target, reason: 'the alert is resolved', remedy: '' });
}

/**
 * Goes straight into the timeline of the repair that has the VM now: the orchestration is told nothing, since what it does follows from
 * evidence, never from an alert. Delivered again it is the same entry.
 */
async function noteResolved(client: DurableClient, { records }: Services, essentials: Essentials, vmIds: string[]): Promise<string[]> {
  const { alertRule, alertId, resolvedDateTime, firedDateTime } = essentials;
  const told = Date.parse(resolvedDateTime ?? firedDateTime ?? '');
  const noted: string[] = [];
  const { running: held } = await readAdmission(client);
  for (const vmId of vmIds.filter(id => held[id.toLowerCase()])) {
    const running = await repairUnderWay(client, vmId);
    if (!running) continue;
    const at = new Date(Number.isNaN(told) ? Date.now() : told).toISOString();
    const what = `Azure Monitor takes the alert ${JSON.stringify((alertRule ?? alertId).slice(0, 200))} for resolved`;
    const detail = 'noted only: the repair goes by its own evidence';
    await records.appendTimeline(running.id, { from: at, to: at, phase: 'alert', step: 'alert', what, outcome: 'done', detail });
    noted.push(running.id);
  }
  return noted;
}
