/** What is read from each kind of alert. */
import { describe, expect, test } from '@jest/globals';
import { alertBody } from '../../functions/triggers/alertSchema.ts';
import { readAlert } from '../../functions/triggers/readAlert.ts';
import { repairIdFor } from '../../functions/triggers/startAlerted.ts';
import fc from '../fastCheck.ts';
import * as samples from './alertSamples.ts';

const { vm, workspace, loadBalancer } = samples;
const read = (alert: unknown) => readAlert(alertBody.parse(alert).data);
const names = (alert: unknown) => read(alert).vmIds.map(id => id.split('/').at(-1));
const startsNothing = (alert: unknown, target: string, reason: RegExp, remedy: RegExp = /^$/) => {
  const { vmIds, hints, ignored } = read(alert);
  expect([vmIds, hints]).toEqual([[], []]);
  expect(ignored).toEqual([{ target, reason: expect.stringMatching(reason), remedy: expect.stringMatching(remedy) }]);
};

describe('a metric alert', () => {
  test('on the availability of a VM names it, in the usual writing', () => {
    expect(read(samples.availability())).toEqual({
      vmIds: [
        vm('stays-till')
          .replace('resourcegroups', 'resourceGroups')
          .replace('microsoft.compute/virtualmachines', 'Microsoft.Compute/virtualMachines'),
      ],
      hints: [],
      ignored: [],
    });
  });

  test('with several targets in any case names each VM once, and says why it leaves the others', () => {
    const other = `${vm('till-2').split('/virtualmachines')[0]}/disks/d`;
    const target = [vm('till-1'), vm('till-1').toUpperCase(), vm('till-2'), other, 'nonsense'];
    const { vmIds, ignored } = read(samples.availability({ target }));
    expect(vmIds.map(id => id.toLowerCase())).toEqual([vm('till-1'), vm('till-2')]);
    expect(ignored.map(each => each.target)).toEqual([other, 'nonsense']);
  });

  test('names every one of a great many', () => {
    const target = Array.from({ length: 1500 }, (_, n) => vm(`till-${n}`));
    expect(read(samples.availability({ target })).vmIds.length).toBe(1500);
  });

  test('of a load balancer’s probe names its machines by address, where the rule is split by it', () => {
    expect(read(samples.probe(['10.1.0.4', '10.1.0.5', '10.1.0.4', 'evil/../x']))).toEqual({
      vmIds: [],
      hints: ['10.1.0.4', '10.1.0.5'].map(address => ({ address, loadBalancerId: loadBalancer })),
      ignored: [],
    });
    startsNothing(samples.probe([]), loadBalancer, /which of its machines/, /BackendIPAddress|Backend IP Address/);
  });
});

describe('the loss of a heartbeat', () => {
  test.each(['_ResourceId', '_resourceid', 'ResourceId', 'Resource'])('split by %s names the VM', name => {
    const alert = samples.heartbeat([
      { name: 'Computer', value: 'TILL' },
      { name, value: vm('till-1') },
    ]);
    expect(names(alert)).toEqual(['till-1']);
    expect(read(alert)).toMatchObject({ hints: [], ignored: [] });
  });

  test('with a resource id column has the VM itself for a target', () => {
    expect(names(samples.heartbeat([{ name: 'Computer', value: 'TILL' }], { target: vm('till-1') }))).toEqual(['till-1']);
  });

  test('split by Computer alone names a computer', () => {
    expect(read(samples.heartbeat([{ name: 'Computer', value: 'till-1.shop.example' }]))).toEqual({
      vmIds: [],
      hints: [{ computer: 'till-1.shop.example' }],
      ignored: [],
    });
  });

  test('is found in configurationItems too', () => {
    expect(names(samples.heartbeat([], { more: { configurationItems: [vm('till-3')] } }))).toEqual(['till-3']);
  });

  test('that is not split is answered with how to split it', () => {
    startsNothing(samples.heartbeat([]), workspace, /workspaces.*which machine/, /_ResourceId/);
  });

  test('by an older rule is read from its rows', () => {
    const rows = [
      ['t1', 'TILL', vm('till-1')],
      ['t2', 'TILL', vm('till-1').toUpperCase()],
      ['t3', 'OFFICE', vm('office')],
    ];
    expect(names(samples.logSearchV1(['TimeGenerated', 'Computer', '_ResourceId'], rows))).toEqual(['till-1', 'office']);
    expect(read(samples.logSearchV1(['Computer'], [['TILL'], ['not a name; | where']])).hints).toEqual([{ computer: 'TILL' }]);
    startsNothing(samples.logSearchV1(['TimeGenerated', 'AggregatedValue'], [['t', '11']]), workspace, /which machine/, /_ResourceId/);
  });
});

