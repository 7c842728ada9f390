import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { startSimulator } from '../../simulator/index.ts';
import { estate, LOCATION, until } from './support/estate.ts';
import { doubleGuests, toy } from './support/guests.ts';

const MAIN = new URL('../../simulator/main.ts', import.meta.url).pathname;
const DEMO = new URL('../../simulator/scenarios/demo.json', import.meta.url).pathname;

function run(args: string[], options: { stdio?: 'ipc' } = {}): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', options.stdio ?? 'ignore'],
  });
}

async function outputOf(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', chunk => {
    out += chunk;
  });
  child.stderr?.on('data', chunk => {
    err += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
/** Processes whose parent is this one (Linux). */
async function childrenOf(pid: number): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean).map(Number);
}

describe('the program', () => {
  test('says in one line where it is, serves the demo’s estate, and goes with its Azurite on SIGTERM', async () => {
    const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-program-'));
    const child = run(['--scenario', DEMO, '--time-scale', '20', '--run-dir', runDir]);
    const ended = outputOf(child);
    const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const info = JSON.parse(line.toString());
    expect(Object.keys(info)).toEqual([
      'armEndpoint',
      'blobEndpoint',
      'identityEndpoint',
      'identityHeader',
      'caPath',
      'adminUrl',
      'timeScale',
    ]);
    expect([info.timeScale, info.caPath]).toEqual([20, join(runDir, 'ca.pem')]);
    expect((await stat(join(runDir, 'server.key'))).mode & 0o077).toBe(0);
    const state = (await (await fetch(`${info.adminUrl}/state`)).json()) as {
      vms: { id: string; power: string; screen: { kind: string } }[];
    };
    expect(state.vms.map(vm => [vm.id.split('/').at(-1), vm.power, vm.screen.kind])).toEqual([
      ['app-nl-01', 'running', 'stop'],
      ['web-en-02', 'running', 'stop'],
      ['db-ok-03', 'running', 'sign-in'],
      ['old-bad-04', 'running', 'stop'],
      ['crm-en-05', 'running', 'stop'],
    ]);
    const [azurite] = await childrenOf(child.pid ?? 0);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, err: '' });
    expect(alive(azurite ?? 0)).toBe(false);
  });

  test.each(['SIGKILL', 'disconnect'] as const)('leaves no Azurite behind after %s', async way => {
    const child = run(['--scenario', DEMO], { stdio: 'ipc' });
    await once(child.stdout ?? child, 'data');
    const [azurite] = await childrenOf(child.pid ?? 0);
    expect(azurite).toBeGreaterThan(0);
    if (way === 'SIGKILL') child.kill('SIGKILL');
    else child.disconnect();
    await once(child, 'exit');
    await until(async () => !alive(azurite ?? 0));
  });

  test('lists its rules and durations with their tags', async () => {
    const { code, out } = await outputOf(run(['--rules']));
    const { rules, durations } = JSON.parse(out);
    expect(code).toBe(0);
    expect(rules).toContainEqual(expect.objectContaining({ id: 'disk-attached-elsewhere', tag: 'documented' }));
    expect(durations['vm.powerOff']).toMatchObject({ p10: 4.8, p50: 8.1, p90: 19, tag: 'recorded' });
  });

  test('what cannot be used is refused in a sentence', async () => {
    const cases: [string[], string][] = [
      [[], '--scenario is missing'],
      [['--scenario', '/none.json'], '--scenario /none.json'],
      [['--scenario', DEMO, '--time-scale', 'fast'], "--time-scale: 'fast'"],
      [['--scenario', DEMO, '--port', '70000'], "--port: '70000'"],
      [['--scenario', DEMO, '--flip', 'swap-managed-only'], "the rule 'swap-managed-only' is documented"],
      [['--colour', 'red'], '--colour'],
      [
        ['--scenario', DEMO, '--powershell', '/nowhere/pwsh'],
        "--powershell: nothing that runs is at '/nowhere/pwsh': give the path of PowerShell 7",
      ],
      [['--scenario', DEMO, '--powershell', '/bin/true'], "--powershell: '/bin/true' does not call itself PowerShell 7"],
    ];
    const ends = await Promise.all(cases.map(async ([args, message]) => ({ message, ...(await outputOf(run(args))) })));
    for (const { message, code, err } of ends)
      expect([message, code, err.includes(message), err.includes('    at ')]).toEqual([message, 2, true, false]);
  });

  test('a scenario file with a mistake is refused with the field', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'bootmedic-program-')), 'scenario.json');
    const scenario = JSON.parse(await readFile(DEMO, 'utf8'));
    scenario.virtualMachines[1].osDisk.contents.windows.build = 95;
    await writeFile(file, JSON.stringify(scenario));
    const { code, err } = await outputOf(run(['--scenario', file]));
    expect(code).toBe(2);
    expect(err).toContain('virtualMachines[1].osDisk.contents');
    expect(err).toContain('build');
  });
});

describe('a scenario', () => {
  const machine = (more: object = {}) => ({
    name: 'a',
    resourceGroup: 'rg-shop',
    location: LOCATION,
    size: 'Standard_D2s_v5',
    generation: 'V2',
    osDisk: { name: 'a-os', sizeGb: 127, contents: toy('a') },
    ...more,
  });
  test.each([
    ['subscriptions', { subscriptions: [] }],
    ['virtualMachines[0].size', { virtualMachines: [machine({ size: 'Standard_Huge' })] }],
    ['virtualMachines[0].location', { virtualMachines: [machine({ location: 'mars' })] }],
    ['virtualMachines[0].resourceGroup', { virtualMachines: [machine({ resourceGroup: 'rg-none' })] }],
    ['virtualMachines[1].osDisk.name', { virtualMachines: [machine(), machine({ name: 'b' })] }],
    ['virtualMachines[0].osDisk.contents', { virtualMachines: [machine({ osDisk: { name: 'a-os', sizeGb: 127, contents: { no: 1 } } })] }],
    ['locks[0].level', { locks: [{ name: 'l', scope: '/x', level: 'Maybe' }] }],
    ['colour', { colour: 'red' }],
  ])('with a wrong %s is refused by that name', async (field, change) => {
    const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-scenario-'));
    const start = startSimulator({ scenario: estate(change), guests: doubleGuests, runDir });
    await expect(start).rejects.toMatchObject({ name: 'ScenarioError', message: expect.stringContaining(field) });
  });
});

test('the authority is good for the leaf, and nobody else is trusted', async () => {
  const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-ca-'));
  const simulator = await startSimulator({ scenario: estate(), guests: doubleGuests, runDir });
  const port = Number(new URL(simulator.armEndpoint).port);
  const attempt = (host: string, ca: string[]) =>
    new Promise<string>(resolve => {
      const sent = request({ host, port, path: '/', ca, agent: false }, response => {
        response.resume();
        resolve(String(response.statusCode));
      });
      sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      sent.end();
    });
  const ca = await readFile(simulator.caPath, 'utf8');
  expect(await attempt('127.0.0.1', [ca])).toBe('401');
  expect(await attempt('localhost', [ca])).toBe('401');
  expect(await attempt('127.0.0.1', [])).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
  await simulator.close();
});
