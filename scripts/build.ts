/**
 * Builds what runs: one CommonJS bundle for Azure Functions (and the embedded host), and the command line, the host and the
 * simulator as ES modules whose libraries stay in node_modules.
 */
import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { externals } from './externals.ts';

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

/** The one module that reads the PowerShell files is replaced by their text: what ships is pinned at build time. */
const inlineScripts: Plugin = {
  name: 'inline-scripts',
  setup(setup) {
    setup.onLoad({ filter: /playbooks[/\\]scriptTexts\.ts$/ }, async ({ path }) => {
      const { scriptTexts } = (await import(path)) as { scriptTexts: Record<string, string> };
      return { contents: `export const scriptTexts = ${JSON.stringify(scriptTexts)};`, loader: 'ts' };
    });
  },
};

const functions: BuildOptions = {
  ...common,
  entryPoints: ['functions/index.ts'],
  outfile: `${fresh}/functions/index.cjs`,
  format: 'cjs',
  // The host brings functions-core.
  external: ['@azure/functions-core', ...externals],
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
  plugins: [inlineScripts],
  // Names stay readable in stack traces; the rest is a third smaller and starts faster.
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
};

const programs: BuildOptions = {
  ...common,
  entryPoints: { 'cli/main': 'cli/main.ts', 'host/main': 'host/main.ts', 'simulator/main': 'simulator/main.ts' },
  outdir: fresh,
  format: 'esm',
  packages: 'external',
  splitting: true,
  plugins: [inlineScripts],
};

const [bundle] = await Promise.all([build(functions), build(programs)]);
if (bundle.metafile) await writeFile(`${fresh}/functions/meta.json`, JSON.stringify(bundle.metafile));
await cp(`${root}simulator/scenarios`, `${fresh}/simulator/scenarios`, { recursive: true });
await cp(`${root}simulator/durations.json`, `${fresh}/simulator/durations.json`);

// Put in place whole: a program that starts meanwhile finds the old build or the new one, never half of one.
const old = `${fresh}-old`;
await rename(`${root}dist`, old).catch(() => {});
await rename(fresh, `${root}dist`);
await rm(old, { recursive: true, force: true });
