/** The playbooks beyond the demo's two, through the whole house: what the console shows is read, the right folder answers it, and the VM boots. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseDumpHeader } from '../../diagnosis/index.ts';
import { ask, ended, post, type RepairView, startWorld, type World } from './world.ts';

const estate: [name: string, playbook: string, outcome: string, damage: object[]][] = [
  ['bcd-01', 'boot-configuration', 'repaired', [{ kind: 'bcd-element', element: 'device' }]],
  ['ntfs-02', 'file-system', 'repaired', [{ kind: 'file-system-errors', repairable: true }]],
  ['driver-03', 'bad-driver', 'repaired', [{ kind: 'bad-driver', name: 'vendor.sys' }]],
  ['hive-04', 'registry-hive', 'repaired', [{ kind: 'unreplayed-hive', hive: 'SYSTEM' }]],
  ['lost-05', 'file-system', 'rolled-back', [{ kind: 'file-system-errors', repairable: false }]],
  // It shows its logo for ever, also after its restart.
  ['hung-06', 'hang', 'rolled-back', [{ kind: 'bad-driver', name: 'vendor.sys', hangs: true }]],
  // Its stop is repaired; what then starts never ends starting.
  [
    ...(['hangs-07', 'stop-0xef', 'rolled-back'] as const),
    [
      { kind: 'corrupt-file', path: '\\Windows\\System32\\services.exe', repairable: true },
      { kind: 'bad-driver', name: 'vendor.sys', hangs: true },
    ],
  ],
];
const image = { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2019-datacenter-gensecond', version: 'latest' };
const windows = { build: 17763, language: 'en-US', generation: 'V2', autoReboot: false };
const scenario = {
  subscriptions: [{ id: '6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601', displayName: 'Playbooks' }],
  resourceGroups: [{ name: 'rg', location: 'westeurope', tags: {} }],
  virtualMachines: estate.map(([name, , , damage]) => ({
    ...{ name, resourceGroup: 'rg', location: 'westeurope', size: 'Standard_D2s_v5', generation: 'V2', image, tags: {} },
    ...{ runningForMinutes: 40, lastAgentReadyMinutesAgo: 90 },
    osDisk: { name: `${name}-os`, sku: 'Premium_LRS', sizeGb: 127, contents: { windows, damage } },
  })),
};

const folder = mkdtempSync(join(tmpdir(), 'bootmedic-scenario-'));
let world: World;
let views: RepairView[];
interface Told {
  story: {
    plan: { playbook: { id: string } } | null;
    headline: string;
    nextSteps: string[];
    interrupt: object | null;
    restart: object | null;
    diagnosis: { evidence: { kind: string }[] };
    dump: object;
    attempts: {
      attempt: string;
      boot: { summary: string } | null;
      scripts: { result: { findings: { id: string; evidence: string }[] } }[];
    }[];
  };
}
let reports: Told[];

beforeAll(async () => {
  const path = join(folder, 'scenario.json');
  writeFileSync(path, JSON.stringify(scenario));
  const consents = ['upload-dump', 'switch-driver-off', 'act-on-uncertain-finding', 'send-nmi'];
  const limits = { scopePercent: 100, repairsAtOnce: estate.length, hangSeconds: 300, burstVms: 1000 };
  world = await startWorld({ scenario: path, settings: { defaults: { mode: 'auto', consents, limits } } });
  const state = (await (await ask(`${world.azure.adminUrl}/state`)).json()) as { vms: { id: string }[] };
  const ids = estate.map(([name]) => state.vms.find(({ id }) => id.endsWith(`/${name}`))?.id);
  const started = await Promise.all(ids.map(vmId => post(`${world.url}/api/repairs`, { vmId, restartFirst: !vmId?.endsWith('hangs-07') })));
  views = await Promise.all(started.map(({ body }) => ended(world, String(body.id))));
  reports = await Promise.all(
    views.map(async ({ id }) => (await (await ask(`${world.url}/api/repairs/${id}/report.json`)).json()) as Told),
  );
}, 900_000);
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each(estate.map(([name, playbook, outcome], index) => [name, playbook, outcome, index] as const))(
  '%s: %s, %s',
  (_, playbook, outcome, index) => {
    expect([reports[index]?.story.plan?.playbook.id, views[index]?.outcome, reports[index]?.story.headline]).toEqual([
      playbook,
      outcome,
      expect.any(String),
    ]);
  },
);

test('a VM that only hangs is found by two looks, restarted once, and asked for its dump by an interrupt', () => {
  const { story } = reports[estate.findIndex(([name]) => name === 'hung-06')]!;
  expect(story).toMatchObject({
    diagnosis: { sight: 'loading', findings: [{ id: 'seen-hang', confidence: 'likely' }] },
    restart: { verdict: 'failed' },
    interrupt: { sent: 'yes' },
    dump: { state: 'uploaded' },
  });
  expect(story.diagnosis.evidence.filter(({ kind }) => kind === 'instance-view').length).toBeGreaterThan(1);
});

test('a VM that hangs on its repaired disk is stopped by an interrupt; the dump of that moment is collected, and named where a person looks', async () => {
  const { story } = reports[estate.findIndex(([name]) => name === 'hangs-07')]!;
  expect(story).toMatchObject({
    interrupt: { sent: 'yes', evidence: [{ kind: 'serial-log' }] },
    dump: { state: 'uploaded' },
    nextSteps: expect.arrayContaining([expect.stringContaining('of the moment of the interrupt')]),
  });
  const boots = story.attempts.flatMap(({ attempt, boot }) => (boot ? [`${attempt}: ${boot.summary}`] : []));
  expect(boots).toEqual([
    expect.stringMatching(/^offline-sfc: it hangs/),
    expect.stringMatching(/^write-dump: it hung, and was stopped by a non-maskable interrupt: this boot failed: 0x80/),
  ]);
  const findings = story.attempts.flatMap(({ scripts }) => scripts.flatMap(({ result }) => result.findings));
  const header = findings.findLast(({ id }) => id === 'dump-header')?.evidence ?? '';
  expect(parseDumpHeader(header)).toMatchObject({ bugCheck: '0x00000080' });
  const page = await (await ask(`${world.url}/api/repairs/${views.at(-1)?.id}/report.html`)).text();
  expect(page).toContain('The dump is of that moment');
});
