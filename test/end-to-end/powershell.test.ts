/**
 * Guests that run what they are sent by a real PowerShell. The demo's two repairs with the scripts themselves, held against the same repairs by
 * their twins: in virtual time, for a script's work takes real time, which no time scale shortens. And the whole house in its own processes, with
 * a script of an operator's own: from the request to the VM that boots by it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RepairStory, ScriptResult } from '../../functions/activities/contract.ts';
import type { DiskContents } from '../../simulator/guests/disk.ts';
import { pwsh } from '../playbooks/standins/bench.ts';
import { comparable } from '../playbooks/standins/compare.ts';
import { left } from '../playbooks/standins/model.ts';
import { perform } from './perform.ts';
import type { Performed, Told } from './rows.ts';
import { ask, ended, post, type RepairView, startWorld, type World } from './world.ts';

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

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'bootmedic-real-'));
const demo = JSON.parse(readFileSync(join(root, 'simulator/scenarios/demo.json'), 'utf8')) as {
  virtualMachines: { name: string; resourceGroup: string; location: string; osDisk: object }[];
};
const machineOf = (name: string) => held(demo.virtualMachines.find(machine => machine.name === name));
/** The other one's scripts are among those of the first: `npm run tables` has both. */
const seeds = process.env.BOOTMEDIC_TABLES === 'whole' ? ['app-nl-01', 'web-en-02'] : ['app-nl-01'];
const driver = { kind: 'bad-driver', name: 'vendor.sys' };
const own = {
  ...machineOf('db-ok-03'),
  ...{ name: 'own-06', lastAgentReadyMinutesAgo: 90, runningForMinutes: 40 },
  osDisk: {
    ...{ name: 'own-06-os', sku: 'Premium_LRS', sizeGb: 127 },
    contents: { windows: { build: 17763, language: 'en-US', generation: 'V2', autoReboot: false }, damage: [driver] },
  },
};

/** The demo's two broken VMs, to be repaired. */
const rows = seeds.map(
  (name): Performed => ({ name: 'repaired', damage: [], machine: machineOf(name), asked: { consents: ['upload-dump'] }, whole: true }),
);
const ownRow: Performed = {
  ...{ name: 'failed', damage: [], machine: own, whole: true },
  asked: { script: { name: 'vendor.ps1', content: operators } },
};

/** What is on a disk, but for when a dump was written. */
const undated = ({ whole }: Told) =>
  JSON.parse(JSON.stringify(left(held(whole?.contents))).replaceAll(/"UEFHRURVNjQ[^"]+"/g, '"a dump"')) as unknown;
/** As its header says it. */
const timeless = (said: ScriptResult | null) =>
  said && {
    ...said,
    findings: said.findings.map(each => (each.id === 'dump-header' ? { ...each, evidence: each.evidence.split(':')[0] } : each)),
  };
function said({ whole }: Told) {
  const { attempts, probe, dump } = held(whole).story;
  return {
    scripts: attempts.flatMap(({ attempt, scripts }) =>
      scripts.map(({ script, result }) => [attempt, script, comparable(timeless(result))]),
    ),
    probe: comparable(timeless(probe?.result ?? null)),
    dump: dump.state,
  };
}
function held<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('it was not told');
  return value;
}

let byTwins: Told[];
let byScripts: Told[];
let world: World | undefined;
let mine: RepairView;
beforeAll(async () => {
  const twins = async () => {
    byTwins = await perform([...rows, ownRow]);
  };
  const scripts = async (powershell: string) => {
    byScripts = await perform(rows, powershell);
  };
  const house = async (powershell: string) => {
    const scenario = join(folder, 'scenario.json');
    writeFileSync(scenario, JSON.stringify({ ...demo, virtualMachines: [own] }));
    world = await startWorld({ scenario, timeScale: 10, powershell });
    mine = await repairByOwn(world);
  };
  // The last waits most of its time.
  await Promise.all([twins(), ...(pwsh === undefined ? [] : [scripts(pwsh), house(pwsh)])]);
}, 900_000);
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const looked = async <T>(what: string) => (await (await ask(`${held(world).azure.adminUrl}/${what}`)).json()) as T;
const vmOf = async () => held((await looked<{ vms: { id: string; osDiskId: string }[] }>('state')).vms[0]);

/** Asked for, read, approved by the hash of what was read. */
async function repairByOwn(world: World): Promise<RepairView> {
  const request = { vmId: (await vmOf()).id, restartFirst: false, script: { name: 'vendor.ps1', content: operators } };
  const { body } = await post(`${world.url}/api/repairs`, request);
  let approved = false;
  return ended(world, String(body.id), async view => {
    if (view.state !== 'waiting-approval' || approved) return;
    approved = true;
    const answer = await post(`${world.url}/api/repairs/${view.id}/approve`, { planHash: view.planHash, by: 'olivia' });
    expect(answer.status).toBe(202);
  });
}

test('without a PowerShell an operator’s script ends as an unknown command does: the report says so, and the VM has its own disk again', () => {
  const told = held(byTwins[seeds.length]);
  expect(told).toMatchObject({ outcome: 'rolled-back', original: true, power: true, breaches: 0 });
  expect(held(told.whole).story.attempts.flatMap(({ scripts }) => scripts.map(({ result }) => result))).toEqual([null]);
});

present('guests with a PowerShell', () => {
  test.each(seeds.map((name, n) => [name, n] as const))('%s is repaired by the scripts as by their twins: said and left alike', (_, n) => {
    const [scripts, twins] = [held(byScripts[n]), held(byTwins[n])];
    expect(scripts).toMatchObject({ outcome: 'repaired', original: false, power: true, breaches: 0 });
    expect(said(scripts)).toEqual(said(twins));
    expect(undated(scripts)).toEqual(undated(twins));
  });

  test('an operator’s script, which nobody here knows, is approved, changes the copy, and the VM boots by it', async () => {
    expect(mine).toMatchObject({ outcome: 'repaired' });
    const { story } = (await (await ask(`${held(world).url}/api/repairs/${mine.id}/report.json`)).json()) as { story: RepairStory };
    const [said] = story.attempts.flatMap(({ scripts }) => scripts.map(({ result }) => result));
    expect(said).toMatchObject({ outcome: 'fixed', code: 'vendor-driver-gone', actions: [{ what: "took the vendor's driver away" }] });
    const { osDiskId } = await vmOf();
    expect(osDiskId).toContain(`bootmedic-${mine.id.replace('r-', '')}-disk`);
    const disks = Object.entries(await looked<Record<string, DiskContents>>('contents'));
    const disk = held(disks.find(([id]) => id.toLowerCase() === osDiskId.toLowerCase()))[1];
    const files = disk.partitions.flatMap(({ volume }) => Object.keys(volume?.files ?? {}));
    expect(files.filter(path => path.endsWith('vendor.sys'))).toEqual([expect.stringMatching(/^\\bootmedic\\r-/)]);
    expect(await looked('state')).toMatchObject({ breaches: [] });
  });
});
