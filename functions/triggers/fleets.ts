/** Many VMs by one call. */
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import type { FleetRequest } from '../activities/contract.ts';
import { FLEET } from '../names.ts';
import { callerOf, saidBy } from '../principal.ts';
import { mustOperateAll } from './callerRights.ts';
import { type Instance, readInstance, readStatus } from './instances.ts';
import { ProblemError } from './problem.ts';
import { derivedRepairId, newRepairId } from './repairId.ts';
import { json, type Route, route } from './route.ts';
import { fleetBody, fleetView } from './schemas.ts';

const startFleet = route({
  name: 'startFleet',
  method: 'POST',
  role: 'Repair.Start',
  path: 'fleets',
  summary: 'Repairs many VMs: one first; once it has proven itself a few at once; no further one once too many have failed',
  body: fleetBody,
  answers: { 202: { description: 'Begun', content: { 'application/json': fleetView }, location: true } },
  problems: [413, 415],
  async handle({ body, caller, client, services }) {
    const vmIds = [...new Map(body.vmIds.map(id => [id.toLowerCase(), id])).values()];
    await mustOperateAll(caller, vmIds, body.mode, services);
    const id = newRepairId().replace(/^r/, 'f');
    const input: FleetRequest = { ...body, vmIds, requestedBy: saidBy('http', caller), caller: callerOf(caller) };
    await client.startNew(FLEET, { instanceId: id, input });
    const nothing = { underWay: [], ended: [], notStarted: [] };
    return json(202, { id, state: 'running', waiting: vmIds, ...nothing }, { location: `/api/fleets/${id}` });
  },
});

const getFleet = route({
  name: 'getFleet',
  method: 'GET',
  role: 'Repair.Read',
  path: 'fleets/{id}',
  summary: 'How far a fleet is: which of its VMs wait, are under repair, have ended and how, and were not started and why',
  params: z.strictObject({ id: z.string().regex(/^f-[a-z2-7]{12}$/) }),
  answers: { 200: { description: 'The fleet', content: { 'application/json': fleetView } } },
  problems: [404],
  async handle({ params: { id }, client }) {
    const fleet = await read(client, id);
    if (fleet === undefined) throw new ProblemError('not-found', `There is no fleet ${id}.`);
    return json(200, fleet);
  },
});

export const fleetRoutes: Route[] = [startFleet, getFleet];

const status = z.object({
  name: z.literal(FLEET),
  input: z.object({ vmIds: z.array(z.string()) }),
  /** Of `Status` of orchestrations/steps.ts. */
  customStatus: z.object({ elsewhere: z.array(z.tuple([z.number(), z.string()])) }).catch({ elsewhere: [] }),
  output: z
    .object({ progress: fleetView.omit({ id: true, state: true }) })
    .nullable()
    .catch(null),
});

async function read(client: DurableClient, id: string): Promise<z.infer<typeof fleetView> | undefined> {
  const fleet = await readStatus(client, id, status);
  if (fleet === undefined) return undefined;
  const { input, output, customStatus } = fleet;
  if (output) return { id, state: 'ended', ...output.progress };
  return { id, state: 'running', ...(await present(client, id, input.vmIds, new Map(customStatus.elsewhere))) };
}

/** The repair that does the work: one that met another of its VM has ended as joined, and the fleet follows that other only at its next look. */
async function working(client: DurableClient, repairId: string): Promise<{ repairId: string; instance: Instance | undefined }> {
  const instance = await readInstance(client, repairId);
  const joinedTo = instance?.output?.joinedTo ?? null;
  const other = joinedTo === null ? undefined : await readInstance(client, joinedTo);
  return joinedTo !== null && other !== undefined ? { repairId: joinedTo, instance: other } : { repairId, instance };
}

type Present = Omit<z.infer<typeof fleetView>, 'id' | 'state'>;

/** By its repairs, whose ids follow from the fleet and the VM: a status has no room for so many, but for those that had a repair already. */
async function present(client: DurableClient, id: string, vmIds: string[], elsewhere: Map<number, string>): Promise<Present> {
  const view: Present = { waiting: [], underWay: [], ended: [], notStarted: [] };
  for (const [n, vmId] of vmIds.entries()) {
    const { repairId, instance } = await working(client, elsewhere.get(n) ?? derivedRepairId(id, vmId.toLowerCase()));
    if (instance === undefined) view.waiting.push(vmId);
    else if (instance.ended) view.ended.push({ vmId, repairId, outcome: instance.output?.outcome ?? 'unknown' });
    else view.underWay.push({ vmId, repairId });
  }
  return view;
}
