import { expect, test } from '@jest/globals';
import type { Arm } from '../../azure/arm.ts';
import { governance } from '../../azure/governance.ts';
import { parseId, sameId, sibling } from '../../azure/ids.ts';

const roles = (...value: { actions: string[]; notActions?: string[] }[]) =>
  governance({
    read: async (_path: string, _version: string, schema: { parse(body: unknown): unknown }) => schema.parse({ value }),
  } as unknown as Arm);
const wanted = [
  'Microsoft.Compute/virtualMachines/read',
  'Microsoft.Compute/virtualMachines/powerOff/action',
  'Microsoft.Compute/disks/write',
];

test.each([
  ['an owner misses nothing', [{ actions: ['*'] }], []],
  ['a reader misses the writes', [{ actions: ['*/read'] }], wanted.slice(1)],
  ['names are compared without case', [{ actions: ['microsoft.compute/VIRTUALMACHINES/*', 'Microsoft.Compute/disks/*'] }], []],
  [
    'what one role takes away another may give',
    [{ actions: ['*'], notActions: ['Microsoft.Compute/disks/write'] }, { actions: ['Microsoft.Compute/disks/write'] }],
    [],
  ],
  ['what a role takes away is missing', [{ actions: ['*'], notActions: ['Microsoft.Compute/disks/*'] }], [wanted[2]]],
  ['a dot is a dot', [{ actions: ['MicrosoftxCompute/*'] }], wanted],
])('%s', async (_, given, missing) => {
  expect(await roles(...given).missingActions('/x', wanted)).toEqual(missing);
});

test('ids are taken apart and put together, and compared as Azure does', () => {
  const id = '/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/vm1';
  expect(parseId(id)).toEqual({ subscriptionId: 'S', resourceGroup: 'G', type: 'Microsoft.Compute/virtualMachines', name: 'vm1' });
  expect(sibling(id, 'Microsoft.Compute/disks', 'd')).toBe('/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/disks/d');
  expect(sameId(id, id.toUpperCase())).toBe(true);
  expect(sameId(null, null)).toBe(false);
  expect(() => parseId('/subscriptions/S/resourceGroups/G')).toThrow('not a resource id');
});
