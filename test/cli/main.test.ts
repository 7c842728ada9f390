/** The command as a process: its arguments, its exit codes, the Node it needs; and the demo's own facts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { demoAlert, demoSettings, demoVms } from '../../cli/demoEstate.ts';
import { bundledNode, isTooOld, packageRoot } from '../../cli/node24.ts';
import { loadSettings, policyFor } from '../../functions/settings.ts';
import { alertBody } from '../../functions/triggers/alertSchema.ts';
import { startBody } from '../../functions/triggers/schemas.ts';
import { sampleItem, vmId } from './samples.ts';

const root = packageRoot(import.meta.url);
const data = mkdtempSync(join(tmpdir(), 'bootmedic-main-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

function bootmedic(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'cli/main.ts'), ...args], { encoding: 'utf8', cwd: data });
  return { status, stdout, stderr };
}

describe('wrong use ends with 2, one line that says what and one that says what to do', () => {
  test.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['repair'], "missing required argument 'vm'"],
    [['repair', 'web-en-02'], 'virtualMachines/<name>'],
    [['repair', vmId('web'), '--mode', 'yolo'], 'Allowed choices are observe, review, auto'],
    [['status', 'r-UPPER'], 'r- and twelve characters'],
    [['report', sampleItem('web').id, '--format', 'pdf'], 'Allowed choices are html, md, json'],
    [['demo', '--time-scale', '0'], 'a number above 0'],
    [['host', '--port', '70000'], 'a whole number from 0 to 65535'],
    [['status', '--app', 'ftp://x'], 'starts with https://'],
    [['status', '--unknown'], "unknown option '--unknown'"],
  ])('%j', (args, what) => {
    const { status, stdout, stderr } = bootmedic(...args);
    expect([status, stdout]).toEqual([2, '']);
    const lines = stderr.split('\n');
    expect(lines[0]).toMatch(/^bootmedic: /);
    expect(lines[0]).toContain(what);
    expect(lines.slice(1)).toEqual([expect.stringMatching(/^ {2}remedy: ./), '']);
  });

  test('for machines: as JSON', () => {
    const { status, stderr } = bootmedic('report', 'x', '--json');
    expect([status, JSON.parse(stderr).error.exitCode]).toEqual([2, 2]);
  });

  test('without a verb: the help', () => {
    const { status, stderr } = bootmedic();
    expect([status, stderr.includes('Exit codes: 0 done')]).toEqual([2, true]);
  });
});

test('the help has examples, and tells of no option that it is null', () => {
  expect(bootmedic('--help').stdout).toMatch(/Examples:\n {2}bootmedic demo /);
  for (const verb of ['repair', 'plan', 'fleet', 'report', 'bundle', 'approve']) {
    const { stdout } = bootmedic(verb, '--help');
    expect([verb, /default: null/.test(stdout), stdout.includes('Usage: bootmedic')]).toEqual([verb, false, true]);
  }
  expect(bootmedic('repair', '--help').stdout).toContain('(choices: "observe",');
});

test('a file that is not there is told so, in words', () => {
  for (const args of [
    ['diagnose', '--serial-log', 'no.log'],
    ['repair', vmId('x'), '--script', 'no.ps1', '--app', 'http://127.0.0.1:1'],
  ]) {
    const { status, stderr } = bootmedic(...args);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/no\.\w+: cannot be read: there is no such file or folder\n {2}remedy: ./)]);
    expect(stderr).not.toContain('ENOENT');
  }
});

test('help and version end with 0', () => {
  const { status, stdout } = bootmedic('--help');
  expect(status).toBe(0);
  for (const verb of ['demo', 'host', 'simulator', 'repair', 'status', 'report', 'cancel', 'approve', 'reject', 'Exit codes'])
    expect(stdout).toContain(verb);
  expect(bootmedic('--version')).toMatchObject({
    status: 0,
    stdout: `${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`,
  });
});

test('an app that is not there ends with 3', () => {
  expect(bootmedic('status', '--app', 'http://127.0.0.1:1')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('cannot reach http://127.0.0.1:1'),
  });
});

describe('an older Node', () => {
  test('is told from one that will do', () => {
    expect(['18.0.0', '20.20.2', '23.11.0', '24.0.0', '26.1.0'].map(isTooOld)).toEqual([true, true, true, false, false]);
  });

  test('finds the one that came with the package', () => {
    expect(bundledNode(root)).toMatch(/node_modules\/node\/bin\/node$/);
    expect(bundledNode(data)).toBeNull();
  });
});

describe('the demo', () => {
  test('names the VMs that its scenario holds, every one', () => {
    const scenario = JSON.parse(readFileSync(join(root, 'simulator/scenarios/demo.json'), 'utf8')) as {
      subscriptions: { id: string }[];
      virtualMachines: { name: string; resourceGroup: string }[];
    };
    const ids = scenario.virtualMachines.map(
      vm =>
        `/subscriptions/${scenario.subscriptions[0]?.id}/resourceGroups/${vm.resourceGroup}/providers/Microsoft.Compute/virtualMachines/${vm.name}`,
    );
    expect(demoVms.map(vm => vm.id).toSorted()).toEqual(ids.toSorted());
    expect(new Set(demoVms.filter(vm => vm.by === 'alert').map(vm => vm.id.split('/')[4])).size).toBe(2);
  });

  test('its settings let these VMs be repaired, with the dump’s upload, and no others', () => {
    const settings = loadSettings({ BOOTMEDIC_BLOB_ENDPOINT: 'https://127.0.0.1:1/x', BOOTMEDIC_SETTINGS: JSON.stringify(demoSettings) });
    const policy = (id: string) =>
      policyFor(settings, { vmId: id, tags: {}, requestedMode: null, requestedConsents: [], requestedRestart: true });
    for (const vm of demoVms) expect(policy(vm.id)).toEqual({ mode: 'auto', consents: ['upload-dump'], restartFirst: true });
    expect(policy(vmId('x').replace('6a1d', '0000')).mode).toBe('observe');
  });

  test('its alert and its call pass the API’s schemas', () => {
    expect(alertBody.parse(demoAlert(new Date())).data.essentials.alertTargetIDs).toHaveLength(4);
    for (const vm of demoVms) expect(startBody.parse({ vmId: vm.id }).vmId).toBe(vm.id);
  });
});

describe('completion', () => {
  test('a script for the shell', () => expect(bootmedic('completion', 'zsh').stdout).toContain('#compdef bootmedic'));
  test('the verbs that begin so', () => expect(bootmedic('complete', '--', 'bun').stdout).toMatch(/^bundle\teverything of a repair/));
});
