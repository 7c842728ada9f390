/** Many VMs that break alike, so that one world tries many faults at once; and what must hold for each whatever happened to its repair. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, ended, post, type RepairView, startWorld, type World } from './world.ts';

const subscription = '6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601';
const location = 'westeurope';

/** As `POST /simulator/faults` takes it. */
export interface Fault {
  match: { method?: string; path: string };
  times?: number;
  after?: number;
  delaySeconds?: number;
  answer?: { status: number; headers?: Record<string, string>; body?: unknown };
  drop?: 'before' | 'after';
  failOperation?: { code: string; message: string };
}

export interface State {
  vms: { id: string; power: string; osDiskId: string; dataDisks: { diskId: string }[] }[];
  disks: { id: string; managedBy: string | null; tags: Record<string, string>; contentHash: string }[];
  snapshots: { id: string }[];
  network: { id: string }[];
  breaches: unknown[];
  writes: { method: string; path: string; status: number }[];
}

interface Report {
  story: {
    outcome: string;
    headline: string;
    nextSteps: string[];
    leftovers: { resourceId: string }[];
    downFrom: string | null;
    restart: { verdict: string } | null;
  };
}

/** A VM that offline SFC cures (`good`), or nothing does; a restart is tried on a `stubborn` one, and cures a `transient` one. */
export type Kind = 'good' | 'hopeless' | 'stubborn' | 'transient';

export interface Fleet {
  world: World;
  id(name: string): string;
  fault(fault: Fault): Promise<void>;
  state(): Promise<State>;
  /** Starts a repair and orders its faults; a `{stem}` in a fault's path is what the names of all that the repair makes begin with. */
  repair(name: string, faults: Fault[], seen?: (view: RepairView) => Promise<void> | void): Promise<Repaired>;
  close(): Promise<void>;
}

export interface Repaired {
  view: RepairView;
  report: Report;
  text: string;
  history: string;
}

