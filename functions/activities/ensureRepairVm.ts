import { randomBytes } from 'node:crypto';
import { fail, operationFault } from '../../azure/errors.ts';
import { busy, failed, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { NewVm, Vm } from '../../azure/vms.ts';
import type { Activity } from './activity.ts';
import type { RepairVmSpec } from './contract.ts';
import { ensureRepairVmDeleted } from './ensureDeleted.ts';
import { isOurs, namesFor, tagsFor } from './names.ts';

/**
 * The repair VM, done only when its agent is ready to run scripts. One whose creation failed is a wreck that Azure cannot
 * mend: once the failure has been told, the next call deletes it and makes another.
 */
export const ensureRepairVm: Activity<'ensureRepairVm'> = async ({ spec, size }, tools) => {
  const { azure, repairId } = tools;
  const operation = `create ${spec.name}`;
  if ((await azure.operations.stateOf(operation)) === 'ended') {
    const wreck = (await azure.vms.get(spec.id))?.provisioning === 'failed';
    if (wreck || (await azure.operations.stateOf(`delete ${spec.name}`)) === 'under-way') {
      const gone = await ensureRepairVmDeleted({ vmId: spec.id }, tools);
      if (!gone.done) return gone;
    }
  }
  return azure.operations.reach({
    operation,
    span: spans.createVm,
    onlyOurs: true,
    async look() {
      const vm = await azure.vms.get(spec.id);
      if (vm && !isOurs(repairId, vm)) throw fail('fatal', 'notOurs', `${spec.id} was not made by this repair`);
      return vm ? readiness(vm) : idle;
    },
    start: () => azure.vms.create(spec.id, bodyOf(spec, size, repairId)),
    change: () => ({ after: `${size}, ${spec.image.offer} ${spec.image.sku}` }),
  });
};

function readiness(vm: Vm): Look<{ vmId: string; size: string }> {
  if (vm.provisioning === 'failed') return failed(operationFault(vm.provisioningError ?? undefined));
  if (vm.provisioning === 'busy') return busy(vm.provisioningState);
  return vm.agent.status === 'ready' ? reached({ vmId: vm.id, size: vm.size }) : busy('its agent is not ready yet');
}

function bodyOf(spec: RepairVmSpec, size: string, repairId: string): NewVm {
  const { computer, osDisk, nic } = namesFor(repairId);
  return {
    ...{ location: spec.location, zone: spec.zone, size, image: spec.image, subnetId: spec.subnetId },
    names: { computer, osDisk, nic },
    adminPassword: password(),
    tags: tagsFor(repairId, spec.expires),
  };
}

/** Passed once and kept nowhere: nobody signs in to a repair VM. The end satisfies Windows's rule of four kinds of characters. */
function password(): string {
  return `${randomBytes(30).toString('base64url')}aA1!`;
}
