/** The manifest of the scripts: what the build writes beside the bundle, and what the bundle reads there. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { scriptManifest } from '../../playbooks/manifest.ts';
import { scriptIds, scriptText } from '../../playbooks/scripts.ts';
import { manifestApart } from '../../scripts/inlined.ts';

const root = new URL('../../', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'bootmedic-manifest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the build writes the hash of every script as it is sent, and the package takes that file along', () => {
  const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
  const sent = Object.fromEntries(scriptIds.map(id => [id, hash(scriptText(id).text)]));
  expect(JSON.parse(readFileSync(new URL('dist/functions/scripts.json', root), 'utf8'))).toEqual(sent);
  expect(scriptManifest()).toEqual(sent);
  expect(readFileSync(new URL('scripts/package.ts', root), 'utf8')).toContain("'scripts.json'");
});

test('a bundle reads the file that lies beside it, and nothing that was put into it', async () => {
  const outfile = join(folder, 'bundle.cjs');
  await build({
    ...{ entryPoints: [new URL('playbooks/manifest.ts', root).pathname], outfile, bundle: true, platform: 'node', format: 'cjs' },
    ...{ plugins: [manifestApart], define: { 'import.meta.url': 'bundleUrl' } },
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
  });
  writeFileSync(join(folder, 'scripts.json'), JSON.stringify({ probe: 'of the file' }));
  expect(createRequire(import.meta.url)(outfile).scriptManifest()).toEqual({ probe: 'of the file' });
  expect(readFileSync(outfile, 'utf8')).not.toContain(scriptText('probe').sha256);
});
