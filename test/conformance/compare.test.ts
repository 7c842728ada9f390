/** What the comparison of bodies notices. */
import { describe, expect, test } from '@jest/globals';
import { compare, Identities, isObject } from '../../conformance/recordings/compare.ts';
import fc from '../fastCheck.ts';

const differences = (expected: unknown, actual: unknown, identities = new Identities()) => compare(expected, actual, identities);
const paths = (expected: unknown, actual: unknown) => differences(expected, actual).map(({ kind, path }) => `${kind} ${path}`);
const leaf = fc.oneof(fc.boolean(), fc.integer(), fc.stringMatching(/^[a-z ]{0,12}$/), fc.constant(null));
const body = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,6}$/),
  fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('value'), { maxKeys: 4 }),
    ),
  })).value,
  { minKeys: 1, maxKeys: 5 },
);

/** Every leaf of a value, as the keys that lead to it. */
function leaves(value: unknown, at: string[] = []): string[][] {
  if (Array.isArray(value)) return value.flatMap((one, index) => leaves(one, [...at, String(index)]));
  if (isObject(value)) return Object.entries(value).flatMap(([key, one]) => leaves(one, [...at, key]));
  return [at];
}

function withLeaf(value: unknown, [key = '', ...rest]: string[], change: (old: unknown) => unknown): unknown {
  const old: unknown = Reflect.get(Object(value), key);
  const changed = rest.length === 0 ? change(old) : withLeaf(old, rest, change);
  return Array.isArray(value) ? value.with(Number(key), changed) : { ...Object(value), [key]: changed };
}

test('a body has no difference from itself, and exactly one where one leaf of it is another', () => {
  fc.assert(
    fc.property(body, fc.nat(), (value, choice) => {
      expect(differences(value, structuredClone(value))).toEqual([]);
      const all = leaves(value);
      const path = all[choice % Math.max(1, all.length)];
      if (path === undefined) return;
      const changed = withLeaf(value, path, old => (typeof old === 'string' ? `${old}!` : 'another'));
      expect(differences(value, changed)).toHaveLength(1);
    }),
  );
});

describe('what is told of', () => {
  test.each([
    ['a member that is missing', { a: 1, b: 2 }, { a: 1 }, ['missing b']],
    ['a member that is too much', { a: 1 }, { a: 1, b: 2 }, ['extra b']],
    ['another kind of value', { a: '1' }, { a: 1 }, ['type a']],
    ['a longer list', { a: [1] }, { a: [1, 2] }, ['extra a[1]']],
    ['a body that is missing', { a: 1 }, undefined, ['missing ']],
    ['another word in front of a time', 'at 2024-01-01T00:00:00Z', 'on 2024-02-01T00:00:00Z', ['value ']],
    ['a time that is none', '2024-01-01T00:00:00Z', 'yesterday', ['value ']],
    ['an address that is not signed', 'https://a/b?sig=x', 'https://a/b', ['value ']],
    ['letters of a code', 'PowerState/running', 'PowerState/Running', ['value ']],
  ])('%s', (_, expected, actual, told) => expect(paths(expected, actual)).toEqual(told));

  test.each([
    ['times', { a: '2024-01-01T00:00:00.1234567+00:00' }, { a: '2026-11-27T09:00:00.000Z' }],
    ['signed addresses', 'https://a.blob.core.windows.net/x?sv=1&sig=y', 'https://127.0.0.1/z?sig=w'],
    ['the case of a resource id', { id: '/subscriptions/S/resourceGroups/RG' }, { id: '/subscriptions/S/resourcegroups/rg' }],
  ])('%s may differ', (_, expected, actual) => expect(paths(expected, actual)).toEqual([]));
});

test('an id that the service chose is the same one everywhere, and no two are one', () => {
  const [a, b, x, y] = [1, 2, 3, 4].map(n => `${String(n).repeat(8)}-1111-4111-8111-111111111111`);
  const identities = new Identities();
  expect(differences({ id: a, other: b }, { id: x, other: y }, identities)).toEqual([]);
  expect(differences(a, x, identities)).toEqual([]);
  expect(differences(a, y, identities).map(({ kind }) => kind)).toEqual(['identity']);
  expect(differences(`${'5'.repeat(8)}-1111-4111-8111-111111111111`, x, identities)).toHaveLength(1);
  expect(identities.translate({ disk: `of ${a}` })).toEqual({ disk: `of ${x}` });
});
