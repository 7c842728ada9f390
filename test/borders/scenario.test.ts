/** A scenario file that cannot be used is refused by the field; one that can be used makes an estate without holes. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Cloud } from '../../simulator/arm/cloud.ts';
import { Estate } from '../../simulator/arm/estate.ts';
import { guests } from '../../simulator/guests/index.ts';
import { loadScenario, ScenarioError } from '../../simulator/scenario.ts';
import fc from '../fastCheck.ts';
import { isUnpolluted, mutated, oddValue } from './odd.ts';

const demo = JSON.parse(readFileSync(new URL('../../simulator/scenarios/demo.json', import.meta.url), 'utf8'));
const subscription = demo.subscriptions[0].id;
const full = {
  ...demo,
  virtualMachines: [
    {
      ...demo.virtualMachines[0],
      ...{ zone: '1', availabilitySet: 'a', power: 'running', platformEvent: { cause: 'maintenance', minutesAgo: 9, endedMinutesAgo: 5 } },
      bootDiagnostics: { storageUri: 'https://account.blob.core.windows.net/' },
      backup: { vault: 'v', hoursAgo: 5 },
      dataDisks: [{ name: 'data', sizeGb: 8, lun: 0 }],
    },
  ],
  serviceEvents: [{ trackingId: 'AB-1', title: 't', minutesAgo: 5, impact: [{ service: 'Virtual Machines', regions: ['West Europe'] }] }],
  roleAssignments: [{ principalId: 'p', scope: '/x', role: { name: 'r', actions: ['*'] } }],
  locks: [{ name: 'l', scope: `/subscriptions/${subscription}`, level: 'ReadOnly' }],
  grants: [{ scope: `/subscriptions/${subscription}`, actions: ['*'] }],
  denyAssignments: [{ name: 'd', scope: '/x', actions: ['*'] }],
  policies: [{ name: 'p', scope: '/x', type: 'Microsoft.Compute/disks', field: 'sku.name', allowed: ['a'] }],
  scaleSets: [{ name: 's', resourceGroup: 'rg-shop', location: 'westeurope' }],
};

function load(scenario: unknown): Estate | string {
  const estate = new Estate();
  const nothing = { powerOn() {}, operation() {}, health() {} };
  try {
    loadScenario({ estate, guests, machines: nothing, activity: nothing, clock: { now: () => new Date() } } as unknown as Cloud, scenario);
    return estate;
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
}

/** `✖ … → at virtualMachines[0].size`, `virtualMachines[0].osDisk.contents: …`; of what is wrong as a whole there is no field to name. */
const namesField = /→ at \S|^(virtualMachines|resourceGroups)\S* |^virtualMachines\S*:|Unrecognized key|Invalid input: expected object/m;

test('the whole of it can be used', () => {
  expect(load(full)).toBeInstanceOf(Estate);
});

test('any JSON, and a right scenario with one thing wrong in it', () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 1, arbitrary: oddValue }, { weight: 4, arbitrary: mutated(full) }), scenario => {
      const loaded = load(structuredClone(scenario));
      expect(isUnpolluted()).toBe(true);
      if (typeof loaded === 'string') expect(loaded).toMatch(namesField);
      else for (const vm of loaded.vms()) expect(loaded.ownedDisk(vm.osDisk.diskId).managedBy).toBe(vm.id);
    }),
    { numRuns: 200 },
  );
});
