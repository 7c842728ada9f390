import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fail } from '../../azure/errors.ts';
import { startRepair } from '../../functions/triggers/startRepair.ts';
import { call, estate, GROUP, LOCATION, OTHER, type Rig, rig, SUBSCRIPTION, vmId } from '../simulator/support/estate.ts';
import { desk, personHeader, problemOf } from '../triggers/callers.ts';
import { Bench } from './rig.ts';
import { finding, request } from './samples.ts';

const operator = { name: 'Virtual Machine Contributor', actions: ['Microsoft.Compute/virtualMachines/*'] };
const given = (name: string, scope: string, role: object = operator, more: object = {}) => ({
  principalId: `oid-of-${name}`,
  scope,
  role,
  ...more,
});
const groupScope = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`;
const roleAssignments = [
  given('owner', `/subscriptions/${SUBSCRIPTION}`, { name: 'Owner', actions: ['*'] }),
  given('operator', groupScope.toUpperCase().replace('/SUBSCRIPTIONS/', '/subscriptions/').replace('/RESOURCEGROUPS/', '/resourceGroups/')),
  given('team', vmId('broken'), operator, { members: ['oid-of-member'] }),
  given('neighbour', vmId('helper', OTHER)),
  given('below', `${vmId('broken')}/runCommands/x`),
  given('reader', groupScope, { name: 'Reader', actions: ['*/read'] }),
  given('halved', groupScope, { ...operator, name: 'No power', notActions: ['Microsoft.Compute/virtualMachines/powerOff/*'] }),
  given('bound', groupScope, operator, { condition: "(!(ActionMatches{'Microsoft.Compute/virtualMachines/write'}))" }),
  given('delegate', groupScope, operator, { condition: "(!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'}))" }),
];

describe('an identity with too little permission', () => {
  let azure: Rig;
  beforeAll(async () => {
    const reading = {
      scope: `/subscriptions/${SUBSCRIPTION}`,
      actions: ['*/read', 'Microsoft.Compute/virtualMachines/retrieveBootDiagnosticsData/action'],
      notActions: ['Microsoft.ResourceHealth/*', 'Microsoft.Insights/*'],
    };
    const resourceGroups = [GROUP, OTHER, 'rg-bootmedic'].map(name => ({ name, location: LOCATION }));
    azure = await rig(estate({ grants: [reading], roleAssignments, resourceGroups }), 400);
  }, 30_000);
  afterAll(() => azure?.simulator.close());

  test('is told which actions it lacks; for looking only, it lacks none', async () => {
    const repairing = await new Bench(azure.simulator).value('inspectVm', { request });
    expect(repairing.refusals.map(refusal => refusal.code)).toEqual(['permission-missing']);
    expect(repairing.refusals[0]?.message).toContain('Microsoft.Compute/virtualMachines/powerOff/action');
    const looking = await new Bench(azure.simulator, { defaults: { mode: 'observe' } }).value('inspectVm', { request });
    expect(looking.refusals).toEqual([]);
  });

  test.each([
    ['owner', 202],
    ['operator', 202],
    ['member', 202],
    ['delegate', 202],
    ['neighbour', 403],
    ['below', 403],
    ['reader', 403],
    ['halved', 403],
    ['bound', 403],
    ['nobody', 403],
  ])('is not lent to others: %s, who asks it to repair a VM, is answered %i by what Azure lets them do to it', async (who, status) => {
    const table = desk({}, { rights: new Bench(azure.simulator).tools.azure.callerRights });
    const ask = (name: string, body: object) =>
      table.ask(startRepair, { by: personHeader(name, ['Repair.Start']), body: { vmId: vmId('broken'), ...body } });
    const answer = await ask(who, {});
    expect([answer.status, table.started.length]).toEqual([status, status === 202 ? 1 : 0]);
    if (status === 403)
      expect(problemOf(answer)).toMatchObject({ type: 'urn:bootmedic:problem:no-rights-on-vm', errors: [{ field: 'vmId' }] });
    if (who === 'reader') expect((await ask(who, { mode: 'observe' })).status).toBe(202);
  });

  test('is not lent to whose roles it cannot read, unless the settings say so', async () => {
    const forbidden = { missingFor: () => Promise.reject(fail('forbidden', 'AuthorizationFailed', 'no')) };
    const ask = (settings: object) =>
      desk(settings, { rights: forbidden }).ask(startRepair, {
        by: personHeader('owner', ['Repair.Start']),
        body: { vmId: vmId('broken') },
      });
    expect(problemOf(await ask({})).errors[0].remedy).toContain('AuthorizationFailed');
    expect((await ask({ callerRights: 'off' })).status).toBe(202);
  });

  test('is asked for role assignments as Azure lets them be filtered, and in no other way', async () => {
    const list = (filter: string) =>
      call(
        azure,
        'GET',
        `${vmId('broken')}/providers/Microsoft.Authorization/roleAssignments?$filter=${encodeURIComponent(filter)}&api-version=2022-04-01`,
      );
    expect((await list("principalType eq 'User'")).status).toBe(400);
    const scopes = async (filter: string) => (await list(filter)).body.value.length;
    expect([await scopes('atScope()'), await scopes("assignedTo('oid-of-below')")]).toEqual([7, 1]);
  });

  test('is told what the plan needs beyond the VM, in each group', async () => {
    const bench = new Bench(azure.simulator, { defaults: { mode: 'observe' } });
    const { vm } = await bench.value('inspectVm', { request });
    if (vm === null) throw new Error('it cannot be read');
    const policy = { mode: 'auto' as const, consents: [], restartFirst: true };
    const plan = await bench.value('planRepair', {
      request,
      policy,
      vm,
      finding,
      sight: 'stop-screen',
      earlierStops: 0,
      restartedAt: null,
    });
    const { refusals } = await bench.value('preflightPlan', { vm, plan });
    expect(refusals.map(({ code, message }) => [code, / in (\S+) what/.exec(message)?.[1]])).toEqual([
      ['plan-permission-missing', 'rg-bootmedic'],
      ['plan-permission-missing', 'rg-shop'],
    ]);
    expect(refusals[0]?.message).toContain('Microsoft.Compute/virtualMachines/runCommands/write');
    expect(refusals[1]?.message).toContain('Microsoft.Compute/disks/write');
    expect(refusals[1]?.message).not.toContain('powerOff');
  });

  test('is told to have the group of repairs made where there is none, and plans to make it nowhere else', async () => {
    const planned = async (isThere: boolean, may: boolean) => {
      const bench = new Bench(azure.simulator, { defaults: { mode: 'observe' } });
      const { vm } = await bench.value('inspectVm', { request });
      if (vm === null) throw new Error('it cannot be read');
      Object.assign(bench.tools.azure.network, { hasGroup: async () => isThere });
      if (may) Object.assign(bench.tools.azure.governance, { missingActions: async () => [] });
      const policy = { mode: 'auto' as const, consents: [], restartFirst: true };
      const asked = { request, policy, vm, finding, sight: 'stop-screen' as const, earlierStops: 0, restartedAt: null };
      const plan = await bench.value('planRepair', asked);
      const { refusals } = await bench.value('preflightPlan', { vm, plan });
      const makes = plan.writes.some(({ operation }) => operation.endsWith('/resourceGroups/write'));
      return [makes, ...refusals.flatMap(({ code, remedy }) => (code === 'repair-group-missing' ? [remedy] : []))];
    };
    expect(await planned(true, false)).toEqual([false]);
    expect(await planned(false, false)).toEqual([true, expect.stringContaining('Make it by infra/')]);
    expect(await planned(false, true)).toEqual([true]);
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
