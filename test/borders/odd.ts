/** Odd input for every border: whatever JSON can hold, and right documents with one thing wrong in them. Not a test itself. */
import fc from '../fastCheck.ts';

const words = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '../../etc/passwd',
  "'; drop table repairs; --",
  '<script>alert(1)</script>',
  '\u0000',
  '\u202Egnp.exe',
  'ﬁle',
  '😀'.repeat(200),
  'a'.repeat(20_000),
  '{{7*7}}',
  '%00%2e%2e%2f',
  '\r\nx-injected: 1',
];

export const oddText = fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }));

/** Any value of JSON, also with keys that reach an object's prototype. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.constantFrom(null, true, false, 0, -1, 1e308, -0, Number.MAX_SAFE_INTEGER + 2, [], {}, [[[[[[[]]]]]]]),
  fc.jsonValue({ maxDepth: 3 }),
  fc
    .constantFrom(
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      `${'['.repeat(500)}${']'.repeat(500)}`,
    )
    .map(text => JSON.parse(text) as unknown),
);

type Path = (string | number)[];

function pathsIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...at, Array.isArray(value) ? Number(key) : key]))];
}

/** A right document in which one value was left out, replaced, or has got a neighbour. */
export function mutated(document: unknown): fc.Arbitrary<unknown> {
  const change = fc.constantFrom('replace', 'remove', 'add') as fc.Arbitrary<'replace' | 'remove' | 'add'>;
  return fc
    .tuple(fc.constantFrom(...pathsIn(document)), change, oddValue, oddText)
    .map(([path, how, value, name]) => changed(structuredClone(document), path, how, value, name));
}

function changed(document: unknown, path: Path, how: string, value: unknown, name: string): unknown {
  const last = path.at(-1);
  if (last === undefined) return how === 'add' ? define(document, name, value) : value;
  const holder = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document) as Record<string, unknown>;
  if (how === 'add') define(holder[last], name, value);
  else if (how === 'remove') delete holder[last];
  else holder[last] = value;
  return document;
}

/** As `JSON.parse` does it: also `__proto__` becomes a field of its own. */
function define(holder: unknown, name: string, value: unknown): unknown {
  if (typeof holder === 'object' && holder !== null)
    Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
  return holder;
}

/** Nothing that came in has become a part of every object. */
export function isUnpolluted(): boolean {
  return !('polluted' in {}) && Object.keys(Object.prototype).length === 0;
}
