import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { estate, type Rig, rig, SUBSCRIPTION } from '../simulator/support/estate.ts';
import { Bench } from './rig.ts';
import { request } from './samples.ts';

describe('an identity with too little permission', () => {
  let azure: Rig;
  beforeAll(async () => {
    const reading = {
      scope: `/subscriptions/${SUBSCRIPTION}`,
      actions: ['*/read', 'Microsoft.Compute/virtualMachines/retrieveBootDiagnosticsData/action'],
    };
    azure = await rig(estate({ grants: [reading] }), 400);
  }, 30_000);
  afterAll(() => azure?.simulator.close());

  test('is told which actions it lacks; for looking only, it lacks none', async () => {
    const repairing = await new Bench(azure.simulator).value('inspectVm', { request });
    expect(repairing.refusals.map(refusal => refusal.code)).toEqual(['permission-missing']);
    expect(repairing.refusals[0]?.message).toContain('Microsoft.Compute/virtualMachines/powerOff/action');
    const looking = await new Bench(azure.simulator, { defaults: { mode: 'observe' } }).value('inspectVm', { request });
    expect(looking.refusals).toEqual([]);
  });
});
