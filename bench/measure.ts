/** One repair in the explorer's world, where time is virtual: what it asked of Azure, and when, against what Azure took for it. */

import { lives, stage } from '../explorer/stage.ts';
import { Watch } from '../explorer/watch.ts';
import type { Call } from '../explorer/wire.ts';
import type { World } from '../explorer/world.ts';
import type { RepairStory } from '../functions/activities/contract.ts';

/** How long the simulator's services take: as recorded (drawn), each its recorded median, or no time at all. */
export type Service = 'drawn' | 'median' | 'none';

/** A write that Azure worked at. Virtual milliseconds. */
export interface Worked {
  call: Call;
  from: number;
  to: number;
}

export interface Measured {
  story: RepairStory;
  calls: Call[];
  worked: Worked[];
  /** When an activity began: name, virtual milliseconds, calls before it. */
  activities: { name: string; at: number; calls: number }[];
  from: number;
  to: number;
  /** The first Ready of the guest on the repaired disk. */
  readyAt: number;
  wallMs: number;
  /** Milliseconds of the orchestrator's last turn. */
  lastTurnMs: number;
  historyBytes: number;
}

const over = (status: string | undefined) => status !== 'Running' && status !== 'Pending' && status !== undefined;

export async function measure(world: World, scenario: unknown, seed: string, service: Service): Promise<Measured> {
  await world.begin(scenario, seed);
  const { cloud } = world.simulator;
  const { durations } = cloud;
  if (service === 'median') durations.sample = name => durations.typical(name);
  if (service === 'none') durations.sample = () => 0;
  const [vm] = cloud.estate.vms();
  if (vm === undefined) throw new Error('the scenario has no VM');
  const worked = follow(world);
  const watch = new Watch(cloud, vm);
  world.onQuiet = () => watch.look();
  const activities: Measured['activities'] = [];
  stage.activity = (name, work) => {
    activities.push({ name, at: Date.now(), calls: world.wire.calls.filter(isArm).length });
    const { life } = stage;
    return life ? lives.run(life, work) : work();
  };
  world.wire.observer = { arrived: () => undefined, acted: () => {}, die: () => {} };
  const from = Date.now();
  const begun = performance.now();
  const id = await world.drive(start(world, vm.id));
  if (!(await world.until(() => over(world.host?.status(id))))) throw new Error('the repair does not end');
  const wallMs = performance.now() - begun;
  const to = Date.now();
  const historyBytes = Buffer.byteLength(world.host?.history(id) ?? '');
  world.wire.observer = undefined;
  const calls = [...world.wire.calls];
  const readyAt = Math.min(...(watch.ready.get(watch.vm?.osDisk.diskId.toLowerCase() ?? '') ?? []));
  const lastTurnMs = lastTurnOf(world.log);
  return { story: await storyOf(world, id), calls, worked, activities, from, to, readyAt, wallMs, lastTurnMs, historyBytes };
}

/** The host logs how long each invocation took. */
function lastTurnOf(log: string[]): number {
  const line = log.findLast(each => each.includes('repairVm') && each.includes('Duration='));
  return Number(/Duration=(\d+)ms/.exec(line ?? '')?.[1] ?? Number.NaN);
}

/** Requests to Azure Resource Manager, and for its tokens; storage is ours. */
export const isArm = ({ service }: Call): boolean => service !== 'blob';

/** Notes each operation of Azure's with the request that began it. */
function follow(world: World): Worked[] {
  const worked: Worked[] = [];
  const { operations } = world.simulator.cloud;
  const begin = operations.begin.bind(operations);
  operations.begin = (options, work) => {
    const call = world.wire.calls.findLast(each => each.service === 'arm' && each.method !== 'GET');
    if (call === undefined) return begin(options, work);
    const entry: Worked = { call, from: Date.now(), to: Number.POSITIVE_INFINITY };
    worked.push(entry);
    return begin(options, end =>
      work(error => {
        entry.to = Math.min(entry.to, Date.now());
        end(error);
      }),
    );
  };
  return worked;
}

async function start(world: World, vmId: string): Promise<string> {
  const answered = await fetch(`${world.host?.url}/api/repairs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ vmId }),
  });
  const { id } = (await answered.json()) as { id?: string };
  if (id === undefined) throw new Error(`no repair was started: ${answered.status}`);
  return id;
}

async function storyOf(world: World, id: string): Promise<RepairStory> {
  const answered = await world.drive(fetch(`${world.host?.url}/api/repairs/${id}/report.json`));
  const { story } = (await world.drive(answered.json())) as { story: RepairStory };
  return story;
}
