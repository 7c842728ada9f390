/** One schedule, from the alert to the report, and what the invariants need to judge it. */
import { correlationId } from '../azure/call.ts';
import type { OutcomeKind, RepairStory } from '../functions/activities/contract.ts';
import { answer } from '../simulator/arm/gateway.ts';
import type { WriteEntry } from '../simulator/arm/journal.ts';
import { scenarioOf } from './base.ts';
import { canHave, mishapOf, operationFault, spoilt } from './mishaps.ts';
import type { Act, CallFault, Event, Schedule } from './schedule.ts';
import { lives, stage } from './stage.ts';
import { sameId, Watch } from './watch.ts';
import type { Call, Mishap } from './wire.ts';
import type { World } from './world.ts';

export interface Repair {
  id: string;
  /** Null = its orchestration did not end. */
  outcome: OutcomeKind | null;
  /** Null = no report can be read. */
  story: RepairStory | null;
  reportText: string;
  history: string;
}

export interface Facts {
  schedule: Schedule;
  ended: boolean;
  repairs: Repair[];
  watch: Watch;
  world: World;
  calls: Call[];
  activities: number;
  /** Writes of ours, in order, with the repair that sent each. */
  writes: (WriteEntry & { repairId: string })[];
  /** Operations that were ordered to fail or never to end: `METHOD path`. */
  failedOperations: string[];
  /** Names of run commands whose output the guest spoilt. */
  spoiltRuns: string[];
  /** What people have done. */
  acted: Act[];
  hit: number;
  virtualSeconds: number;
}

/** Set while a script's output is spoilt; read by the guests. */
export const guest: { spoil: CallFault | undefined } = { spoil: undefined };

const wait = 10_000;

class Run {
  readonly #world: World;
  readonly #schedule: Schedule;
  readonly watch: Watch;
  readonly ids: string[] = [];
  readonly acted: Act[] = [];
  readonly failedOperations: string[] = [];
  readonly spoiltRuns: string[] = [];
  readonly #lasting: { method: string; path: string; fault: CallFault }[] = [];
  #activities = 0;
  hit = 0;

  constructor(world: World, schedule: Schedule) {
    this.#world = world;
    this.#schedule = schedule;
    const [vm] = world.simulator.cloud.estate.vms();
    if (vm === undefined) throw new Error('the scenario has no VM');
    this.watch = new Watch(world.simulator.cloud, vm);
    world.onQuiet = () => this.watch.look();
    world.wire.observer = { arrived: (call, path) => this.#arrived(call, path), acted: () => this.watch.look(), die: () => world.kill() };
    stage.activity = (name, work) => this.#activity(name, work);
  }

  get activities(): number {
    return this.#activities;
  }

  async #activity(_name: string, work: () => Promise<unknown>): Promise<unknown> {
    const n = ++this.#activities;
    const { life } = stage;
    const death = this.#events('activity', n)[0];
    if (death?.fault === 'die-before') return this.#die();
    const result = await (life ? lives.run(life, work) : work());
    if (death?.fault === 'die-after' && !life?.dead) return this.#die();
    return result;
  }

  /** Nobody is left who waits for the answer. */
  #die(): Promise<never> {
    this.hit++;
    this.#world.kill();
    return new Promise(() => {});
  }

  #events<K extends Event['on']>(on: K, n: number): Extract<Event, { on: K }>[] {
    return this.#schedule.events.filter((event): event is Extract<Event, { on: K }> => event.on === on && event.n === n);
  }

  #arrived(call: Call, exactPath: string): Mishap | undefined {
    for (const { act } of this.#events('person', call.n)) void this.#world.wire.track(() => this.#act(act));
    for (const _ of this.#events('again', call.n)) void this.#world.wire.track(() => this.start());
    for (const _ of this.#events('cancel', call.n)) void this.#world.wire.track(() => this.#cancel());
    const ordered = this.#events('call', call.n)[0];
    if (ordered?.lasting) this.#lasting.push({ method: call.method, path: call.path, fault: ordered.fault });
    const fault = ordered?.fault ?? this.#lasting.find(({ method, path }) => method === call.method && path === call.path)?.fault;
    if (fault === undefined || !canHave(call, fault)) return undefined;
    this.hit++;
    return this.#order(call, exactPath, fault);
  }

  #order(call: Call, exactPath: string, fault: CallFault): Mishap | undefined {
    const operation = operationFault(fault);
    if (operation) {
      this.failedOperations.push(`${call.method} ${exactPath}`);
      this.#world.simulator.cloud.faults.add({
        match: { path: `^${escaped(exactPath)}\\?` },
        times: 1,
        after: 0,
        delaySeconds: 0,
        ...operation,
      });
    } else if (spoilt('', fault) !== undefined) {
      this.spoiltRuns.push(exactPath.split('/').at(-1) ?? '');
      guest.spoil = fault;
    }
    return mishapOf(call, fault);
  }

  async start(): Promise<void> {
    const { host } = this.#world;
    if (host === undefined) return;
    const body = JSON.stringify({ vmId: this.watch.vmId });
    const answered = await fetch(`${host.url}/api/repairs`, { method: 'POST', headers: headersFor(host), body }).catch(() => undefined);
    const { id } = ((await answered?.json().catch(() => undefined)) ?? {}) as { id?: string };
    if (id && !this.ids.includes(id)) this.ids.push(id);
  }

  async #cancel(): Promise<void> {
    const [id] = this.ids;
    const { host } = this.#world;
    if (id && host)
      await fetch(`${host.url}/api/repairs/${id}/cancel`, { method: 'POST', headers: headersFor(host), body: '{}' }).catch(() => {});
  }

  /** As another client of Azure's would: with its own token, refused where Azure refuses. */
  async #act(act: Act): Promise<void> {
    const { cloud } = this.#world.simulator;
    const token = cloud.identity.issue('https://management.azure.com')?.access_token ?? '';
    const send = (method: string, id: string, body?: unknown) =>
      answer(cloud, { method, url: `${id}?api-version=${versionFor(id)}`, headers: { authorization: `Bearer ${token}` }, body }, undefined);
    const { vmId, originalId } = this.watch;
    const ours = (ending: string) =>
      cloud.estate.all().find(({ id }) => id.endsWith(ending) && !this.watch.before.has(id.toLowerCase()))?.id;
    const orders: Record<Act, () => Promise<{ status: number }> | undefined> = {
      start: () => send('POST', `${vmId}/start`),
      powerOff: () => send('POST', `${vmId}/powerOff`),
      deallocate: () => send('POST', `${vmId}/deallocate`),
      'delete-vm': () => send('DELETE', vmId),
      'delete-copy': () => this.#ifThere(ours('-disk'), id => send('DELETE', id)),
      'delete-repair-vm': () => this.#ifThere(ours('-vm'), id => send('DELETE', id)),
      retag: () => send('PATCH', vmId, { tags: { touched: 'by a person' } }),
      resize: () => send('PATCH', vmId, { properties: { hardwareProfile: { vmSize: 'Standard_D4s_v5' } } }),
      'swap-back': () =>
        send('PATCH', vmId, {
          properties: { storageProfile: { osDisk: { name: originalId.split('/').at(-1), managedDisk: { id: originalId } } } },
        }),
    };
    const answered = await orders[act]();
    if (answered && answered.status < 300) this.acted.push(act);
  }

  #ifThere<T>(id: string | undefined, work: (id: string) => T): T | undefined {
    return id === undefined ? undefined : work(id);
  }
}

