/** What Durable Functions knows of repairs, parsed: instances, and the admission entity's state. */
import { type DurableClient, EntityId, OrchestrationRuntimeStatus } from 'durable-functions';
import { z } from 'zod';
import { type AdmissionState, release } from '../../orchestrations/admission.ts';
import { repairRequest } from '../../records/story.ts';
import { instant, outcomes } from '../../records/words.ts';
import { ADMISSION, INCIDENTS, ORCHESTRATOR, SWEEP } from '../names.ts';

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
  starting: z.record(z.string(), z.number()).default({}),
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

/** What Durable Functions remembers of any orchestration; undefined = there never was one. */
export async function readStatus<T>(client: DurableClient, id: string, status: z.ZodType<T>): Promise<T | undefined> {
  try {
    return status.parse(await client.getStatus(id));
  } catch (error) {
    // The SDK tells a missing instance by this text alone.
    if (error instanceof Error && error.message.includes('HTTP 404 response')) return undefined;
    throw error;
  }
}

/** Undefined = there never was one, or it is no repair. */
export async function readInstance(client: DurableClient, id: string): Promise<Instance | undefined> {
  const found = await readStatus(client, id, instance);
  return found?.name === ORCHESTRATOR ? found : undefined;
}

/** Whether Durable Functions remembers this sweep. */
export async function sweepIsKnown(client: DurableClient, id: string): Promise<boolean> {
  return (await readStatus(client, id, z.object({ name: z.string() })))?.name === SWEEP;
}

type Runtime = OrchestrationRuntimeStatus;
const { Pending, Running, Suspended, ContinuedAsNew, Failed, Canceled, Terminated, Completed } = OrchestrationRuntimeStatus;
const DAY = 24 * 3_600_000;
/** Milliseconds by which the clocks of the hosts that share a task hub may differ. */
const SKEW = 60_000;

/**
 * The repairs that Durable Functions has to be asked for: those under way, those that failed, and those that completed lately. Of the others
 * the records tell, and they are many: a page of a hundred instances is a request.
 * One that completed is asked for once, and told for a day. Later only what was created since, or was still under way then, can have
 * completed. An id that is in it twice was under way at one moment and had completed at the next: the later entry counts.
 */
export function instanceList(now: () => number = Date.now): (client: DurableClient) => Promise<Instance[]> {
  const completed = new Map<string, Instance>();
  let since = now() - DAY;
  return async client => {
    const asked = now();
    const from = since;
    // In this order: what completes in between is in both answers, not in neither.
    const others = await query(client, { runtimeStatus: [Pending, Running, Suspended, ContinuedAsNew, Failed, Canceled, Terminated] });
    for (const each of await query(client, { runtimeStatus: [Completed], createdTimeFrom: new Date(from) })) completed.set(each.id, each);
    for (const [id, { lastUpdatedTime }] of completed) if (Date.parse(lastUpdatedTime) < asked - DAY) completed.delete(id);
    const open = others.filter(({ ended }) => !ended).map(({ createdTime }) => Date.parse(createdTime));
    since = Math.min(asked - SKEW, ...open);
    return [...completed.values(), ...others];
  };
}

async function query(client: DurableClient, filter: { runtimeStatus: Runtime[]; createdTimeFrom?: Date }): Promise<Instance[]> {
  const all = z.array(z.looseObject({ name: z.string() })).parse(await client.getStatusBy(filter));
  return all.filter(({ name }) => name === ORCHESTRATOR).map(each => instance.parse(each));
}

/**
 * Entries of repairs that are dead (failed, terminated, purged) would hold a place, or stand in the queue, for ever. An entity cannot look
 * whether they live: whoever starts a repair, sweeps or looks at the admission does. Answers what is left.
 * @param queue false: only the few that hold a place are looked at, not all that wait, or have given their place to others of their burst; who starts one of hundreds cannot ask for each other
 */
export async function releaseDead(client: DurableClient, queue = true): Promise<AdmissionState> {
  const state = await readAdmission(client);
  const entries = [
    ...Object.entries(state.running).flatMap(([vmId, { repairId, parked }]) => (parked && !queue ? [] : { vmId, repairId })),
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