export async function startFleet(vms: Record<string, Kind>, timeScale = 150): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-fleet-'));
  const scenario = join(folder, 'fleet.json');
  writeFileSync(scenario, JSON.stringify(scenarioOf(vms)));
  // Most of them are made to fail, for one finding: that the breaker would open is not what is tried here.
  const limits = { repairsAtOnce: 12, scopePercent: 100, stabilitySeconds: 60, silenceSeconds: 900, breakerFailures: 1000, burstVms: 1000 };
  const settings = { defaults: { mode: 'auto', consents: ['upload-dump'], limits } };
  const world = await startWorld({ scenario, timeScale, settings });
  const fault = async (order: Fault) => {
    const answer = await post(`${world.azure.adminUrl}/faults`, order);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  };
  const group = `/subscriptions/${subscription}/resourceGroups/rg-fleet`;
  const id = (name: string) => `${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
  return {
    world,
    id,
    fault,
    state: async () => (await (await ask(`${world.azure.adminUrl}/state`)).json()) as State,
    async repair(name, faults, seen) {
      const start = await post(`${world.url}/api/repairs`, { vmId: id(name), restartFirst: restarted(vms[name]) });
      const repairId = String(start.body.id);
      const stem = stemOf(repairId);
      for (const order of faults) await fault({ ...order, match: { ...order.match, path: order.match.path.replaceAll('{stem}', stem) } });
      const view = await ended(world, repairId, seen);
      const text = await (await ask(`${world.url}/api/repairs/${repairId}/report.json`)).text();
      const instance = `${world.url}/runtime/webhooks/durabletask/instances/${repairId}?showHistory=true&showHistoryOutput=true&showInput=true`;
      return { view, text, report: JSON.parse(text), history: await (await ask(instance)).text() };
    },
    async close() {
      await world.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function scenarioOf(vms: Record<string, Kind>): object {
  const quotas = ['cores', 'standardBSFamily', 'standardDSv5Family'].map(name => ({ location, name, limit: 1000 }));
  return {
    subscriptions: [{ id: subscription, quotas }],
    resourceGroups: [{ name: 'rg-fleet', location }],
    virtualMachines: Object.entries(vms).map(([name, kind]) => machine(name, kind)),
  };
}

function machine(name: string, kind: Kind): object {
  const file = (name: string) => `\\Windows\\System32\\${name}`;
  const curable = { kind: 'corrupt-file', path: file('services.exe'), repairable: true };
  const damage = {
    ...{ good: curable, stubborn: curable },
    hopeless: { kind: 'corrupt-file', path: file('lsass.exe'), repairable: false },
    transient: { kind: 'rename-at-restart', path: file('winlogon.exe'), version: '10.0.14393.1' },
  }[kind];
  const windows = { build: 14393, language: 'en-US', generation: 'V1', autoReboot: false };
  return {
    ...{ name, resourceGroup: 'rg-fleet', location, size: 'Standard_B2ms', generation: 'V1' },
    image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2016-Datacenter', version: 'latest' },
    ...{ runningForMinutes: 40, lastAgentReadyMinutesAgo: 55 },
    osDisk: { name: `${name}-os`, sku: 'StandardSSD_LRS', sizeGb: 127, contents: { windows, damage: [damage] } },
  };
}

const restarted = (kind: Kind | undefined) => kind === 'stubborn' || kind === 'transient';

/** What the names of all that a repair makes begin with. */
export const stemOf = (repairId: string) => `bootmedic-${repairId.replace('r-', '')}`;

const last = (id: string) => id.split('/').at(-1)?.toLowerCase() ?? '';

/** What repair.md forbids, in words; nothing = nothing of it has happened. `before` is the state at the start. */
export function breaches(
  name: string,
  { view, report, text, history }: Repaired,
  before: State,
  after: State,
  faults: Fault[] = [],
): string[] {
  const wrong: string[] = [];
  const must = (holds: boolean, what: string) => holds || wrong.push(what);
  const stem = stemOf(view.id);
  const original = `${name}-os`;
  const contents = (state: State) => state.disks.find(disk => last(disk.id) === original);
  const vm = after.vms.find(found => last(found.id) === name);
  const outcome = String(view.outcome);

  must(contents(after) !== undefined, 'the original disk is gone');
  must([null, name].includes(last(contents(after)?.managedBy ?? '') || null), 'the original disk is attached elsewhere');
  must(
    after.vms.every(({ dataDisks }) => dataDisks.every(disk => last(disk.diskId) !== original)),
    'the original is a data disk',
  );

  const onCopy = last(vm?.osDiskId ?? '') === `${stem}-disk`;
  must(onCopy || last(vm?.osDiskId ?? '') === original, `the VM is on ${vm?.osDiskId}`);
  if (outcome !== 'needs-person') must(vm?.power === 'running', `the VM is ${vm?.power}`);
  if (onCopy)
    must(['repaired', 'booted-unverified', 'needs-person'].includes(outcome), `it runs on the copy, but is said to be ${outcome}`);
  const byRestart = report.story.restart !== null && report.story.restart.verdict !== 'failed';
  if (!onCopy && !byRestart)
    must(!['repaired', 'booted-unverified'].includes(outcome), `it is on the original, but is said to be ${outcome}`);

  const done = (method: string, path: RegExp) =>
    after.writes.filter(write => write.method === method && path.test(write.path) && write.status < 300).length;
  // What was accepted and then failed may be asked for again.
  const again = (path: RegExp) =>
    faults.reduce(
      (sum, { failOperation, match, times = 1 }) => (failOperation && path.test(match.path) ? sum + Math.min(times, 4) : sum),
      0,
    );
  const once = (method: string, path: string, failing: RegExp, what: string, often = 1) => {
    const times = done(method, new RegExp(`${path}$`, 'i'));
    must(times <= often + again(failing), `${what} ${times} times`);
  };
  once('PUT', `/snapshots/${stem}-snap`, /snapshots/, 'the snapshot was made');
  once('PUT', `/snapshots/${stem}-first-snap`, /snapshots/, 'the snapshot before the restart was made');
  once('PUT', `/virtualMachines/${stem}-vm`, /-vm..$/, 'the repair VM was made');
  once('PUT', `/disks/${stem}-disk`, /disks/, 'the copy was made');
  if (outcome === 'repaired') {
    const starts = Number(report.story.restart !== null) + Number(onCopy);
    once('PATCH', `/virtualMachines/${name}`, /virtualMachines.[\w-]+..$/, 'the disk was swapped');
    once('POST', `/virtualMachines/${name}/powerOff`, /powerOff/, 'the VM was powered off', starts);
    once('POST', `/virtualMachines/${name}/start`, /start$/, 'the VM was started', starts);
  }

  const left = [...after.vms, ...after.disks, ...after.snapshots, ...after.network]
    .map(({ id }) => id)
    .filter(id => last(id).startsWith(stem));
  const named = report.story.leftovers.map(({ resourceId }) => resourceId.toLowerCase());
  for (const id of left) {
    if (last(id) === `${stem}-disk` && onCopy) continue;
    // The repair VM's own go with it.
    const withVm = /-(osdisk|nic)$/.test(id) && named.some(resource => last(resource) === `${stem}-vm`);
    must(withVm || named.includes(id.toLowerCase()), `${last(id)} is left and not named among the leftovers`);
  }
  if (onCopy)
    must(
      named.some(id => last(id) === original),
      'the replaced original disk is not named',
    );
  must(
    before.disks.every(disk => after.disks.some(({ id }) => id === disk.id)),
    'a disk that was there is gone',
  );
  for (const [what, where] of [
    ['report', text],
    ['history', history],
  ] as const)
    must(!/[?&]sig=|adminPassword|Bearer |eyJ[A-Za-z0-9_-]{10}/.test(where), `a secret in the ${what}`);
  must(history.length < 256 * 1024, `${history.length} bytes of history`);
  return wrong;
}
