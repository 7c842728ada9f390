/** What one activity has just read, the next one of the same repair need not read again. In memory only: another host reads for itself. */
import type { ActivityLog, LoggedPowerEvent } from './activityLog.ts';
import { currentCall } from './call.ts';
import type { Clock } from './clock.ts';
import type { Disk, Disks } from './disks.ts';
import type { Governance } from './governance.ts';
import type { Network } from './network.ts';
import { Shared } from './shared.ts';
import type { Identity, ListedVm, VirtualMachines, Vm } from './vms.ts';

/** Service seconds for which a look holds: less than lies between two looks at anything that is waited for. */
const holds = 3;
const aDay = 86_400;
/** What the activity log tells lags by minutes: a little more changes nothing. */
const logHolds = 300;
/** How many VMs a scope has matters by shares of it. */
const listHolds = 300;
/** What all repairs share and an operator sets up once. */
const sharedHolds = 1800;

/** Looks at resources of one kind, by repair and id. */
class Looks<T> {
  readonly #looks = new Map<string, { at: string; value: T }>();
  readonly #clock: Clock;
  readonly #holds: number;
  #writes = 0;

  constructor(clock: Clock, holds: number) {
    this.#clock = clock;
    this.#holds = holds;
  }

  async get(id: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const key = keyOf(id);
    const recent = this.#looks.get(key);
    if (recent && !this.#isOld(recent)) return recent.value;
    const before = this.#writes;
    const at = this.#clock.now().toISOString();
    const value = await read();
    for (const [each, look] of this.#looks) if (this.#isOld(look)) this.#looks.delete(each);
    if (value && currentCall() && this.#writes === before) this.#looks.set(key, { at, value });
    return value;
  }

  /** What is written is looked at anew, from now on and from when the answer is there. */
  writing<R>(id: string, write: Promise<R>): Promise<R> {
    const forget = () => {
      this.#writes++;
      this.#looks.delete(keyOf(id));
    };
    forget();
    return write.finally(forget);
  }

  #isOld({ at }: { at: string }): boolean {
    return this.#clock.since(at) >= this.#holds;
  }
}

const keyOf = (id: string) => `${currentCall()?.repairId} ${id.toLowerCase()}`;

/**
 * A VM that the same repair read moments ago, and wrote nothing to since, is not read again. The time in which somebody else's change
 * is not seen grows from the length of a request to some seconds; the swap carries the etag of the look that decided it all the same.
 */
export function withRecentLooks(vms: Omit<VirtualMachines, 'identity'>, clock: Clock): VirtualMachines {
  const looks = new Looks<Vm>(clock, holds);
  const identities = new Looks<Identity>(clock, aDay);
  // Azure lets a subscription list 300 pages a minute.
  const lists = new Shared<ListedVm[]>(clock, listHolds);
  const get = (id: string) => looks.get(id, () => vms.get(id));
  return {
    get,
    list: (subscriptionId, resourceGroup, fresh = false) =>
      lists.get(`${subscriptionId} ${resourceGroup}`.toLowerCase(), () => vms.list(subscriptionId, resourceGroup), fresh),
    identity: id => identities.get(id, () => get(id)),
    create: (id, vm) => identities.writing(id, looks.writing(id, vms.create(id, vm))),
    powerOff: (id, skipShutdown) => looks.writing(id, vms.powerOff(id, skipShutdown)),
    start: id => looks.writing(id, vms.start(id)),
    delete: id => identities.writing(id, looks.writing(id, vms.delete(id))),
    attach: (id, diskId, lun) => looks.writing(id, vms.attach(id, diskId, lun)),
    detach: (id, diskId) => looks.writing(id, vms.detach(id, diskId)),
    swapOsDisk: (vm, disk) => looks.writing(vm.id, vms.swapOsDisk(vm, disk)),
    enableBootDiagnostics: vm => looks.writing(vm.id, vms.enableBootDiagnostics(vm)),
    setTags: (id, tags) => looks.writing(id, vms.setTags(id, tags)),
  };
}

/** The same of disks. An attach or a swap changes a disk too: whoever decides by that looks after more than some seconds. */
export function withRecentDisks(disks: Disks, clock: Clock): Disks {
  const looks = new Looks<Disk>(clock, holds);
  return {
    get: id => looks.get(id, () => disks.get(id)),
    copy: (id, snapshotId, like, tags) => looks.writing(id, disks.copy(id, snapshotId, like, tags)),
    delete: id => looks.writing(id, disks.delete(id)),
    setTags: (id, tags) => looks.writing(id, disks.setTags(id, tags)),
  };
}

/** The same of the activity log; `fresh` asks for what it says now. */
export function withRecentLog(log: ActivityLog, clock: Clock): ActivityLog {
  const looks = new Looks<LoggedPowerEvent[]>(clock, logHolds);
  return {
    async powerEvents(vmId, from, to, fresh = false) {
      const read = () => log.powerEvents(vmId, from, to);
      return fresh ? await read() : ((await looks.get(vmId, read)) ?? []);
    },
  };
}

/** What was found to be so lately, whichever repair asked; what was not is asked again. */
class Known {
  readonly #since = new Map<string, string>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(what: string): boolean {
    const at = this.#since.get(what);
    return at !== undefined && this.#clock.since(at) < sharedHolds;
  }

  note(what: string): void {
    for (const [each] of this.#since) if (!this.has(each)) this.#since.delete(each);
    this.#since.set(what, this.#clock.now().toISOString());
  }
}

/** A region's network, and the group that it is in, are made once and kept. Where somebody deleted it meanwhile, the creation of the repair VM says so: before the failed VM is touched. */
export function withKnownNetwork(network: Network, clock: Clock): Network {
  const known = new Known(clock);
  const noted = <T>(id: string, state: T): T => {
    if (state === 'Succeeded') known.note(id.toLowerCase());
    return state;
  };
  return {
    ...network,
    async hasGroup(subscriptionId, name) {
      const group = `group ${subscriptionId} ${name}`.toLowerCase();
      const isThere = known.has(group) || (await network.hasGroup(subscriptionId, name));
      if (isThere && !known.has(group)) known.note(group);
      return isThere;
    },
    state: async id => noted(id, await network.state(id)),
    stateOrGroup: async id => (known.has(id.toLowerCase()) ? 'Succeeded' : noted(id, await network.stateOrGroup(id))),
  };
}

/** What this identity may do in a whole resource group, once it may: what is taken from it later, the write itself is refused. On a single resource it is asked each time. */
export function withKnownPermissions(governance: Governance, clock: Clock): Governance {
  const known = new Known(clock);
  return {
    ...governance,
    async missingActions(id, actions) {
      if (/\/providers\//i.test(id)) return governance.missingActions(id, actions);
      const keys = actions.map(action => `${id} ${action}`.toLowerCase());
      if (keys.every(key => known.has(key))) return [];
      const missing = await governance.missingActions(id, actions);
      if (missing.length === 0) for (const key of keys) known.note(key);
      return missing;
    },
  };
}
