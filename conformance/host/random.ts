/** Random workflows of the supported kinds on the embedded host, which is killed over and over; a plain function says what each must come to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../simulator/random.ts';
import { HostProcess, makeApp } from '../../test/host/hostProcess.ts';
import type { Compared } from './turns.ts';

type Step =
  | { kind: 'work' | 'caught' | 'race' | 'entity'; value: number }
  | { kind: 'timer'; value: number }
  | { kind: 'all'; values: number[] }
  | { kind: 'event'; name: string; value: number }
  /** Begins a new generation with the rest. */
  | { kind: 'again' };

interface Workflow {
  id: string;
  steps: Step[];
}

/** Runs the steps of its input, whatever they are. */
const APP = `
const df = require('durable-functions');
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
df.app.activity('work', { handler: async ({ value }) => { await sleep((value * 7) % 30); return value * 2; } });
df.app.activity('fails', { handler: async ({ value }) => { await sleep((value * 3) % 20); throw new Error('no ' + value); } });
df.app.entity('total', ctx => { const n = ctx.df.getState(() => 0) + ctx.df.getInput(); ctx.df.setState(n); ctx.df.return(n); });
df.app.orchestration('steps', function* (ctx) {
  let { steps, sum } = ctx.df.getInput();
  const at = ms => ctx.df.createTimer(new Date(ctx.df.currentUtcDateTime.getTime() + ms));
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'work') sum += yield ctx.df.callActivity('work', step);
    if (step.kind === 'caught') { try { yield ctx.df.callActivity('fails', step); } catch { sum += step.value; } }
    if (step.kind === 'timer') yield at(step.value);
    if (step.kind === 'all') sum += (yield ctx.df.Task.all(step.values.map(value => ctx.df.callActivity('work', { value })))).reduce((a, b) => a + b, 0);
    if (step.kind === 'race') {
      const [work, late] = [ctx.df.callActivity('work', step), at(3600000)];
      const winner = yield ctx.df.Task.any([work, late]);
      late.cancel();
      sum += winner.result;
    }
    if (step.kind === 'event') sum += yield ctx.df.waitForExternalEvent(step.name);
    if (step.kind === 'entity') sum += yield ctx.df.callEntity(new df.EntityId('total', ctx.df.instanceId), 'add', step.value);
    if (step.kind === 'again') { ctx.df.continueAsNew({ steps: steps.slice(index + 1), sum }); return; }
  }
  return { sum };
});
`;

/** What a workflow comes to. An entity keeps its total over generations. */
function reference(steps: Step[]): number {
  let [sum, total] = [0, 0];
  for (const step of steps) {
    if (step.kind === 'work' || step.kind === 'race') sum += step.value * 2;
    if (step.kind === 'caught' || step.kind === 'event') sum += step.value;
    if (step.kind === 'all') sum += step.values.reduce((doubles, value) => doubles + value * 2, 0);
    if (step.kind === 'entity') {
      total += step.value;
      sum += total;
    }
  }
  return sum;
}

const KINDS = ['work', 'caught', 'race', 'entity', 'timer', 'all', 'event', 'again'] as const;

function randomWorkflow(n: number, random: Random): Workflow {
  const below = (limit: number) => Math.floor(random.next() * limit);
  const steps = Array.from({ length: 1 + below(8) }, (_, index): Step => {
    const kind = KINDS[below(KINDS.length)] ?? 'work';
    if (kind === 'all') return { kind, values: Array.from({ length: 1 + below(5) }, () => below(50)) };
    if (kind === 'event') return { kind, name: `e${index}`, value: below(50) };
    return kind === 'again' ? { kind } : { kind, value: below(50) };
  });
  // An event that is raised before a new generation waits for it is lost, as on Azure: none behind one.
  const again = steps.findIndex(({ kind }) => kind === 'again');
  return { id: `random-${n}`, steps: steps.filter(({ kind }, index) => again < 0 || index < again || kind !== 'event') };
}

/** @param seed of the workflows; the moments of death are whatever they are */
export async function compareRandom(seed: string, workflows: number, kills: number): Promise<Compared[]> {
  const random = new Random(seed);
  const all = Array.from({ length: workflows }, (_, n) => randomWorkflow(n, random));
  const app = await makeApp(APP);
  let host = await HostProcess.start(app);
  const insist = async (send: () => Promise<{ status: number }>, enough: number[]) => {
    while (!enough.includes((await send().catch(() => ({ status: 0 }))).status)) await sleep(30);
  };
  const client = Promise.all(
    all.map(async ({ id, steps }, n) => {
      await sleep(n * 25);
      await insist(() => host.startInstance('steps', id, { steps, sum: 0 }), [202, 409]);
      for (const step of steps) if (step.kind === 'event') await insist(() => host.raise(id, step.name, step.value), [202, 410]);
    }),
  );
  for (let kill = 0; kill < kills; kill++) {
    await sleep(20 + Math.random() * 300);
    await host.kill();
    host = await HostProcess.start(app);
  }
  await client;
  const ends = await Promise.all(all.map(({ id }) => host.ended(id, 60_000)));
  const code = await host.stop();
  return [
    { told: 'the host stops', expected: 0, actual: code },
    ...all.map(({ id, steps }, n) => ({
      told: `${seed}/${id}: ${JSON.stringify(steps)}`,
      expected: { status: 'Completed', output: { sum: reference(steps) } },
      actual: { status: ends[n]?.runtimeStatus, output: ends[n]?.output },
    })),
  ];
}
