/** What comes from others is pinned: actions by commit, packages by exact version and integrity. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import program from '../../package.json' with { type: 'json' };

const root = new URL('../..', import.meta.url).pathname;

test('every action of a workflow is pinned by commit', () => {
  const workflows = globSync('.github/workflows/*.yml', { cwd: root }).map(file => readFileSync(join(root, file), 'utf8'));
  const uses = workflows.flatMap(text => text.match(/uses: .*/g) ?? []);
  expect(uses.length).toBeGreaterThan(2);
  for (const line of uses) expect(line).toMatch(/@[0-9a-f]{40} # v[\d.]+$/);
});

test('every workflow may read the repository and nothing else', () => {
  for (const file of globSync('.github/workflows/*.yml', { cwd: root }))
    expect(readFileSync(join(root, file), 'utf8')).toMatch(/^permissions:\n {2}contents: read\n/m);
});

test('every dependency is an exact version, and the lock file knows its hash', () => {
  const versions = Object.entries({ ...program.dependencies, ...program.devDependencies });
  for (const [, version] of versions) expect(version).toMatch(/^\d+\.\d+\.\d+(-beta\.\d+)?$/);
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string; version?: string; optional?: boolean }>;
  };
  for (const [name, version] of versions) {
    expect(lock.packages[`node_modules/${name}`]).toMatchObject({ version });
  }
  // Builds for other platforms may be missing from a registry; their entries are completed without a hash (`npm run lock`).
  const hashless = Object.entries(lock.packages).filter(
    ([path, { integrity, optional }]) => path !== '' && !optional && !/^sha512-/.test(integrity ?? ''),
  );
  expect(hashless.map(([path]) => path)).toEqual([]);
});

test('the bill of materials names every production dependency with its version and hash, and no other of ours; the workflow keeps it', () => {
  expect(readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8')).toContain('- run: npm run --silent sbom > bootmedic.cdx.json\n');
  const told = execFileSync(process.execPath, ['scripts/sbom.ts'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const { bomFormat, components } = JSON.parse(told) as {
    bomFormat: string;
    components: { name: string; version: string; hashes?: { alg: string }[] }[];
  };
  expect(bomFormat).toBe('CycloneDX');
  for (const [name, version] of Object.entries(program.dependencies)) {
    const found = components.find(each => each.name === name && each.version === version);
    expect([name, found?.hashes?.map(({ alg }) => alg)]).toEqual([name, ['SHA-512']]);
  }
  expect(components.map(({ name }) => name).filter(name => ['typescript', 'jest', 'esbuild', '@biomejs/biome'].includes(name))).toEqual([]);
});

test('what .ci/run checks on a clean machine, the workflow checks too, in that order', () => {
  const commandsOf = (file: string) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^(?:\s+- run: )?(?:\w+=\S+ )*(npm (?:start|test|run \S+)(?: -- --\S+)?)/gm)].map(
      ([, command]) => command,
    );
  const here = commandsOf('.ci/run');
  expect(here).toEqual(expect.arrayContaining(['npm start', 'npm test', 'npm run tables', 'npm run conformance -- --slice']));
  const there = commandsOf('.github/workflows/ci.yml');
  expect(there.filter(command => here.includes(command))).toEqual(here);
});
