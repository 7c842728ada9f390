/** A script that does not end with a result of its own costs its copy: what it has started may still write. A fresh one is made, and the repair goes on. */
import { describe, expect, test } from '@jest/globals';
import type { FaultKind } from '../../azure/fault.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import fc from '../fastCheck.ts';
import { original, request, type Setup, World } from './world.ts';

function repair(part: Partial<Setup>, copiesPerRepair?: number) {
  const world = new World(part);
  const limits = { ...request.limits, ...(copiesPerRepair !== undefined && { copiesPerRepair }) };
  const end = world.run(repairVm({ ...request, limits }, 'r-test'));
  const report = world.reports.at(-1);
  const on = (name: string) => world.runs.filter(({ disk }) => disk === `/disks/${name}`).map(({ run }) => run);
  return { world, end, report, on };
}

describe('a script that is cut off', () => {
  test.each(['timed-out', 'cancelled', 'silent', 'failed'] as const)('%s: its copy goes, and it is never sent again', scriptState => {
    const { world, end, report, on } = repair({ scriptState, curedBy: null, lives: 'hangs' });
    expect(world.breaches).toEqual([]);
    expect(end.outcome).toBe('rolled-back');
    expect([world.osDisk, world.power, [...world.disks], world.repairVm]).toEqual([original.id, 'running', [], false]);
    const sent = report?.attempts.flatMap(({ scripts }) => scripts).filter(({ script }) => script === 'offline-sfc') ?? [];
    expect(sent.map(({ run, result }) => [run, result])).toEqual([['2-offline-sfc', null]]);
    // The next attempt has a copy with all that the one before had done, and is booted.
    expect(on('copy-2')).toEqual(['3-revert-servicing-2', '3-boot-settings', '4-collect-dump']);
    expect(report?.attempts.map(({ attempt, boot }) => [attempt, boot?.verdict])).toEqual([
      ['revert', 'failed'],
      ['sfc', undefined],
      ['write-dump', 'failed'],
      ['collect', undefined],
    ]);
    expect(report?.copies).toMatchObject([
      { id: '/disks/copy', deleted: true, givenUp: { run: '2-offline-sfc', why: expect.stringContaining('may still write') } },
      { id: '/disks/copy-2', deleted: true, givenUp: null },
    ]);
    expect(report?.attempts[2]?.scripts[0]).toMatchObject({ script: 'revert-servicing', copy: 2, again: true });
  });

  test('in the first attempt: the second one repairs a fresh copy of the same snapshot, at a LUN of its own', () => {
    const { world, end, report } = repair({ cutScripts: ['revert-servicing'] });
    expect([world.breaches, end.outcome, world.osDisk, [...world.disks]]).toEqual([[], 'repaired', '/disks/copy-2', ['/disks/copy-2']]);
    expect(world.lun).toBe(1);
    expect(world.log.filter(name => name === 'ensureSnapshot')).toHaveLength(1);
    expect(report?.nextSteps.join()).toContain('copy-2');
    expect(report?.leftovers.map(({ resourceId }) => resourceId)).toEqual(['/snapshots/s', original.id]);
  });

  test('before a boot: it boots without, from a copy on which the repair was done once more', () => {
    const { world, end, on } = repair({ cutScripts: ['boot-settings'], curedBy: 'revert-servicing' });
    expect([world.breaches, end.outcome, world.osDisk]).toEqual([[], 'repaired', '/disks/copy-2']);
    expect(on('copy-2')).toEqual(['1-revert-servicing-2']);
    // Without them a boot for the dump alone is in vain.
    const hopeless = repair({ cutScripts: ['boot-settings'], curedBy: null, lives: 'hangs' });
    expect(hopeless.report?.attempts.map(({ attempt, boot }) => [attempt, boot?.verdict])).toEqual([
      ['revert', 'failed'],
      ['sfc', 'failed'],
      ['write-dump', undefined],
      ['collect', undefined],
    ]);
  });

  test('while it was done once more: the next copy goes without it', () => {
    const world = new World({ cutScripts: ['offline-sfc'], curedBy: null, lives: 'hangs' });
    const carryOut = world.activity.bind(world);
    world.activity = (name, input) => {
      const { run } = input as { run?: string };
      if (run === '3-revert-servicing-2') world.setup.cutScripts.push('revert-servicing');
      return carryOut(name, input);
    };
    const end = world.run(repairVm(request, 'r-test'));
    const { copies } = world.reports.at(-1) ?? {};
    expect([world.breaches, end.outcome]).toEqual([[], 'rolled-back']);
    expect(copies?.map(({ givenUp }) => givenUp?.run)).toEqual(['2-offline-sfc', '3-revert-servicing-2', undefined]);
    expect(world.runs.filter(({ disk }) => disk === '/disks/copy-3').map(({ run }) => run)).toEqual(['3-boot-settings', '4-collect-dump']);
  });

  test('on the last copy that the limits allow: the repair ends there, and the VM goes back', () => {
    const { world, end, report } = repair({ cutScripts: ['revert-servicing'] }, 1);
    expect([end.outcome, world.osDisk, world.power, [...world.disks]]).toEqual(['rolled-back', original.id, 'running', []]);
    expect(end.headline).toContain('scriptNotOver');
    expect([report?.copies?.length, world.log.includes('observeBoot')]).toEqual([1, false]);
    const twice = repair({ cutScripts: ['revert-servicing', 'offline-sfc'] }, 2);
    expect([twice.end.outcome, twice.report?.copies?.length, [...twice.world.disks]]).toEqual(['rolled-back', 2, []]);
    // As often as there are scripts, where the limits allow.
    expect(repair({ cutScripts: ['revert-servicing', 'offline-sfc'], curedBy: null }).report?.copies).toHaveLength(3);
  });

  test('with nothing left to do: no copy is made for nothing', () => {
    const world = new World({ curedBy: null, lives: 'hangs' });
    const carryOut = world.activity.bind(world);
    world.activity = (name, input) => {
      if ((input as { run?: string }).run === '4-collect-dump') world.setup.cutScripts.push('collect-dump');
      return carryOut(name, input);
    };
    expect(world.run(repairVm(request, 'r-test')).outcome).toBe('rolled-back');
    expect(world.reports.at(-1)?.copies).toMatchObject([{ givenUp: { run: '4-collect-dump-3' }, deleted: true }]);
    expect(world.log.filter(name => name === 'ensureRepairDisk')).toHaveLength(1);
  });

  test('a copy that cannot be deleted at once is deleted at the end, or named', () => {
    const at = repair({ cutScripts: ['revert-servicing'] }).world.log.indexOf('ensureDiskDeleted');
    const denied = { fault: { kind: 'forbidden', code: 'AuthorizationFailed', message: 'm' } as const, after: false };
    const once = repair({ cutScripts: ['revert-servicing'], faults: new Map([[at, { ...denied, times: 1 }]]) });
    expect([once.end.outcome, [...once.world.disks]]).toEqual(['repaired', ['/disks/copy-2']]);
    const world = new World({ cutScripts: ['revert-servicing'] });
    const carryOut = world.activity.bind(world);
    world.activity = (name, input) =>
      (input as { diskId?: string }).diskId === '/disks/copy' && name === 'ensureDiskDeleted'
        ? { ok: false, fault: denied.fault }
        : carryOut(name, input);
    expect(world.run(repairVm(request, 'r-test')).outcome).toBe('repaired');
    const left = world.reports.at(-1)?.leftovers.filter(({ resourceId }) => resourceId.startsWith('/disks/copy'));
    expect(left).toMatchObject([{ resourceId: '/disks/copy', reason: expect.stringContaining('given up') }]);
  });
});

