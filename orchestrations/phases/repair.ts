import type { Attempt, AttemptRecord, Plan, VmFacts } from '../../functions/activities/contract.ts';
import { type Step, show } from '../steps.ts';
import type { Story } from '../story.ts';
import { isChange, isCutOff, isGivenUp, runOnce, soundCopy } from './freshCopy.ts';

/** Runs an attempt's scripts on the repair disk. One that was cut off while it changed something ends the attempt; no script is sent again after that. */
export function* work(story: Story, vm: VmFacts, plan: Plan, attempt: Attempt): Step<AttemptRecord> {
  yield* show({ phase: 'repair', step: attempt.id });
  const record: AttemptRecord = { attempt: attempt.id, title: attempt.title, scripts: [], boot: null };
  story.attempts.push(record);
  for (const step of attempt.scripts) {
    if (step.unless === 'dump-collected' && story.dump.state === 'uploaded') continue;
    if (story.cutOff.includes(step.script)) continue;
    yield* soundCopy(story, vm, plan, record);
    if (isCutOff(yield* runOnce(story, plan, step, record)) && isChange(plan, step)) break;
  }
  return record;
}

/**
 * Whether there is something to boot; if so, with EMS and dump settings on that copy: without them the next stop would be as silent as the
 * last. Where those were cut off, it boots without.
 */
export function* readyToBoot(story: Story, vm: VmFacts, plan: Plan, attempt: Attempt, record: AttemptRecord): Step<boolean> {
  if (!bootWanted(story, attempt, record)) return false;
  do {
    yield* soundCopy(story, vm, plan, record);
    for (const step of plan.beforeBoot) {
      if (story.cutOff.includes(step.script)) continue;
      if (isCutOff(yield* runOnce(story, plan, step, record))) break;
    }
  } while (isGivenUp(story));
  return bootWanted(story, attempt, record);
}

/** A boot for the dump alone is in vain where nothing would write one, or nothing collect it. */
const forDump = ['boot-settings', 'collect-dump'];

function bootWanted(story: Story, { boot }: Attempt, record: AttemptRecord): boolean {
  if (boot === 'if-changed') return changedSomething(story, record);
  return boot === 'for-dump' && story.dump.state === 'none' && !forDump.some(script => story.cutOff.includes(script));
}

/** Something that this attempt has changed is on the present copy; what was only done once more has had its boot. */
function changedSomething({ copies }: Story, { scripts }: AttemptRecord): boolean {
  const fixed = scripts.filter(({ script, result }) => script !== 'collect-dump' && result?.outcome === 'fixed');
  const own = new Set(fixed.filter(({ again }) => !again).map(({ script }) => script));
  return fixed.some(({ script, copy = 1 }) => copy === copies.length && own.has(script));
}
