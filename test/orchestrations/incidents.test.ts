/** A burst: a few first, proven, before any other; none where all of the first fail. */

import { describe, expect, test } from '@jest/globals';
import type { RepairRequest } from '../../functions/activities/contract.ts';
import { admit, nobody, park } from '../../orchestrations/admission.ts';
import { forget, type Incidents, noteTurn, takeTurn } from '../../orchestrations/incidents.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import type { Step } from '../../orchestrations/steps.ts';
import fc from '../fastCheck.ts';
import { request, type Setup, World } from './world.ts';

const limits = { burstVms: 3, burstSeconds: 3600 };
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const finding = '0x000000EF';

class Burst {
  state: Incidents = {};
  seconds = 0;
  take(vm: string, change: object = {}) {
    const { state, answer } = takeTurn(this.state, {
      finding,
      vmId: `/${vm}`,
      repairId: `r-${vm}`,
      at: at(this.seconds),
      limits,
      ...change,
    });
    this.state = state;
    return answer.turn;
  }
  end(vm: string, result: 'well' | 'failed' | 'neither') {
    this.state = noteTurn(this.state, { finding, vmId: `/${vm}`, repairId: `r-${vm}`, result, at: at(this.seconds) });
  }
}

describe('of many VMs with the same finding', () => {
  test('one goes, the others wait until it is well, and then go', () => {
    const burst = new Burst();
    expect(['a', 'b', 'c', 'd'].map(vm => burst.take(vm))).toEqual(['go', 'wait', 'wait', 'wait']);
    expect([burst.take('a'), burst.take('c')]).toEqual(['go', 'wait']);
    burst.end('a', 'well');
    expect(['b', 'c', 'd', 'e'].map(vm => burst.take(vm))).toEqual(['go', 'go', 'go', 'go']);
  });

  test('where the first fails one other goes, whoever asks next, and none where that fails too, until the window is over', () => {
    const burst = new Burst();
    expect(['a', 'b', 'c'].map(vm => burst.take(vm))).toEqual(['go', 'wait', 'wait']);
    burst.end('a', 'failed');
    expect(['c', 'b'].map(vm => burst.take(vm))).toEqual(['go', 'wait']);
    burst.end('c', 'failed');
    expect(burst.take('b')).toBe('stop');
    burst.seconds = 3599;
    expect(burst.take('b')).toBe('stop');
    burst.seconds = 3600;
    expect(burst.take('b')).toBe('go');
  });

  test('more than one goes first where the settings say so', () => {
    const burst = new Burst();
    const change = { limits: { ...limits, burstVms: 5 } };
    expect(['a', 'b', 'c', 'd'].map(vm => burst.take(vm, change))).toEqual(['go', 'go', 'go', 'wait']);
    for (const vm of ['a', 'b', 'c']) burst.end(vm, 'failed');
    expect([burst.take('d', change), burst.take('e', change)]).toEqual(['go', 'wait']);
    burst.end('d', 'failed');
    expect(burst.take('e', change)).toBe('stop');
  });

  test('one that ended without showing anything makes room for the next', () => {
    const burst = new Burst();
    expect(['a', 'b'].map(vm => burst.take(vm))).toEqual(['go', 'wait']);
    burst.end('a', 'neither');
    expect(burst.take('b')).toBe('go');
  });

  test('one that is known to be dead is waited for no longer, and its ended ones are remembered', () => {
    const burst = new Burst();
    for (const vm of ['a', 'b', 'c']) burst.take(vm);
    burst.end('a', 'failed');
    expect([burst.take('b'), burst.take('c')]).toEqual(['go', 'wait']);
    burst.state = forget(burst.state, { vmId: '/A', repairId: 'r-a' });
    burst.state = forget(burst.state, { vmId: '/B', repairId: 'r-other' });
    expect(burst.take('c')).toBe('wait');
    burst.state = forget(burst.state, { vmId: '/B', repairId: 'r-b' });
    expect(burst.take('c')).toBe('go');
    burst.end('c', 'failed');
    expect(burst.take('d')).toBe('stop');
  });

  test('one that was killed and never told its end is not waited for beyond a day', () => {
    const burst = new Burst();
    burst.take('a');
    burst.seconds = 24 * 3600 - 1;
    expect(burst.take('c')).toBe('wait');
    burst.seconds++;
    expect(burst.take('c')).toBe('go');
  });

  test('those of another finding are no part of it; a VM counts once, in any case', () => {
    const burst = new Burst();
    burst.take('a');
    expect(burst.take('c', { finding: '0x0000007B' })).toBe('go');
    expect(burst.take('A', { repairId: 'r-a' })).toBe('go');
    expect(burst.take('c')).toBe('wait');
  });

  test('the end of a repair that was never let go, or is told twice, changes nothing', () => {
    const burst = new Burst();
    for (const vm of ['a', 'b', 'c']) burst.take(vm);
    burst.end('c', 'failed');
    burst.end('x', 'well');
    burst.end('a', 'failed');
    burst.end('a', 'well');
    expect([burst.take('d'), burst.take('e')]).toEqual(['go', 'wait']);
  });

  test('whatever comes in whatever order: before one is well, never two are at work at once, nor more than two touched and not ended as neither', () => {
    const step = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.constantFrom('take', 'well', 'failed', 'neither'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const burst = new Burst();
        const touched = new Set<string>();
        let isProven = false;
        for (const [vm, what] of steps) {
          if (what === 'take') {
            if (burst.take(vm) === 'go') touched.add(vm);
          } else if (touched.has(vm) && burst.state[finding]?.[`/${vm}`]?.state === 'at-work') {
            if (what === 'well') isProven = true;
            if (what === 'neither') touched.delete(vm);
            burst.end(vm, what as 'well');
          }
          if (isProven) continue;
          const atWork = Object.values(burst.state[finding] ?? {}).filter(({ state }) => state === 'at-work');
          expect(atWork.length).toBeLessThanOrEqual(1);
          expect(touched.size).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});

describe('a place given to others', () => {
  const ask = (vm: string) => ({
    vmId: `/${vm}`,
    repairId: `r-${vm}`,
    at: at(0),
    limits: { ...request.limits, repairsAtOnce: 1, repairsPerVmAndDay: 1 },
  });
  test('keeps the VM, is free for another, and is asked for again without counting twice', () => {
    let { state } = admit(nobody, ask('a'));
    state = park(state, { vmId: '/A', repairId: 'r-a' });
    expect(admit(state, { ...ask('a'), repairId: 'r-other' }).answer).toEqual({ decision: 'joined', repairId: 'r-a' });
    const other = admit(state, ask('b'));
    expect(other.answer.decision).toBe('admitted');
    expect(admit(other.state, ask('a')).answer).toMatchObject({ decision: 'queued', waitsFor: ['r-b'] });
    const again = admit(state, ask('a'));
    expect(again.answer.decision).toBe('admitted');
    expect(again.state.running['/a']?.parked).toBeUndefined();
    expect(again.state.starts['/a']).toHaveLength(1);
    expect(park(state, { vmId: '/a', repairId: 'r-x' })).toBe(state);
  });
});

describe('where Azure itself has a fault in the region', () => {
  const ask = (vm: string) => ({ finding, vmId: `/${vm}`, repairId: `r-${vm}`, at: at(0), limits });
  const among = (setup: Partial<Setup>, more: Partial<RepairRequest> = {}, others = ['a']) => {
    const world = new World({ outage: 'active', ...setup });
    for (const vm of others) world.incidents = takeTurn(world.incidents, ask(vm)).state;
    return { world, end: world.run(repairVm({ ...request, ...more }, 'r-abcdefghijkl')) };
  };

  test('a burst starts nothing: each says which fault, and how to go on all the same', () => {
    const { world, end } = among({});
    expect(end).toEqual({
      outcome: 'refused',
      headline: `vm1 stopped at ${finding} CRITICAL_PROCESS_DIED and was left alone: 2 VMs have ${finding}, and Azure Service Health reports a service issue of Virtual Machines in l: T-1, Power in a zone.`,
      joinedTo: null,
    });
    expect(world.log.some(name => name.startsWith('ensure'))).toBe(false);
    expect(world.reports.at(-1)?.refusals).toMatchObject([{ code: 'service-issue', remedy: expect.stringMatching(/T-1.+--force/) }]);
    expect(world.incidents[finding]?.[request.vmId.toLowerCase()]?.state).toBe('held');
  });

  test('one VM by itself is repaired, and Azure is not asked', () => {
    const { world, end } = among({}, {}, []);
    expect([end.outcome, world.log.includes('readServiceHealth')]).toEqual(['repaired', false]);
  });

  test('a VM that is well again is no part of a burst: the next one is alone, and Azure is not asked', () => {
    const world = new World({ outage: 'active' });
    world.incidents = takeTurn(world.incidents, ask('a')).state;
    world.incidents = noteTurn(world.incidents, { ...ask('a'), result: 'well' });
    expect(world.run(repairVm(request, 'r-abcdefghijkl')).outcome).toBe('repaired');
    expect(world.log).not.toContain('readServiceHealth');
  });

  test('who went first, and could not know, stops before its VM is taken down, once others were held', () => {
    const world = new World({ outage: 'active' });
    const act = world.activity.bind(world);
    world.activity = (name, input) => {
      if (name === 'ensureRepairVm') {
        world.incidents = takeTurn(world.incidents, ask('b')).state;
        world.incidents = noteTurn(world.incidents, { ...ask('b'), result: 'held' });
      }
      return act(name, input);
    };
    expect(world.run(repairVm(request, 'r-abcdefghijkl')).outcome).toBe('refused');
    expect([world.log.includes('ensureRepairVm'), world.log.includes('ensurePoweredOff'), world.repairVm]).toEqual([true, false, false]);
    expect(world.breaches).toEqual([]);
  });

  test('force passes it, and the person who approves reads what', () => {
    const { world, end } = among({ approve: true }, { playbook: 'stop-0xef', force: true });
    expect(end.outcome).toBe('repaired');
    expect(world.reports.at(-1)?.plan?.passes).toEqual([
      `the burst: 2 VMs have ${finding}, and r-a is to be proven well first`,
      'Azure Service Health: a service issue of Virtual Machines in l: T-1, Power in a zone',
    ]);
  });

  test('where that cannot be read the burst is held by its own rule alone, and the report says so', () => {
    const world = new World({ outage: 'unread' });
    world.incidents = takeTurn(world.incidents, ask('a')).state;
    world.incidents = noteTurn(world.incidents, { ...ask('a'), result: 'failed' });
    expect(world.run(repairVm(request, 'r-abcdefghijkl')).outcome).toBe('repaired');
    expect(world.reports.at(-1)?.nextSteps.filter(step => step.includes('AuthorizationFailed: no'))).toHaveLength(1);
  });

  test('what was held keeps its place in the window, and stands in nobody’s way', () => {
    let state: Incidents = takeTurn({}, ask('a')).state;
    state = noteTurn(takeTurn(state, ask('b')).state, { ...ask('b'), result: 'held' });
    expect(takeTurn(state, { ...ask('a'), peek: true })).toEqual({ state, answer: { turn: 'go', vms: 2 } });
    state = noteTurn(state, { ...ask('a'), result: 'held' });
    expect(takeTurn(state, ask('c')).answer).toEqual({ turn: 'go', vms: 3 });
    expect(takeTurn(state, { ...ask('c'), at: at(3600) }).answer).toEqual({ turn: 'go', vms: 1 });
  });

  test('asking only notes nothing, whatever the answer is', () => {
    const one = takeTurn({}, ask('a')).state;
    const none = noteTurn(one, { ...ask('a'), result: 'failed' });
    const two = noteTurn(takeTurn(none, ask('b')).state, { ...ask('b'), result: 'failed' });
    for (const state of [{}, one, none, two]) expect(takeTurn(state, { ...ask('c'), peek: true }).state).toBe(state);
  });
});

describe('a repair in a burst', () => {
  /** The world with one repair of another VM at work on the same finding, after one that failed; `then` is what becomes of it while this one waits. */
  function wait(then: 'well' | 'failed', more: Partial<RepairRequest> = {}, setup: Partial<Setup> = {}) {
    const world = new World(setup);
    const other = (vm: string) => ({ finding, vmId: `/${vm}`, repairId: `r-${vm}`, at: at(0) });
    world.incidents = takeTurn(world.incidents, { ...other('a'), limits }).state;
    world.incidents = noteTurn(world.incidents, { ...other('a'), result: 'failed' });
    world.incidents = takeTurn(world.incidents, { ...other('b'), limits }).state;
    const seen: string[] = [];
    function* watched<T>(step: Step<T>): Step<T> {
      let next = step.next();
      while (!next.done) {
        const command = next.value;
        if (command.do === 'activity') seen.push(command.name);
        if (command.do === 'ask') seen.push(command.operation);
        if (command.do === 'sleep' && seen.at(-1) === 'park')
          world.incidents = noteTurn(world.incidents, { ...other('b'), result: then, at: at(60) });
        next = step.next(yield command);
      }
      return next.value;
    }
    const end = world.run(watched(repairVm({ ...request, ...more }, 'r-abcdefghijkl')));
    return { world, seen, end };
  }

  test('waits with its place given away, asks for one again, looks again, and repairs once another is well', () => {
    const { seen, end } = wait('well');
    const from = seen.indexOf('park');
    const again = ['takeTurn', 'readServiceHealth', 'measureScopes', 'admit', 'watchVm', 'diagnoseVm'];
    expect(seen.slice(from - 2, from + 7)).toEqual(['takeTurn', 'readServiceHealth', 'park', ...again]);
    expect(end.outcome).toBe('repaired');
    expect(seen.filter(name => name === 'noteTurn')).toHaveLength(1);
  });

  test('is held too where it names a playbook; with force a person is asked, and told what is passed, and it counts for nobody else', () => {
    const named = { playbook: 'stop-0xef' };
    expect(wait('failed', named).end.outcome).toBe('refused');
    const { seen, end, world } = wait('failed', { ...named, force: true }, { approve: true });
    expect([end.outcome, seen.includes('park'), seen.includes('noteTurn')]).toEqual(['repaired', false, false]);
    const report = world.reports.find(({ plan }) => plan !== null);
    expect(report?.plan).toMatchObject({
      missingConsents: ['force'],
      passes: [`the burst: 3 VMs have ${finding}, and r-b is to be proven well first`],
    });
    expect(report?.decisions?.[0]?.asked ?? world.reports.at(-1)?.decisions?.[0]?.asked).toEqual(['force']);
    const unasked = wait('failed', { ...named, force: true }, { approve: false });
    expect([unasked.end.outcome, unasked.world.log.includes('ensurePoweredOff')]).toEqual(['cancelled', false]);
  });

  test('is refused, untouched, when all of the first have failed', () => {
    const { seen, end, world } = wait('failed');
    expect(end).toMatchObject({ outcome: 'refused', headline: expect.stringContaining('none is well') });
    expect(seen.some(name => name.startsWith('ensure'))).toBe(false);
    expect(world.admission.running).toEqual({});
    expect(world.reports.at(-1)?.refusals.map(({ code }) => code)).toEqual(['incident-stopped']);
  });
});
