/** The VMs of a schedule beside its base's own, and the disks that a sweep must not take. */
import type { Cloud } from '../simulator/arm/cloud.ts';
import type { Snapshot } from '../simulator/arm/model.ts';
import { scenarioOf } from './base.ts';
import type { Event, Schedule } from './schedule.ts';
import { stemOf } from './watch.ts';

interface Scenario {
  resourceGroups: { name: string; location: string }[];
  virtualMachines: { name: string; resourceGroup: string; osDisk: { name: string } }[];
}
type Twin = Event & { on: 'other' | 'neighbour' };

const twinsOf = ({ events }: Schedule) => events.filter((event): event is Twin => event.on === 'other' || event.on === 'neighbour');

/** Name of the VM that an `other` or a `neighbour` is about: equal to the base's, and as ill. */
export function twinName(schedule: Schedule, event: Event): string {
  return `twin-${twinsOf(schedule).findIndex(({ on, n }) => on === event.on && n === event.n) + 1}`;
}

/** The base's scenario, with a VM more for each twin: a neighbour in the same resource group, another one in a group of its own. */
export function scenarioFor(schedule: Schedule): unknown {
  const scenario = scenarioOf(schedule.base) as Scenario;
  const [template] = scenario.virtualMachines;
  if (template === undefined) return scenario;
  const twins = twinsOf(schedule).map(event => {
    const name = twinName(schedule, event);
    const resourceGroup = event.on === 'other' ? `rg-${name}` : template.resourceGroup;
    return { ...template, name, resourceGroup, osDisk: { ...template.osDisk, name: `${name}-os` } };
  });
  const groups = twins.filter(({ name, resourceGroup }) => resourceGroup === `rg-${name}`);
  return {
    ...scenario,
    resourceGroups: [...scenario.resourceGroups, ...groups.map(({ resourceGroup: name }) => ({ name, location: 'westeurope' }))],
    virtualMachines: [...scenario.virtualMachines, ...twins],
  };
}

/** Snapshots that each lack one of the four things by which the sweep knows what it may delete. @returns their ids */
export function putDecoys(cloud: Cloud, repairId: string): string[] {
  const ours = cloud.estate.snapshots().find(({ tags }) => tags['bootmedic-repair'] === repairId);
  if (ours === undefined) return [];
  const expired = new Date(Date.now() - 3_600_000).toISOString();
  const tags = { 'bootmedic-repair': repairId, 'bootmedic-expires': expired };
  const stem = stemOf({ id: repairId });
  const decoys: Pick<Snapshot, 'name' | 'tags'>[] = [
    { name: 'payroll-2026', tags },
    { name: `${stem}-kept`, tags },
    { name: `${stem}-untagged`, tags: {} },
    { name: 'bootmedic-aaaaaaaaaaaa-snap', tags: { ...tags, 'bootmedic-repair': 'r-aaaaaaaaaaaa' } },
    { name: `${stem}-stranger`, tags: { ...tags, 'bootmedic-repair': 'r-aaaaaaaaaaaa' } },
  ];
  return decoys.map(({ name, tags: own }) => {
    const id = ours.id.replace(ours.name, name);
    cloud.estate.put({ ...ours, id, name, tags: own });
    return id;
  });
}
