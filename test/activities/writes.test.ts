import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Name } from '../../functions/activities/activity.ts';
import type { Mode, Plan, PlannedWrite, RepairRequest } from '../../functions/activities/contract.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import type { Command } from '../../orchestrations/steps.ts';
import type { WriteEntry } from '../../records/index.ts';
import type { Guests } from '../../simulator/guests/contract.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { estate, GROUP, LOCATION, vmId } from '../simulator/support/estate.ts';
import { doubleGuests, toy } from '../simulator/support/guests.ts';
import { Bench } from './rig.ts';
import { finding, request } from './samples.ts';

const timeScale = 1000;
/** The repair whose first two uploads are cut off. */
const cutOff = 'r-gggggggggggg';
let uploads = 0;
/** The repair whose system file check never tells its result. */
const silent = 'r-hhhhhhhhhhhh';
/** Every script says that it changed something, so that every attempt is followed by a boot. */
const guests: Guests = {
  ...doubleGuests,
  async runScript({ parameters, disks, system, script }) {
    const dump = parameters.RepairId === cutOff && parameters.DumpUri !== undefined && ++uploads <= 2;
    const cut = dump || (parameters.RepairId === silent && script.startsWith('# bootmedic: id=offline-sfc;'));
    if (cut) return { seconds: 1, exitCode: 1, output: '', error: '', disks, system };
    const result = { token: parameters.Token, outcome: 'fixed', code: 'c', findings: [], actions: [], warnings: [] };
    return { seconds: 1, exitCode: 0, output: `BOOTMEDIC-RESULT ${JSON.stringify(result)}\n`, error: '', disks, system };
  },
};

/** What was written and is not in the plan, or not so often. A plan's entries for the same thing add up. */
function unplanned(plan: PlannedWrite[], writes: WriteEntry[]): string[] {
  const left = plan.map(write => ({ ...write }));
  return writes.flatMap(({ operation, resource }) => {
    const cover = left.find(each => each.atMost > 0 && each.operation === operation && covers(each.target, resource));
    if (cover === undefined) return [`${operation} ${resource}`];
    cover.atMost--;
    return [];
  });
}

/** `*` in a target stands for a number; a POST's path ends in its action. */
function covers(target: string, resource: string): boolean {
  const pattern = target.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', String.raw`\d+`);
  return new RegExp(`^${pattern}(/(powerOff|start|attachDetachDataDisks))?$`, 'i').test(resource);
}

interface Changes {
  mode: Mode;
  /** The boot that succeeds, counted from 1. */
  goodBoot?: number;
  playbook?: string;
  boots?: number;
  restartFirst?: boolean;
  consents?: string[];
}

