/** What the invariants see in a request log: each breach is told, and only what a person or a fault did explains it. */
import { describe, expect, test } from '@jest/globals';
import type { Deletion, Facts, Logged, Repair } from '../../explorer/facts.ts';
import { invariants } from '../../explorer/invariants.ts';
import { leftBehind, swept } from '../../explorer/leftovers.ts';
import { onlyOnce } from '../../explorer/once.ts';
import { oneAtATime, places } from '../../explorer/places.ts';
import type { Act } from '../../explorer/schedule.ts';
import type { Swap } from '../../explorer/watch.ts';

const group = '/subscriptions/s/resourceGroups/rg';
const compute = `${group}/providers/Microsoft.Compute`;
const vmId = `${compute}/virtualMachines/web`;
const originalId = `${compute}/disks/web-os`;
const id = 'r-aaaaaaaaaaaa';
const copyId = `${compute}/disks/bootmedic-aaaaaaaaaaaa-disk`;
const time = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

interface Sent {
  by?: string;
  act?: Act;
  method?: string;
  path: string;
  minute?: number;
}
const sent = ({ by, act, method = 'POST', path, minute = 0 }: Sent): Logged => ({
  ...{ at: time(minute), method, path, operation: method, status: 202, correlationId: '', by: act ? undefined : (by ?? id), act },
});
const start = sent({ path: `${vmId}/start` });
const off = sent({ path: `${vmId}/powerOff` });
const swap = sent({ method: 'PATCH', path: vmId });
const byPerson = (act: Act, path = `${vmId}/${act}`, method = 'POST') => sent({ act, path, method });
const swapped = (by: Partial<Swap> = {}): Swap => ({ at: time(0), from: originalId, to: copyId, byPerson: false, booted: false, ...by });

function facts(log: Logged[], more: { swaps?: Swap[]; orders?: Facts['orders']; ids?: string[]; vm?: string } = {}): Facts {
  const repairs = (more.ids ?? [id]).map((each): Repair => ({ id: each, outcome: 'repaired', story: null, reportText: '', history: '' }));
  const watch = { vmId: more.vm ?? vmId, originalId, swaps: more.swaps ?? [] };
  const writes = log.flatMap(write => (repairs.some(each => each.id === write.by) ? [{ ...write, repairId: write.by ?? '' }] : []));
  const none = { others: [], sweeps: [], decoys: [], deletions: [], scripts: [], approvals: [], schedule: { base: 'web-en-02' } };
  return { log, writes, repairs, watch, orders: more.orders ?? [], ...none } as unknown as Facts;
}