describe('a log of one’s own', () => {
  test('names the VM where its rule is split by it, and else is answered with how to split it', () => {
    const till = { name: 'Till_s', value: '7' };
    expect(names(samples.customLog([till, { name: '_ResourceId', value: vm('till-1') }]))).toEqual(['till-1']);
    startsNothing(samples.customLog([till]), workspace, /which machine/, /_ResourceId/);
  });

  test('of Application Insights tells how a program behaves: it names no machine by that, but by its id in the rows', () => {
    const rows = [['t', 'till-1', '11']];
    startsNothing(
      samples.applicationInsights(['timestamp', 'cloud_RoleInstance', 'AggregatedValue'], rows),
      samples.insights,
      /components/,
      /virtual machine itself/,
    );
    expect(names(samples.applicationInsights(['timestamp', '_ResourceId'], [['t', vm('till-1')]]))).toEqual(['till-1']);
  });
});

describe('the activity log', () => {
  test.each([
    ['Microsoft.Compute/virtualMachines/restart/action', 'Succeeded', ['stays-till']],
    ['MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION', 'Failed', ['stays-till']],
    ['Microsoft.Compute/virtualMachines/start/action', 'Started', []],
    ['Microsoft.Compute/virtualMachines/deallocate/action', 'Succeeded', []],
    ['Microsoft.Compute/virtualMachines/write', 'Failed', []],
  ])('%s %s starts %j', (operation, status, wanted) => {
    expect(names(samples.administrative(operation, status))).toEqual(wanted);
    expect(read(samples.administrative(operation, status)).ignored).toHaveLength(wanted.length === 0 ? 1 : 0);
  });

  test.each(['Resource Health', 'ResourceHealth', 'Activity Log - ResourceHealth'])(
    '%s: the guest’s trouble is looked at, Azure’s own and the owner’s is not',
    service => {
      const at = (cause: string, now?: string, status?: string) => samples.resourceHealth(cause, now, status, service);
      expect(names(at('VMInitiated'))).toEqual(['stays-till']);
      expect(names(at('Unknown', 'Degraded'))).toEqual(['stays-till']);
      startsNothing(at('PlatformInitiated'), vm('stays-till'), /Azure itself keeps it down \(Not responding\)/);
      startsNothing(at('UserInitiated'), vm('stays-till'), /authorized user/);
      startsNothing(at('VMInitiated', 'Available'), vm('stays-till'), /available/);
      startsNothing(at('VMInitiated', 'Unavailable', 'Resolved'), vm('stays-till'), /available/);
    },
  );

  test('Service Health starts nothing: Azure repairs itself', () => {
    startsNothing(samples.serviceHealth(), '/subscriptions/11111111-2222-4333-8444-555555555555', /Virtual Machines in West Europe/);
  });
});

test.each([
  ['smart detection', samples.smartDetection(), /smart detection/],
  ['Prometheus', samples.prometheus(), /Prometheus/],
  ['a budget', samples.budget(), /budget/],
])('%s is no word about a machine', (_, alert, reason) => {
  const { vmIds, hints, ignored } = read(alert);
  expect([vmIds, hints, ignored.length]).toEqual([[], [], 1]);
  expect(ignored[0]?.reason).toMatch(reason);
});

