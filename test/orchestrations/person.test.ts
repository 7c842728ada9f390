/** Somebody acts on the VM in the middle of its repair, or a write of ours acts late: told, and nothing lost. */
import { describe, expect, test } from '@jest/globals';
import { repairVm } from '../../orchestrations/repairVm.ts';
import fc from '../fastCheck.ts';
import { type Deed, original, request, type Setup, World } from './world.ts';

function repair(part: Partial<Setup> = {}) {
  const world = new World(part);
  const end = world.run(repairVm(request, 'r-test'));
  return { world, end, report: world.reports.at(-1) };
}

/** The n-th call of an activity in an undisturbed repair. */
function callOf(name: string, nth = 0, part: Partial<Setup> = {}): number {
  const { log } = repair(part).world;
  return log.flatMap((each, n) => (each === name ? [n] : []))[nth] ?? -1;
}
/** How the one sentence begins. */
const ill = 'vm1 stopped at 0x000000EF CRITICAL_PROCESS_DIED';
const deed = (does: Deed, at: number, part: Partial<Setup> = {}) => repair({ ...part, person: { at, does } });

describe('a VM that somebody acts on during its repair', () => {
  const whileStopped = callOf('judgeProbe');
  const secondPass = repair().world.log.lastIndexOf('ensureScript');

  test.each([
    ['is started', 'starts', 'running', 'vm-started'],
    ['is started and stopped again', 'starts-and-stops', 'stopped', 'vm-was-operated'],
    ['is deallocated', 'deallocates', 'deallocated', 'vm-stopped'],
  ] as const)('%s: the stale copy is not swapped in, and the VM is left so', (_, does, power, code) => {
    const { world, end, report } = deed(does, whileStopped);
    expect(world.breaches).toEqual([]);
    expect([world.osDisk, world.power, world.repairVm, [...world.disks]]).toEqual([original.id, power, false, []]);
    expect(end).toMatchObject({ outcome: 'needs-person', headline: `${ill} and is left as it is now: ${code} meanwhile.` });
    expect(report?.nextSteps).toContain(`r ${code}`);
  });

  test.each(['starts', 'starts-and-stops'] as const)('%s in a further pass: the same', does => {
    expect(repair().world.log.indexOf('observeBoot')).toBeLessThan(secondPass);
    const { world, end } = deed(does, secondPass);
    expect([world.breaches, world.osDisk, end.outcome]).toEqual([[], original.id, 'needs-person']);
  });

  test('is restarted while a person is asked for approval: what was seen of it is out of date, and it is not powered off', () => {
    const part = { mode: 'review' } as const;
    const { world, end } = deed('starts', callOf('judgeProbe', 0, part), part);
    expect([end.outcome, world.log.includes('ensurePoweredOff')]).toEqual(['refused', false]);
  });

  test('is resized: the repair stops, and the VM gets its power state back', () => {
    const { world, end } = deed('resizes', whileStopped);
    expect([end.outcome, world.osDisk, world.power]).toEqual(['rolled-back', original.id, 'running']);
    expect(end.headline).toContain('vm-resized');
  });

  test('gets other tags: the repair goes on', () => {
    expect(deed('retags', whileStopped).end.outcome).toBe('repaired');
  });

  test('is opted out while a person is asked for approval: it is not touched, and what we made goes', () => {
    const part = { mode: 'review' } as const;
    const { world, end, report } = deed('opts-out', callOf('judgeProbe', 0, part), part);
    expect([world.breaches, end.outcome, end.headline]).toEqual([[], 'refused', `${ill} and was not repaired: opted-out meanwhile.`]);
    expect(world.log.filter(name => ['diagnoseVm', 'ensurePoweredOff'].includes(name))).toEqual(['diagnoseVm']);
    expect([world.power, world.repairVm, [...world.disks], [...world.snapshots]]).toEqual(['running', false, [], []]);
    expect(report?.diagnosis?.verdict).toBe('failing');
  });

  test.each(['off', 'does-not-cure'] as const)('is opted out in the last second before it is powered off (restart %s)', restart => {
    const part = { restart };
    const last = repair(part).world.log.lastIndexOf('watchVm', repair(part).world.log.indexOf('ensurePoweredOff'));
    const { world, end } = deed('opts-out', last, part);
    expect([world.breaches, end.outcome, world.log.includes('ensurePoweredOff'), world.power]).toEqual([[], 'refused', false, 'running']);
  });

  test('is opted out after one restart that has not helped: its disk is not touched, and it is left running', () => {
    const part = { restart: 'does-not-cure' } as const;
    const { log } = repair(part).world;
    const { world, end } = deed(
      'opts-out',
      log.lastIndexOf('watchVm', log.indexOf('ensurePoweredOff', log.indexOf('ensurePoweredOff') + 1)),
      part,
    );
    expect([end.headline, world.power, world.osDisk]).toEqual([expect.stringContaining('opted-out'), 'running', original.id]);
  });

  test('is opted out when it is down already: the repair goes on, for that ends sooner in a VM that runs', () => {
    expect(deed('opts-out', whileStopped).end.outcome).toBe('repaired');
  });

  test('gets its original disk back while the repaired boot is watched: it is not called repaired, and the repaired disk is named', () => {
    const { world, end, report } = deed('swaps-back', repair().world.log.lastIndexOf('observeBoot'));
    expect([end.outcome, world.osDisk, world.power]).toEqual(['needs-person', original.id, 'running']);
    expect(end.headline).toContain('was put on original by somebody');
    expect(report?.leftovers.map(({ resourceId }) => resourceId)).toContain('/disks/copy');
    expect(world.disks.has('/disks/copy')).toBe(true);
  });

  test('gets another OS disk: it is left on it', () => {
    const { world, end } = deed('swaps', whileStopped);
    expect([end.outcome, world.osDisk, world.repairVm]).toEqual(['needs-person', '/disks/theirs', false]);
  });

  test('is deleted: nobody waits for it, and what we made goes', () => {
    const { world, end, report } = deed('deletes', whileStopped);
    expect([end.outcome, world.repairVm, [...world.disks]]).toEqual(['needs-person', false, []]);
    expect(report?.nextSteps).toContain('r vm-gone');
    expect(report?.nextSteps.join()).not.toContain('Do by hand');
  });

  test('loses its original disk while it is on the copy: it stays on the copy', () => {
    const { world, end, report } = deed('deletes-original', callOf('observeBoot'), { curedBy: null });
    expect([end.outcome, world.osDisk, world.disks.has('/disks/copy')]).toEqual(['needs-person', '/disks/copy', true]);
    expect(end.headline).toContain('original-disk-gone');
    expect(report?.leftovers.map(({ resourceId }) => resourceId)).toContain('/disks/copy');
  });

  test('at any time, and with any fault beside: no stale copy, no disk lost, all told', () => {
    const deeds: Deed[] = [
      'starts',
      'starts-and-stops',
      'deallocates',
      'swaps',
      'deletes',
      'resizes',
      'retags',
      'opts-out',
      'deletes-original',
    ];
    const schedule = fc.record({
      person: fc.record({ at: fc.nat(90), does: fc.constantFrom(...deeds) }),
      curedBy: fc.constantFrom('revert-servicing', 'offline-sfc', null) as fc.Arbitrary<Setup['curedBy']>,
      powerBefore: fc.constantFrom('running', 'stopped') as fc.Arbitrary<Setup['powerBefore']>,
      restart: fc.constantFrom('off', 'cures', 'does-not-cure') as fc.Arbitrary<Setup['restart']>,
      mode: fc.constantFrom('auto', 'review') as fc.Arbitrary<Setup['mode']>,
      cancelAt: fc.option(fc.nat(400), { nil: null }),
      faults: fc
        .array(fc.record({ at: fc.nat(90), after: fc.boolean(), times: fc.constantFrom(1, 40) }), { maxLength: 1 })
        .map(
          all => new Map(all.map(({ at, ...more }) => [at, { ...more, fault: { kind: 'transient', code: 'c', message: 'm' } }] as const)),
        ),
    });
    fc.assert(
      fc.property(schedule, part => {
        const { world, end, report } = repair(part);
        expect(world.breaches).toEqual([]);
        expect(world.admission.running).toEqual({});
        if (world.repairVm) expect(JSON.stringify(report)).toContain('delete the repair VM');
        if (world.vmIsThere && world.osDisk === original.id) expect(world.originalIsThere).toBe(true);
        if (world.vmIsThere && world.osDisk === '/disks/copy') expect(world.disks.has('/disks/copy')).toBe(true);
        if (end.outcome === 'repaired' && part.restart !== 'cures') expect(world.osDisk).not.toBe(original.id);
      }),
      { numRuns: 3000 },
    );
  });
});

