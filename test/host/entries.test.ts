/** The entry as Azure gets it: a CommonJS bundle in a package of ES modules; and an ES module as it is. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { cleanUp, HostProcess, makeApp } from './hostProcess.ts';

afterAll(cleanUp);

const BODY = `
df.app.activity('say', { handler: name => 'Hello ' + name });
df.app.orchestration('greet', function* (ctx) { return yield ctx.df.callActivity('say', ctx.df.getInput()); });
app.http('ping', { handler: () => ({ body: 'pong' }) });
`;

async function expectItToRun(folder: string): Promise<void> {
  const host = await HostProcess.start(folder);
  expect((await host.get('/api/ping')).text).toBe('pong');
  await host.startInstance('greet', 'g', 'bundle');
  expect((await host.ended('g')).output).toBe('Hello bundle');
  expect(await host.stop()).toBe(0);
}

test('a bundle runs without node_modules', async () => {
  const folder = await makeApp(`const df = require('durable-functions'); const { app } = require('@azure/functions'); ${BODY}`);
  const outfile = join(folder, 'dist', 'functions', 'index.cjs');
  const entryPoints = [join(folder, 'index.cjs')];
  buildSync({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@azure/functions-core'],
    logLevel: 'error',
  });
  await rm(join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'dist/functions/index.cjs' }));
  await expectItToRun(folder);
});

test('an ES module runs', async () => {
  const folder = await makeApp('');
  await writeFile(join(folder, 'index.js'), `import * as df from 'durable-functions'; import { app } from '@azure/functions'; ${BODY}`);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'index.js' }));
  await expectItToRun(folder);
});
