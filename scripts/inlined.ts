/** What the sources read from their folders when they start, and a bundle has in it: pinned when it is built. */
import type { Plugin } from 'esbuild';

/** The PowerShell files' texts, by the module that reads them. */
export const inlineScripts: Plugin = {
  name: 'inline-scripts',
  setup(setup) {
    setup.onLoad({ filter: /playbooks[/\\]scriptTexts\.ts$/ }, async ({ path }) => {
      const { scriptTexts } = (await import(path)) as { scriptTexts: Record<string, string> };
      return { contents: `export const scriptTexts = ${JSON.stringify(scriptTexts)};`, loader: 'ts' };
    });
  },
};

/** The failure modes, by static imports of what the module finds in its folder. */
export const inlinePlaybooks: Plugin = {
  name: 'inline-playbooks',
  setup(setup) {
    setup.onLoad({ filter: /playbooks[/\\]collected\.ts$/ }, async ({ path }) => {
      const { modes } = (await import(path)) as { modes: string[] };
      const imports = modes.map(
        (mode, n) =>
          `import { playbook as p${n} } from './${mode}/playbook.ts';\nimport { signature as s${n} } from './${mode}/signature.ts';\n`,
      );
      const entries = modes.map((_, n) => `{ playbook: p${n}, signature: s${n} }`);
      return { contents: `${imports.join('')}export const collected = [${entries.join(', ')}];`, loader: 'ts' };
    });
  },
};

/** What the deployment package's own scripts must be: beside the bundle, so that a bundle that was changed since says so. */
export const manifestApart: Plugin = {
  name: 'manifest-apart',
  setup(setup) {
    setup.onLoad({ filter: /playbooks[/\\]manifest\.ts$/ }, () => ({
      contents: `import { readFileSync } from 'node:fs';
let read;
export const scriptManifest = () => (read ??= JSON.parse(readFileSync(new URL('scripts.json', import.meta.url), 'utf8')));`,
      loader: 'ts',
    }));
  },
};
