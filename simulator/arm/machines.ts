import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import type { Durations } from '../durations.ts';
import type { BootResult, BootStage, Guests, Machine } from '../guests/contract.ts';
import type { Estate } from './estate.ts';
import type { AgentReport, Session, Vm } from './model.ts';
import { sizeOf } from './sizes.ts';

/** Screens on which no guest agent runs: a stop, or a computer that has begun anew. */
const DEAD_SCREENS = new Set(['stop', 'black', 'firmware', 'boot-manager']);

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
    const boot = this.#guests.boot(structuredClone(disk.contents), this.#machineOf(vm, poweredOnAt));
    const session: Session = { poweredOnAt, stages: boot.stages.toSorted((a, b) => a.atSeconds - b.atSeconds), cancel: [] };
    vm.session = session;
    vm.power = 'running';
    this.#unfold(vm, session, boot, this.#clock.since(poweredOnAt));
  }

  #machineOf(vm: Vm, poweredOnAt: Date): Machine {
    const { computerName, generation } = vm;
    return { computerName, generation, memoryGb: sizeOf(vm.size).memoryGb, poweredOnAt, timeScale: this.#clock.scale };
  }

  /** Lets a session's stages and its end come in their time. */
  #unfold(vm: Vm, session: Session, { contents, settlesAtSeconds }: BootResult, age: number): void {
    const disk = this.#estate.ownedDisk(vm.osDisk.diskId);
    const settle = () => {
      disk.contents = contents;
    };
    if (age >= settlesAtSeconds) settle();
    else session.cancel.push(this.#clock.after(settlesAtSeconds - age, settle));
    // What a machine shows after it has settled (a loop, say) is looked at when somebody asks.
    const moments = [0, ...session.stages.map(stage => stage.atSeconds).filter(at => at <= settlesAtSeconds)];
    for (const at of new Set(moments.map(moment => moment + this.#durations.typical('console.lag')))) {
      if (at > age) session.cancel.push(this.#clock.after(at - age, () => this.onScreen(vm)));
    }
  }

  /** A non-maskable interrupt: what follows is decided by the guest, its disk, and what it is at. False = nobody heard it. */
  interrupt(vm: Vm): boolean {
    const { session } = vm;
    const disk = this.#estate.ownedDisk(vm.osDisk.diskId);
    if (session === undefined || disk.contents === undefined) return false;
    const age = this.#clock.since(session.poweredOnAt);
    const reached = this.reached(session);
    const stop = this.#guests.interrupt(structuredClone(disk.contents), this.#machineOf(vm, session.poweredOnAt), reached.at(-1), age);
    if (stop === undefined) return false;
    for (const cancel of session.cancel.splice(0)) cancel();
    session.stages = [...reached, ...stop.stages];
    this.#unfold(vm, session, stop, age);
    return true;
  }

  /** Cuts the power. Running scripts end without a trace; a boot that had not ended leaves none either. */
  powerOff(vm: Vm, state: 'stopped' | 'deallocated'): void {
    const report = this.#lastReport(vm);
    if (report !== undefined) vm.agent = report;
    if (vm.session !== undefined) this.onScreen(vm);
    for (const cancel of vm.session?.cancel ?? []) cancel();
    delete vm.session;
    vm.power = state;
    if (state === 'deallocated') delete vm.agent;
    for (const command of vm.runCommands.values()) command.stop('Failed');
    vm.stopAction?.('Failed');
  }

  /** The stages reached so many guest seconds ago, in order. */
  reached(session: Session, secondsAgo = 0): BootStage[] {
    const age = this.#clock.since(session.poweredOnAt) - secondsAgo;
    return session.stages.filter(stage => stage.atSeconds <= age);
  }

  agentStatus(vm: Vm): AgentStatus {
    const report = this.#lastReport(vm) ?? vm.agent;
    if (report === undefined) return { ready: false, everReported: false };
    const silent = vm.session !== undefined && this.#clock.since(report.readyAt) > this.#durations.typical('agent.stale');
    return silent ? { ready: false, everReported: true } : { ready: true, report };
  }

  /** Whether the agent has reported since the VM was powered on, and still runs: only then does it take commands. */
  takesCommands(vm: Vm): boolean {
    const life = vm.session && this.#agentLives(vm.session).at(-1);
    return life !== undefined && life.until === undefined;
  }

  /** Stores what a script did, disk by disk, where it changed anything. */
  commit(vm: Vm, changes: { diskId: string; before: unknown; after: unknown; store: () => void }[]): void {
    for (const { diskId, before, after, store } of changes) {
      const owned = this.#estate.disk(diskId)?.managedBy?.toLowerCase() === vm.id.toLowerCase();
      if (owned && !isDeepStrictEqual(before, after)) store();
    }
  }

  /** The agent's lives in a session, in guest seconds after power on; the last one goes on where it has no end. */
  #agentLives(session: Session): { from: number; until?: number; agent: NonNullable<BootStage['agent']> }[] {
    const lives: { from: number; until?: number; agent: NonNullable<BootStage['agent']> }[] = [];
    for (const { atSeconds, screen, agent } of this.reached(session)) {
      const last = lives.at(-1);
      const alive = last !== undefined && last.until === undefined;
      if (agent !== undefined && !alive) lives.push({ from: atSeconds, agent });
      else if (alive && agent === undefined && DEAD_SCREENS.has(screen.kind)) last.until = atSeconds;
    }
    return lives;
  }

  /** The agent's last report of the present session. */
  #lastReport(vm: Vm): AgentReport | undefined {
    const { session } = vm;
    const life = session && this.#agentLives(session).at(-1);
    if (session === undefined || life === undefined) return undefined;
    const period = this.#durations.typical('agent.period');
    const until = life.until ?? this.#clock.since(session.poweredOnAt);
    const ticks = Math.floor((until - life.from) / period);
    return { ...life.agent, readyAt: this.#clock.plus(session.poweredOnAt, life.from + ticks * period) };
  }
}
