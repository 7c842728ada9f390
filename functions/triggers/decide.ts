/** What a person can say to a running repair: cancel, approve, reject. */
import type { DurableClient } from 'durable-functions';
import { callerOf, type Principal, saidBy } from '../principal.ts';
import { mustOperate } from './callerRights.ts';
import { type Instance, readInstance } from './instances.ts';
import { ProblemError } from './problem.ts';
import { json, linksOf, pathOf, type Route, route } from './route.ts';
import { decisionBody, idParams, started } from './schemas.ts';

const said = {
  202: { description: 'Said; the repair hears it at its next step', content: { 'application/json': started }, location: true },
};

export const cancelRepair = route({
  name: 'cancelRepair',
  method: 'POST',
  role: 'Repair.Start',
  path: 'repairs/{id}/cancel',
  summary: 'Cancels a repair; the VM gets its original OS disk and power state back',
  params: idParams,
  answers: said,
  problems: [404, 409],
  async handle({ params: { id }, caller, client, context, services }) {
    const instance = await underWay(client, id);
    // It powers the VM and swaps its disk back.
    await mustOperate(caller, instance.input?.vmId ?? '', null, services);
    context.info(`cancel ${id} by ${caller.id}`);
    await client.raiseEvent(id, 'cancel', { by: caller.name, caller: callerOf(caller), at: new Date().toISOString() });
    return answer(instance);
  },
});

export const approveRepair = decision('approve', 'Approves the plan that the repair waits with');
export const rejectRepair = decision('reject', 'Rejects the plan; the repair ends and puts back what it has changed');

/** The event's name carries the plan's hash: a decision about another plan is not heard. */
function decision(verb: 'approve' | 'reject', summary: string): Route {
  return route({
    name: `${verb}Repair`,
    method: 'POST',
    role: 'Repair.Approve',
    path: `repairs/{id}/${verb}`,
    summary,
    params: idParams,
    body: decisionBody,
    answers: said,
    problems: [404, 409, 413, 415],
    async handle({ params: { id }, body, caller, client, context, services }) {
      const instance = await underWay(client, id);
      if (services.settings.fourEyes) notTheirOwn(instance, caller);
      const { state, planHash } = instance.customStatus;
      if (state !== 'waiting-approval') throw new ProblemError('not-waiting', `Repair ${id} is ${state}; it waits for no approval.`);
      if (!planHash.startsWith(body.planHash)) {
        const remedy = `read the plan of ${pathOf(id)} again and give its planHash`;
        const error = { field: 'planHash', problem: 'is not the hash of the plan that waits', remedy };
        throw new ProblemError('other-plan', 'Nothing was decided.', [error]);
      }
      context.info(`${verb} ${id} plan ${planHash} by ${caller.id}`);
      const said = { by: saidBy(body.by, caller), caller: callerOf(caller), role: 'Repair.Approve', at: new Date().toISOString() };
      await client.raiseEvent(id, `${verb}.${planHash.slice(0, 12)}`, said);
      return answer(instance);
    },
  });
}

function notTheirOwn({ input }: Instance, caller: Principal): void {
  if (input?.caller?.id !== caller.id) return;
  const error = { field: 'by', problem: 'is who asked for this repair', remedy: 'let another person with Repair.Approve decide' };
  throw new ProblemError('own-request', 'Nothing was decided: the setting fourEyes asks for another person.', [error]);
}

async function underWay(client: DurableClient, id: string): Promise<Instance> {
  const instance = await readInstance(client, id);
  if (!instance) throw new ProblemError('not-found', `There is no repair ${id} that is under way.`);
  if (instance.ended) throw new ProblemError('already-ended', `Repair ${id} has ended; GET ${pathOf(id)} tells how.`);
  return instance;
}

function answer({ id, input, customStatus }: Instance) {
  const body = { id, vmId: input?.vmId ?? '', state: customStatus.state, joined: true, links: linksOf(id) };
  return json(202, body, { location: pathOf(id) });
}
