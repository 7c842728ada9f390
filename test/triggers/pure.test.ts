import { describe, expect, test } from '@jest/globals';
import { problemsOf } from '../../functions/problems.ts';
import { pageOf } from '../../functions/triggers/listRepairs.ts';
import { negotiate } from '../../functions/triggers/negotiate.ts';
import { derivedRepairId, newRepairId } from '../../functions/triggers/repairId.ts';
import { linksOf } from '../../functions/triggers/route.ts';
import { startBody } from '../../functions/triggers/schemas.ts';
import type { Item } from '../../functions/triggers/views.ts';
import { readTarget } from '../../functions/triggers/vmId.ts';
import { repairId } from '../../records/schemas.ts';
import fc from '../fastCheck.ts';
import { summary } from '../records/sample.ts';

const group = '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-shop';
const vm = `${group}/providers/Microsoft.Compute/virtualMachines/vm-till`;

describe('targets', () => {
  test.each([vm, `${vm}/`, vm.toUpperCase(), vm.toLowerCase(), ` ${vm}`])('%j is a VM', id => {
    const target = readTarget(id);
    expect('vmId' in target && target.vmId.toLowerCase()).toBe(vm.toLowerCase());
    expect('vmId' in target && target.vmId).toContain('/providers/Microsoft.Compute/virtualMachines/');
  });

  test.each([
    ['', 'is not the id of an Azure resource'],
    ['vm-till', 'is not the id of an Azure resource'],
    [group, 'is not the id of an Azure resource'],
    [`${group}/providers/Microsoft.Sql/servers/db`, 'is a Microsoft.Sql/servers, not a virtual machine'],
    [`${group}/providers/Microsoft.Compute/virtualMachineScaleSets/pool/virtualMachines/0`, 'belongs to a scale set'],
    [`${vm}/extensions/x`, 'is a part of a virtual machine'],
    [vm.replace('vm-till', '..'), 'is not the id of a virtual machine'],
    [vm.replace('rg-shop', 'rg%2Fshop'), 'is not the id of a virtual machine'],
    [vm.replace('11111111', '../..'), 'is not the id of'],
  ])('%j is none: it %s', (id, reason) => {
    expect(readTarget(id)).toEqual({ reason: expect.stringContaining(reason) });
  });

  test('whatever text comes, a VM id that is made of it holds nothing that could lead elsewhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const target = readTarget(vm.replace('rg-shop', () => a).replace('vm-till', () => b));
        if ('vmId' in target) expect(new URL(target.vmId, 'https://azure/').pathname.split('/')).toHaveLength(9);
      }),
      {
        numRuns: 2000,
        examples: [
          ['rg', 'a/../b'],
          ['.', 'x'],
          ['rg', '%2e%2e'],
          ['rg?', 'x'],
          ['rg', 'x#'],
          ['rg', 'x\n'],
        ],
      },
    );
  });
});

describe('repair ids', () => {
  test('are of the form that the border checks, and new each time', () => {
    const ids = Array.from({ length: 1000 }, newRepairId);
    expect(new Set(ids).size).toBe(1000);
    expect(ids.every(id => repairId.safeParse(id).success)).toBe(true);
  });

  test('derived ones follow from their words, and from where one word ends', () => {
    expect(derivedRepairId('a', 'b')).toBe(derivedRepairId('a', 'b'));
    expect(derivedRepairId('a', 'b')).not.toBe(derivedRepairId('ab', ''));
    expect(repairId.safeParse(derivedRepairId('a')).success).toBe(true);
  });
});

describe('negotiation', () => {
  const offered = ['application/json', 'text/html', 'text/markdown'];
  test.each([
    [null, 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['text/*', 'text/html'],
    ['text/*;q=0.4, text/markdown', 'text/markdown'],
    ['text/html;q=0, */*;q=0.1', 'application/json'],
    ['TEXT/Markdown; charset=utf-8', 'text/markdown'],
    ['image/png', undefined],
    ['text/html;q=0', undefined],
    ['text/html;q=nonsense', undefined],
  ])('%j takes %j', (accept, type) => {
    expect(negotiate(accept, offered)).toBe(type);
  });
});

describe('lists', () => {
  const item = (n: number): Item => ({
    ...{ ...summary, phase: '', awaiting: '', since: null, links: linksOf(summary.id) },
    id: derivedRepairId(String(n)),
    requestedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(n / 3))).toISOString(),
    state: n % 2 === 0 ? 'ended' : 'running',
  });

  test('page by page, everything comes once, newest first, also while new repairs come in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 12 }), (count, limit) => {
        let all = Array.from({ length: count }, (_, n) => item(n));
        const seen: string[] = [];
        for (let after: string | undefined; ; ) {
          const page = pageOf(all, { limit, after, state: undefined, vm: undefined });
          expect(page.items.length).toBeLessThanOrEqual(limit);
          seen.push(...page.items.map(each => each.id));
          if (page.next === null) break;
          after = new URL(page.next, 'http://x').searchParams.get('after') ?? undefined;
          all = [...all, item(1000 + seen.length)];
        }
        expect(seen.toSorted()).toEqual(Array.from({ length: count }, (_, n) => item(n).id).toSorted());
      }),
    );
  });

  test('by state and by VM, in id or name and in any case', () => {
    const all = [item(0), item(1), { ...item(2), vmId: vm.replace('vm-till', 'vm-office') }];
    const page = (query: object) => pageOf(all, { limit: 50, state: undefined, vm: undefined, after: undefined, ...query }).items.length;
    expect(page({ state: 'running' })).toBe(1);
    expect(page({ vm: 'VM-Till' })).toBe(2);
    expect(page({ vm: all[2]?.vmId.toUpperCase() })).toBe(1);
    expect(page({ vm: 'till' })).toBe(0);
  });
});

test('a start is completed with what the scope decides', () => {
  expect(startBody.parse({ vmId: vm.toLowerCase().replace('vm-till', 'VM-Till') })).toEqual({
    vmId: vm.replace('vm-till', 'VM-Till'),
    mode: null,
    playbook: null,
    script: null,
    consents: [],
    restartFirst: true,
    force: false,
    requestedBy: 'http',
  });
});

test.each([
  [{ force: true }, ['playbook']],
  [{ force: true, playbook: 'stop-0xef', mode: 'observe' }, ['force']],
  [{ force: true, mode: 'observe' }, ['playbook', 'force']],
  [{ force: 'yes', playbook: 'stop-0xef' }, ['force']],
  [{ force: true, playbook: 'stop-0xef', mode: 'review' }, []],
  [{ mode: 'observe' }, []],
])('a start with %j is refused for %j', (more, fields) => {
  const { error } = startBody.safeParse({ vmId: vm, ...more });
  expect(error === undefined ? [] : problemsOf(error, 'body').map(({ field }) => field)).toEqual(fields);
});
