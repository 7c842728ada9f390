/**
 * Runs schedules one after another, in virtual time; one JSON line a schedule on standard output. EXPLORER_LOG names a file that gets what
 * was logged in the last of them, for a person who looks for the reason.
 */

import { createInterface } from 'node:readline';
import { everyNowAndThen } from './time.ts';

const { World } = await import('./world.ts');
const { runSchedule } = await import('./run.ts');
const { spoiling } = await import('./spoiling.ts');
const { settings } = await import('./base.ts');
const { judgeAll } = await import('./invariants.ts');
const { parseSchedule, textOf } = await import('./schedule.ts');

import type { Facts } from './facts.ts';
import type { Schedule } from './schedule.ts';
import { nothing, type SignOfLife, type Verdict } from './verdict.ts';
import type { World as TheWorld } from './world.ts';

function judge(facts: Facts, ms: number): Verdict {
  const violations = judgeAll(facts);
  return {
    schedule: textOf(facts.schedule),
    outcome: [facts, ...facts.others]
      .flatMap(({ repairs }) => repairs)
      .map(({ outcome }) => outcome ?? 'none')
      .join('+'),
    violations,
    ms: Math.round(ms),
    virtualSeconds: facts.virtualSeconds,
    calls: facts.calls.length,
    activities: facts.activities,
    deaths: facts.world.deaths,
    throttled: facts.calls.filter(({ status }) => status === 429).length,
    hit: facts.hit,
    came: facts.came,
    ...(facts.schedule.flip && { met: facts.world.simulator.cloud.rules.wasAsked(facts.schedule.flip) }),
  };
}

async function perform(world: TheWorld, schedule: Schedule): Promise<Verdict & { list?: unknown }> {
  const begun = performance.now();
  try {
    const facts = await runSchedule(world, schedule);
    const verdict = judge(facts, performance.now() - begun);
    if (process.env.EXPLORER_LOG) world.writeLog(process.env.EXPLORER_LOG);
    return schedule.events.length === 0 ? { ...verdict, list: facts.calls } : verdict;
  } catch (error) {
    const what = error instanceof Error ? `${error.message} ${error.stack?.split('\n')[1]?.trim()}` : String(error);
    const ms = Math.round(performance.now() - begun);
    return nothing(textOf(schedule), what, ms);
  }
}

const world = await World.start({ settings, guests: spoiling });
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
const alive: SignOfLife = { alive: true };
everyNowAndThen(10, () => process.stdout.write(`${JSON.stringify(alive)}\n`));
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await perform(world, parseSchedule(line)))}\n`);
}
await world.close();
process.stdout.write('', () => process.exit(0));