/** Found by chance, a few times in ten thousand schedules: kept, so that each is tried every time. */
test.each([
  [
    'a start that is cancelled as it is asked for, and a person’s own start',
    { at: 26, does: 'starts' },
    { powerBefore: 'stopped', cancelAt: 141 },
  ],
  [
    'a power off whose answer is lost, and a person’s start before it is asked again',
    { at: 9, does: 'starts' },
    { restart: 'does-not-cure', faults: new Map([[8, { after: true, times: 1, fault: { kind: 'transient', code: 'c', message: 'm' } }]]) },
  ],
] as [string, Setup['person'], Partial<Setup>][])('%s', (_, person, part) => {
  const { world } = repair({ curedBy: 'revert-servicing', restart: 'off', ...part, person });
  expect([world.breaches, world.admission.running]).toEqual([[], {}]);
});

describe('a write whose answer is lost, and that acts late', () => {
  test('a start: the VM that its owner had stopped is stopped again', () => {
    const { world, end } = repair({ powerBefore: 'stopped', late: new Map([[2, 100]]) });
    expect(world.log.filter(name => name === 'ensurePoweredOff').length).toBeGreaterThan(1);
    expect([end.outcome, world.osDisk, world.power]).toEqual(['rolled-back', original.id, 'stopped']);
  });

  test('a swap: the original goes back in', () => {
    const { world, end } = repair({ powerBefore: 'stopped', late: new Map([[1, 100]]) });
    expect(world.log.filter(name => name === 'ensureOsDisk').length).toBeGreaterThan(2);
    expect([end.outcome, world.osDisk, world.power]).toEqual(['rolled-back', original.id, 'stopped']);
  });

  test('a power off: the VM runs again', () => {
    const { world, end } = repair({ late: new Map([[0, 100]]) });
    expect([end.outcome, world.osDisk, world.power]).toEqual(['rolled-back', original.id, 'running']);
  });

  describe('though it was asked for again, and done, at once', () => {
    const again = { lateKind: 'transient' } as const;

    test.each([20, 40, 60, 100, 150])('a power off, %i s later: it is nobody else’s act, and the VM ends repaired and running', seconds => {
      const { world, end } = repair({ ...again, late: new Map([[0, seconds]]) });
      expect(world.breaches).toEqual([]);
      expect([end.outcome, world.osDisk, world.power, end.headline]).toEqual([
        'repaired',
        '/disks/copy',
        'running',
        `${ill} and was repaired by “offline SFC”: it boots again and its agent answers.`,
      ]);
    });

    test('a power off during the restart that comes first: the VM runs in the end', () => {
      for (let seconds = 5; seconds < 200; seconds += 15) {
        const { world, end } = repair({ ...again, restart: 'cures', late: new Map([[0, seconds]]) });
        expect([seconds, world.breaches, end.outcome, world.power]).toEqual([seconds, [], 'repaired', 'running']);
      }
    });

    test('a start: what it ran from meanwhile is not replaced by an older copy, and the VM is put back', () => {
      for (let seconds = 5; seconds < 600; seconds += 15) {
        const { world, end } = repair({ ...again, curedBy: null, late: new Map([[2, seconds]]) });
        expect([seconds, world.breaches, world.osDisk, world.power]).toEqual([seconds, [], original.id, 'running']);
        expect(end.outcome).toBe('rolled-back');
      }
    });

    test('whoever switches the VM off while its boot is watched is still told from it', () => {
      const looking = callOf('observeBoot', 1);
      const { world, end } = deed('deallocates', looking, again);
      expect([end.outcome, world.power]).toEqual(['needs-person', 'deallocated']);
    });
  });

  test('any of them, at any time within two minutes', () => {
    const schedule = fc.record({
      powerBefore: fc.constantFrom('running', 'stopped') as fc.Arbitrary<Setup['powerBefore']>,
      curedBy: fc.constantFrom('revert-servicing', 'offline-sfc', null) as fc.Arbitrary<Setup['curedBy']>,
      lateKind: fc.constantFrom('fatal', 'transient') as fc.Arbitrary<Setup['lateKind']>,
      late: fc.array(fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 115 })), { maxLength: 1 }).map(all => new Map(all)),
    });
    fc.assert(
      fc.property(schedule, part => {
        const { world, end } = repair(part);
        expect(world.breaches).toEqual([]);
        if (world.bootedFromRepairDisk) expect(world.osDisk).toBe('/disks/copy');
        else if (end.outcome !== 'needs-person') expect([world.osDisk, world.power]).toEqual([original.id, part.powerBefore]);
      }),
      { numRuns: 1000 },
    );
  });
});
