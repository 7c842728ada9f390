/** The sweep's runbook, by a table of answers. */
import { expect, test } from '@jest/globals';
import type { Activities, Diagnosis, IllVm, LeftoverSeen, SweepReport, VmFacts } from '../../functions/activities/contract.ts';
import { firstOf, sweep } from '../../orchestrations/sweep.ts';
import { runTable, type Table, TableFault } from './runner.ts';
import { request as repair } from './world.ts';

const id = (name: string) => `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/${name}`;
const last = (vmId: string) => vmId.split('/').at(-1) ?? '';
const finding = { id: 'azure-0xef', stopCode: '0x000000EF' };
const diagnosis = (verdict: string) =>
  ({ verdict, summary: `it is ${verdict}`, findings: verdict === 'failing' ? [finding] : [] }) as unknown as Diagnosis;
const leftover = (name: string, due: boolean): LeftoverSeen => ({
  ...{ resourceId: `/snapshots/${name}`, type: 'snapshot', repairId: 'r-abcdefghijkl', expires: null, sizeGb: 1, monthlyUsd: 1 },
  ...{ due, why: due ? 'its time was up' : 'kept' },
});

/** What a VM is called says what it shows. */
function run(more: Table = {}) {
  const reports: SweepReport[] = [];
  const started: IllVm[] = [];
  const table: Table = {
    findSuspects: ({ token }): ReturnType<Activities['findSuspects']> =>
      token === null
        ? {
            looked: 200,
            counts: { 'its agent answers': 197 },
            suspects: ['failing-1', 'healthy', 'gone'].map(name => ({ vmId: id(name), why: 'silent' })),
            passed: [],
            next: 'page 2',
          }
        : {
            looked: 3,
            counts: { 'its agent answers': 1, 'not Windows': 1 },
            suspects: [{ vmId: id('failing-2'), why: 'silent' }],
            passed: [{ vmId: id('far'), why: 'could not be asked' }],
            next: null,
          },
    inspectVm: ({ request }) => {
      if (last(request.vmId) === 'gone')
        return { vm: null, mark: null, refusals: [{ code: 'vm-not-found', message: 'There is no VM.', remedy: '' }], policy: {} as never };
      return { vm: { id: request.vmId, name: last(request.vmId) } as VmFacts, mark: null, refusals: [], policy: {} as never };
    },
    diagnoseVm: ({ vm }) => diagnosis(vm.name.split('-')[0] ?? ''),
    startRepairs: ({ requestedBy, vms }) => {
      expect(requestedBy).toBe('sweep s-1');
      started.push(...vms);
      return { decided: vms.map(vm => ({ ...vm, repairId: vm.vmId.endsWith('2') ? null : 'r-new' })) };
    },
    findLeftovers: ({ token }) => ({
      leftovers: token === null ? [leftover('due', true), leftover('kept', false)] : [leftover('late', true)],
      next: token === null ? 'p' : null,
    }),
    ensureLeftoverDeleted: ({ resourceId }) => ({ done: true, value: { deleted: !resourceId.endsWith('late'), why: 'as it is now' } }),
    purgeHistory: () => ({ purged: 7 }),
    writeSweep: ({ report }) => {
      reports.push(report);
      return { blob: 'b' };
    },
    ...more,
  };
  const done = runTable(sweep({ requestedBy: 'timer', limits: repair.limits }, 's-1'), table);
  return { ...done, report: reports[0] as SweepReport, started };
}

test('says who asked for it before it does anything, so that what it deletes is on record as theirs', () => {
  const first = sweep({ requestedBy: 'anna@contoso.example', limits: repair.limits }, 's-1');
  first.next();
  expect(first.next('2026-01-01T00:00:00.000Z').value).toMatchObject({ do: 'show', status: { by: 'anna@contoso.example' } });
});

