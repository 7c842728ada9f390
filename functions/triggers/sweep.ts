/** The sweep: by a timer, or asked for; and what the last one found. */
import * as df from 'durable-functions';
import { z } from 'zod';
import { sweepReport } from '../../records/sweep.ts';
import type { SweepRequest } from '../activities/contract.ts';
import { SWEEP } from '../names.ts';
import { limitsOf } from '../settings.ts';
import { readStatus } from './instances.ts';
import { ProblemError } from './problem.ts';
import { derivedRepairId, newRepairId } from './repairId.ts';
import { json, type Route, route, type Services } from './route.ts';
import { leftoverList, sweepStarted } from './schemas.ts';

const startSweep = route({
  name: 'startSweep',
  method: 'POST',
  // It starts repairs of whatever VM it finds ill, also of those that who asks may not touch themselves.
  role: 'Repair.Approve',
  path: 'sweeps',
  summary: 'Looks now for VMs that should run and do not answer, as the timer does; joins the sweep that is under way',
  answers: {
    202: { description: 'Started', content: { 'application/json': sweepStarted } },
    200: { description: 'A sweep is under way already', content: { 'application/json': sweepStarted } },
  },
  async handle({ caller, client, services }) {
    const answer = await start(client, services, caller.name);
    return json(answer.joined ? 200 : 202, answer);
  },
});

const latestSweep = route({
  name: 'getLatestSweep',
  method: 'GET',
  role: 'Repair.Read',
  path: 'sweeps/latest',
  summary: 'What the last sweep found, what it did, and why it did nothing',
  answers: { 200: { description: 'The report', content: { 'application/json': sweepReport } } },
  problems: [404],
  async handle({ services: { records } }) {
    const report = await records.readLatestSweep();
    if (report === undefined)
      throw new ProblemError('no-sweep-yet', 'POST /api/sweeps begins one; sweep.schedule in the settings begins one again and again.');
    return json(200, report);
  },
});

const leftovers = route({
  name: 'listLeftovers',
  method: 'GET',
  role: 'Repair.Read',
  path: 'leftovers',
  summary: 'Disks, snapshots and VMs that repairs have left, as the last sweep found them: size, cost, until when, and why they are kept',
  answers: { 200: { description: 'All of them', content: { 'application/json': leftoverList } } },
  async handle({ services: { records } }) {
    const report = await records.readLatestSweep();
    const gone = new Set(report?.deleted);
    const items = report?.leftovers.filter(({ resourceId }) => !gone.has(resourceId)) ?? [];
    const monthlyUsd = Math.round(items.reduce((sum, item) => sum + (item.monthlyUsd ?? 0), 0) * 100) / 100;
    return json(200, { at: report?.endedAt ?? null, items, monthlyUsd });
  },
});

export const sweepRoutes: Route[] = [startSweep, latestSweep, leftovers];

/** Registers the timer. @param schedule NCRONTAB, UTC */
export function registerSweep(services: Services, schedule: string): void {
  df.app.client.timer('sweepTimer', {
    schedule,
    handler: async (_, client, context) => {
      const { sweepId, joined } = await start(client, services, 'timer');
      context.info(joined ? `sweep ${sweepId} is still under way` : `sweep ${sweepId} begins`);
    },
  });
}

const instance = z.object({ name: z.string(), instanceId: z.string() });
const { Pending, Running } = df.OrchestrationRuntimeStatus;

/** One at a time: a sweep that takes longer than the schedule's pause is joined by the next. */
async function start(client: df.DurableClient, { settings }: Services, requestedBy: string): Promise<z.infer<typeof sweepStarted>> {
  const underWay = z.array(instance).parse(await client.getStatusBy({ runtimeStatus: [Pending, Running] }));
  const before = underWay.find(({ name }) => name === SWEEP);
  if (before) return { sweepId: before.instanceId, joined: true };
  const inTurn = idOfMinute(Date.now());
  const there = await statusOf(client, inTurn);
  if (there !== undefined && isUnderWay(there)) return { sweepId: inTurn, joined: true };
  // Whose minute's sweep is over already wants another one.
  const sweepId = there === undefined ? inTurn : newRepairId().replace(/^r/, 's');
  const input: SweepRequest = { requestedBy, limits: limitsOf(settings) };
  try {
    await client.startNew(SWEEP, { instanceId: sweepId, input });
  } catch (error) {
    // Asked for twice at the very same moment: the other one was faster.
    if ((await statusOf(client, sweepId)) === undefined) throw error;
    return { sweepId, joined: true };
  }
  return { sweepId, joined: false };
}

/** The same for all who ask within a minute, so that only one of them can start it. A minute ends at half past: timers ask at whole ones. */
const idOfMinute = (now: number) => derivedRepairId('sweep', String(Math.floor((now + 30_000) / 60_000))).replace(/^r/, 's');
const isUnderWay = (status: string) => status === Pending || status === Running;

/** Undefined = there is none. */
const statusOf = async (client: df.DurableClient, id: string) =>
  (await readStatus(client, id, z.object({ runtimeStatus: z.string() })))?.runtimeStatus;
