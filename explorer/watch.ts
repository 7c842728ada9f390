/** Sees what happens to the failed VM and its disk, at every quiet moment: what the invariants rest on beside the end state. */
import type { Cloud } from '../simulator/arm/cloud.ts';
import type { Disk, Vm } from '../simulator/arm/model.ts';
import { actOf } from './people.ts';

export const sameId = (a: string | undefined, b: string | undefined) => a?.toLowerCase() === b?.toLowerCase();

/** The name at an id's end, in lower case. */
export const last = (id: string) => id.split('/').at(-1)?.toLowerCase() ?? '';
/** With what the names of all that a repair makes begin. */
export const stemOf = ({ id }: { id: string }) => `bootmedic-${id.replace('r-', '')}`;
/** Whether a disk is one that this repair has made. */
export const isCopyOf = (diskId: string, id: string) => last(diskId).startsWith(`${stemOf({ id })}-`);

export interface Swap {
  at: string;
  from: string;
  to: string;
  byPerson: boolean;
  booted: boolean;
}

/** What nobody but its owner may change of a disk. */
const shapeOf = (disk: Disk | undefined) =>
  JSON.stringify([disk?.sku, disk?.sizeGb, disk?.encryption, disk?.networkAccessPolicy, disk?.shared, disk?.zones]);

export class Watch {
  readonly vmId: string;
  readonly originalId: string;
  readonly power: string;
  readonly before: Set<string>;
  /** In words, as they were seen. */
  readonly wrongs: string[] = [];
  /** Disks (lower case) on which the VM was seen to come up: a sign-in screen, or an agent that reports. */
  readonly booted = new Set<string>();
  /** Times of the agent's reports, by OS disk. */
  readonly ready = new Map<string, Set<number>>();
  /** Every change of the VM's OS disk, and who had asked for it. `booted`: the VM had come up on the disk that went. */
  readonly swaps: Swap[] = [];
  #osDisk: string;
  readonly #cloud: Cloud;
  #contents: unknown;
  readonly #shape: string;
  #ran = true;
  /** The last that began on the original: it writes to it until the power goes, also where somebody swaps the disk of a VM that runs. */
  #session: Vm['session'];

  constructor(cloud: Cloud, vm: Vm) {
    this.#cloud = cloud;
    this.vmId = vm.id;
    this.originalId = vm.osDisk.diskId;
    this.power = vm.power;
    this.#osDisk = vm.osDisk.diskId;
    this.before = new Set(cloud.estate.all().map(({ id }) => id.toLowerCase()));
    this.#contents = this.original?.contents;
    this.#session = vm.session;
    this.#shape = shapeOf(this.original);
  }

  get vm(): Vm | undefined {
    return this.#cloud.estate.vm(this.vmId);
  }

  get original(): Disk | undefined {
    return this.#cloud.estate.disk(this.originalId);
  }

  look(): void {
    this.#lookAtOriginal();
    const { vm } = this;
    if (vm === undefined) return;
    const before = this.#osDisk;
    this.#osDisk = vm.osDisk.diskId;
    if (!sameId(before, vm.osDisk.diskId)) {
      const booted = this.booted.has(before.toLowerCase());
      this.swaps.push({ at: new Date().toISOString(), from: before, to: vm.osDisk.diskId, byPerson: this.#lastSwapIsAPersons(), booted });
    }
    if (vm.session === undefined) return;
    const disk = vm.osDisk.diskId.toLowerCase();
    const screens = this.#cloud.machines.reached(vm.session).map(({ screen }) => screen.kind);
    const status = this.#cloud.machines.takesCommands(vm) ? this.#cloud.machines.agentStatus(vm) : undefined;
    if (screens.includes('sign-in') || status?.ready) this.booted.add(disk);
    if (status?.ready && status.report.readyAt >= vm.session.poweredOnAt) {
      const times = this.ready.get(disk) ?? new Set();
      this.ready.set(disk, times.add(status.report.readyAt.getTime()));
    }
  }

  /** One operation at a time is under way on a VM: the last accepted one that gives it another disk is what did it. */
  #lastSwapIsAPersons(): boolean {
    const swap = this.#cloud.journal.writes.findLast(({ method, path, status, correlationId }) => {
      const act = actOf(correlationId);
      const swaps = act === undefined || act === 'swap-back' || act === 'swap-own';
      return method === 'PATCH' && status < 300 && sameId(path, this.vmId) && swaps;
    });
    return swap !== undefined && actOf(swap.correlationId) !== undefined;
  }

  #lookAtOriginal(): void {
    const { original, vm } = this;
    const say = (what: string) => this.wrongs.includes(what) || this.wrongs.push(what);
    for (const other of this.#cloud.estate.vms()) {
      const holds = [...(sameId(other.id, this.vmId) ? [] : [other.osDisk]), ...other.dataDisks].some(({ diskId }) =>
        sameId(diskId, this.originalId),
      );
      if (holds) say(`the original OS disk is attached to ${other.name} as a data disk or elsewhere`);
    }
    if (original && shapeOf(original) !== this.#shape) say('the original OS disk was changed');
    if (vm && sameId(vm.osDisk.diskId, this.originalId)) this.#session = vm.session;
    const runs = vm?.session !== undefined && vm.session === this.#session;
    const contents = original?.contents;
    if (original && contents !== this.#contents && !runs && !this.#ran)
      say('the original OS disk was changed while its VM did not run on it');
    this.#contents = contents;
    this.#ran = runs;
  }
}
