import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import type { Durations } from '../durations.ts';
import type { BootStage, Guests } from '../guests/contract.ts';
import type { Estate } from './estate.ts';
import type { AgentReport, Session, Vm } from './model.ts';
import { sizeOf } from './sizes.ts';

/** Screens on which no guest agent runs. */
const DEAD_SCREENS = new Set(['stop', 'boot-manager', 'black']);

/** What an agent status says, as the instance view shows it. */
export type AgentStatus = { ready: true; report: AgentReport } | { ready: false; everReported: boolean };

/** Computers: power them, and say at any moment what they show and whether their agent reports. */
export class Machines {
  readonly #clock: Clock;
  readonly #durations: Durations;
  readonly #estate: Estate;
  readonly #guests: Guests;
  /** Called when a VM's console has changed. */
  onScreen: (vm: Vm) => void = () => {};

  constructor(clock: Clock, durations: Durations, estate: Estate, guests: Guests) {
    this.#clock = clock;
    this.#durations = durations;
    this.#estate = estate;
    this.#guests = guests;
  }

  /**
   * Powers a VM on: what follows is decided by its OS disk's contents alone.
   * @param poweredOnAt in the past for a VM that has been running since before the simulator started
   */
  powerOn(vm: Vm, poweredOnAt = this.#clock.now()): void {
    const disk = this.#estate.ownedDisk(vm.osDisk.diskId);
    if (disk.contents === undefined) throw new Error(`OS disk ${disk.id} has no contents`);
    const { stages, contents } = this.#guests.boot(structuredClone(disk.contents), {
      computerName: vm.computerName,
      generation: vm.generation,
      memoryGb: sizeOf(vm.size).memoryGb,
      poweredOnAt,
    });
    const session: Session = { poweredOnAt, stages: stages.toSorted((a, b) => a.atSeconds - b.atSeconds), cancel: [] };
    vm.session = session;
    vm.power = 'running';
    const age = this.#clock.since(poweredOnAt);
    const settle = () => {
      disk.contents = contents;
    };
    const last = session.stages.at(-1)?.atSeconds ?? 0;
    if (age >= last) settle();
    else session.cancel.push(this.#clock.after(last - age, settle));
    const moments = [0, ...session.stages.map(stage => stage.atSeconds)].map(at => at + this.#durations.typical('console.lag'));
    for (const at of new Set(moments)) {
      if (at > age) session.cancel.push(this.#clock.after(at - age, () => this.onScreen(vm)));
    }
  }

  /** Cuts the power. Running scripts end without a trace; a boot that had not ended leaves none either. */
  powerOff(vm: Vm, state: 'stopped' | 'deallocated'): void {
    this.#keepAgentReport(vm);
    for (const cancel of vm.session?.cancel ?? []) cancel();
    delete vm.session;
    vm.power = state;
    if (state === 'deallocated') delete vm.agent;
    for (const command of vm.runCommands.values()) command.stop('Failed');
  }

  /** The stages reached so many guest seconds ago, in order. */
  reached(session: Session, secondsAgo = 0): BootStage[] {
    const age = this.#clock.since(session.poweredOnAt) - secondsAgo;
    return session.stages.filter(stage => stage.atSeconds <= age);
  }

  agentStatus(vm: Vm): AgentStatus {
    const report = this.#reportOf(vm) ?? vm.agent;
    if (report === undefined) return { ready: false, everReported: false };
    const silent = vm.session !== undefined && this.#clock.since(report.readyAt) > this.#durations.typical('agent.stale');
    return silent ? { ready: false, everReported: true } : { ready: true, report };
  }

  /** Whether the agent has reported since the VM was powered on, and still runs: only then does it take commands. */
  takesCommands(vm: Vm): boolean {
    const { session } = vm;
    return session !== undefined && this.#reportOf(vm) !== undefined && this.#agentEnd(session) === undefined;
  }

  /** Stores what a script did, disk by disk, where it changed anything. */
  commit(vm: Vm, changes: { diskId: string; before: unknown; after: unknown; store: () => void }[]): void {
    for (const { diskId, before, after, store } of changes) {
      const owned = this.#estate.disk(diskId)?.managedBy?.toLowerCase() === vm.id.toLowerCase();
      if (owned && !isDeepStrictEqual(before, after)) store();
    }
  }

  /** When, in this session, the agent fell silent (guest seconds after power on), if it has. */
  #agentEnd(session: Session): number | undefined {
    const reached = this.reached(session);
    const first = reached.findIndex(stage => stage.agent !== undefined);
    return first < 0 ? undefined : reached.slice(first).find(stage => DEAD_SCREENS.has(stage.screen.kind))?.atSeconds;
  }

  /** The agent's last report of this session. */
  #reportOf(vm: Vm): AgentReport | undefined {
    const { session } = vm;
    const reporting = session && this.reached(session).filter(stage => stage.agent !== undefined);
    const [first] = reporting ?? [];
    const agent = reporting?.at(-1)?.agent;
    if (session === undefined || first === undefined || agent === undefined) return undefined;
    const period = this.#durations.typical('agent.period');
    const until = this.#agentEnd(session) ?? this.#clock.since(session.poweredOnAt);
    const ticks = Math.floor((until - first.atSeconds) / period);
    return { ...agent, readyAt: this.#clock.plus(session.poweredOnAt, first.atSeconds + ticks * period) };
  }

  #keepAgentReport(vm: Vm): void {
    const report = this.#reportOf(vm);
    if (report !== undefined) vm.agent = report;
  }
}