describe('nothing twice', () => {
  test('a start after a power off, a swap after each change: as often as there is a reason', () => {
    const log = [off, start, off, swap, start, off, swap, start].map((each, n) => ({ ...each, at: time(n) }));
    const swaps = [swapped({ at: time(3) }), swapped({ at: time(6), from: copyId, to: originalId })];
    expect(onlyOnce(facts(log, { swaps }))).toEqual([]);
  });

  test('a start, a power off or a swap with nothing between', () => {
    expect(onlyOnce(facts([off, start, start])).join()).toContain('start was sent 2 times');
    expect(onlyOnce(facts([off, off])).join()).toContain('powerOff was sent 2 times');
    const theirs = byPerson('deallocate');
    expect(onlyOnce(facts([theirs, { ...off, at: time(1) }])).join()).toContain('powerOff was sent 2 times');
    expect(onlyOnce(facts([theirs, off]))).toEqual([]);
    expect(onlyOnce(facts([swap, swap], { swaps: [swapped()] })).join()).toContain('swapped 2 times, and changed 1 times');
  });

  test('is explained by an operation that came to nothing, and by no other', () => {
    const order = (fault: 'fails' | '500') => ({ method: 'POST', path: `${vmId}/start`, fault });
    expect(onlyOnce(facts([off, start, start], { orders: [order('fails')] }))).toEqual([]);
    expect(onlyOnce(facts([off, start, start], { orders: [order('500')] }))).toHaveLength(1);
  });

  test('is explained by what a person did in between, not by what they did otherwise', () => {
    expect(onlyOnce(facts([start, byPerson('powerOff'), start]))).toEqual([]);
    expect(onlyOnce(facts([start, byPerson('retag', vmId, 'PATCH'), start]))).toHaveLength(1);
    expect(onlyOnce(facts([byPerson('powerOff'), start, start]))).toHaveLength(1);
    const theirs = [swapped(), swapped({ from: copyId, to: originalId, byPerson: true })];
    expect(onlyOnce(facts([swap, swap], { swaps: theirs }))).toHaveLength(1);
  });

  test('one restart, one boot to give it back, three on the copy', () => {
    expect(onlyOnce(facts([off, start, off, start]))).toEqual([]);
    expect(onlyOnce(facts([off, start, off, start, off, start])).join()).toContain('3 times on its own disk');
    const boots = Array.from({ length: 4 }, () => [off, start]).flat();
    expect(onlyOnce(facts(boots, { swaps: [swapped()] })).join()).toContain('4 times on a repair disk');
  });

  test('what is made is made once, and anew only where it was deleted', () => {
    const put = sent({ method: 'PUT', path: copyId });
    expect(onlyOnce(facts([put]))).toEqual([]);
    expect(onlyOnce(facts([put, put])).join()).toContain('was made 2 times');
    expect(onlyOnce(facts([put, byPerson('delete-copy', copyId, 'DELETE'), put]))).toEqual([]);
  });
});

describe('so many repairs', () => {
  const other = 'r-bbbbbbbbbbbb';
  const at = (by: string, minute: number, path = `${vmId}/powerOff`) => sent({ by, minute, path });
  const beside = (name: string, by: string, from: number, to: number) => {
    const vm = `/subscriptions/s/resourceGroups/rg-${name}/providers/Microsoft.Compute/virtualMachines/${name}`;
    return facts([at(by, from, `${vm}/powerOff`), at(by, to, `${vm}/start`)], { ids: [by], vm });
  };

  test('of one VM one at a time', () => {
    expect(oneAtATime(facts([at(id, 0), at(id, 1), at(other, 2)], { ids: [id, other] }))).toEqual([]);
    expect(oneAtATime(facts([at(id, 0), at(other, 1), at(id, 2)], { ids: [id, other] })).join()).toContain('are mixed');
  });

  test('of one VM two a day', () => {
    const third = 'r-cccccccccccc';
    const log = (last: number) => [at(id, 0), at(other, 100), at(third, last)];
    expect(places(facts(log(1445), { ids: [id, other, third] }))).toEqual([]);
    expect(places(facts(log(1430), { ids: [id, other, third] })).join()).toContain('the 3th repair of its VM within a day');
  });

  test('two at once', () => {
    const main = facts([at(id, 0), at(id, 60)]);
    const others = (from: number) => [beside('one', 'r-dddddddddddd', 10, 50), beside('two', 'r-eeeeeeeeeeee', from, 90)];
    expect(places({ ...main, others: others(55) })).toEqual([]);
    expect(places({ ...main, others: others(45) }).join()).toContain('3 repairs were at work');
  });

  test('one of a small resource group', () => {
    const main = facts([at(id, 0), at(id, 60)]);
    const neighbour = (from: number) => {
      const vm = `${compute}/virtualMachines/twin`;
      return facts([at(other, from, `${vm}/start`)], { ids: [other], vm });
    };
    expect(places({ ...main, others: [neighbour(61)] })).toEqual([]);
    expect(places({ ...main, others: [neighbour(60)] }).join()).toContain('2 of 2 VMs of a resource group');
  });
});

