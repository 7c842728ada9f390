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
      notActions: ['Microsoft.ResourceHealth/*', 'Microsoft.Insights/*'],
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

  test('is not refused for want of Azure’s own view: the diagnosis tells what it could not look at', async () => {
    const bench = new Bench(azure.simulator, { defaults: { mode: 'observe' } });
    const { vm } = await bench.value('inspectVm', { request });
    expect(vm?.powerEvents).toBeNull();
    if (vm === null) throw new Error('it cannot be read');
    const { unread, summary, evidence } = await bench.value('diagnoseVm', { vm });
    expect(unread?.map(each => each.split(' (')[0])).toEqual(expect.arrayContaining(['Azure Resource Health', 'the activity log']));
    expect(summary).toMatch(/Not looked at: .*Azure Resource Health \(AuthorizationFailed/);
    expect(evidence.map(({ kind }) => kind)).not.toContain('resource-health');
  });
});
