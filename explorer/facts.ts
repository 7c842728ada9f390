/** What is known when a schedule is over: of Azure by the simulator's own state and request log, of the product by what it says. */
import { correlationId } from '../azure/call.ts';
import type { OutcomeKind, RepairStory } from '../functions/activities/contract.ts';
import type { WriteEntry } from '../simulator/arm/journal.ts';
import type { Approval } from './approver.ts';
import { actOf, groupOf } from './people.ts';
import type { Run } from './run.ts';
import { type Act, type CallFault, eventText, type Schedule } from './schedule.ts';
import type { SentScript } from './scripts.ts';
import { isCopyOf, sameId, type Watch } from './watch.ts';
import type { Call } from './wire.ts';
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

/** A write that reached Azure, and whose it was: a repair's or a sweep's (its id), or a person's act. */
export type Logged = WriteEntry & { by: string | undefined; act: Act | undefined };

/** A DELETE as it arrived, and what it was about. */
export interface Deletion {
  path: string;
  at: string;
  tags: Record<string, string>;
  /** Repairs that had not ended then. */
  running: string[];
}

/** What is known of one VM and its repairs. */
export interface Facts {
  schedule: Schedule;
  ended: boolean;
  repairs: Repair[];
  /** The same of the other VMs. */
  others: Facts[];
  watch: Watch;
  world: World;
  calls: Call[];
  activities: number;
  /** All writes, everybody's, in order. */
  log: Logged[];
  /** Writes of ours to this VM and for its repairs, in order, with the repair that sent each. */
  writes: (Logged & { repairId: string })[];
  /** Every trouble that was ordered, in order. */
  orders: Order[];
  /** Paths of run commands whose output the guest spoilt. */
  spoiltRuns: string[];
  /** Everything that was sent to any repair VM, in order. */
  scripts: SentScript[];
  /** What the person who is asked has agreed to. */
  approvals: Approval[];
  /** What people have done to this VM: what Azure has accepted of it. */
  acted: Act[];
  sweeps: string[];
  deletions: Deletion[];
  decoys: string[];
  hit: number;
  /** Events of the schedule that came about, as they are written in it. */
  came: string[];
  virtualSeconds: number;
}

export interface Order {
  method: string;
  path: string;
  fault: CallFault;
}

const wait = 10_000;

/** Of an orchestration's status; undefined = it is not there yet. */
export const over = (status: string | undefined) => status !== 'Running' && status !== 'Pending' && status !== undefined;

export const headersFor = (host: { token: string } | undefined) => ({
  authorization: `Bearer ${host?.token}`,
  'content-type': 'application/json',
});

/** One for each VM, the base's own first. */
export async function factsOf(world: World, schedule: Schedule, run: Run, calls: Call[]): Promise<Facts[]> {
  const { activities, orders, spoiltRuns, sweeps, deletions, decoys, hit, watches, asked } = run;
  const owners = new Map([...asked.keys(), ...sweeps].map(id => [correlationId(id), id]));
  const log = world.simulator.cloud.journal.writes.map(write => {
    const { correlationId: id } = write;
    return { ...write, by: owners.get(id), act: actOf(id) };
  });
  const sent = { scripts: run.scripts.sent, approvals: run.approver.approvals };
  const common = {
    schedule,
    others: [],
    world,
    calls,
    activities,
    log,
    orders,
    spoiltRuns,
    sweeps,
    deletions,
    decoys,
    hit,
    came: [],
    ...sent,
  };
  const all: Facts[] = [];
  for (const watch of watches) {
    const repairs: Repair[] = [];
    for (const [id, of] of asked) if (of === watch) repairs.push(await told(world, id));
    const writes = log.flatMap(write => (repairs.some(({ id }) => id === write.by) ? [{ ...write, repairId: write.by ?? '' }] : []));
    const isMain = watch === run.main;
    // People act on the first VM, and with its group on all that lie in it.
    const hits = (path: string) => isMain || sameId(path, groupOf(watch.vmId));
    const acted = log.flatMap(({ act, path, status }) => (act && status < 300 && hits(path) ? [act] : []));
    const came = schedule.events.filter(event => run.came.has(event) || (event.on === 'person' && acted.includes(event.act)));
    all.push({ ...common, came: came.map(eventText), ended: true, virtualSeconds: 0, watch, repairs, writes, acted });
  }
  return all;
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
  return disk !== undefined && !sameId(disk, watch.originalId) && repairs.some(({ id }) => isCopyOf(disk, id));
};
