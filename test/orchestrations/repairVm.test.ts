import { describe, expect, test } from '@jest/globals';
import type { Fault, FaultKind } from '../../azure/fault.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import fc from '../fastCheck.ts';
import { original, request, type Setup, World } from './world.ts';

function repair(part: Partial<Setup> = {}, repairSeconds?: number) {
  const world = new World(part);
  const limits = { ...request.limits, ...(repairSeconds !== undefined && { repairSeconds }) };
  const end = world.run(repairVm({ ...request, limits }, 'r-test'));
  return { world, end, report: world.reports.at(-1) };
}

describe('the runbook, on a table of answers', () => {
  test('repairs with the second attempt after the first boot failed', () => {
    const { world, end, report } = repair();
    expect(end.outcome).toBe('repaired');
    expect(world.osDisk).toBe('/disks/copy');
    expect(world.repairVm).toBe(false);
    expect(report?.attempts.map(attempt => [attempt.attempt, attempt.boot?.verdict])).toEqual([
      ['revert', 'failed'],
      ['sfc', 'repaired'],
    ]);
    expect(report?.leftovers.map(leftover => leftover.resourceId)).toEqual(['/snapshots/s', original.id]);
    expect(report?.cleanedUp).toBe(true);
  });

  test('rolls back when nothing helps, with the dump of the last stop collected', () => {
    const { world, end, report } = repair({ curedBy: null });
    expect(end.outcome).toBe('rolled-back');
    expect([world.osDisk, world.power]).toEqual([original.id, 'running']);
    expect([[...world.disks], world.repairVm]).toEqual([[], false]);
    expect(report?.dump.state).toBe('uploaded');
    expect(report?.nextSteps.join()).toContain('the memory dump, which was uploaded');
  });

  test('a guest that lives for ever without an agent is left to a person, and never taken away', () => {
    const { world, end } = repair({ lives: 'for-ever' });
    expect(end.outcome).toBe('booted-unverified');
    expect([world.osDisk, world.power]).toEqual(['/disks/copy', 'running']);
  });

  test('a boot that cannot be watched to its end is given its time before anything is put back: the guest comes up, and stays', () => {
    const world = new World({ curedBy: 'revert-servicing' });
    const activity = world.activity.bind(world);
    let looks = 0;
    const fault: Fault = { kind: 'fatal', code: 'BadRequest', message: 'm' };
    world.activity = (name, input) => (name === 'observeBoot' && ++looks === 1 ? { ok: false, fault } : activity(name, input));
    const end = world.run(repairVm(request, 'r-test'));
    expect(end.outcome).toBe('needs-person');
    expect([world.osDisk, world.power, world.bootedFromRepairDisk]).toEqual(['/disks/copy', 'running', true]);
    expect(world.reports.at(-1)?.leftovers.map(({ resourceId }) => resourceId)).toContain(original.id);
  });

  test('a boot that cannot be watched to its end, and is silent all its time, gives the original back', () => {
    const world = new World({ lives: 'not-at-all' });
    const activity = world.activity.bind(world);
    const looks: number[] = [];
    const fault: Fault = { kind: 'fatal', code: 'BadRequest', message: 'm' };
    world.activity = (name, input) => {
      if (name !== 'observeBoot') return activity(name, input);
      looks.push(world.waited);
      return looks.length === 1 ? { ok: false, fault } : activity(name, input);
    };
    const end = world.run(repairVm(request, 'r-test'));
    expect([end.outcome, world.osDisk, world.power]).toEqual(['rolled-back', original.id, 'running']);
    expect((looks.at(-1) ?? 0) - (looks[0] ?? 0)).toBe(request.limits.silenceSeconds);
  });

  test('a VM that somebody switches off while it is watched is left as that person wants it', () => {
    const { world, end, report } = repair({ lives: 'switched-off' });
    expect(end.outcome).toBe('needs-person');
    expect(end.headline).not.toContain('original OS disk and power state again');
    expect([world.osDisk, world.power, [...world.disks]]).toEqual(['/disks/copy', 'stopped', ['/disks/copy']]);
    expect(report?.leftovers.map(({ resourceId }) => resourceId)).toEqual(expect.arrayContaining(['/disks/copy', original.id]));
  });

  test('a guest that answers and stops again within the stability window is not repaired, and not taken away', () => {
    const { world, end } = repair({ lives: 'ready-then-stops' });
    expect(end.outcome).toBe('needs-person');
    expect(world.osDisk).toBe('/disks/copy');
  });

  test('an agent that was Ready once and never again proves nothing', () => {
    const { world, end } = repair({ lives: 'ready-once' });
    expect(end.outcome).toBe('booted-unverified');
    expect([world.osDisk, world.power]).toEqual(['/disks/copy', 'running']);
  });

  test.each(['for-ever', 'not-at-all', 'ready-once'] as const)(
    'looks seldom enough that the history of a guest that lives %s stays small',
    lives => {
      const { world } = repair({ lives });
      expect(world.log.filter(name => name === 'observeBoot').length).toBeLessThan(90);
    },
  );

  test('a guest that shows no sign of life is taken back', () => {
    const { world, end } = repair({ lives: 'not-at-all' });
    expect(end.outcome).toBe('rolled-back');
    expect([world.osDisk, world.power]).toEqual([original.id, 'running']);
  });

  test('leaves a VM that was stopped by its owner stopped after rolling back', () => {
    const { world } = repair({ curedBy: null, powerBefore: 'stopped' });
    expect([world.osDisk, world.power]).toEqual([original.id, 'stopped']);
  });

  test.each(['healthy', 'unknown'] as const)('does nothing when the VM is %s', verdict => {
    const { world, end } = repair({ verdict });
    expect(end.outcome).toBe(verdict);
    expect(world.log).toEqual(['measureScopes', 'inspectVm', 'diagnoseVm', 'writeReport', 'writeReport']);
  });

  test('a VM that Azure itself keeps down is not operated on, whatever is asked for', () => {
    const { world, end, report } = repair({ verdict: 'platform' });
    expect(end.outcome).toBe('refused');
    expect(world.log).toEqual(['measureScopes', 'inspectVm', 'diagnoseVm', 'writeReport', 'writeReport']);
    expect(report?.refusals).toMatchObject([{ code: 'platform-cause', remedy: 'look' }]);
    expect(report?.nextSteps).toEqual(['look']);
  });

  describe('a VM whose boot diagnostics are off', () => {
    const consents = ['enable-boot-diagnostics'];

    test('is made visible where that was consented to in advance, and then repaired; they stay on, and the report says so', () => {
      const { world, end, report } = repair({ blind: 'until-on', consents, approve: false });
      expect(end.outcome).toBe('repaired');
      expect(world.log.indexOf('ensureBootDiagnostics')).toBeLessThan(world.log.indexOf('ensureRepairVm'));
      expect(world.diagnosticsOn).toBe(true);
      const left = report?.leftovers.find(({ resourceId }) => resourceId === request.vmId);
      expect(left?.removeWith).toBe(`az vm boot-diagnostics disable --ids ${request.vmId}`);
    });

    test.each(['auto', 'review'] as const)('in mode %s waits for a person, who is shown the one write', mode => {
      const waiting = repair({ blind: 'until-on', mode });
      expect(waiting.world.reports[0]).toMatchObject({ evidencePlan: { hash: 'e'.repeat(64) }, plan: null });
      expect(waiting.end.outcome).toBe('repaired');
      const { world, end } = repair({ blind: 'until-on', mode, approve: false });
      expect([end.outcome, world.diagnosticsOn]).toEqual(['cancelled', false]);
    });

    test('in mode observe is left as it is, with the remedy', () => {
      const { world, end, report } = repair({ blind: 'until-on', mode: 'observe' });
      expect([end.outcome, world.diagnosticsOn]).toEqual(['refused', false]);
      expect(report?.refusals).toMatchObject([{ code: 'no-boot-diagnostics' }]);
    });

    test('is left as it is where its agent answers', () => {
      const { world, end } = repair({ blind: 'needlessly', verdict: 'healthy', consents });
      expect([end.outcome, world.diagnosticsOn]).toEqual(['healthy', false]);
    });

    test('that then shows nothing is for a person, after a while and not for ever', () => {
      const { world, end, report } = repair({ blind: 'for-ever', consents });
      expect(end.outcome).toBe('unknown');
      expect(world.waited).toBeLessThanOrEqual(15 * 60);
      expect(report?.nextSteps.join()).toContain('az vm restart');
      expect(report?.leftovers).toHaveLength(1);
    });

    test('and cannot be turned on: what may have been left on is named', () => {
      const faults = new Map([[4, { fault: { kind: 'fatal' as const, code: 'c', message: 'm' }, after: true, times: 1 }]]);
      const { world, end, report } = repair({ blind: 'until-on', consents, faults });
      expect(world.log[4]).toBe('ensureBootDiagnostics');
      expect(end.outcome).toBe('refused');
      expect(report?.leftovers).toMatchObject([{ resourceId: request.vmId, reason: expect.stringContaining('may have been turned on') }]);
      expect(end.headline).not.toContain('was not touched');
    });
  });

  test('mode observe plans and writes nothing', () => {
    const { world, end } = repair({ mode: 'observe' });
    expect(end.outcome).toBe('observed');
    expect(world.log.filter(name => name.startsWith('ensure'))).toEqual([]);
  });

  test('mode review waits for a person, and without one the VM is not touched', () => {
    const { world, end } = repair({ mode: 'review', approve: false });
    expect(end.outcome).toBe('cancelled');
    expect(world.log).not.toContain('ensurePoweredOff');
    expect(world.repairVm).toBe(false);
  });

  test('mode review probes a copy before it asks, and the plan then goes on', () => {
    const { world, end } = repair({ mode: 'review' });
    expect(end.outcome).toBe('repaired');
    expect(world.log.indexOf('judgeProbe')).toBeLessThan(world.log.indexOf('ensurePoweredOff'));
    expect(world.reports[0]).toMatchObject({ outcome: 'unknown', plan: { hash: 'a'.repeat(64) }, probe: { script: 'probe' } });
    expect([...world.disks]).toEqual(['/disks/copy']);
  });

  test('what the probe forbids ends with the original disk and power state', () => {
    const { world, end } = repair({ probe: 'stop' });
    expect(end.outcome).toBe('refused');
    expect([world.osDisk, world.power, [...world.disks]]).toEqual([original.id, 'running', []]);
    expect(world.log).not.toContain('observeBoot');
  });

  test('an upload that was cut off goes on in runs of its own, on the same copy; after three that copy is given up', () => {
    const { end, report } = repair({ curedBy: null, cutUploads: 2 });
    const uploads = report?.attempts
      .flatMap(({ scripts }) => scripts)
      .filter(({ result, state }) => state === 'timed-out' || result?.findings[1]);
    expect(uploads?.map(({ run, state }) => [run, state])).toEqual([
      ['2-collect-dump', 'timed-out'],
      ['2-collect-dump-2', 'timed-out'],
      ['2-collect-dump-3', 'succeeded'],
    ]);
    expect([end.outcome, report?.dump.state]).toEqual(['rolled-back', 'uploaded']);
    const never = repair({ cutUploads: 3 });
    expect([never.end.outcome, never.world.osDisk]).toEqual(['repaired', '/disks/copy-2']);
    // What the first attempt had changed is done once more, and the attempt goes on: a dump is only read.
    expect(never.report?.attempts.at(-1)?.scripts.map(({ run }) => run)).toEqual([
      '2-collect-dump',
      '2-collect-dump-2',
      '2-collect-dump-3',
      '2-revert-servicing-2',
      '2-offline-sfc',
      '2-boot-settings',
    ]);
  });

  test('one restart is enough for what was transient: no repair VM, no swap, and the snapshot is told', () => {
    const { world, end, report } = repair({ restart: 'cures' });
    expect(end).toMatchObject({ outcome: 'repaired', headline: expect.stringContaining('by one restart') });
    expect(world.log).not.toContain('ensureRepairVm');
    expect([world.osDisk, world.power, world.restarts]).toEqual([original.id, 'running', 1]);
    expect(world.log.indexOf('ensureSnapshot')).toBeLessThan(world.log.indexOf('ensurePoweredOff'));
    expect(report?.leftovers.map(({ resourceId }) => resourceId)).toEqual(['/snapshots/first']);
    expect(report?.restart?.verdict).toBe('repaired');
  });

  test('a restart that cures nothing is followed by the repair, and is not tried again', () => {
    const { world, end, report } = repair({ restart: 'does-not-cure' });
    expect(end.outcome).toBe('repaired');
    expect(world.osDisk).toBe('/disks/copy');
    expect([report?.restart?.verdict, world.restarts]).toEqual(['failed', 1]);
    expect(world.log.filter(name => name === 'ensureStarted').length).toBe(3);
  });

  test('a VM that somebody switches off after a restart that cured nothing stays off, and is theirs', () => {
    const { world: usual } = repair({ restart: 'does-not-cure' });
    const at = usual.log.lastIndexOf('diagnoseVm');
    const { world, end } = repair({ restart: 'does-not-cure', person: { at, does: 'deallocates' } });
    expect(end).toMatchObject({ outcome: 'needs-person', headline: expect.stringContaining('is left as it is now') });
    expect([world.power, world.osDisk, world.repairVm]).toEqual(['deallocated', original.id, false]);
  });

  test('a VM is restarted once for one incident, whatever the number of repairs', () => {
    const world = new World({ restart: 'does-not-cure', curedBy: null });
    world.run(repairVm(request, 'r-1'));
    world.run(repairVm(request, 'r-2'));
    expect(world.reports.at(-1)?.restart).toBeNull();
    expect(Object.keys(world.admission.restarts)).toEqual([request.vmId.toLowerCase()]);
  });

  test('an incident that is over is forgotten: the next one may begin with a restart again', () => {
    const { world } = repair({ restart: 'cures' });
    expect(world.admission.restarts).toEqual({});
  });

  test('in review a person is asked before the restart', () => {
    expect(repair({ restart: 'cures', mode: 'review', approve: false }).world.log).not.toContain('ensurePoweredOff');
    const { world, end } = repair({ restart: 'cures', mode: 'review' });
    expect([end.outcome, world.osDisk, world.repairVm]).toEqual(['repaired', original.id, false]);
  });

  test('a stop that no playbook answers gets one restart, and then a person', () => {
    expect(repair({ byHand: true, restart: 'cures' }).end.outcome).toBe('repaired');
    const { world, end } = repair({ byHand: true, restart: 'does-not-cure' });
    expect(end).toMatchObject({ outcome: 'needs-person', headline: expect.stringContaining('was not cured by one restart') });
    expect(world.log).not.toContain('ensureRepairVm');
    expect([world.osDisk, world.power]).toEqual([original.id, 'running']);
    expect(repair({ byHand: true }).end).toMatchObject({
      outcome: 'needs-person',
      headline: expect.stringContaining('no restart was tried'),
    });
    const told = ['Read Microsoft’s article: https://article', 'By hand: chkdsk <WIN>: /f (Microsoft, on a repair VM)'];
    for (const restart of ['does-not-cure', 'off'] as const)
      expect(repair({ byHand: true, restart }).report?.nextSteps).toEqual(expect.arrayContaining(told));
  });

  test('a Windows that updates itself is waited for, and the repair goes on with what it then shows', () => {
    const { world, end } = repair({ updatesFor: 5 });
    expect(end.outcome).toBe('repaired');
    expect(world.log.slice(0, 10)).toEqual([
      'measureScopes',
      'inspectVm',
      'diagnoseVm',
      ...Array<string>(5).fill('observeBoot'),
      'diagnoseVm',
      'planRepair',
    ]);
  });

  test('a VM that comes up after its restart was given up is told to have been restarted', () => {
    const { world, end } = repair({ changesTo: 'healthy', restart: 'does-not-cure' });
    expect([end.outcome, world.restarts, world.osDisk]).toEqual(['healthy', 1, original.id]);
    expect(end.headline).toContain('nothing but one restart was done to it');
  });

  test('a restart between two rounds of an update ends no patience', () => {
    const { world, end } = repair({ updatesFor: 5, flickersAt: 3 });
    expect(end.outcome).toBe('repaired');
    expect(world.log.slice(0, 10).filter(name => name === 'observeBoot')).toHaveLength(5);
  });

  test('a Windows that updates itself for ever is left to a person, untouched, and said how far it came', () => {
    const { world, end } = repair({ updatesFor: 1000 });
    expect(end).toMatchObject({
      outcome: 'needs-person',
      headline: expect.stringMatching(/8 hours: Windows is updating itself, at 35 % since/),
    });
    expect(world.log.filter(name => name === 'observeBoot').length).toBeLessThan(25);
    expect(world.log.filter(name => name.startsWith('ensure'))).toEqual([]);
  });

  test.each([
    ['healthy', 'healthy', 'auto'],
    ['healthy', 'healthy', 'review'],
    ['updating', 'unknown', 'auto'],
    ['updating', 'unknown', 'review'],
  ] as const)('a VM that is %s by the time that it would be touched ends %s, untouched (%s)', (changesTo, outcome, mode) => {
    const { world, end } = repair({ changesTo, mode });
    expect(end.outcome).toBe(outcome);
    expect(world.log).not.toContain('ensurePoweredOff');
    expect([world.osDisk, world.power, world.repairVm]).toEqual([original.id, 'running', false]);
    const only = repair({ changesTo, mode, byHand: true, restart: 'cures' });
    expect(only.world.log).not.toContain('ensurePoweredOff');
    if (outcome === 'healthy') expect(end.headline).toContain('nothing was done to it');
  });

  test('a VM that answers is not powered off, also where a person names the playbook', () => {
    const world = new World({ verdict: 'healthy', consents: ['act-on-uncertain-finding'] });
    expect(world.run(repairVm({ ...request, playbook: 'stop-0xef' }, 'r-test')).outcome).toBe('healthy');
    expect(world.log.filter(name => name.startsWith('ensure'))).toEqual([]);
  });

  describe('a VM that answers, and is to be repaired by force', () => {
    const forced = (part: Partial<Setup>) => {
      const world = new World({ verdict: 'healthy', ...part });
      const end = world.run(repairVm({ ...request, playbook: 'stop-0xef', force: true }, 'r-test'));
      return { world, end, report: world.reports.at(-1) };
    };
    const touched = ({ log }: World) => log.filter(name => ['ensurePoweredOff', 'ensureStarted', 'ensureOsDisk'].includes(name));

    test.each(['auto', 'review'] as const)('in mode %s it is repaired when a person approves the plan, and untouched before', mode => {
      const { world, end, report } = forced({ mode, consents: ['force'] });
      expect([world.breaches, end.outcome, report?.plan?.missingConsents]).toEqual([[], 'repaired', ['force']]);
      const refused = forced({ mode, approve: false, consents: ['force'] });
      expect([refused.end.outcome, touched(refused.world), refused.world.power]).toEqual(['cancelled', [], 'running']);
    });

    test('is left alone in mode observe, and where it fails by the time a person has approved', () => {
      expect(forced({ mode: 'observe' }).end.outcome).toBe('healthy');
      const changed = forced({ changesTo: 'updating' });
      expect([changed.end.outcome, touched(changed.world)]).toEqual(['unknown', []]);
    });
  });

  test('an original disk that cannot be put back is named, with the copy the VM is still on', () => {
    const { log } = repair({ lives: 'not-at-all' }).world;
    const [, putBack = 0] = log.flatMap((name, n) => (name === 'ensureOsDisk' ? [n] : []));
    const fault = { kind: 'forbidden', code: 'AuthorizationFailed', message: 'no' } as const;
    const { world, end, report } = repair({ lives: 'not-at-all', faults: new Map([[putBack, { fault, after: false, times: 8 }]]) });
    expect([end.outcome, world.osDisk]).toEqual(['needs-person', '/disks/copy']);
    expect(report?.leftovers.find(({ resourceId }) => resourceId === original.id)).toMatchObject({ expires: null, removeWith: '' });
  });

  test('a repair that takes too long ends with the original disk and power state, and says so', () => {
    const { world, end, report } = repair({}, 30);
    expect(end).toMatchObject({ outcome: 'rolled-back', headline: expect.stringContaining('took longer than its') });
    expect([world.osDisk, world.power, world.repairVm, [...world.disks]]).toEqual([original.id, 'running', false, []]);
    expect(report?.nextSteps.join()).toContain('limits.repairSeconds');
    expect(repair({}, 1)).toMatchObject({ end: { outcome: 'refused' }, world: { power: 'running' } });
  });

  test('a boot that is watched is not cut off by the deadline; the next step is', () => {
    const { end, report } = repair({ lives: 'for-ever' }, 60);
    expect([end.outcome, report?.attempts[0]?.boot?.verdict]).toEqual(['booted-unverified', 'booted-unverified']);
  });

  test('an update, an approval and the queue are no time of the repair’s', () => {
    expect(repair({ updatesFor: 5 }, 600).end.outcome).toBe('repaired');
    expect(repair({ updatesFor: 5 }, 600).world.waited).toBeGreaterThan(3600);
  });

  test('mode observe waits for nothing', () => {
    expect(repair({ mode: 'observe', updatesFor: 5 }).end.outcome).toBe('unknown');
  });

  test('reads no console while the agent of a booted VM answers, and reads it once more before it says repaired', () => {
    const { world, end } = repair();
    expect(end.outcome).toBe('repaired');
    expect(world.consoles.filter(console => console === 'skipped').length).toBeGreaterThan(2);
    expect(world.consoles.indexOf('skipped')).toBeGreaterThan(0);
    expect(world.consoles.at(-1)).toBe('read');
  });

  test('takes the next size when the first has no quota', () => {
    const { world, end } = repair({
      faults: new Map([[6, { fault: { kind: 'quota', code: 'QuotaExceeded', message: 'q' }, after: false, times: 1 }]]),
    });
    expect(world.log[6]).toBe('ensureRepairVm');
    expect(end.outcome).toBe('repaired');
  });

  test.each([
    ['quota', 'QuotaExceeded', 'no-quota'],
    ['skuUnavailable', 'SkuNotAvailable', 'no-size'],
    ['skuUnavailable', 'ZonalAllocationFailed', 'no-capacity'],
    ['skuUnavailable', 'OverconstrainedAllocationRequest', 'no-capacity'],
  ] as const)('%s, %s in every size is the refusal %s, and the VM is not touched', (kind, code, refusal) => {
    const at = repair().world.log.indexOf('ensureRepairVm');
    const fault = { kind, code, message: 'm' };
    const faults = new Map([at, at + 2].map(n => [n, { fault, after: false, times: 1 }]));
    const { world, end, report } = repair({ faults });
    expect([world.breaches, end.outcome, world.power, world.log.includes('ensurePoweredOff')]).toEqual([[], 'refused', 'running', false]);
    expect(report?.refusals).toMatchObject([{ code: refusal, message: 'm. Tried, one after the other: a, b.' }]);
    const planned = repair({ faults: new Map([[repair().world.log.indexOf('planRepair'), { fault, after: false, times: 1 }]]) });
    expect([planned.end.outcome, planned.report?.refusals[0]?.code, planned.world.repairVm]).toEqual(['refused', refusal, false]);
  });

  test('what a policy denies is refused before anything is made, and in mode observe nobody is asked', () => {
    const { world, end, report } = repair({ planRefused: true });
    expect([end.outcome, end.headline, report?.refusals[0]?.code]).toEqual([
      'refused',
      'vm1 stopped at 0x000000EF CRITICAL_PROCESS_DIED and was not touched: m.',
      'policy-denies',
    ]);
    expect(world.log.filter(name => name.startsWith('ensure'))).toEqual([]);
    expect(repair({ planRefused: true, mode: 'observe' }).world.log).not.toContain('preflightPlan');
  });

  test('a second start joins the running repair', () => {
    const world = new World();
    const first = repairVm(request, 'r-first');
    let next = first.next();
    for (let n = 0; n < 5; n++) next = first.next(n === 0 ? '2026-01-01T00:00:00.000Z' : undefined);
    world.admission = {
      running: { [request.vmId.toLowerCase()]: { repairId: 'r-first', since: '2026-01-01T00:00:00.000Z' } },
      waiting: {},
      starts: {},
      restarts: {},
      failures: {},
      starting: {},
    };
    const end = world.run(repairVm(request, 'r-second'));
    expect(next.done).toBe(false);
    expect(end).toMatchObject({ outcome: 'joined', joinedTo: 'r-first' });
    expect(world.admission.running[request.vmId.toLowerCase()]?.repairId).toBe('r-first');
  });

  describe('after three failures in a row for one finding', () => {
    const limits = { ...request.limits, repairsPerVmAndDay: 20, burstVms: 1000 };
    const failing = (id: string, world: World, more = {}) =>
      world.run(repairVm({ ...request, vmId: `${request.vmId}-${id}`, limits, ...more }, `r-${id}`));
    const thrice = () => {
      const world = new World({ curedBy: null });
      expect(['1', '2', '3'].map(id => failing(id, world).outcome)).toEqual(Array(3).fill('rolled-back'));
      return world;
    };

    test('the next VM is not touched, and its refusal says what to do', () => {
      const world = thrice();
      const calls = world.log.length;
      expect(failing('4', world)).toMatchObject({
        outcome: 'refused',
        headline:
          'vm1 stopped at 0x000000EF CRITICAL_PROCESS_DIED and was left alone: the last 3 repairs for 0x000000EF failed, the last of them r-3.',
      });
      expect(world.log.slice(calls)).toEqual(['measureScopes', 'inspectVm', 'diagnoseVm', 'writeReport', 'writeReport']);
      expect(world.reports.at(-1)?.refusals).toMatchObject([
        { code: 'breaker-open', remedy: expect.stringMatching(/--playbook … --force.+or reset the breaker/) },
      ]);
    });

    test('a playbook that is named is held too; with force a person is asked, and told what the approval passes', () => {
      expect(failing('4', thrice(), { playbook: 'stop-0xef' }).outcome).toBe('refused');
      const forced = { playbook: 'stop-0xef', force: true };
      const world = thrice();
      expect(failing('4', world, forced).outcome).toBe('rolled-back');
      expect(world.reports.at(-1)?.plan?.passes).toEqual(['the breaker: the last 3 repairs for 0x000000EF failed, the last of them r-3']);
      expect(world.reports.at(-1)?.decisions).toMatchObject([{ verb: 'approve', asked: ['force'] }]);
      expect(world.admission.failures['0x000000EF']?.inARow).toBe(4);
      const silent = thrice();
      silent.setup.approve = false;
      expect([failing('4', silent, forced).outcome, silent.admission.failures['0x000000EF']?.inARow]).toEqual(['cancelled', 3]);
    });

    test('one more is tried after a time', () => {
      const world = thrice();
      world.activity = new World({ curedBy: null }).activity.bind(new World({ curedBy: null }));
      const later = { ...limits, breakerSeconds: 1 };
      expect(failing('4', world, { limits: later }).outcome).not.toBe('refused');
    });

    test('a success in between, or a person who cancels, is no failure', () => {
      const world = new World({ curedBy: null });
      failing('1', world);
      failing('2', world);
      world.setup.cancelAt = 0;
      expect(failing('3', world).outcome).toBe('cancelled');
      expect(world.admission.failures).toMatchObject({ '0x000000EF': { inARow: 2 } });
      const well = new World();
      well.admission = world.admission;
      expect(failing('4', well).outcome).toBe('repaired');
      expect(well.admission.failures).toEqual({});
    });
  });

  test('a fourth repair of a VM within a day is refused', () => {
    const world = new World({ curedBy: null });
    const ends = ['r-1', 'r-2', 'r-3', 'r-4'].map(id => world.run(repairVm(request, id)).outcome);
    expect(ends).toEqual(['rolled-back', 'rolled-back', 'rolled-back', 'refused']);
  });
});

