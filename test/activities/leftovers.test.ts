/** What of ours may be deleted: only with tag, name, record and expiry, all four, and no repair running. */
import { describe, expect, test } from '@jest/globals';
import { type Found, judgeLeftover, type Past, runningOf } from '../../functions/activities/leftovers.ts';
import { namesFor } from '../../functions/activities/names.ts';
import { monthlyUsd } from '../../report/prices.ts';
import fc from '../fastCheck.ts';
import { record, repairId, summary } from '../records/sample.ts';

const now = new Date('2026-06-01T00:00:00.000Z');
const past = '2026-05-01T00:00:00.000Z';
const future = '2026-07-01T00:00:00.000Z';
const names = namesFor(repairId);
const group = '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-bootmedic/providers/Microsoft.Compute';
const id = `${group}/snapshots/${names.snapshot}`;
const tags = { 'bootmedic-repair': repairId, 'bootmedic-expires': past };
const entry = (resourceId = id, expires: string | null = past) => ({ resourceId, reason: 'r', expires, removeWith: 'x' });
const withLeft = (leftovers = [entry()], change: object = {}) => ({
  ...record,
  story: { ...record.story, outcome: 'rolled-back' as const, leftovers, ...change },
});

const found: Found = { id, tags, attachedTo: null };
const known: Past = { record: withLeft(), running: [], mode: 'auto' };

describe('a leftover', () => {
  test('of several copies: the last may have served, and stays; one that was given up goes', () => {
    const disk = (name: string) => `${group}/disks/${name}`;
    const copy = (name: string, run: string | null) => ({
      ...{ id: disk(name), name, deleted: false },
      givenUp: run === null ? null : { at: past, run, why: 'w' },
    });
    const copies = [copy(names.disk, '1-offline-sfc'), copy(`${names.disk}-2`, null)];
    const story = withLeft(
      copies.map(each => entry(each.id)),
      { outcome: 'repaired', copies },
    );
    const due = copies.map(each => judgeLeftover({ ...found, id: each.id }, { ...known, record: story }, now).due);
    expect(due).toEqual([true, false]);
  });

  test('with all four, and nothing running, is due', () => {
    expect(judgeLeftover(found, known, now)).toEqual({ repairId, expires: past, due: true, why: 'its time was up on 2026-05-01' });
    const upper = { ...found, id: id.replace('resourceGroups', 'RESOURCEGROUPS') };
    expect(judgeLeftover(upper, known, now).due).toBe(true);
  });

  /** What is taken away from the case above; each alone must keep it. */
  const lacks: Record<string, (found: Found, past: Past) => [Found, Past]> = {
    'no repair tag': (f, p) => [{ ...f, tags: { 'bootmedic-expires': past } }, p],
    'another repair’s tag': (f, p) => [{ ...f, tags: { ...f.tags, 'bootmedic-repair': 'r-bcdefghijklm' } }, p],
    'no expiry tag': (f, p) => [{ ...f, tags: { 'bootmedic-repair': repairId } }, p],
    'an expiry that is no date': (f, p) => [{ ...f, tags: { ...f.tags, 'bootmedic-expires': 'soon' } }, p],
    'an expiry to come': (f, p) => [{ ...f, tags: { ...f.tags, 'bootmedic-expires': future } }, p],
    'an owner’s name': (f, p) => [
      { ...f, id: f.id.replace(names.snapshot, 'till-os') },
      { ...p, record: withLeft([entry(id.replace(names.snapshot, 'till-os'))]) },
    ],
    'a name that only begins alike': (f, p) => [
      { ...f, id: f.id.replace('bootmedic-', 'bootmedic-x') },
      { ...p, record: withLeft([entry(id.replace('bootmedic-', 'bootmedic-x'))]) },
    ],
    'no record': (f, p) => [f, { ...p, record: undefined }],
    'a record that does not name it': (f, p) => [f, { ...p, record: withLeft([]) }],
    'a record of another repair': (f, p) => [f, { ...p, record: withLeft([entry()], { repairId: 'r-bcdefghijklm' }) }],
    'a record that keeps it longer': (f, p) => [f, { ...p, record: withLeft([entry(id, future)]) }],
    'a record without an expiry': (f, p) => [f, { ...p, record: withLeft([entry(id, null)]) }],
    'a running repair': (f, p) => [f, { ...p, running: ['r-bcdefghijklm'] }],
    'a VM that has it': (f, p) => [{ ...f, attachedTo: `${group}/virtualMachines/vm-till` }, p],
    'mode observe': (f, p) => [f, { ...p, mode: 'observe' as const }],
  };

  test.each(Object.entries(lacks))('with %s is kept, and told why', (_, take) => {
    const { due, why } = judgeLeftover(...take(found, known), now);
    expect([due, why.length > 0]).toEqual([false, true]);
  });

  test('with any of them, in any order, is kept', () => {
    fc.assert(
      fc.property(fc.subarray(Object.values(lacks), { minLength: 1 }), taken => {
        let state: [Found, Past] = [found, known];
        for (const take of taken) state = take(...state);
        expect(judgeLeftover(...state, now).due).toBe(false);
      }),
    );
  });

  test('that is a disk on which the VM has run is kept for ever, whatever the record says', () => {
    const disk = record.story.plan?.repairDisk.id ?? '';
    const ours = { ...found, id: disk };
    for (const outcome of ['repaired', 'booted-unverified', 'needs-person'] as const)
      expect(judgeLeftover(ours, { ...known, record: withLeft([entry(disk)], { outcome }) }, now).due).toBe(false);
    const plan = record.story.plan && { ...record.story.plan, repairDisk: { id: `${group}/disks/${names.disk}`, name: names.disk } };
    const named = { ...found, id: `${group}/disks/${names.disk}` };
    const ended = (outcome: string) => withLeft([entry(named.id)], { outcome, plan });
    expect(judgeLeftover(named, { ...known, record: ended('repaired') }, now)).toMatchObject({
      due: false,
      why: expect.stringContaining('has run on it'),
    });
    expect(judgeLeftover(named, { ...known, record: ended('rolled-back') }, now).due).toBe(true);
  });
});

test('running are repairs of the same VM, and the repair itself, that have not ended', () => {
  const all = [
    { ...summary, id: 'r-aaaaaaaaaaaa', state: 'ended' as const },
    { ...summary, id: 'r-bbbbbbbbbbbb', state: 'running' as const, vmId: summary.vmId.toUpperCase() },
    { ...summary, id: 'r-cccccccccccc', state: 'waiting-approval' as const, vmId: '/other' },
  ];
  expect(runningOf(all, summary.vmId, 'r-aaaaaaaaaaaa')).toEqual(['r-bbbbbbbbbbbb']);
  expect(runningOf(all, summary.vmId, 'r-cccccccccccc')).toEqual(['r-bbbbbbbbbbbb', 'r-cccccccccccc']);
});

test.each([
  ['disk', 'Premium_LRS', 127, 19.71],
  ['disk', 'Premium_LRS', 129, 38.01],
  ['disk', 'StandardSSD_LRS', 32, 2.4],
  ['disk', 'StandardSSD_ZRS', 128, 14.4],
  ['disk', 'Standard_LRS', 4, 1.54],
  ['disk', 'UltraSSD_LRS', 64, null],
  ['disk', 'Premium_LRS', 9000, null],
  ['snapshot', 'Standard_LRS', 127, 6.35],
  ['vm', '', 0, null],
] as const)('a %s of %s with %d GB costs %p a month', (type, sku, size, usd) => {
  expect(monthlyUsd(type, sku, size)).toBe(usd);
});
