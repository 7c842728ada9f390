/** What Durable Functions knows of repairs, parsed: instances, and the admission entity's state. */
import { type DurableClient, EntityId } from 'durable-functions';
import { z } from 'zod';
import { type AdmissionState, release } from '../../orchestrations/admission.ts';
import { repairRequest } from '../../records/story.ts';
import { instant, outcomes } from '../../records/words.ts';
import { ADMISSION, INCIDENTS, ORCHESTRATOR } from '../names.ts';

/** `Status` of orchestrations/steps.ts. */
const shown = z.object({
  state: z.enum(['queued', 'running', 'waiting-approval']).default('queued'),
  phase: z.string().default(''),
  step: z.string().default(''),
  awaiting: z.string().default(''),
  since: instant.nullable().default(null),
  finding: z.string().default(''),
  planHash: z.string().default(''),
});

/** `RepairEnd` of orchestrations/repairVm.ts. */
const end = z.object({ outcome: z.enum(outcomes), headline: z.string(), joinedTo: z.string().nullable() });

const time = z.coerce.date().transform(date => date.toISOString());
const instance = z
  .object({
    name: z.string(),
    instanceId: z.string(),
    runtimeStatus: z.string(),
    createdTime: time,
    lastUpdatedTime: time,
    input: repairRequest.nullable().catch(null),
    customStatus: shown.catch(shown.parse({})),
    /** A failed orchestration's output is a text. */
    output: end.nullable().catch(null),
  })
  .transform(({ instanceId: id, ...rest }) => ({ id, ...rest, ended: ENDED.includes(rest.runtimeStatus) }));
const ENDED = ['Completed', 'Failed', 'Canceled', 'Terminated'];
export type Instance = z.infer<typeof instance>;

/** `AdmissionState` of orchestrations/admission.ts; what an older version kept may lack what is new. */
const admissionState = z.object({
  running: z
    .record(
      z.string(),
      z.object({ repairId: z.string(), since: z.string(), scopes: z.array(z.string()).optional(), parked: z.boolean().optional() }),
    )
    .default({}),
  waiting: z
    .record(
      z.string(),
      z.object({ vmId: z.string(), since: z.string(), askedAt: z.string(), why: z.string(), waitsFor: z.array(z.string()) }),
    )
    .default({}),
  starts: z.record(z.string(), z.array(z.string())).default({}),
  restarts: z.record(z.string(), z.string()).default({}),
  failures: z.record(z.string(), z.object({ inARow: z.number(), at: z.string(), lastRepairId: z.string() })).default({}),
});
const entity = new EntityId(ADMISSION, 'all');
const incidents = new EntityId(INCIDENTS, 'all');

/** Before the first repair there is none. */
export async function readAdmission(client: DurableClient): Promise<AdmissionState> {
  const { entityState } = await client.readEntityState(entity);
  return admissionState.parse(entityState ?? {});
}

export async function resetBreaker(client: DurableClient, finding: string): Promise<void> {
  await client.signalEntity(entity, 'resetBreaker', { finding });
}

/** Undefined = there never was one, or it is no repair. */
export async function readInstance(client: DurableClient, id: string): Promise<Instance | undefined> {
  try {
    const found = instance.parse(await client.getStatus(id));
    return found.name === ORCHESTRATOR ? found : undefined;
  } catch (error) {
    // The SDK tells a missing instance by this text alone.
    if (error instanceof Error && error.message.includes('HTTP 404 response')) return undefined;
    throw error;
  }
}

export async function listInstances(client: DurableClient): Promise<Instance[]> {
  const all = z.array(z.looseObject({ name: z.string() })).parse(await client.getStatusAll());
  return all.filter(({ name }) => name === ORCHESTRATOR).map(each => instance.parse(each));
}

/**
 * Entries of repairs that are dead (failed, terminated, purged) would hold a place, or stand in the queue, for ever. An entity cannot look
 * whether they live: whoever starts a repair, sweeps or looks at the admission does. Answers what is left.
 * @param queue false: only the few that hold a place are looked at, not all that wait; who starts one of hundreds cannot ask for each other
 */
export async function releaseDead(client: DurableClient, queue = true): Promise<AdmissionState> {
  const state = await readAdmission(client);
  const entries = [
    ...Object.entries(state.running).map(([vmId, { repairId }]) => ({ vmId, repairId })),
    ...Object.entries(queue ? state.waiting : {}).map(([repairId, { vmId }]) => ({ vmId, repairId })),
  ];
  let left = state;
  for (const { vmId, repairId } of entries) {
    const instance = await readInstance(client, repairId);
    if (instance && !instance.ended) continue;
    await free(client, vmId, repairId);
    left = release(left, { vmId, repairId });
  }
  return left;
}

/** Nobody waits any more for a repair that is dead. */
async function free(client: DurableClient, vmId: string, repairId: string): Promise<void> {
  await client.signalEntity(entity, 'release', { vmId, repairId });
  await client.signalEntity(incidents, 'forget', { vmId, repairId });
}

/** The repair that has this VM now. An entry whose orchestration is dead is released on the way, or it would block the VM for ever. */
export async function repairUnderWay(client: DurableClient, vmId: string): Promise<Instance | undefined> {
  const holder = (await readAdmission(client)).running[vmId.toLowerCase()];
  if (holder === undefined) return undefined;
  const running = await readInstance(client, holder.repairId);
  if (running && !running.ended) return running;
  await free(client, vmId, holder.repairId);
  return undefined;
}