const kinds: FaultKind[] = ['throttled', 'conflict', 'notFound', 'forbidden', 'transient', 'fatal'];
const scripts = ['collect-dump', 'revert-servicing', 'offline-sfc', 'boot-settings'];
const schedules = fc.record({
  cutScripts: fc.subarray(scripts, { minLength: 1 }),
  scriptState: fc.constantFrom('succeeded', 'timed-out', 'cancelled', 'silent', 'failed') as fc.Arbitrary<Setup['scriptState']>,
  curedBy: fc.constantFrom('revert-servicing', 'offline-sfc', null) as fc.Arbitrary<Setup['curedBy']>,
  powerBefore: fc.constantFrom('running', 'stopped') as fc.Arbitrary<Setup['powerBefore']>,
  mode: fc.constantFrom('auto', 'review') as fc.Arbitrary<Setup['mode']>,
  cutUploads: fc.nat(4),
  copiesPerRepair: fc.integer({ min: 1, max: 4 }),
  cancelAt: fc.option(fc.nat(400), { nil: null }),
  faults: fc
    .array(fc.record({ at: fc.nat(120), times: fc.constantFrom(1, 1, 2, 40), after: fc.boolean(), kind: fc.constantFrom(...kinds) }), {
      maxLength: 2,
    })
    .map(
      list => new Map(list.map(({ at, times, after, kind }) => [at, { fault: { kind, code: 'injected', message: kind }, after, times }])),
    ),
});

test('whichever scripts are cut off, whatever else fails: no spoilt copy boots, no script comes twice, and everything is deleted or named', () => {
  fc.assert(
    fc.property(schedules, ({ copiesPerRepair, ...part }) => {
      const { world, end, report } = repair(part, copiesPerRepair);
      expect(world.breaches).toEqual([]);
      const undone = end.outcome !== 'needs-person' && !world.bootedFromRepairDisk;
      if (undone) expect([world.osDisk, world.power]).toEqual([original.id, part.powerBefore]);
      if (end.outcome === 'repaired') expect(world.bootedFromRepairDisk).toBe(true);
      if (report === undefined) return;
      expect(report.copies?.length ?? 0).toBeLessThanOrEqual(copiesPerRepair);
      const told = JSON.stringify([report.leftovers, report.nextSteps]);
      for (const disk of world.disks) if (disk !== world.osDisk) expect(told).toContain(disk);
      const ends = report.attempts.flatMap(attempt => attempt.scripts);
      const cut = ends.findIndex(({ result, script }) => result === null && script !== 'collect-dump');
      const again = ends.slice(cut + 1).filter(({ script }) => script === ends[cut]?.script);
      if (cut !== -1) expect(again).toEqual([]);
      expect(new Set(ends.map(({ run }) => run)).size).toBe(ends.length);
    }),
    { numRuns: 3000 },
  );
});
