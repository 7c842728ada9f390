/** Many repairs at once in one process, in virtual time, with the service's throttles: how long all of them took, and what had to take so long. */
import { execFileSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { over } from '../explorer/facts.ts';
import { breathe } from '../explorer/time.ts';
import type { World } from '../explorer/world.ts';
import { setDurations, start } from './measure.ts';

export interface Fleet {
  repairs: number;
  repaired: number;
  /** Virtual seconds from the first request to the last end. */
  makespan: number;
  /** What the slowest repair took alone, or what the buckets let through, seconds. */
  bound: number;
  calls: number;
  throttled: number;
  /** Of the host alone. */
  memoryMb: number;
}

/** VMs whose stop is in the serial log too, spread over resource groups as an estate is. */
export function estateOf(template: object, count: number): object[] {
  return Array.from({ length: count }, (_, n) => {
    const name = `vm-${String(n + 1).padStart(4, '0')}`;
    const disk = Reflect.get(template, 'osDisk') as object;
    return { ...template, name, osDisk: { ...disk, name: `${name}-os` } };
  });
}

/** @param alone virtual seconds of one repair by itself, drawn: the slowest of some */
export async function fleet(world: World, scenario: { virtualMachines: object[] }, seed: string, alone: number): Promise<Fleet> {
  await world.begin(scenario, seed);
  setDurations(world, 'drawn');
  let throttled = 0;
  const counted = new Map<string, number>();
  const count = (what: string) => counted.set(what, (counted.get(what) ?? 0) + 1);
  world.wire.observer = {
    arrived: () => undefined,
    acted: ({ service, method, status }) => {
      if (service === 'arm') count(method);
      if (service === 'arm' && status === 429) throttled++;
      // A million calls, of which nothing but their number is asked; and the log.
      world.wire.calls.length = 0;
      world.log.length = 0;
    },
    die: () => {},
  };
  const vms = world.simulator.cloud.estate.vms().map(({ id }) => id);
  const from = Date.now();
  const ids: string[] = [];
  // As many as a listening socket lets wait.
  for (let n = 0; n < vms.length; n += 100)
    ids.push(...(await world.drive(Promise.all(vms.slice(n, n + 100).map(id => start(world, id))))));
  const halfOver = everyMinute(() => ids.filter(id => over(world.host?.status(id))).length >= ids.length / 2);
  if (!(await world.until(halfOver, ids.length))) throw new Error('not half of the repairs end');
  // Of a hundred the others are about to; of a thousand as many run now as ever do, for some began later.
  const memoryMb = idleMb() + (await heldMb(world));
  if (!(await world.until(() => ids.every(id => over(world.host?.status(id))), ids.length))) throw new Error('not all repairs end');
  const makespan = (Date.now() - from) / 1000;
  const calls = [...counted.values()].reduce((sum, n) => sum + n, 0);
  const repaired = ids.filter(id => /outcome\W+repaired/.test(world.host?.history(id) ?? '')).length;
  return { repairs: ids.length, repaired, makespan, bound: Math.max(alone, throttleBound(counted)), calls, throttled, memoryMb };
}

/** All are asked once a (virtual) minute: at each quiet moment it would cost more than the repairs themselves. */
function everyMinute(done: () => boolean): () => boolean {
  let next = Date.now();
  return () => {
    if (Date.now() < next) return false;
    next = Date.now() + 60_000;
    return done();
  };
}

/** ARM lets a burst go and then so many a second; Azure's pages. */
const buckets = [
  { of: (method: string) => method === 'GET', perSecond: 25, burst: 250 },
  { of: (method: string) => method === 'DELETE', perSecond: 10, burst: 200 },
  { of: (method: string) => !['GET', 'DELETE'].includes(method), perSecond: 10, burst: 200 },
];

function throttleBound(counted: Map<string, number>): number {
  const needed = buckets.map(({ of, perSecond, burst }) => {
    const calls = [...counted].reduce((sum, [method, n]) => sum + (of(method) ? n : 0), 0);
    return (calls - burst) / perSecond;
  });
  return Math.max(0, ...needed);
}

/** What the host holds for what runs: what its death sets free of memory that is in use. It is started again, as after any death. */
async function heldMb(world: World): Promise<number> {
  const alive = liveMb();
  world.kill();
  // What it was at lets go of it.
  for (let n = 0; n < 20; n++) await breathe();
  return alive - liveMb();
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function liveMb(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** The process of the deployed bundle before it has anything to do, resident. */
function idleMb(): number {
  const bundle = new URL('../dist/functions/index.cjs', import.meta.url).pathname;
  const script = `require(${JSON.stringify(bundle)}); console.log(process.memoryUsage.rss()); process.exit(0);`;
  const env = { ...process.env, BOOTMEDIC_LOG_LEVEL: 'error' };
  const said = execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return Number(said.trim().split('\n').at(-1)) / 2 ** 20;
}
