import type { Clock } from '../../azure/clock.ts';
import { lookAtBoot } from '../../diagnosis/index.ts';
import type { Activity } from './activity.ts';
import { lookAtConsole } from './console.ts';
import type { BootSight, VmFacts } from './contract.ts';
import { existing } from './ensurePoweredOff.ts';
import { keep, type Seen } from './evidence.ts';
import { presentOf } from './facts.ts';

/**
 * One look at a VM that was started. Its evidence is kept when it tells something: the first look, a failure, a sign-in screen,
 * a ready agent; and told once, not at every look. A console that cannot be read is told: the agent may answer all the same.
 */
export const observeBoot: Activity<'observeBoot'> = async ({ vm, startedAt, look, console = 'always' }, tools) => {
  const present = { ...vm, ...presentOf(await existing(tools.azure.vms.get(vm.id), vm.id), null) };
  if (console === 'unless it answers' && answers(present, startedAt, tools.clock)) {
    const now = tools.clock.now().toISOString();
    const sight = lookAtBoot({ vm: present, now, startedAt, unread: [] });
    return { ...sight, at: now, power: present.power, evidence: [], consoleSkipped: true };
  }
  const { observation, seen } = await lookAtConsole(present, startedAt, tools, 'go on');
  const sight = lookAtBoot({ ...observation, startedAt });
  const telling = look === 0 || sight.failure !== null || sight.sight === 'sign-in' || sight.agentReadyAt !== null;
  const evidence = telling ? await keep(untold(`${tools.repairId} ${startedAt}`, seen), tools) : [];
  return { ...sight, at: observation.now, power: present.power, trace: traceOf(sight, seen), evidence };
};

/** An agent that was ready so lately says more than a picture. Service seconds. */
const lately = 60;

function answers({ power, agent: { status, at } }: VmFacts, startedAt: string, clock: Clock): boolean {
  if (power !== 'running' || status !== 'ready' || at === null || Date.parse(at) <= Date.parse(startedAt)) return false;
  const age = clock.since(at);
  return age >= 0 && age <= lately;
}

/** Not of the picture itself: a logo that turns does not move on. */
function traceOf({ sight, progress }: Pick<BootSight, 'sight' | 'progress'>, seen: Seen[]): string {
  const log = seen.find(({ evidence }) => evidence.kind === 'serial-log')?.evidence.sha256 ?? '';
  return `${sight} ${progress ?? ''} ${log.slice(0, 12)}`;
}

/** What each boot's looks have told: in memory only, for after a crash it must be told again. */
const told = new Map<string, Set<string>>();
const remembered = 20;

function untold(boot: string, seen: Seen[]): Seen[] {
  const known = told.get(boot) ?? new Set();
  for (const oldest of [...told.keys()].slice(0, Math.max(0, told.size - remembered))) told.delete(oldest);
  told.set(boot, known);
  // What is older than the start is of the boot before.
  return seen.filter(({ evidence: { id, fresh } }) => fresh && !known.has(id) && known.add(id));
}
