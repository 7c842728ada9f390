/** One schedule, from the alert to the report, and what the invariants need to judge it. */
import { Approver } from './approver.ts';
import { policyOf } from './base.ts';
import { type Deletion, type Facts, factsOf, headersFor, type Order, over } from './facts.ts';
import { canHave, mishapOf, operationFault, spoilt } from './mishaps.ts';
import { People } from './people.ts';
import type { CallFault, Event, Moment, Schedule } from './schedule.ts';
import { Scripts } from './scripts.ts';
import { guest } from './spoiling.ts';
import { inLife, stage } from './stage.ts';
import { putDecoys, scenarioFor, twinName } from './subjects.ts';
import { leap } from './time.ts';
import { sameId, Watch } from './watch.ts';
import type { Call, Mishap } from './wire.ts';
import type { World } from './world.ts';

type CallEvent = Extract<Event, { on: 'call' }>;

interface Begun {
  id?: string;
  sweepId?: string;
}

export class Run {
  readonly #world: World;
  readonly #schedule: Schedule;
  readonly watches: Watch[];
  /** Repairs, with the VM of each. */
  readonly asked = new Map<string, Watch>();
  readonly sweeps: string[] = [];
  readonly deletions: Deletion[] = [];
  readonly orders: Order[] = [];
  readonly spoiltRuns: string[] = [];
  readonly scripts: Scripts;
  readonly approver: Approver;
  decoys: string[] = [];
  /** Events that came about; what a person does counts where Azure has accepted it. */
  readonly came = new Set<Event>();
  readonly #lasting: { method: string; path: string; event: CallEvent }[] = [];
  readonly #people: People;
  #activities = 0;
  hit = 0;

  constructor(world: World, schedule: Schedule) {
    this.#world = world;
    this.#schedule = schedule;
    const { cloud } = world.simulator;
    this.watches = cloud.estate.vms().map(vm => new Watch(cloud, vm));
    this.#people = new People(cloud, this.main);
    this.scripts = new Scripts(cloud);
    this.approver = new Approver(world);
    const look = () => {
      for (const watch of this.watches) watch.look();
    };
    const acted = () => {
      look();
      this.scripts.look();
    };
    world.onQuiet = look;
    world.wire.observer = { arrived: (call, path) => this.#arrived(call, path), acted, die: () => world.kill() };
    stage.activity = (name, work) => this.#activity(name, work);
  }

  get main(): Watch {
    const [watch] = this.watches;
    if (watch === undefined) throw new Error('the scenario has no VM');
    return watch;
  }

  /** Where nobody is asked, nobody looks. */
  get asksAPerson(): boolean {
    return this.watches.some(({ vmId }) => policyOf(vmId.split('/')[4] ?? '').mode === 'review');
  }

  get activities(): number {
    return this.#activities;
  }

  get running(): string[] {
    return [...this.asked.keys()].filter(id => !over(this.#world.host?.status(id)));
  }

  wants(on: Moment): number | undefined {
    return this.#schedule.events.find(event => event.on === on)?.n;
  }

  comesAbout(on: Moment): void {
    for (const event of this.#schedule.events) if (event.on === on) this.came.add(event);
  }

  async #activity(_name: string, work: () => Promise<unknown>): Promise<unknown> {
    const n = ++this.#activities;
    const { life } = stage;
    const death = this.#events('activity', n)[0];
    if (death?.fault === 'die-before') return this.#die(death);
    const result = await inLife(work);
    if (death?.fault === 'die-after' && !life?.dead) return this.#die(death);
    return result;
  }

  /** Nobody is left who waits for the answer. */
  #die(event: Event): Promise<never> {
    this.hit++;
    this.came.add(event);
    this.#world.kill();
    return new Promise(() => {});
  }

  #events<K extends Event['on']>(on: K, n: number): Extract<Event, { on: K }>[] {
    return this.#schedule.events.filter((event): event is Extract<Event, { on: K }> => event.on === on && event.n === n);
  }

  #arrived(call: Call, exactPath: string): Mishap | undefined {
    call.activity = this.#activities;
    for (const event of this.#schedule.events) if (event.n === call.n) this.#happen(event);
    if (call.method === 'DELETE') this.#noteDeletion(exactPath);
    const ordered = this.#events('call', call.n)[0];
    if (ordered?.lasting) this.#lasting.push({ method: call.method, path: call.path, event: ordered });
    const event = ordered ?? this.#lasting.find(({ method, path }) => method === call.method && path === call.path)?.event;
    if (event === undefined || !canHave(call, event.fault)) return undefined;
    this.hit++;
    this.came.add(event);
    return this.#order(call, exactPath, event.fault);
  }

  #happen(event: Event): void {
    const { wire } = this.#world;
    const happens: Partial<Record<Event['on'], () => Promise<unknown>>> = {
      again: () => this.start(this.main),
      cancel: () => this.#cancel(),
      sweep: () => this.sweep(),
      other: () => this.#startTwin(event),
      neighbour: () => this.#startTwin(event),
    };
    if (event.on !== 'person' && event.on !== 'call' && event.on !== 'activity') this.came.add(event);
    const work = event.on === 'person' ? () => this.#people.act(event.act) : happens[event.on];
    if (work) void wire.errand(work);
    // What still runs in it takes time to end.
    if (event.on === 'stop') void this.#world.stop();
  }

