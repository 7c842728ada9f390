/** What one activity has just read, the next one of the same repair need not read again. In memory only: another host reads for itself. */
import { currentCall } from './call.ts';
import type { Clock } from './clock.ts';
import type { VirtualMachines, Vm } from './vms.ts';

/** Service seconds for which a look holds: less than lies between two looks at anything that is waited for. */
const holds = 3;

/**
 * A VM that the same repair read moments ago, and wrote nothing to since, is not read again. The time in which somebody else's change
 * is not seen grows from the length of a request to some seconds; the swap carries the etag of the look that decided it all the same.
 */
export function withRecentLooks(vms: VirtualMachines, clock: Clock): VirtualMachines {
  const looks = new Map<string, { at: string; vm: Vm }>();
  let writes = 0;
  const keyOf = (id: string) => `${currentCall()?.repairId} ${id.toLowerCase()}`;
  const old = ({ at }: { at: string }) => clock.since(at) >= holds;
  const writing = <R>(id: string, write: Promise<R>): Promise<R> => {
    const forget = () => {
      writes++;
      looks.delete(keyOf(id));
    };
    forget();
    return write.finally(forget);
  };

  return {
    async get(id) {
      const key = keyOf(id);
      const recent = looks.get(key);
      if (recent && !old(recent)) return recent.vm;
      const before = writes;
      const at = clock.now().toISOString();
      const vm = await vms.get(id);
      for (const [each, look] of looks) if (old(look)) looks.delete(each);
      if (vm && currentCall() && writes === before) looks.set(key, { at, vm });
      return vm;
    },
    create: (id, vm) => writing(id, vms.create(id, vm)),
    powerOff: (id, skipShutdown) => writing(id, vms.powerOff(id, skipShutdown)),
    start: id => writing(id, vms.start(id)),
    delete: id => writing(id, vms.delete(id)),
    attach: (id, diskId, lun) => writing(id, vms.attach(id, diskId, lun)),
    detach: (id, diskId) => writing(id, vms.detach(id, diskId)),
    swapOsDisk: (vm, disk) => writing(vm.id, vms.swapOsDisk(vm, disk)),
    enableBootDiagnostics: vm => writing(vm.id, vms.enableBootDiagnostics(vm)),
    setTags: (id, tags) => writing(id, vms.setTags(id, tags)),
  };
}
