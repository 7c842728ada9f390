import { lookAtBoot } from '../../diagnosis/index.ts';
import type { Activity } from './activity.ts';
import { lookAtConsole } from './console.ts';
import { existing } from './ensurePoweredOff.ts';
import { presentOf } from './facts.ts';

/** One look at a VM that was started. Its evidence is kept when it tells something: the first look, a failure, a sign-in screen, a ready agent. */
export const observeBoot: Activity<'observeBoot'> = async ({ vm, startedAt, look }, tools) => {
  const present = { ...vm, ...presentOf(await existing(tools.azure.vms.get(vm.id), vm.id)) };
  const { observation, keep } = await lookAtConsole(present, startedAt, tools);
  const sight = lookAtBoot({ ...observation, startedAt });
  const telling = look === 0 || sight.failure !== null || sight.sight === 'sign-in' || sight.agentReadyAt !== null;
  return { ...sight, at: observation.now, power: present.power, evidence: telling ? await keep() : [] };
};
