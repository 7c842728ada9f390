/** What the host refuses: at load, and by a failed orchestration where Azure would do it or hang. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cleanUp, HostProcess, makeApp, startRefused } from './hostProcess.ts';

afterAll(cleanUp);
const V2 = { version: '2.0' };

describe('at load', () => {
  const http = (options: string) => `const { app } = require('@azure/functions'); app.http('f', { handler: () => ({}), ${options} });`;
  const cases: [string, string, unknown, string[]][] = [
    [
      'a queue trigger',
      `const { app } = require('@azure/functions'); app.storageQueue('q', { queueName: 'x', connection: 'c', handler: () => {} });`,
      V2,
      ["'q'", "'queueTrigger'"],
    ],
    [
      'an extra output',
      `const { app, output } = require('@azure/functions'); app.http('f', { handler: () => ({}), extraOutputs: [output.storageBlob({ path: 'x', connection: 'c' })] });`,
      V2,
      ["'f'", "'blob' (out)"],
    ],
    [
      'retry options',
      `const { app } = require('@azure/functions'); app.timer('t', { schedule: '0 0 * * * *', retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: 1000 }, handler: () => {} });`,
      V2,
      ["'t'", 'retry options'],
    ],
    [
      'http streams',
      `const { app } = require('@azure/functions'); app.setup({ enableHttpStream: true }); app.http('f', { handler: () => ({}) });`,
      V2,
      ['enableHttpStream'],
    ],
    ['an unknown route constraint', http(`route: 'x/{id:nonsense}'`), V2, ["'f'", 'nonsense']],
    [
      'a schedule that is none',
      `const { app } = require('@azure/functions'); app.timer('t', { schedule: '00:05:00', handler: () => {} });`,
      V2,
      ["'t'", '00:05:00'],
    ],
    ['an entry that throws', `throw new Error('broken entry');`, V2, ['index.cjs', 'broken entry']],
    ['host.json of another version', http(''), { version: '1.0' }, ['host.json', 'version']],
    [
      'host.json with a wrong number',
      http(''),
      { ...V2, extensions: { durableTask: { maxConcurrentActivityFunctions: 0 } } },
      ['extensions.durableTask.maxConcurrentActivityFunctions'],
    ],
  ];
  let outcomes: Map<string, Awaited<ReturnType<typeof startRefused>>>;
  beforeAll(async () => {
    outcomes = new Map(
      await Promise.all(
        cases.map(async ([name, source, hostJson]) => [name, await startRefused(await makeApp(source, hostJson))] as const),
      ),
    );
  });

  test.each(cases)('%s', (name, _source, _hostJson, words) => {
    const { code, stderr = '' } = outcomes.get(name) ?? {};
    expect(code).toBe(1);
    for (const word of words) expect(stderr).toContain(word);
    // One sentence for the person who reads it, not a stack.
    expect(
      stderr
        .trim()
        .split('\n')
        .filter(line => !line.startsWith('{')),
    ).toHaveLength(1);
  });

  test('an entry that is not there', async () => {
    const folder = await makeApp('');
    await rm(join(folder, 'index.cjs'));
    expect(await startRefused(folder)).toMatchObject({ code: 1, stderr: expect.stringContaining('does not exist') });
  });

  test('settings without effect are named, and do no harm', async () => {
    const durableTask = { storageProvider: { maxQueuePollingInterval: '00:00:01' }, nonsense: 1 };
    const host = await HostProcess.start(await makeApp(http(''), { ...V2, functionTimeout: '00:10:00', extensions: { durableTask } }));
    expect(host.logs.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        'host.json: functionTimeout has no effect on the embedded host',
        'host.json: extensions.durableTask.storageProvider has no effect on the embedded host',
        'host.json: extensions.durableTask.nonsense is not a known setting',
      ]),
    );
    await host.stop();
  });
});

describe('the data folder', () => {
  const source = `require('@azure/functions').app.http('f', { handler: () => ({ body: 'here' }) });`;

  test('belongs to one host at a time; a killed one gives it back', async () => {
    const app = await makeApp(source);
    const first = await HostProcess.start(app);
    const pid = (await readFile(join(app, 'data', 'host.pid'), 'utf8')).trim();
    expect(await startRefused(app)).toMatchObject({ code: 1, stderr: expect.stringContaining(`in use by another host (process ${pid})`) });
    expect((await first.get('/api/f')).text).toBe('here');
    await first.kill();
    const second = await HostProcess.start(app);
    expect((await second.get('/api/f')).text).toBe('here');
    expect(await second.stop()).toBe(0);
  });

  test('that is none of ours is refused', async () => {
    const app = await makeApp(source);
    await writeFile(join(app, 'data'), 'a file');
    expect(await startRefused(app)).toMatchObject({ code: 1 });
  });
});

describe('in an orchestration', () => {
  const APP = `
const df = require('durable-functions');
const entity = new df.EntityId('nowhere', 'k');
df.app.activity('known', { handler: x => x });
const refused = {
  missingActivity: function* (ctx) { try { yield ctx.df.callActivity('gone', 1); } catch { return 'caught'; } },
  missingInAll: function* (ctx) { yield ctx.df.Task.all([ctx.df.callActivity('known', 1), ctx.df.callActivity('gone', 1)]); },
  missingEntity: function* (ctx) { yield ctx.df.callEntity(entity, 'op', 1); },
  signalMissing: function* (ctx) { ctx.df.signalEntity(entity, 'op', 1); return 1; },
  retry: function* (ctx) { yield ctx.df.callActivityWithRetry('known', new df.RetryOptions(1000, 2), 1); },
  child: function* (ctx) { yield ctx.df.callSubOrchestrator('child', 1); },
  http: function* (ctx) { yield ctx.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:1/' }); },
  lock: function* (ctx) { yield ctx.df.lock([entity]); },
  throwsUndefined: function* (ctx) { throw undefined; },
  later: function* (ctx) { yield ctx.df.callActivity('known', 1); yield ctx.df.callSubOrchestrator('child', 1); },
};
for (const [name, code] of Object.entries(refused)) df.app.orchestration(name, code);
`;
  let host: HostProcess;
  beforeAll(async () => {
    host = await HostProcess.start(await makeApp(APP));
  });

  test.each([
    [
      'missingActivity',
      "The function 'gone' doesn't exist, is disabled, or is not an activity function. Additional info: The following are the known activity functions: 'known'.",
    ],
    ['missingInAll', "The function 'gone' doesn't exist"],
    ['missingEntity', "The function 'nowhere' doesn't exist, is disabled, or is not an entity function."],
    ['signalMissing', "The function 'nowhere' doesn't exist"],
    ['retry', 'the action callActivityWithRetry is not supported by the embedded host'],
    ['child', 'the action callSubOrchestrator is not supported'],
    ['http', 'the action callHttp is not supported'],
    ['lock', 'the action lock (LockEntities) is not supported'],
    ['throwsUndefined', 'on Azure it would hang'],
    ['later', 'the action callSubOrchestrator is not supported'],
    [
      'nobody',
      "The function 'nobody' doesn't exist, is disabled, or is not an orchestrator function. Additional info: The following are the known orchestrator functions: 'missingActivity', ",
    ],
  ])('%s', async (name, complaint) => {
    expect((await host.startInstance(name, name)).status).toBe(202);
    const { runtimeStatus, output } = await host.ended(name);
    expect({ runtimeStatus, output }).toEqual({
      runtimeStatus: 'Failed',
      output: expect.stringContaining(`Orchestrator function '${name}' failed: `),
    });
    expect(output).toContain(complaint);
    expect(host.logs).toContainEqual(expect.objectContaining({ level: 'error', instanceId: name, msg: 'orchestration failed' }));
  });
});