describe('a sweep', () => {
  const path = `${compute}/snapshots/bootmedic-aaaaaaaaaaaa-snap`;
  const deletion: Deletion = {
    path,
    at: time(1000),
    tags: { 'bootmedic-repair': id, 'bootmedic-expires': time(900) },
    running: [],
  };
  const left = { resourceId: path, reason: 'the way back', expires: time(900), removeWith: '' };

  function told(change: { deletion?: Partial<Deletion>; left?: Partial<typeof left>; path?: string }): string[] {
    const at = change.path ?? path;
    const log = [sent({ by: 's-aaaaaaaaaaaa', method: 'DELETE', path: at, minute: 1000 })];
    const all = facts(log);
    const story = { request: { vmId }, leftovers: [{ ...left, ...change.left }] };
    const repairs = all.repairs.map(repair => ({ ...repair, story }) as unknown as Repair);
    const cloud = { estate: { get: () => undefined } };
    const deletions = [{ ...deletion, path: at, ...change.deletion }];
    return swept({ ...all, repairs, deletions, sweeps: ['s-aaaaaaaaaaaa'], world: { simulator: { cloud } } } as unknown as Facts);
  }

  test('may delete what has all four', () => {
    expect(told({})).toEqual([]);
  });

  test('and nothing that lacks one, or while its repair runs', () => {
    expect(told({ deletion: { tags: {} } }).join()).toContain('does not bear the tag');
    expect(told({ path: `${compute}/snapshots/payroll`, left: { resourceId: `${compute}/snapshots/payroll` } }).join()).toContain(
      'its name',
    );
    expect(told({ left: { resourceId: originalId } }).join()).toContain('no record names it');
    expect(told({ left: { expires: time(1100) } }).join()).toContain('has not expired');
    expect(told({ deletion: { tags: { ...deletion.tags, 'bootmedic-expires': time(1100) } } }).join()).toContain('has not expired');
    expect(told({ deletion: { running: [id] } }).join()).toContain('was running');
  });
});

/** One VM whose repair has ended well: running on the copy, from which its agent has answered twice. */
interface End {
  log?: Logged[];
  disk?: string;
  power?: string;
  swaps?: Swap[];
  booted?: string[];
  ready?: number;
  outcome?: Repair['outcome'];
  story?: object | null;
  acted?: Act[];
  events?: object[];
  text?: string;
  secrets?: string[];
  spoiltRuns?: string[];
  wrongs?: string[];
}
const byItself = [
  sent({ path: `${vmId}/powerOff`, minute: 1 }),
  sent({ method: 'PUT', path: `${compute}/snapshots/bootmedic-aaaaaaaaaaaa-snap`, minute: 2 }),
  sent({ method: 'PATCH', path: vmId, minute: 3 }),
  sent({ path: `${vmId}/start`, minute: 4 }),
];

function broken(number: number, end: End = {}): string[] {
  const { disk = copyId, power = 'running', booted = [copyId.toLowerCase()], ready = 2, outcome = 'repaired', log = byItself } = end;
  const base = facts(log, { swaps: end.swaps ?? [swapped({ at: time(3) })] });
  const told = { outcome, leftovers: [], nextSteps: ['look'], probe: null, attempts: [], request: { vmId } };
  const story = end.story === undefined ? told : end.story && { ...told, ...end.story };
  const repair = { id, outcome, story, reportText: end.text ?? '', history: '' } as unknown as Repair;
  const times = new Map([[disk.toLowerCase(), new Set(Array.from({ length: ready }, (_, n) => n))]]);
  const vm = { osDisk: { diskId: disk }, power, id: vmId };
  const watch = { ...base.watch, vm, power: 'running', original: {}, booted: new Set(booted), ready: times, wrongs: end.wrongs ?? [] };
  const simulator = { cloud: { estate: { disk: () => ({}) } } };
  const world = { log: [], wire: { secrets: new Set(end.secrets ?? []) }, simulator };
  const schedule = { base: 'web-en-02', seed: '1', events: end.events ?? [{ on: 'call', n: 1, fault: '500', lasting: false }] };
  const all = {
    ...{ ...base, repairs: [repair], watch, world, schedule, ended: true, calls: [], acted: end.acted ?? [] },
    spoiltRuns: end.spoiltRuns ?? [],
  } as unknown as Facts;
  return invariants.filter(each => each.number === number && !each.overall).flatMap(({ check }) => check(all));
}

