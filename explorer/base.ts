/** The repairs that are tried: VMs of the demo, one at a time. */
import demo from '../simulator/scenarios/demo.json' with { type: 'json' };
import type { Base } from './schedule.ts';

export const settings = {
  defaults: {
    mode: 'auto',
    consents: ['upload-dump'],
    limits: { stabilitySeconds: 60, silenceSeconds: 900, burstVms: 1000, repairsAtOnce: 2, repairsPerVmAndDay: 2, bootsPerRepair: 3 },
  },
};

/** Stopped some minutes ago, and shown as ready from the boot before: only evidence newer than the power event tells the truth. */
const justDied = { name: 'just-died', runningForMinutes: 3, lastAgentReadyMinutesAgo: 4 };

export function scenarioOf(base: Base): unknown {
  const template = demo.virtualMachines.find(({ name }) => name === (base === 'just-died' ? 'web-en-02' : base));
  return { ...demo, virtualMachines: [{ ...template, ...(base === 'just-died' && justDied) }] };
}
