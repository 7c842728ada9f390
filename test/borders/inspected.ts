/** An estate, the activities' tools on it, and its broken VM as the product reads it, before all tests of a file. */
import { afterAll, beforeAll } from '@jest/globals';
import type { VmFacts } from '../../functions/activities/contract.ts';
import { Bench } from '../activities/rig.ts';
import { request } from '../activities/samples.ts';
import { estate, type Rig, rig } from '../simulator/support/estate.ts';

export let azure: Rig;
export let bench: Bench;
export let vm: VmFacts;

export function inspectBefore(): void {
  beforeAll(async () => {
    azure = await rig(estate(), 400);
    bench = new Bench(azure.simulator);
    const { vm: facts } = await bench.value('inspectVm', { request });
    if (facts === null) throw new Error('the VM cannot be read');
    vm = facts;
  }, 30_000);
  afterAll(() => azure?.simulator.close());
}
