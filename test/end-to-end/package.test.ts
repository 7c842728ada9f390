/** What is deployed: the zip, unpacked into an empty folder and started there, reads a screenshot with nothing but its own libraries. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { startOtlp } from './collectors.ts';
import { ended, post, startWorld, type World } from './world.ts';

const root = new URL('../..', import.meta.url).pathname;
const zip = join(root, 'package.zip');
const built = readFileSync(join(root, 'dist/functions/app.cjs'));
const files = existsSync(zip) ? unzipSync(readFileSync(zip)) : {};
const fresh = Buffer.compare(files['functions/app.cjs'] ?? Buffer.of(), built) === 0;
if (!fresh) console.warn('SKIPPED: package.zip is absent or older than the sources; npm run package makes it');

(fresh ? describe : describe.skip)('the deployed zip', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-package-'));
  let world: World | undefined;
  afterAll(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('holds the app and its libraries, and nothing of the development', () => {
    const top = [...new Set(Object.keys(files).map(path => path.split('/')[0]))].sort();
    expect(top).toEqual(['LICENSE', 'functions', 'host.json', 'node_modules', 'package-lock.json', 'package.json'].sort());
    const libraries = Object.keys(files).flatMap(path => /^node_modules\/((@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
    for (const none of ['jest', 'azurite', 'typescript', 'esbuild', 'listr2']) expect(libraries).not.toContain(none);
    expect(existsSync(zip) && readFileSync(zip).length / 1024 / 1024).toBeLessThan(60);
  });

  test('starts on the embedded host and diagnoses a VM by its screen', async () => {
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    const collector = await startOtlp();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
    world = await startWorld({ app: folder, settings: { defaults: { mode: 'observe' } }, env });
    const { vms } = (await (await fetch(`${world.azure.adminUrl}/state`)).json()) as { vms: { id: string }[] };
    const dutch = vms.find(vm => vm.id.endsWith('/app-nl-01'))?.id;
    const started = await post(`${world.url}/api/repairs`, { vmId: dutch });
    const view = await ended(world, String(started.body.id));
    if (view.outcome !== 'observed') throw new Error(JSON.stringify(view, null, 1) + world.output());
    expect(JSON.stringify(view)).toMatch(/0xC000021A/i);
    for (let n = 0; collector.spans().every(({ name }) => name !== 'repair') && n < 100; n++)
      await new Promise(resolve => setTimeout(resolve, 100));
    expect(collector.spans().map(({ name }) => name)).toEqual(expect.arrayContaining(['repair', 'diagnoseVm']));
    collector.close();
  }, 600_000);
});
