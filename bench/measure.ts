/** One repair in the explorer's world, where time is virtual: what it asked of Azure, and when, against what Azure took for it. */

import { correlationId } from '../azure/call.ts';
import { actionOf } from '../azure/ids.ts';
import { headersFor, over } from '../explorer/facts.ts';
import { inLife, stage, unwatched } from '../explorer/stage.ts';
import { Watch } from '../explorer/watch.ts';
import type { Call } from '../explorer/wire.ts';
import type { World } from '../explorer/world.ts';
import type { RepairStory } from '../functions/activities/contract.ts';
import type { Vm } from '../simulator/arm/model.ts';

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
  /** Accepted writes: what of Azure's roles they need, and on what. */
  writes: { operation: string; resource: string }[];
  /** When an activity began: name, virtual milliseconds, calls before it. */
  activities: { name: string; at: number; calls: number }[];
  from: number;
  to: number;
  /** The first Ready of the guest on the repaired disk. */
  readyAt: number;
  wallMs: number;
  cpuMs: number;
  /** CPU milliseconds of the orchestrator's last turn. */
  lastTurnMs: number;
  historyBytes: number;
}

/** The repair of the scenario's last VM, after those of the others, one after another: what is made once is there then. */
export async function measure(world: World, scenario: unknown, seed: string, service: Service): Promise<Measured> {
  await world.begin(scenario, seed);
  setDurations(world, service);
  const vms = world.simulator.cloud.estate.vms();
  const last = vms.at(-1);
  if (last === undefined) throw new Error('the scenario has no VM');
  world.wire.observer = { arrived: () => undefined, acted: () => {}, die: () => {} };
  for (const vm of vms.slice(0, -1)) await repair(world, vm.id);
  try {
    return await measured(world, last);
  } finally {
    Object.assign(stage, unwatched());
  }
}

export function setDurations({ simulator }: World, service: Service): void {
  const { durations } = simulator.cloud;
  if (service === 'median') durations.sample = name => durations.typical(name);
  if (service === 'none') durations.sample = () => 0;
}

async function repair(world: World, vmId: string): Promise<string> {
  const id = await world.drive(start(world, vmId));
  if (!(await world.until(() => over(world.host?.status(id))))) throw new Error('the repair does not end');
  return id;
}

async function measured(world: World, vm: Vm): Promise<Measured> {
  const worked = follow(world);
  const watch = new Watch(world.simulator.cloud, vm);
  world.onQuiet = () => watch.look();
  world.wire.calls.length = 0;
  const activities: Measured['activities'] = [];
  stage.activity = (name, work) => {
    activities.push({ name, at: Date.now(), calls: world.wire.calls.filter(isArm).length });
    return inLife(work);
  };
  let lastTurnMs = 0;
  stage.turned = (_, ms) => {
    lastTurnMs = ms;
  };
  const from = Date.now();
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const id = await repair(world, vm.id);
  const { user, system } = process.cpuUsage(cpu);
  const wallMs = performance.now() - begun;
  const to = Date.now();
  const historyBytes = Buffer.byteLength(world.host?.history(id) ?? '');
  const calls = [...world.wire.calls];
  const readyAt = Math.min(...(watch.ready.get(watch.vm?.osDisk.diskId.toLowerCase() ?? '') ?? []));
  const story = await storyOf(world, id);
  const { writes } = world.simulator.cloud.journal;
  const accepted = writes.filter(({ status, correlationId: of }) => status < 300 && of === correlationId(id));
  const named = accepted.map(({ method, path }) => ({ operation: actionOf(method, path), resource: path }));
  return {
    story,
    calls,
    worked,
    writes: named,
    activities,
    from,
    to,
    readyAt,
    wallMs,
    cpuMs: (user + system) / 1000,
    lastTurnMs,
    historyBytes,
  };
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

export async function start(world: World, vmId: string): Promise<string> {
  const answered = await fetch(`${world.host?.url}/api/repairs`, {
    method: 'POST',
    headers: headersFor(world.host),
    body: JSON.stringify({ vmId }),
  });
  const { id } = (await answered.json()) as { id?: string };
  if (id === undefined) throw new Error(`no repair was started: ${answered.status}`);
  return id;
}

async function storyOf(world: World, id: string): Promise<RepairStory> {
  const answered = await world.drive(fetch(`${world.host?.url}/api/repairs/${id}/report.json`, { headers: headersFor(world.host) }));
  const { story } = (await world.drive(answered.json())) as { story: RepairStory };
  return story;
}