describe('the plan of a repair names every write that follows', () => {
  let simulator: Simulator;
  let repairs: Record<
    'review' | 'auto' | 'longer' | 'short' | 'restarted' | 'cured' | 'cut' | 'copied',
    Awaited<ReturnType<typeof repair>>
  >;
  beforeAll(async () => {
    const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-simulator-'));
    const machine = (name: string) => ({
      ...{ name, resourceGroup: GROUP, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V2' },
      osDisk: { name: `${name}-os`, sizeGb: 127, contents: toy(name, false) },
    });
    const virtualMachines = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(machine);
    simulator = await startSimulator({ scenario: estate({ virtualMachines }), guests, runDir, timeScale });
    const [review, auto, longer, short, restarted, cured, cut, copied] = await Promise.all([
      repair('r-aaaaaaaaaaaa', 'a', { mode: 'review' }),
      repair('r-bbbbbbbbbbbb', 'b', { mode: 'auto', goodBoot: 2 }),
      repair('r-cccccccccccc', 'c', { mode: 'auto', playbook: 'stop-0xc000021a' }),
      repair('r-dddddddddddd', 'd', { mode: 'auto', playbook: 'stop-0xc000021a', boots: 1 }),
      repair('r-eeeeeeeeeeee', 'e', { mode: 'auto', goodBoot: 2, restartFirst: true }),
      repair('r-ffffffffffff', 'f', { mode: 'auto', goodBoot: 1, restartFirst: true }),
      repair(cutOff, 'g', { mode: 'auto', goodBoot: 1, playbook: 'stop-0xc000021a', consents: ['upload-dump'] }),
      repair(silent, 'h', { mode: 'auto', playbook: 'stop-0xc000021a' }),
    ]);
    repairs = { review, auto, longer, short, restarted, cured, cut, copied };
  }, 60_000);
  afterAll(() => simulator?.close());

  /** The real runbook and activities; what is seen on the VM's console is decided here: `goodBoot` counts from 1. */
  async function repair(id: string, vm: string, changes: Changes) {
    const { mode, goodBoot = 0, playbook = 'stop-0xef', boots = 3, restartFirst = false, consents = [] } = changes;
    const bench = new Bench(simulator, { defaults: { mode: 'auto' } }, id);
    const starts = new Set<string>();
    let looks = 0;
    const seen: { [N in Name]?: (input: never) => unknown } = {
      diagnoseVm: () => ({
        verdict: 'failing',
        sight: 'stop-screen',
        progress: null,
        earlierStops: 0,
        findings: [finding],
        settledBy: '',
        summary: '',
        evidence: [],
      }),
      judgeProbe: () => ({ verdict: 'go', code: '', reason: '', remedy: '', consent: null }),
      observeBoot: ({ startedAt }: { startedAt: string }) => {
        const good = starts.add(startedAt).size === goodBoot;
        const agentReadyAt = good ? new Date(++looks * 1000).toISOString() : null;
        const sight = { at: startedAt, power: 'running', sight: good ? 'sign-in' : 'stop-screen', agentReadyAt, alive: true };
        return { ...sight, progress: null, failure: good ? null : finding, evidence: [], summary: '' };
      },
    };
    const limits = { ...request.limits, bootsPerRepair: boots, stabilitySeconds: 20 };
    const wish: RepairRequest = { ...request, vmId: vmId(vm), mode, playbook, restartFirst, consents, limits };
    let phase = '';
    const answer = async (command: Command): Promise<unknown> => {
      if (command.do === 'now') return new Date().toISOString();
      if (command.do === 'show') phase = command.status.phase ?? phase;
      if (command.do === 'sleep' || command.do === 'retry') await setTimeout((command.seconds * 1000) / timeScale);
      if (command.do === 'retry') return true;
      if (command.do === 'wait') return { event: command.events[0], payload: {} };
      if (command.do === 'ask') return command.operation === 'takeTurn' ? { turn: 'go' } : { decision: 'admitted', restartedAt: null };
      if (command.do !== 'activity') return;
      const name = command.name as Name;
      const table = seen[name];
      return table ? { ok: true, value: table(command.input as never) } : bench.act(name, command.input as never, phase);
    };
    const steps = repairVm(wish, id);
    let next = steps.next();
    while (!next.done) next = steps.next(await answer(next.value));
    const story = (await bench.tools.records.readRecord(id))?.story;
    const writes = (await bench.tools.records.readWrites(id)).filter(({ status }) => status >= 200 && status < 300);
    return { outcome: next.value.outcome, plan: story?.plan as Plan, writes };
  }
  const times = (writes: WriteEntry[], action: string) => writes.filter(({ operation }) => operation.endsWith(action)).length;

  test('in mode review, where every boot fails and the VM is put back', () => {
    const { outcome, plan, writes } = repairs.review;
    expect(outcome).toBe('rolled-back');
    expect([times(writes, '/start/action'), times(writes, '/powerOff/action')]).toEqual([3, 3]);
    expect(times(writes, 'snapshots/delete')).toBe(1);
    expect(unplanned(plan.writes, writes)).toEqual([]);
    const of = (action: string, target: string) =>
      plan.writes
        .filter(write => write.operation.endsWith(action) && write.target === target)
        .reduce((sum, write) => sum + write.atMost, 0);
    // Two boots and the way back: neither less nor more than what can happen.
    expect([of('/start/action', vmId('a')), of('/powerOff/action', vmId('a')), of('virtualMachines/write', vmId('a'))]).toEqual([3, 3, 4]);
  });

  test('in mode auto, where the second boot succeeds', () => {
    const { outcome, plan, writes } = repairs.auto;
    expect(outcome).toBe('repaired');
    expect(writes.some(({ step }) => step === 'tagLeftover')).toBe(true);
    expect(unplanned(plan.writes, writes)).toEqual([]);
    expect(plan.writes.some(({ target }) => /(snap|disk)-probe$/.test(target))).toBe(false);
  });

  test('each tells what it replaces and what it puts in its place', () => {
    const told = (step: string, action: string) => {
      const found = repairs.auto.writes.find(write => write.step === step && write.operation.endsWith(action));
      return found && [found.before, found.after];
    };
    for (const { writes } of Object.values(repairs))
      expect(writes.filter(({ before, after }) => before === undefined && after === undefined)).toEqual([]);
    expect(told('ensurePoweredOff', '/powerOff/action')).toEqual(['running', expect.stringMatching(/^stopped/)]);
    expect(told('ensureStarted', '/start/action')).toEqual(['stopped', 'running']);
    expect(told('ensureSnapshot', 'snapshots/write')).toEqual([undefined, 'incremental snapshot of b-os']);
    expect(told('ensureRepairDisk', 'disks/write')).toEqual([undefined, expect.stringMatching(/^copy of .*, 127 GiB Premium_LRS$/)]);
    expect(told('ensureAttached', '/attachDetachDataDisks/action')).toEqual([undefined, expect.stringMatching(/-disk at LUN 0$/)]);
    expect(told('ensureDetached', '/attachDetachDataDisks/action')).toEqual([expect.stringMatching(/-disk at LUN 0$/), undefined]);
    expect(told('ensureScript', 'runCommands/write')).toEqual([undefined, expect.stringMatching(/ in mode \w+, SHA-256 [0-9a-f]{12}$/)]);
    expect(told('ensureRepairVm', 'virtualMachines/write')).toEqual([undefined, expect.stringMatching(/^Standard_\w+, /)]);
    expect(told('ensureRepairVmDeleted', 'virtualMachines/delete')).toEqual([expect.stringMatching(/^Standard_\w+, running/), undefined]);
    expect(told('tagLeftover', '/write')).toEqual([
      undefined,
      expect.stringMatching(/^bootmedic-repair=r-bbbbbbbbbbbb bootmedic-expires=/),
    ]);
    const swaps = repairs.auto.writes.filter(({ step }) => step === 'ensureOsDisk').map(({ before }) => before?.split('/').at(-1));
    expect(swaps[0]).toBe('b-os');
  });

  test('with a playbook of more attempts, and with fewer boots allowed than it has', () => {
    const { longer, short } = repairs;
    expect([longer.outcome, times(longer.writes, '/start/action')]).toEqual(['rolled-back', 4]);
    expect([short.outcome, times(short.writes, '/start/action')]).toEqual(['rolled-back', 2]);
    for (const { plan, writes } of [longer, short]) expect(unplanned(plan.writes, writes)).toEqual([]);
  });

  test('with an upload that is cut off twice and goes on in runs of its own', () => {
    const { outcome, plan, writes } = repairs.cut;
    const runs = writes.flatMap(({ resource }) => /\/runCommands\/(\d-collect-dump.*)$/.exec(resource)?.[1] ?? []);
    expect([outcome, runs]).toEqual(['repaired', ['1-collect-dump', '1-collect-dump-2', '1-collect-dump-3']]);
    const again = plan.writes.filter(({ target }) => target.endsWith('*-collect-dump-*'));
    expect(again.map(({ atMost }) => atMost)).toEqual([2, 2, 2]);
    expect(unplanned(plan.writes, writes)).toEqual([]);
  });

  test('with a script that is cut off, and a fresh copy of the same snapshot for what follows', () => {
    const { outcome, plan, writes } = repairs.copied;
    const made = writes.filter(({ operation, step }) => operation.endsWith('/disks/write') && step === 'ensureRepairDisk');
    expect([outcome, made.map(({ resource }) => resource.split('/').at(-1))]).toEqual([
      'rolled-back',
      [plan.repairDisk.name, `${plan.repairDisk.name}-2`],
    ]);
    expect(times(writes, 'disks/delete')).toBe(2);
    expect(times(writes, 'snapshots/write')).toBe(1);
    const runs = writes.flatMap(({ resource }) => /\/runCommands\/(\d-.*)$/.exec(resource)?.[1] ?? []);
    expect(runs.filter(run => /sfc|revert/.test(run))).toEqual(['1-revert-servicing', '2-offline-sfc', '3-revert-servicing-2']);
    expect(unplanned(plan.writes, writes)).toEqual([]);
  });

  test('with a restart before it, whether it cures or not', () => {
    const { restarted, cured } = repairs;
    expect([restarted.outcome, times(restarted.writes, '/start/action'), times(restarted.writes, 'snapshots/write')]).toEqual([
      'repaired',
      2,
      2,
    ]);
    const own = cured.writes.filter(({ step }) => step !== 'ensureRepairGroup');
    expect([cured.outcome, own.map(({ operation }) => operation.split('/').slice(1).join('/'))]).toEqual([
      'repaired',
      ['snapshots/write', 'virtualMachines/powerOff/action', 'virtualMachines/start/action'],
    ]);
    for (const { plan, writes } of [restarted, cured]) expect(unplanned(plan.writes, writes)).toEqual([]);
  });

  test('also what is made once for all repairs of a region', () => {
    const made = Object.values(repairs).flatMap(({ writes }) =>
      writes.filter(({ step }) => step === 'ensureRepairNetwork' || step === 'ensureRepairGroup'),
    );
    for (const kind of ['resourceGroups', 'networkSecurityGroups', 'virtualNetworks'])
      expect(times(made, `/${kind}/write`)).toBeGreaterThan(0);
  });

  test('and it is noticed when one is missing or comes too often', () => {
    const write = (atMost: number): PlannedWrite => ({
      ...{ phase: 'swap', operation: 'Microsoft.Compute/virtualMachines/start/action', target: vmId('a') },
      ...{ why: '', destructive: false, undo: '', atMost },
    });
    const start = { operation: write(1).operation, resource: `${vmId('a')}/start` } as WriteEntry;
    expect(unplanned([write(1), write(1)], [start, start])).toEqual([]);
    expect(unplanned([write(1)], [start, start])).toHaveLength(1);
    expect(unplanned([write(1)], [{ ...start, resource: `${vmId('b')}/start` }])).toHaveLength(1);
  });
});
