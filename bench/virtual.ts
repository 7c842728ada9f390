/**
 * Repairs in virtual time; a process of its own, because time stands still in all of it. `virtual.ts one` or `virtual.ts fleet N`; prints
 * one JSON line of figures.
 */
import '../explorer/time.ts';

const { World } = await import('../explorer/world.ts');
const { measure } = await import('./measure.ts');
const one = await import('./one.ts');
const { estateOf, fleet } = await import('./fleet.ts');
const { figure } = await import('./figures.ts');
const { default: demo } = await import('../simulator/scenarios/demo.json', { with: { type: 'json' } });

import type { World as TheWorld } from '../explorer/world.ts';
import type { Figure, FigureId } from './figures.ts';

/** The VM whose one script cures it, as in the README. */
function named(wanted: string) {
  const found = demo.virtualMachines.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`the demo has no ${wanted} any more`);
  return found;
}
const template = named('web-en-02');
/** The group of repair VMs is there, as infra/ leaves it. */
const resourceGroups = [...demo.resourceGroups, { name: 'rg-bootmedic', location: 'westeurope' }];
const scenario = (virtualMachines: object[], more: object = {}) => ({ ...demo, resourceGroups, ...more, virtualMachines });
/** Whose scripts take seconds, as those of the recorded run commands: what a client waits in vain is most of the difference then. */
const { contents, ...disk } = template.osDisk;
const shortTemplate = { ...template, osDisk: { ...disk, contents: { ...contents, damage: [{ kind: 'bcd-element', element: 'device' }] } } };
const seeds = ['1', '2', '3', '4', '5', '6'];
const scripts: number[] = [];

function startWorld(limits: object): Promise<TheWorld> {
  return World.start({
    settings: { defaults: { mode: 'auto', restartFirst: false, consents: [], limits } },
    guests: real => ({
      ...real,
      async runScript(run) {
        const end = await real.runScript(run);
        scripts.push(end.seconds);
        return end;
      },
    }),
  });
}

async function timesOf<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let n = 0; n < times; n++) results.push(await work());
  return results;
}

async function ofOne(world: TheWorld): Promise<Figure[]> {
  const two = estateOf(template, 2);
  const first = await measure(world, scenario(two.slice(1)), '1', 'median');
  const seconds = scripts.splice(0);
  const next = await measure(world, scenario(two), '1', 'median');
  const path = one.pathOf(first, seconds);
  const took = (first.readyAt - first.from) / 1000;
  const quick = Math.min(...(await timesOf(3, async () => (await measure(world, scenario(two), '1', 'none')).wallMs)));
  scripts.length = 0;
  const short = await measure(world, scenario([shortTemplate]), '1', 'median');
  const az = one.azSeconds(short, scripts.splice(0));
  const lags: number[] = [];
  const scriptLags: number[] = [];
  for (const seed of seeds) {
    const drawn = await measure(world, scenario(two.slice(1)), seed, 'drawn');
    lags.push(...one.lags(drawn));
    scriptLags.push(...one.scriptLags(drawn));
  }
  const values: [FigureId, number][] = [
    ['overhead', quick / 1000],
    ['versus-az', (short.readyAt - short.from) / 1000 / az],
    ['path', took / (one.sum(path.operations) + one.sum(path.scripts) + path.boot)],
    ['calls-until-verify', one.callsUntilVerify(next)],
    ['calls-in-all', one.armCalls(next)],
    ['calls-first-in-region', one.armCalls(first)],
    ['writes-unplanned', one.unplanned(next).length],
    ['lag-p50', one.quantile(lags, 0.5)],
    ['lag-p95', one.quantile(lags, 0.95)],
    ['lag-scripts-p50', one.quantile(scriptLags, 0.5)],
    ['per-vm-calls', one.busiestMinute(next)],
    ['history', next.historyBytes / 1024],
    ['last-turn', next.lastTurnMs],
  ];
  return values.map(([id, value]) => figure(id, value));
}

async function ofFleet(world: TheWorld, count: number): Promise<Figure[]> {
  const alone: number[] = [];
  for (const seed of seeds.slice(0, 3)) {
    const each = await measure(world, scenario(estateOf(template, 1)), seed, 'drawn');
    alone.push((each.to - each.from) / 1000);
  }
  // Quotas are another matter: a repair VM of two cores for each, beside the failed VMs themselves.
  const quotas = ['cores', 'standardDSv5Family', 'standardDSv3Family'].map(name => ({ location: 'westeurope', name, limit: 20 * count }));
  const subscriptions = demo.subscriptions.map(each => ({ ...each, quotas }));
  const found = await fleet(world, scenario(estateOf(template, count), { subscriptions }), '1', Math.max(...alone));
  console.error(JSON.stringify(found));
  if (found.repaired < found.repairs) throw new Error(`${found.repairs - found.repaired} of ${found.repairs} were not repaired`);
  if (count < 1000)
    return [figure('fleet-100', found.makespan / found.bound), figure('fleet-100-429', (100 * found.throttled) / found.calls)];
  return [figure('fleet-1000', found.makespan / found.bound), figure('fleet-1000-memory', found.memoryMb)];
}

const [what = 'one', count = '100'] = process.argv.slice(2);
// What is measured is the machine, not the caution: neither admission nor an incident holds any of them back.
const atOnce = { repairsAtOnce: 2000, scopePercent: 100, breakerFailures: 2000, burstVms: 2000 };
const world = await startWorld(what === 'one' ? {} : atOnce);
const figures = what === 'one' ? await ofOne(world) : await ofFleet(world, Number(count));
await world.close();
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
