/** Guests that speak nonsense, or not at all, when they are told to. */
import type { Guests } from '../simulator/guests/contract.ts';
import { spoilt } from './mishaps.ts';
import type { CallFault } from './schedule.ts';

/** The next script's output is spoilt; the agent of these machines says nothing in their next boot. */
export const guest: { spoil: CallFault | undefined; mute: Set<string> } = { spoil: undefined, mute: new Set() };

export function spoiling(real: Guests): Guests {
  return {
    ...real,
    boot(disk, machine) {
      const result = real.boot(disk, machine);
      if (!guest.mute.delete(machine.computerName)) return result;
      return { ...result, stages: result.stages.map(({ agent: _, ...stage }) => stage) };
    },
    async runScript(run) {
      const end = await real.runScript(run);
      const fault = guest.spoil;
      guest.spoil = undefined;
      return fault === undefined ? end : { ...end, output: spoilt(end.output, fault) ?? end.output };
    },
  };
}