const kinds: FaultKind[] = [
  'throttled',
  'conflict',
  'notFound',
  'quota',
  'skuUnavailable',
  'policyDenied',
  'forbidden',
  'transient',
  'fatal',
];
const schedules = fc.record({
  curedBy: fc.constantFrom('revert-servicing', 'offline-sfc', null) as fc.Arbitrary<Setup['curedBy']>,
  powerBefore: fc.constantFrom('running', 'stopped') as fc.Arbitrary<Setup['powerBefore']>,
  mode: fc.constantFrom('auto', 'review') as fc.Arbitrary<Setup['mode']>,
  probe: fc.constantFrom('go', 'stop', 'consent') as fc.Arbitrary<Setup['probe']>,
  approve: fc.boolean(),
  restart: fc.constantFrom('off', 'cures', 'does-not-cure') as fc.Arbitrary<Setup['restart']>,
  byHand: fc.boolean(),
  updatesFor: fc.constantFrom(0, 0, 2),
  blind: fc.constantFrom('no', 'no', 'no', 'until-on', 'for-ever') as fc.Arbitrary<Setup['blind']>,
  consents: fc.constantFrom<string[]>([], ['enable-boot-diagnostics']),
  cancelAt: fc.option(fc.nat(400), { nil: null }),
  repairSeconds: fc.constantFrom(43_200, 43_200, 30, 300, 900),
  faults: fc
    .array(fc.record({ at: fc.nat(120), times: fc.constantFrom(1, 1, 2, 40), after: fc.boolean(), kind: fc.constantFrom(...kinds) }), {
      maxLength: 3,
    })
    .map(
      list => new Map(list.map(({ at, times, after, kind }) => [at, { fault: { kind, code: 'injected', message: kind }, after, times }])),
    ),
});

