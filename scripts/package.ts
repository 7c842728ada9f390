/**
 * `npm run package`: what is deployed, as the folder package/ and as package.zip. Built from the lock file, for Linux on x64 whatever
 * machine builds it: the bundle, host.json, and the few libraries that load files of their own (OCR and the canvas).
 */
import { execFileSync } from 'node:child_process';
import { cp, glob, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { z } from 'zod';
import program from '../package.json' with { type: 'json' };
import { externals } from './externals.ts';

const root = new URL('..', import.meta.url).pathname;
const folder = join(root, 'package');
/** Also for whoever runs npm in that folder later, as azd does. */
const npmrc = 'os=linux\ncpu=x64\nlibc=glibc\nomit=dev\nignore-scripts=true\naudit=false\nfund=false\n';

/** Files that nothing reads here: other kinds of model, and the engines for browsers (in Node tesseract.js 7 takes the one without `-lstm`). */
const idle = ['@tesseract.js-data/*/4.0.0', 'tesseract.js-core/*-lstm*', 'tesseract.js-core/*.wasm.js'].map(each => `node_modules/${each}`);

const entry = z.looseObject({
  version: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
type Packages = Record<string, z.infer<typeof entry>>;
const lockFile = z.looseObject({ packages: z.record(z.string(), entry) });

/** The part of the lock file that the libraries need: same versions, same integrity. */
function closureOf(names: string[], packages: Packages): Packages {
  const found: Packages = {};
  const visit = (name: string, above: string): void => {
    const nested = `${above}/node_modules/${name}`;
    const place = above !== '' && nested in packages ? nested : `node_modules/${name}`;
    const there = packages[place];
    if (there === undefined || place in found) return;
    found[place] = there;
    for (const each of Object.keys({ ...there.dependencies, ...there.optionalDependencies })) visit(each, place);
  };
  for (const name of names) visit(name, '');
  return found;
}

async function writePackage(): Promise<void> {
  const { packages } = lockFile.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const wanted = Object.keys(program.dependencies).filter(name =>
    externals.some(each => new RegExp(`^${each.replace('*', '.*')}$`).test(name)),
  );
  const dependencies = Object.fromEntries(wanted.map(name => [name, packages[`node_modules/${name}`]?.version ?? '']));
  const { name, version, license } = program;
  const manifest = { name, version, license, private: true, main: 'functions/index.cjs', engines: program.engines, dependencies };
  const lock = { name, version, lockfileVersion: 3, requires: true, packages: { '': manifest, ...closureOf(wanted, packages) } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock, null, 2));
  await writeFile(join(folder, '.npmrc'), npmrc);
  // With a file of this name azd leaves out what it names, and not node_modules.
  await writeFile(join(folder, '.funcignore'), '.npmrc\n');
  execFileSync('npm', ['ci'], { cwd: folder, stdio: 'inherit' });
}

async function zip(): Promise<number> {
  const files: Zippable = {};
  for await (const file of glob('**/*', { cwd: folder })) {
    const path = join(folder, file);
    if (!(await stat(path)).isFile()) continue;
    // A fixed date: the same sources give the same zip, but for V8's cache of the compiled code.
    files[file] = [await readFile(path), { mtime: '2020-01-01T00:00:00' }];
  }
  const packed = zipSync(files, { level: 6 });
  await writeFile(`${folder}.zip`, packed);
  return packed.length;
}

await rm(folder, { recursive: true, force: true });
await mkdir(join(folder, 'functions'), { recursive: true });
for (const file of ['host.json', 'LICENSE']) await cp(join(root, file), join(folder, file));
for (const file of ['index.cjs', 'app.cjs', 'app.cjs.map', 'app.cjs.cache', 'telemetry.cjs', 'scripts.json'])
  await cp(join(root, 'dist/functions', file), join(folder, 'functions', file));
await writePackage();
for (const pattern of idle) for await (const path of glob(pattern, { cwd: folder })) await rm(join(folder, path), { recursive: true });
const bytes = await zip();
console.log(`package.zip: ${(bytes / 1024 / 1024).toFixed(1)} MiB`);
