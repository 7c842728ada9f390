/**
 * Builds what runs: one CommonJS bundle for Azure Functions (and the embedded host), and the command line, the host and the
 * simulator as ES modules whose libraries stay in node_modules.
 */
import { execFile } from 'node:child_process';
import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { scriptManifest } from '../playbooks/manifest.ts';
import { externals } from './externals.ts';
import { inlinePlaybooks, inlineScripts, manifestApart } from './inlined.ts';

const root = new URL('..', import.meta.url).pathname;
/** Where it is built before it is put in place: beside `dist`, so that relative imports and node_modules are found alike. */
const fresh = `${root}dist.${process.pid}`;
const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  sourcemap: 'linked',
  logLevel: 'warning',
};

/** Durable Functions' client makes its requests by axios, which takes a quarter of a cold start; it is loaded with the first request. */
const lateAxios: Plugin = {
  name: 'late-axios',
  setup(setup) {
    setup.onResolve({ filter: /^axios$/ }, ({ importer }) =>
      importer.includes('durable-functions') ? { path: 'axios', namespace: 'late' } : undefined,
    );
    setup.onLoad({ filter: /.*/, namespace: 'late' }, () => ({ contents: lateModule, resolveDir: root }));
  },
};
const lateModule = `
const real = () => require('axios').default;
const late = new Proxy(function () {}, {
  get: (_, key) => real()[key],
  apply: (_, self, inputs) => real()(...inputs),
});
module.exports = { __esModule: true, default: late };`;

/** What speaks OpenTelemetry is a file beside the bundle: a start does not read it. */
const telemetryApart: Plugin = {
  name: 'telemetry-apart',
  setup(setup) {
    setup.onResolve({ filter: /\/telemetrySdk\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './telemetry.cjs', external: true } : undefined,
    );
  },
};

const functions: BuildOptions = {
  ...common,
  entryPoints: ['functions/index.ts'],
  outfile: `${fresh}/functions/app.cjs`,
  format: 'cjs',
  // The host brings functions-core.
  external: ['@azure/functions-core', ...externals],
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
  plugins: [inlineScripts, inlinePlaybooks, manifestApart, lateAxios, telemetryApart],
  // Names stay readable in stack traces; the rest is a third smaller and starts faster.
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
};

const telemetry: BuildOptions = {
  ...functions,
  entryPoints: ['functions/telemetrySdk.ts'],
  outfile: `${fresh}/functions/telemetry.cjs`,
  plugins: [],
  metafile: false,
};

const programs: BuildOptions = {
  ...common,
  entryPoints: { 'cli/main': 'cli/main.ts', 'host/main': 'host/main.ts', 'simulator/main': 'simulator/main.ts' },
  outdir: fresh,
  format: 'esm',
  packages: 'external',
  splitting: true,
  plugins: [inlineScripts, inlinePlaybooks],
};

/**
 * The entry: the bundle by way of V8's cache of its compiled code, which is made here. Another V8 than the one that builds refuses the cache,
 * and compiles as ever.
 */
const entry = `'use strict';
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { constants, Script } = require('node:vm');
const filename = join(__dirname, 'app.cjs');
const read = (file, encoding) => { try { return readFileSync(file, encoding); } catch { return undefined; } };
const script = new Script(Module.wrap(readFileSync(filename, 'utf8')), {
  filename,
  cachedData: read(filename + '.cache'),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
script.runInThisContext()(exports, Module.createRequire(filename), module, filename, __dirname);
module.exports.compiled = () => script.createCachedData();
`;

/** The functions are compiled that a start runs: so it is started, and asked then. */
async function compile(): Promise<void> {
  const folder = `${fresh}/functions`;
  await writeFile(`${folder}/index.cjs`, entry);
  const start = `const { compiled } = require('./index.cjs'); require('node:fs').writeFileSync('app.cjs.cache', compiled()); process.exit(0)`;
  const env = { ...process.env, BOOTMEDIC_SETTINGS: '', BOOTMEDIC_BLOB_ENDPOINT: 'https://records.invalid', BOOTMEDIC_LOG_LEVEL: 'error' };
  await promisify(execFile)(process.execPath, ['-e', start], { cwd: folder, env });
}

const [bundle] = await Promise.all([build(functions), build(programs), build(telemetry)]);
if (bundle.metafile) await writeFile(`${fresh}/functions/meta.json`, JSON.stringify(bundle.metafile));
await writeFile(`${fresh}/functions/scripts.json`, `${JSON.stringify(scriptManifest(), null, 2)}\n`);
await compile();
await cp(`${root}simulator/scenarios`, `${fresh}/simulator/scenarios`, { recursive: true });
for (const asset of ['commands.ps1', 'tools.sh'])
  await cp(`${root}simulator/guests/powershell/${asset}`, `${fresh}/simulator/guests/powershell/${asset}`);
await cp(`${root}simulator/durations.json`, `${fresh}/simulator/durations.json`);

// Put in place whole: a program that starts meanwhile finds the old build or the new one, never half of one.
const old = `${fresh}-old`;
await rename(`${root}dist`, old).catch(() => {});
await rename(fresh, `${root}dist`);
await rm(old, { recursive: true, force: true });