test('starts only what evidence confirms, and tells of every other why not', () => {
  const { report, started, end } = run();
  expect(started.map(vm => last(vm.vmId))).toEqual(['failing-1', 'failing-2']);
  expect(report).toMatchObject({ looked: 203, counts: { 'its agent answers': 198, 'not Windows': 1 }, faults: [], purged: 7 });
  expect(report.passed.map(vm => [last(vm.vmId), vm.why])).toEqual([
    ['far', 'could not be asked'],
    ['healthy', 'silent; healthy: it is healthy'],
    ['gone', 'silent; There is no VM.'],
  ]);
  expect(report.ill.map(vm => [last(vm.vmId), vm.finding, vm.repairId])).toEqual([
    ['failing-1', '0x000000EF', 'r-new'],
    ['failing-2', '0x000000EF', null],
  ]);
  expect(end).toEqual({ ill: 2, started: 1, deleted: 1 });
});

test.each(['platform', 'unknown'])('a VM whose evidence is %s is left alone', verdict => {
  const { report, started, called } = run({ diagnoseVm: () => diagnosis(verdict) });
  expect([started, report.ill, called.includes('startRepairs')]).toEqual([[], [], false]);
  expect(report.passed.filter(({ why }) => why.includes(verdict))).toHaveLength(3);
});

test('deletes what is due, and believes the second look', () => {
  const { report, called } = run();
  expect(called.filter(name => name === 'ensureLeftoverDeleted')).toHaveLength(2);
  expect(report.deleted).toEqual(['/snapshots/due']);
  expect(report.leftovers.map(({ due, why }) => [due, why])).toEqual([
    [false, 'deleted: as it is now'],
    [false, 'kept'],
    [false, 'as it is now'],
  ]);
});

test.each([
  ['findSuspects', ['findLeftovers', 'purgeHistory', 'writeSweep']],
  ['startRepairs', ['findLeftovers', 'purgeHistory', 'writeSweep']],
  ['findLeftovers', ['startRepairs', 'purgeHistory', 'writeSweep']],
  ['purgeHistory', ['startRepairs', 'ensureLeftoverDeleted', 'writeSweep']],
] as const)('that %s fails keeps nothing else from being done, and is told', (name, others) => {
  const fail = () => {
    throw new TableFault('fatal', 'Broken');
  };
  const { report, called } = run({ [name]: fail });
  if (name === 'startRepairs') expect(report.ill.map(({ repairId }) => repairId)).toEqual([null, null]);
  expect(called).toEqual(expect.arrayContaining([...others]));
  expect(report.faults).toEqual([{ step: expect.stringContaining(name), fault: expect.objectContaining({ code: 'Broken' }) }]);
});

test('a VM that cannot be looked at, and a leftover that cannot be deleted, hide no other', () => {
  const { report, started } = run({
    diagnoseVm: ({ vm }) => {
      if (vm.name === 'failing-1') throw new TableFault('fatal', 'Broken');
      return diagnosis(vm.name.split('-')[0] ?? '');
    },
    ensureLeftoverDeleted: () => {
      throw new TableFault('fatal', 'ScopeLocked');
    },
  });
  expect(started.map(vm => last(vm.vmId))).toEqual(['failing-2']);
  expect(report.passed.some(({ vmId, why }) => last(vmId) === 'failing-1' && why.includes('Broken'))).toBe(true);
  expect([report.deleted, report.faults]).toEqual([[], []]);
  expect(report.leftovers[0]).toMatchObject({ due: true, why: expect.stringContaining('ScopeLocked') });
});

test('of more suspects than one sweep can look at, the sweeps of an hour begin at other places, and nobody is left out', () => {
  expect(firstOf(100, '2026-01-01T00:00:00.000Z')).toBe(0);
  const quarters = ['00', '15', '30', '45'].map(minute => firstOf(350, `2026-01-01T00:${minute}:00.000Z`));
  expect(quarters.toSorted((a, b) => a - b)).toEqual([0, 100, 200, 300]);
});
