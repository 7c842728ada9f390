/**
 * The whole house with guests that run what they are sent by a real PowerShell: the demo's two repairs with the scripts themselves, held against
 * the same repairs by their twins; and a script of an operator's own, from the request to the VM that boots by it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DiskContents } from '../../simulator/guests/disk.ts';
import { pwsh } from '../playbooks/standins/bench.ts';
import { comparable } from '../playbooks/standins/compare.ts';
import { left } from '../playbooks/standins/model.ts';
import { ask, autoSettings, ended, post, type RepairView, startWorld, type World } from './world.ts';

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined)
  console.warn('SKIPPED: no pwsh on this machine: no repair is made with the scripts themselves, nor with an operator’s');

/** Whom a person calls on for what no playbook knows: it takes a vendor's file away by its own rule. */
const operators = `# writes: \\Windows\\System32\\drivers\\vendor.sys
# undone by: Revert
$path = "$($Disk.WindowsRoot)Windows\\System32\\drivers\\vendor.sys"
if (-not (Test-Path -LiteralPath $path)) { return New-Outcome -Outcome 'nothing-to-do' -Code 'no-vendor-file' }
$backup = Backup-File -Disk $Disk -Path $path
Invoke-WithHive -Path (Get-HivePath -Disk $Disk -Name 'SYSTEM') -Write -Body {
    param($Key)
    foreach ($set in (Get-ControlSet -Key $Key).All) { Set-RegistryValue -Key "$Key\\$set\\Services\\Vendor_vendor" -Name 'Start' -Type 'REG_DWORD' -Data '4' }
}
Remove-Item -LiteralPath $path
Complete-Backup -Disk $Disk -Numbers @($backup)
Add-Action -What 'took the vendor''s driver away' -Target '\\Windows\\System32\\drivers\\vendor.sys' -Before 'there' -After 'gone' -Revertable $true
New-Outcome -Outcome 'fixed' -Code 'vendor-driver-gone'
`;

interface Story {
  attempts: { attempt: string; boot: { summary: string } | null; scripts: { script: string; mode: string; result: Said | null }[] }[];
  dump: { state: string };
  probe: { result: Said | null } | null;
}
interface Said {
  outcome: string;
  code: string;
  findings: { id: string; evidence: string }[];
  actions: { what: string; target: string }[];
}

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'bootmedic-real-'));
const demo = JSON.parse(readFileSync(join(root, 'simulator/scenarios/demo.json'), 'utf8')) as {
  virtualMachines: { name: string; osDisk: object }[];
};
const seeds = ['app-nl-01', 'web-en-02'];
const driver = { kind: 'bad-driver', name: 'vendor.sys' };
const own = {
  ...demo.virtualMachines.find(({ name }) => name === 'db-ok-03'),
  ...{ name: 'own-06', lastAgentReadyMinutesAgo: 90, runningForMinutes: 40 },
  osDisk: {
    ...{ name: 'own-06-os', sku: 'Premium_LRS', sizeGb: 127 },
    contents: { windows: { build: 17763, language: 'en-US', generation: 'V2', autoReboot: false }, damage: [driver] },
  },
};
const scenario = join(folder, 'scenario.json');
writeFileSync(
  scenario,
  JSON.stringify({ ...demo, virtualMachines: [...demo.virtualMachines.filter(({ name }) => seeds.includes(name)), own] }),
);
const settings = { defaults: { ...autoSettings.defaults, limits: { scopePercent: 100, repairsAtOnce: 3 } } };

const looked = async <T>(world: World, what: string) => (await (await ask(`${world.azure.adminUrl}/${what}`)).json()) as T;
const vmOf = async (world: World, name: string) =>
  (await looked<{ vms: { id: string; osDiskId: string }[] }>(world, 'state')).vms.find(({ id }) => id.endsWith(`/${name}`));
const idOf = async (world: World, name: string) => (await vmOf(world, name))?.id ?? '';
/** What is on the disk that a VM runs on now. */
async function diskOf(world: World, name: string): Promise<DiskContents> {
  const id = (await vmOf(world, name))?.osDiskId.toLowerCase();
  const all = Object.entries(await looked<Record<string, DiskContents>>(world, 'contents'));
  const found = all.find(([each]) => each.toLowerCase() === id)?.[1];
  if (found === undefined) throw new Error(`${name} has no OS disk`);
  return found;
}
const storyOf = async (world: World, id: string) =>
  ((await (await ask(`${world.url}/api/repairs/${id}/report.json`)).json()) as { story: Story }).story;