test('the disk that the repair has replaced is named: the VM’s own, or the one that a person had put in its place before', () => {
  const theirs = `${originalId}-restored`;
  const left = (swaps: Swap[], named: string) => {
    const base = facts([], { swaps });
    const story = { leftovers: [{ resourceId: named, reason: 'replaced' }] };
    const estate = { all: () => [], disk: () => ({}) };
    const watch = { ...base.watch, vm: { osDisk: { diskId: copyId } } };
    return leftBehind({ ...base, watch, repairs: [{ id, story }], world: { simulator: { cloud: { estate } } } } as unknown as Facts);
  };
  const byThem = [swapped({ to: theirs, byPerson: true }), swapped({ from: theirs })];
  expect([left([swapped()], originalId), left(byThem, theirs)]).toEqual([[], []]);
  expect([left([swapped()], theirs), left(byThem, originalId)].flat()).toEqual(Array(2).fill(expect.stringContaining('is not named')));
});

describe('the end of a repair', () => {
  test('that went well breaks nothing', () => {
    for (const number of [0, 1, 2, 4, 5, 6, 7, 8, 9]) expect([number, broken(number)]).toEqual([number, []]);
  });

  const lasting = [{ on: 'call', n: 1, fault: '403', lasting: true }];
  const person = { outcome: 'needs-person' as const };
  const cases: [string, number, End, string][] = [
    ['says another outcome than its report', 0, { story: { outcome: 'rolled-back' } }, 'the report says rolled-back'],
    ['has no report', 0, { story: null }, 'without a report'],
    ['is another than usual where nothing went wrong', 0, { events: [], outcome: 'rolled-back' }, 'without any fault'],
    ['began with the original attached elsewhere', 1, { wrongs: ['attached elsewhere'] }, 'attached elsewhere'],
    ['began with a boot before the snapshot', 1, { log: byItself.toSpliced(1, 1) }, 'before there was a snapshot'],
    ['deleted the original', 1, { log: [...byItself, sent({ method: 'DELETE', path: originalId })] }, 'DELETE on the original'],
    ['leaves the VM on a copy that never booted', 2, { booted: [], ...person }, 'has not booted'],
    ['leaves the VM off', 2, { power: 'stopped', ...person }, 'ends stopped'],
    ['is called repaired after one answer of the agent', 6, { ready: 1 }, 'has not answered twice'],
    ['is called healthy of a VM that never came up', 6, { outcome: 'healthy', booted: [] }, 'healthy of a VM that is not'],
    ['is called rolled back while the VM answers on the copy', 6, { outcome: 'rolled-back' }, 'is said to be rolled-back'],
    ['tells a signature', 7, { text: 'https://a/b?sv=1&sig=abc' }, 'like a secret'],
    ['tells a password that was sent', 7, { text: 'it is Tr0ub4dor', secrets: ['Tr0ub4dor'] }, 'a secret in the report'],
    [
      'believes a script that was spoilt',
      8,
      {
        spoiltRuns: [`${compute}/virtualMachines/bootmedic-aaaaaaaaaaaa-vm/runCommands/1-sfc`],
        story: { attempts: [{ scripts: [{ run: '1-sfc', result: {} }] }] },
      },
      '1-sfc',
    ],
    ['deallocated the VM', 9, { log: [...byItself, sent({ path: `${vmId}/deallocate` })] }, 'was deallocated'],
    ['took a disk away that had booted', 9, { swaps: [swapped(), swapped({ from: copyId, to: originalId, booted: true })] }, 'had booted'],
  ];
  test.each(cases)('that %s breaks invariant %i', (_, number, end, words) => {
    expect(broken(number, end).join()).toContain(words);
  });

  test('a person who is told explains it, where something stood in the way for good', () => {
    expect(broken(2, { power: 'stopped', events: lasting, ...person })).toEqual([]);
    expect(broken(2, { power: 'stopped', events: lasting })).toHaveLength(1);
    expect(broken(2, { power: 'stopped', acted: ['retag'], ...person })).toHaveLength(1);
  });
});
