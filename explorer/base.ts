/** The repairs that are tried: VMs of the demo, one at a time. */
import type { OutcomeKind } from '../functions/activities/contract.ts';
import demo from '../simulator/scenarios/demo.json' with { type: 'json' };
import type { Base } from './schedule.ts';

/** Where a person approves each plan, and nothing is agreed to in advance. */
const reviewed = { name: 'rg-directory', location: 'westeurope' };

export const settings = {
  scopes: [{ match: { resourceGroup: reviewed.name }, mode: 'review', consents: [] as string[] }],
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

/** A domain controller, on which nothing at all is changed without consent: what is asked for is more than the plan. */
function inReview(template: Template): object {
  const { osDisk } = template;
  const windows = { ...osDisk.contents.windows, domainController: true };
  return { resourceGroup: reviewed.name, osDisk: { ...osDisk, contents: { ...osDisk.contents, windows } } };
}

type Template = (typeof demo.virtualMachines)[number];
const variants: Partial<Record<Base, (template: Template) => object>> = {
  'just-died': () => justDied,
  'just-started': () => justStarted,
  'in-review': inReview,
};

/** How the repair of each ends where nothing goes wrong. */
export const usualOutcome: Record<Base, OutcomeKind> = {
  'web-en-02': 'repaired',
  'app-nl-01': 'repaired',
  'old-bad-04': 'rolled-back',
  'just-died': 'repaired',
  'just-started': 'repaired',
  'in-review': 'repaired',
};

export function scenarioOf(base: Base): unknown {
  const variant = variants[base];
  const template = demo.virtualMachines.find(({ name }) => name === (variant ? 'web-en-02' : base));
  const vm = template && { ...template, ...variant?.(template) };
  const resourceGroups = [...demo.resourceGroups, ...(vm?.resourceGroup === reviewed.name ? [reviewed] : [])];
  return { ...demo, resourceGroups, virtualMachines: [vm] };
}

/** What the settings say of a resource group, and nothing that a repair reads from them. */
export function policyOf(resourceGroup: string): { mode: string; consents: string[] } {
  return settings.scopes.find(({ match }) => match.resourceGroup.toLowerCase() === resourceGroup.toLowerCase()) ?? settings.defaults;
}

/** Its directory database lies on the OS disk. */
export const isDomainController = (base: Base): boolean => base === 'in-review';