/** The demo's two broken VMs, repaired. */
async function repairSeeds(world: World) {
  return Promise.all(
    seeds.map(async name => {
      const { body } = await post(`${world.url}/api/repairs`, { vmId: await idOf(world, name), restartFirst: false });
      const view = await ended(world, String(body.id), undefined, 600);
      return { view, story: await storyOf(world, view.id) };
    }),
  );
}

/** Asked for, read, approved by the hash of what was read. */
async function repairByOwn(world: World, content: string): Promise<RepairView> {
  const request = { vmId: await idOf(world, 'own-06'), restartFirst: false, script: { name: 'vendor.ps1', content } };
  const { body } = await post(`${world.url}/api/repairs`, request);
  let approved = false;
  return ended(
    world,
    String(body.id),
    async view => {
      if (view.state !== 'waiting-approval' || approved) return;
      approved = true;
      const answer = await post(`${world.url}/api/repairs/${view.id}/approve`, { planHash: view.planHash, by: 'olivia' });
      expect(answer.status).toBe(202);
    },
    600,
  );
}

/** What is on a disk, but for when a dump was written. */
const undated = (contents: DiskContents) =>
  JSON.parse(JSON.stringify(left(contents)).replaceAll(/"UEFHRURVNjQ[^"]+"/g, '"a dump"')) as unknown;
/** As its header says it. */
const timeless = (said: Said | null) =>
  said && {
    ...said,
    findings: said.findings.map(each => (each.id === 'dump-header' ? { ...each, evidence: each.evidence.split(':')[0] } : each)),
  };
const told = ({ story }: { story: Story }) => ({
  scripts: story.attempts.flatMap(({ attempt, scripts }) =>
    scripts.map(({ script, mode, result }) => [attempt, script, mode, comparable(timeless(result))]),
  ),
  probe: comparable(timeless(story.probe?.result ?? null)),
  dump: story.dump.state,
});

let twins: World;
let byTwins: Awaited<ReturnType<typeof repairSeeds>>;
beforeAll(async () => {
  twins = await startWorld({ scenario, settings });
  byTwins = await repairSeeds(twins);
}, 300_000);
afterAll(async () => {
  await twins?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('without a PowerShell an operator’s script ends as an unknown command does: the report says so, and the VM has its own disk again', async () => {
  const before = await vmOf(twins, 'own-06');
  const { id, outcome } = await repairByOwn(twins, operators);
  expect(outcome).toBe('rolled-back');
  expect(await vmOf(twins, 'own-06')).toMatchObject({ osDiskId: before?.osDiskId });
  const { attempts } = await storyOf(twins, id);
  expect(attempts.flatMap(({ scripts }) => scripts.map(({ result }) => result))).toEqual([null]);
}, 300_000);

present('guests with a PowerShell', () => {
  let real: World;
  let byScripts: typeof byTwins;
  let mine: RepairView;
  beforeAll(async () => {
    // Its work takes real time, which no time scale shortens.
    real = await startWorld({ scenario, settings, timeScale: 10, powershell: pwsh ?? '' });
    [byScripts, mine] = await Promise.all([repairSeeds(real), repairByOwn(real, operators)]);
  }, 900_000);
  afterAll(() => real?.close());

  test.each(seeds.map((name, n) => [name, n] as const))(
    '%s is repaired by the scripts as by their twins: said and left alike',
    async (name, n) => {
      expect(byScripts[n]?.view.outcome).toBe('repaired');
      expect(byScripts.map(told)[n]).toEqual(byTwins.map(told)[n]);
      expect(undated(await diskOf(real, name))).toEqual(undated(await diskOf(twins, name)));
    },
  );

  test('an operator’s script, which nobody here knows, is approved, changes the copy, and the VM boots by it', async () => {
    expect(mine).toMatchObject({ outcome: 'repaired' });
    const story = await storyOf(real, mine.id);
    const [said] = story.attempts.flatMap(({ scripts }) => scripts.map(({ result }) => result));
    expect(said).toMatchObject({ outcome: 'fixed', code: 'vendor-driver-gone', actions: [{ what: "took the vendor's driver away" }] });
    const vm = await vmOf(real, 'own-06');
    expect(vm?.osDiskId).toContain(`bootmedic-${mine.id.replace('r-', '')}-disk`);
    const files = (await diskOf(real, 'own-06')).partitions.flatMap(({ volume }) => Object.keys(volume?.files ?? {}));
    expect(files.filter(path => path.endsWith('vendor.sys'))).toEqual([expect.stringMatching(/^\\bootmedic\\r-/)]);
  });

  test('no rule of Azure’s was broken', async () => {
    expect(await looked(real, 'state')).toMatchObject({ breaches: [] });
  });
});
