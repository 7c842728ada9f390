/**
 * Whole repairs in virtual time, one after another, in a process of their own because time stands still in all of it: the real host, the real
 * product and the simulator, connected in memory. Reads rows as a JSON array from standard input, prints what became of each as a line of JSON.
 */
import '../../explorer/time.ts';
import { json } from 'node:stream/consumers';
import type { RepairStory } from '../../functions/activities/contract.ts';
import type { Performed, Told } from './rows.ts';

const given = (await json(process.stdin)) as { powershell?: string; rows: Performed[] };
const { World } = await import('../../explorer/world.ts');
const { askHost } = await import('../../explorer/asking.ts');
const { over } = await import('../../explorer/facts.ts');
const { exchangesFile } = await import('./deployed.ts');
const { keepExchanges } = await import('../../simulator/index.ts');
const { runByPowerShell } = await import('../../simulator/guests/powershell/run.ts');

const image = { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2019-datacenter-gensecond', version: 'latest' };
const machineOf = ({ windows = {}, damage }: Performed) => ({
  ...{ name: 'vm', resourceGroup: 'rg', location: 'westeurope', size: 'Standard_D2s_v5', generation: 'V2', image },
  ...{ runningForMinutes: 40, lastAgentReadyMinutesAgo: 90 },
  osDisk: {
    ...{ name: 'vm-os', sku: 'Premium_LRS', sizeGb: 127 },
    contents: { windows: { build: 17763, language: 'en-US', generation: 'V2', autoReboot: false, ...windows }, damage },
  },
});
function scenarioOf(row: Performed) {
  const { machine = machineOf(row) } = row;
  return {
    subscriptions: [{ id: '6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601' }],
    resourceGroups: [{ name: machine.resourceGroup, location: machine.location }],
    virtualMachines: [machine],
  };
}
const limits = { stabilitySeconds: 60, silenceSeconds: 900, hangSeconds: 300, scopePercent: 100 };
const world = await World.start({
  settings: { defaults: { mode: 'auto', consents: [], limits } },
  guests: real => ({
    ...real,
    runScript: run => {
      const { powershell } = given;
      if (powershell === undefined) return real.runScript(run);
      // Its work takes real time, in which no virtual time passes; so its deadline is left to the machine that runs all this.
      const { timeoutSeconds: _, ...rest } = run;
      return world.wire.track(() => runByPowerShell({ file: powershell, caPath: world.simulator.info.caPath }, rest));
    },
  }),
});
const exchanges = exchangesFile();
if (exchanges !== undefined) keepExchanges(world.simulator.cloud, exchanges);

interface View {
  state: string;
  outcome: string | null;
  planHash: string;
}
const ask = <T>(path: string, body?: unknown) => askHost<T>(world, path, body);
const isOver = (id: string) => over(world.host?.status(id));

/** Virtual milliseconds after which a repair that waits for a person has come to that. */
const WAITS = 3_600_000;

const contentsOf = (diskId: string) =>
  world.simulator.cloud.estate.disks().find(({ id }) => id.toLowerCase() === diskId.toLowerCase())?.contents ?? null;

async function perform(row: Performed): Promise<Told> {
  await world.begin(scenarioOf(row), '1');
  const [vm] = world.simulator.cloud.estate.vms();
  if (vm === undefined) throw new Error('the scenario has no VM');
  const before = { osDiskId: vm.osDisk.diskId, power: vm.power };
  const { id } = await ask<{ id: string }>('repairs', { vmId: vm.id, restartFirst: false, ...row.asked });
  if (row.asked.script !== undefined) {
    const from = Date.now();
    await world.until(() => isOver(id) || Date.now() - from > WAITS);
    const { state, planHash } = await ask<View>(`repairs/${id}`);
    if (state === 'waiting-approval') await ask(`repairs/${id}/approve`, { planHash, by: 'olivia' });
  }
  if (!(await world.until(() => isOver(id)))) throw new Error(`${row.name} does not end`);
  const { outcome } = await ask<View>(`repairs/${id}`);
  const { story } = await ask<{ story: RepairStory }>(`repairs/${id}/report.json`);
  const scripts = story.attempts.flatMap(each => each.scripts.map(({ script, result }) => ({ script, result })));
  return {
    ...{ outcome: outcome ?? 'none', playbook: story.plan?.playbook.id ?? 'none', headline: story.headline },
    scripts: scripts.map(({ script, result }) => `${script}: ${result === null ? 'no result' : `${result.outcome}, ${result.code}`}`),
    boots: story.attempts.flatMap(({ attempt, boot }) => (boot ? [attempt] : [])),
    original: vm.osDisk.diskId === before.osDiskId,
    power: vm.power === before.power,
    breaches: world.simulator.cloud.journal.breaches.length,
    ...(row.whole && { whole: { story, contents: contentsOf(vm.osDisk.diskId) } }),
  };
}

for (const row of given.rows) {
  const told = await perform(row).catch((error: unknown) => ({ outcome: 'error', headline: String(error) }));
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
await world.close();
process.stdout.write('', () => process.exit(0));