describe('whatever fails, whenever a person cancels', () => {
  test('the invariants of repair.md hold', () => {
    fc.assert(
      fc.property(schedules, part => {
        const { world, end, report } = repair(part, part.repairSeconds);
        expect(world.breaches).toEqual([]);
        const undone = end.outcome !== 'needs-person';
        if (undone && !world.bootedFromRepairDisk) expect([world.osDisk, world.power]).toEqual([original.id, part.powerBefore]);
        if (world.bootedFromRepairDisk) expect([world.osDisk, world.power]).toEqual(['/disks/copy', 'running']);
        expect(world.admission.running).toEqual({});
        expect(world.restarts).toBeLessThan(2);
        if (end.outcome === 'repaired') expect(world.bootedFromRepairDisk || part.restart === 'cures').toBe(true);
        if (report && world.snapshots.has('/snapshots/first')) expect(JSON.stringify(report)).toContain('/snapshots/first');
        const told = JSON.stringify(report ?? {});
        if (report && world.snapshots.has('/snapshots/s')) expect(told).toContain('/snapshots/s');
        if (report && world.repairVm) expect(told).toContain('delete the repair VM');
        if (report && world.disks.has('/disks/copy') && world.osDisk === original.id)
          expect(told).toMatch(/delete the repair disk|disks.copy/);
        if (report && world.diagnosticsOn && part.blind !== 'no') expect(told).toContain('az vm boot-diagnostics disable');
        if (report && world.disks.has('/disks/copy-probe')) expect(told).toContain('delete the copy that was probed');
        if (report && world.snapshots.has('/snapshots/s-probe')) expect(told).toContain('delete the copy that was probed');
      }),
      { numRuns: 3000 },
    );
  });
});
