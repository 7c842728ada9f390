import { lookAtBoot } from '../../diagnosis/index.ts';
import type { Activity } from './activity.ts';
import { lookAtConsole } from './console.ts';
import type { Evidence } from './contract.ts';
import { existing } from './ensurePoweredOff.ts';
import { keep } from './evidence.ts';
import { presentOf } from './facts.ts';

/**
 * One look at a VM that was started. Its evidence is kept when it tells something: the first look, a failure, a sign-in screen,
 * a ready agent; and told once, not at every look. A console that cannot be read is told: the agent may answer all the same.
 */
export const observeBoot: Activity<'observeBoot'> = async ({ vm, startedAt, look }, tools) => {
  const present = { ...vm, ...presentOf(await existing(tools.azure.vms.get(vm.id), vm.id), null) };
  const { observation, seen } = await lookAtConsole(present, startedAt, tools, 'go on');
  const sight = lookAtBoot({ ...observation, startedAt });
  const telling = look === 0 || sight.failure !== null || sight.sight === 'sign-in' || sight.agentReadyAt !== null;
  const evidence = telling ? untold(`${tools.repairId} ${startedAt}`, await keep(seen, tools)) : [];
  return { ...sight, at: observation.now, power: present.power, evidence };
};

/** What each boot's looks have told: in memory only, for after a crash it must be told again. */
const told = new Map<string, Set<string>>();
const remembered = 20;

function untold(boot: string, evidence: Evidence[]): Evidence[] {
  const known = told.get(boot) ?? new Set();
  for (const oldest of [...told.keys()].slice(0, Math.max(0, told.size - remembered))) told.delete(oldest);
  told.set(boot, known);
  // What is older than the start is of the boot before.
  return evidence.filter(({ id, fresh }) => fresh && !known.has(id) && known.add(id));
}