const headersFor = (host: { token: string } | undefined) => ({
  authorization: `Bearer ${host?.token}`,
  'content-type': 'application/json',
});
const versionFor = (id: string) => (/\/disks\//.test(id) ? '2025-01-02' : '2025-04-01');
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const over = (status: string | undefined) => status !== 'Running' && status !== 'Pending' && status !== undefined;

export async function runSchedule(world: World, schedule: Schedule): Promise<Facts> {
  await world.begin(scenarioOf(schedule.base), schedule.seed);
  guest.spoil = undefined;
  const run = new Run(world, schedule);
  const begun = Date.now();
  // A caller whose answer was cut off asks again, and joins what has begun.
  for (let tries = 0; tries < 5 && run.ids.length === 0; tries++) {
    await world.until(() => world.host !== undefined);
    await world.drive(run.start());
  }
  const ended = await world.until(() => run.ids.length > 0 && run.ids.every(id => over(world.host?.status(id))));
  const virtualSeconds = (Date.now() - begun) / 1000;
  run.watch.look();
  const calls = [...world.wire.calls];
  world.wire.observer = undefined;
  const repairs: Repair[] = [];
  for (const id of run.ids) repairs.push(await told(world, id));
  const byCorrelation = new Map(run.ids.map(id => [correlationId(id), id]));
  const writes = world.simulator.cloud.journal.writes.flatMap(write => {
    const repairId = byCorrelation.get(write.correlationId);
    return repairId === undefined ? [] : [{ ...write, repairId }];
  });
  const { watch, activities, failedOperations, spoiltRuns, acted, hit } = run;
  return { schedule, ended, repairs, watch, world, calls, activities, writes, failedOperations, spoiltRuns, acted, hit, virtualSeconds };
}

/** What the product says of a repair: everything that a person or a log could see. */
async function told(world: World, id: string): Promise<Repair> {
  const { host } = world;
  const get = async (path: string) => {
    const asked = { headers: headersFor(host), signal: AbortSignal.timeout(wait) };
    const answered = await fetch(`${host?.url}${path}`, asked).catch(() => undefined);
    return { status: answered?.status ?? 0, text: (await answered?.text().catch(() => '')) ?? '' };
  };
  const report = await world.drive(get(`/api/repairs/${id}/report.json`));
  const instance = await world.drive(
    get(`/runtime/webhooks/durabletask/instances/${id}?showHistory=true&showHistoryOutput=true&showInput=true`),
  );
  const { output } = parse(instance.text) as { output?: { outcome?: OutcomeKind } };
  const { story } = report.status === 200 ? (parse(report.text) as { story?: RepairStory }) : {};
  return {
    id,
    outcome: output?.outcome ?? null,
    story: story ?? null,
    reportText: report.text,
    history: `${instance.text}${world.host?.history(id)}`,
  };
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

export const onCopy = ({ watch, repairs }: Facts): boolean => {
  const disk = watch.vm?.osDisk.diskId;
  return disk !== undefined && !sameId(disk, watch.originalId) && repairs.some(({ id }) => disk.includes(id.replace('r-', '')));
};
