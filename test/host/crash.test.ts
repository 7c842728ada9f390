/** kill -9 at random moments over a number of workflows: the same results, nothing lost, activities at least once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { cleanUp, HostProcess, makeApp } from './hostProcess.ts';

afterAll(cleanUp);

const APP = `
const df = require('durable-functions');
const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
df.app.activity('work', { handler: async ({ key, value, ms }) => {
  appendFileSync(join(__dirname, 'runs.log'), key + '\\n');
  await sleep(ms);
  return { doubled: value * 2 };
} });
df.app.entity('counter', ctx => { const n = ctx.df.getState(() => 0) + ctx.df.getInput(); ctx.df.setState(n); ctx.df.return(n); });
const work = (ctx, step, value) => ctx.df.callActivity('work', { key: ctx.df.instanceId + '/' + step, value, ms: (value * 7) % 40 });
const after = (ctx, ms) => ctx.df.createTimer(new Date(ctx.df.currentUtcDateTime.getTime() + ms));
df.app.orchestration('chain', function* (ctx) {
  let sum = 0;
  for (let i = 1; i <= 6; i++) { sum += (yield work(ctx, i, i)).doubled; yield after(ctx, 15); }
  return { sum };
});
df.app.orchestration('fan', function* (ctx) {
  const results = yield ctx.df.Task.all([1, 2, 3, 4, 5, 6, 7, 8].map(i => work(ctx, i, i)));
  return { sum: results.reduce((sum, r) => sum + r.doubled, 0) };
});
df.app.orchestration('approval', function* (ctx) {
  const timer = after(ctx, 3_600_000), event = ctx.df.waitForExternalEvent('approve');
  yield work(ctx, 'before', 3);
  const winner = yield ctx.df.Task.any([event, timer]);
  timer.cancel();
  const last = yield work(ctx, 'after', 5);
  return { sum: winner.result.n + last.doubled };
});
df.app.orchestration('again', function* (ctx) {
  const { round, sum } = ctx.df.getInput() ?? { round: 0, sum: 0 };
  if (round === 5) return { sum };
  const { doubled } = yield work(ctx, round, round);
  ctx.df.continueAsNew({ round: round + 1, sum: sum + doubled });
});
df.app.orchestration('count', function* (ctx) {
  const id = new df.EntityId('counter', 'all');
  for (let i = 0; i < 4; i++) { yield ctx.df.callEntity(id, 'add', 1); yield work(ctx, i, i); }
  return { sum: 4 };
});
`;

const KINDS = [
  { name: 'chain', sum: 42, steps: ['1', '2', '3', '4', '5', '6'] },
  { name: 'fan', sum: 72, steps: ['1', '2', '3', '4', '5', '6', '7', '8'] },
  { name: 'approval', sum: 110, steps: ['before', 'after'] },
  { name: 'again', sum: 20, steps: ['0', '1', '2', '3', '4'] },
  { name: 'count', sum: 4, steps: ['0', '1', '2', '3'] },
];
const ROUNDS = 5;
const INSTANCES = KINDS.flatMap(kind => Array.from({ length: ROUNDS }, (_, n) => ({ ...kind, id: `${kind.name}-${n}` })));
const KILLS = 8;

/** Sends what must arrive until the host says that it took it, over its deaths. */
async function insist(host: () => HostProcess, send: (host: HostProcess) => Promise<{ status: number }>, enough: number[]): Promise<void> {
  for (;;) {
    const reply = await send(host()).catch(() => undefined);
    if (reply && enough.includes(reply.status)) return;
    await new Promise(resolve => setTimeout(resolve, 30));
  }
}

test(`${INSTANCES.length} workflows end right over ${KILLS} x kill -9`, async () => {
  const app = await makeApp(APP);
  let host = await HostProcess.start(app);
  const current = () => host;
  const client = Promise.all(
    INSTANCES.map(async ({ id, name }, n) => {
      await new Promise(resolve => setTimeout(resolve, n * 40));
      await insist(current, h => h.startInstance(name, id), [202, 409]);
      if (name === 'approval') await insist(current, h => h.raise(id, 'approve', { n: 100 }), [202, 410]);
    }),
  );
  const moments: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const moment = Math.round(20 + Math.random() * 280);
    moments.push(moment);
    await new Promise(resolve => setTimeout(resolve, moment));
    await host.kill();
    host = await HostProcess.start(app);
  }
  await client;
  const ends = await Promise.all(INSTANCES.map(({ id }) => host.ended(id, 30_000)));
  const told = `killed after ${moments.join(', ')} ms`;
  expect({ told, ends: ends.map(end => [end.instanceId, end.runtimeStatus, end.output]) }).toEqual({
    told,
    ends: INSTANCES.map(({ id, sum }) => [id, 'Completed', { sum }]),
  });

  // An entity's operation and its answer are one transaction: counted once each, whatever died in between.
  expect((await host.get('/durabletask/entities/counter/all')).body).toBe(ROUNDS * 4);

  const runs = (await readFile(join(app, 'runs.log'), 'utf8')).trim().split('\n');
  const wanted = INSTANCES.flatMap(({ id, steps }) => steps.map(step => `${id}/${step}`));
  expect([...new Set(runs)].sort()).toEqual(wanted.sort());
  const most = Math.max(...wanted.map(key => runs.filter(run => run === key).length));
  expect(most).toBeLessThanOrEqual(KILLS + 1);
  expect(await host.stop()).toBe(0);
});