test('one part that is not as it should be does not lose the others', () => {
  const { vmIds, ignored } = read(samples.availability({ target: [null, vm('till-1'), 7, { id: 'x' }, 'y'.repeat(3000)] as string[] }));
  expect(vmIds.map(id => id.split('/').at(-1))).toEqual(['till-1']);
  expect(ignored.map(({ target, reason }) => [target.slice(0, 10), reason])).toEqual(
    ['null', '7', '{"id":"x"}', 'y'.repeat(10)].map(target => [target, 'is not the id of an Azure resource']),
  );
  const alert = samples.availability({ more: { alertRule: 7, monitoringService: {}, configurationItems: 'x', resolvedDateTime: 3 } });
  expect(read(alert).vmIds).toHaveLength(1);
  for (const [condition, wanted] of [
    ['fired', 'Fired'],
    ['RESOLVED', 'Resolved'],
  ]) {
    const { schemaId, data } = samples.availability({ more: { monitorCondition: condition } });
    expect(alertBody.parse({ schemaId: schemaId.toUpperCase(), data }).data.essentials.monitorCondition).toBe(wanted);
  }
  expect(alertBody.safeParse(samples.availability({ more: { monitorCondition: 'Maybe' } })).success).toBe(false);
});

test.each(samples.legacy)('an alert without the common schema is refused with how to turn it on: %j', body => {
  const { success, error } = alertBody.safeParse(body);
  expect(success).toBe(false);
  const issue = error?.issues.find(({ path }) => path[0] === 'schemaId');
  expect(issue).toMatchObject({ code: 'custom', params: { remedy: expect.stringContaining('useCommonAlertSchema') } });
});

test('delivered again it is the same repair for each VM; fired again, or for another VM, it is another', () => {
  const { essentials } = alertBody.parse(samples.availability()).data;
  const id = repairIdFor(essentials, vm('a'));
  expect(repairIdFor({ ...essentials }, vm('A'))).toBe(id);
  expect(repairIdFor(essentials, vm('b'))).not.toBe(id);
  expect(repairIdFor({ ...essentials, firedDateTime: '2026-03-02T00:00:00Z' }, vm('a'))).not.toBe(id);
  expect(repairIdFor({ ...essentials, alertId: 'other' }, vm('a'))).not.toBe(id);
});

test('whatever stands in the context, reading never fails, and every target is either a VM, hinted at, or told why not', () => {
  const service = fc.constantFrom('Platform', 'Log Alerts V2', 'Log Analytics', 'Resource Health', 'Activity Log - Administrative', 'new');
  const target = fc.constantFrom(vm('a'), vm('b').toUpperCase(), workspace, loadBalancer, 'x');
  const context = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        condition: fc.record({ allOf: fc.array(fc.record({ dimensions: fc.jsonValue() })) }),
        Dimensions: fc.jsonValue(),
        properties: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
    fc.record({
      SearchResults: fc.record({
        tables: fc.array(fc.record({ columns: fc.array(fc.record({ name: fc.constant('Computer') })), rows: fc.jsonValue() })),
      }),
    }),
  );
  fc.assert(
    fc.property(service, fc.array(target, { maxLength: 4 }), context, (monitoringService, targets, alertContext) => {
      const { schemaId, data } = samples.availability({ target: targets });
      const alert = { schemaId, data: { essentials: { ...data.essentials, monitoringService }, alertContext } };
      const { vmIds, hints, ignored } = read(alert);
      expect(vmIds.length + hints.length + ignored.length).toBeGreaterThan(0);
      expect(new Set(vmIds.map(id => id.toLowerCase())).size).toBe(vmIds.length);
      for (const each of ignored) expect(each.reason).not.toBe('');
    }),
    { numRuns: 500 },
  );
});
