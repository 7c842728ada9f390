/** Starting a repair, or joining the one that has the VM. */
import { setTimeout } from 'node:timers/promises';
import type { DurableClient } from 'durable-functions';
import type { z } from 'zod';
import { DamagedRecord, type State } from '../../records/index.ts';
import type { OperatorScript, RepairRequest } from '../activities/contract.ts';
import { ORCHESTRATOR } from '../names.ts';
import { limitsOf } from '../settings.ts';
import { readInstance, releaseDead, repairUnderWay } from './instances.ts';
import type { GivenScript } from './operatorScript.ts';
import { newRepairId } from './repairId.ts';
import { linksOf, type Services } from './route.ts';
import type { started } from './schemas.ts';

export type Started = z.infer<typeof started>;
export type Wish = Pick<RepairRequest, 'vmId' | 'mode' | 'playbook' | 'consents' | 'restartFirst' | 'force' | 'requestedBy' | 'caller'>;

/**
 * Starts a repair unless the VM is under repair. Two that come at the very same time are told apart by the admission entity: the second ends `joined`.
 * @param derivedId for what may be delivered more than once: a repair that already has this id is that delivery's, whatever has become of it
 */
export async function startRepair(
  client: DurableClient,
  services: Pick<Services, 'records' | 'settings'>,
  wish: Wish,
  derivedId?: string,
  given?: GivenScript,
): Promise<Started> {
  const { vmId } = wish;
  const answer = (id: string, state: State, joined: boolean): Started => ({ id, vmId, state, joined, links: linksOf(id) });
  const running = await repairUnderWay(client, vmId);
  if (running) {
    // Delivered again when that repair is over, it has been answered already.
    if (derivedId && derivedId !== running.id) await services.records.noteJoined(derivedId, running.id);
    return answer(running.id, running.customStatus.state, true);
  }
  const before = derivedId && (await stateOf(client, services, derivedId));
  if (before) return answer(derivedId, before, true);
  if (derivedId && !(await services.records.claim(derivedId))) {
    const joined = await services.records.joinedBefore(derivedId);
    if (joined) return answer(joined, (await stateOf(client, services, joined)) ?? 'ended', true);
    const begun = await soon(() => stateOf(client, services, derivedId));
    if (begun) return answer(derivedId, begun, true);
  }

  await releaseDeadOnce(client, services.records);
  const id = derivedId ?? newRepairId();
  const script = given && (await keep(services, id, given));
  const { settings } = services;
  const input: RepairRequest = {
    ...wish,
    ...(script && { script }),
    requestedAt: new Date().toISOString(),
    ...(settings.notifications.webhooks.length > 0 && { notify: true }),
    limits: limitsOf(settings),
  };
  try {
    await client.startNew(ORCHESTRATOR, { instanceId: id, input });
  } catch (error) {
    // The same delivery, twice at once: the other one was faster.
    if (!derivedId || !(await readInstance(client, id))) throw error;
    return answer(id, 'queued', true);
  }
  return answer(id, 'queued', false);
}

/**
 * Another delivery of the same is about to start it: two that both start it would run it twice, should it be over before the second is
 * through, for Durable Functions lets an ended instance be begun anew. Who finds nothing after all starts it: the other one has died.
 */
async function soon(look: () => Promise<State | undefined>): Promise<State | undefined> {
  for (let n = 0; n < 10; n++) {
    const state = await look();
    if (state) return state;
    await setTimeout(300);
  }
  return look();
}

const releasing = new WeakMap<object, Promise<unknown>>();

/** Hundreds that start at once look together for entries of the dead. */
async function releaseDeadOnce(client: DurableClient, app: object): Promise<void> {
  const pass = releasing.get(app) ?? releaseDead(client, false).finally(() => releasing.delete(app));
  releasing.set(app, pass);
  await pass;
}

/** Its text goes into a blob, so that the orchestration's history holds no more of it than its hash. */
async function keep({ records }: Pick<Services, 'records'>, id: string, { content, ...script }: GivenScript): Promise<OperatorScript> {
  return { ...script, blob: await records.putEvidence(id, 'operator-script.ps1', Buffer.from(content), 'text/plain; charset=utf-8') };
}

/** Undefined = this id was never used; its records outlive its orchestration. */
async function stateOf(client: DurableClient, { records }: Pick<Services, 'records'>, id: string): Promise<State | undefined> {
  const instance = await readInstance(client, id);
  if (instance) return instance.ended ? 'ended' : instance.customStatus.state;
  try {
    return (await records.readSummary(id))?.state;
  } catch (error) {
    // Whatever it says: the id was used.
    if (error instanceof DamagedRecord) return 'ended';
    throw error;
  }
}
