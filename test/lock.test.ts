import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

test('the lock file names every optional package, or npm ci refuses it (npm run lock)', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const known = Object.keys(lock.packages);
  const wanted = Object.values(lock.packages).flatMap(entry => Object.keys(entry.optionalDependencies ?? {}));
  expect(wanted.filter(name => !known.some(place => place.endsWith(`node_modules/${name}`)))).toEqual([]);
});