  #noteDeletion(path: string): void {
    const tags = this.#world.simulator.cloud.estate.get(path)?.tags ?? {};
    this.deletions.push({ path, at: new Date().toISOString(), tags, running: this.running });
  }

  #order(call: Call, exactPath: string, fault: CallFault): Mishap | undefined {
    const { cloud } = this.#world.simulator;
    this.orders.push({ method: call.method, path: exactPath, fault });
    const operation = operationFault(fault);
    if (operation) cloud.faults.add({ match: { path: `^${escaped(exactPath)}\\?` }, times: 1, after: 0, delaySeconds: 0, ...operation });
    else if (spoilt('', fault) !== undefined) {
      this.spoiltRuns.push(exactPath);
      guest.spoil = fault;
    } else if (fault === 'partial') {
      const vm = cloud.estate.vm(exactPath);
      if (vm) vm.osDisk = { ...vm.osDisk, deleteOption: 'Detach' };
    } else if (fault === 'mute') guest.mute.add(computerOf(cloud, exactPath));
    return mishapOf(call, fault);
  }

  async start(watch: Watch): Promise<void> {
    const answered = await this.post('repairs', { vmId: watch.vmId });
    if (answered?.id && !this.asked.has(answered.id)) this.asked.set(answered.id, watch);
  }

  #startTwin(event: Event): Promise<void> {
    const name = twinName(this.#schedule, event);
    const watch = this.watches.find(({ vmId }) => vmId.endsWith(`/${name}`));
    return watch ? this.start(watch) : Promise.resolve();
  }

  async #cancel(): Promise<void> {
    const [id] = this.asked.keys();
    if (id) await this.post(`repairs/${id}/cancel`, {});
  }

  async sweep(): Promise<void> {
    const id = (await this.post('sweeps', {}))?.sweepId;
    if (id && !this.sweeps.includes(id)) this.sweeps.push(id);
  }

  async post(path: string, body: unknown): Promise<Begun | undefined> {
    const { host } = this.#world;
    const asked = { method: 'POST', headers: headersFor(host), body: JSON.stringify(body) };
    const answered = host && (await fetch(`${host.url}/api/${path}`, asked).catch(() => undefined));
    return (await answered?.json().catch(() => undefined)) as Begun | undefined;
  }

  /** Repairs that a sweep has begun. */
  async adopt(): Promise<void> {
    const { host } = this.#world;
    const answered = await fetch(`${host?.url}/api/sweeps/latest`, { headers: headersFor(host) }).catch(() => undefined);
    const report = (await answered?.json().catch(() => undefined)) as { ill?: { vmId: string; repairId: string | null }[] } | undefined;
    for (const { vmId, repairId } of report?.ill ?? []) {
      const watch = this.watches.find(each => sameId(each.vmId, vmId));
      if (repairId && watch && !this.asked.has(repairId)) this.asked.set(repairId, watch);
    }
  }
}

/** The name by which the machine of a VM that is being made or started knows itself (functions/activities/names.ts). */
function computerOf(cloud: World['simulator']['cloud'], path: string): string {
  const name =
    path
      .replace(/\/start$/, '')
      .split('/')
      .at(-1) ?? '';
  return cloud.estate.vm(path.replace(/\/start$/, ''))?.computerName ?? name.replace(/^bootmedic-(\w+)-vm$/, 'bm$1');
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** @param begin makes the estate; a world as new, unless it is to go on from where it is. */
export async function runSchedule(
  world: World,
  schedule: Schedule,
  begin = () => world.begin(scenarioFor(schedule), schedule.seed, schedule.flip),
): Promise<Facts> {
  await begin();
  guest.spoil = undefined;
  guest.mute.clear();
  const run = new Run(world, schedule);
  if (run.asksAPerson) run.approver.come();
  try {
    return await follow(world, schedule, run);
  } finally {
    run.approver.leave();
  }
}

async function follow(world: World, schedule: Schedule, run: Run): Promise<Facts> {
  const begun = Date.now();
  await ask(world, run);
  const allOver = () => run.asked.size > 0 && run.running.length === 0 && run.sweeps.every(id => over(world.host?.status(id)));
  let ended = await world.until(allOver);
  for (let n = 0; n < (run.wants('next') ?? 0) && ended; n++) {
    await ask(world, run);
    run.comesAbout('next');
    ended = await world.until(allOver);
  }
  const virtualSeconds = (Date.now() - begun) / 1000;
  if (run.wants('sweep') !== undefined && ended) ended = await sweepAtLast(world, run, allOver);
  for (const watch of run.watches) watch.look();
  const calls = [...world.wire.calls];
  world.wire.observer = undefined;
  const [facts, ...others] = await factsOf(world, schedule, run, calls);
  if (facts === undefined) throw new Error('the scenario has no VM');
  return { ...facts, others, ended, virtualSeconds };
}

const minute = 60_000;

/** A caller whose answer was cut off, or who met a host that was just closing, asks again a minute later, and joins what has begun. */
async function ask(world: World, run: Run): Promise<void> {
  const before = run.asked.size;
  for (let tries = 0; tries < 5 && run.asked.size === before; tries++) {
    const again = Date.now() + (tries === 0 ? 0 : minute);
    setTimeout(() => {}, minute);
    await world.until(() => world.host !== undefined && Date.now() >= again);
    await world.drive(run.start(run.main));
  }
}

/** What was kept has expired; beside it lies what only looks so. */
async function sweepAtLast(world: World, run: Run, allOver: () => boolean): Promise<boolean> {
  await world.drive(run.adopt());
  if (!(await world.until(allOver))) return false;
  leap();
  run.comesAbout('sweep');
  run.decoys = [...run.asked.keys()].flatMap(id => putDecoys(world.simulator.cloud, id));
  await world.drive(run.sweep());
  if (!(await world.until(allOver))) return false;
  await world.drive(run.adopt());
  return world.until(allOver);
}
