/** The repairs that are tried: VMs of the demo, one at a time. */
import demo from '../simulator/scenarios/demo.json' with { type: 'json' };
import type { Base } from './schedule.ts';

export const settings = {
  defaults: { mode: 'auto', consents: ['upload-dump'], limits: { stabilitySeconds: 60, silenceSeconds: 900 } },
};

export function scenarioOf(base: Base): unknown {
  return { ...demo, virtualMachines: demo.virtualMachines.filter(({ name }) => name === base) };
}
