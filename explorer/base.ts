/** The repairs that are tried: VMs of the demo, one at a time. */
import type { OutcomeKind } from '../functions/activities/contract.ts';
import demo from '../simulator/scenarios/demo.json' with { type: 'json' };
import type { Base } from './schedule.ts';

export const settings = {
  defaults: {
    mode: 'auto',
    consents: ['upload-dump'],
    limits: {
      ...{ stabilitySeconds: 60, silenceSeconds: 900, burstVms: 1000 },
      ...{ repairsAtOnce: 2, scopePercent: 20, repairsPerVmAndDay: 2, bootsPerRepair: 3 },
    },
  },
};

/** Stopped some minutes ago, and shown as ready from the boot before: only evidence newer than the power event tells the truth. */
const justDied = { name: 'just-died', runningForMinutes: 3, lastAgentReadyMinutesAgo: 4 };

/** Started a moment ago: its screen does not show yet that it will not come up. */
const justStarted = { name: 'just-started', runningForMinutes: 0.1, lastAgentReadyMinutesAgo: 1 };
const variants: Partial<Record<Base, object>> = { 'just-died': justDied, 'just-started': justStarted };

/** How the repair of each ends where nothing goes wrong. */
export const usualOutcome: Record<Base, OutcomeKind> = {
  'web-en-02': 'repaired',
  'app-nl-01': 'repaired',
  'old-bad-04': 'rolled-back',
  'just-died': 'repaired',
  'just-started': 'repaired',
};

export function scenarioOf(base: Base): unknown {
  const variant = variants[base];
  const template = demo.virtualMachines.find(({ name }) => name === (variant ? 'web-en-02' : base));
  return { ...demo, virtualMachines: [{ ...template, ...variant }] };
}
