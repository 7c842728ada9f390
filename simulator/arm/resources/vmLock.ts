import { randomUUID } from 'node:crypto';
import type { ArmRequest, Cloud } from '../cloud.ts';
import { ArmError, gatewayNotFound, notAllowed } from '../errors.ts';
import { type Followers, type LongRunning, runOperation } from '../longRunning.ts';
import type { ProvisioningState, Vm } from '../model.ts';
import { etagOf } from './vmView.ts';

/** The VM a path names (its first name, for a child's path too), or the gateway's 404. */
export function vmOf(request: ArmRequest, cloud: Cloud): Vm {
  const name = request.names[0] ?? '';
  const id = `/subscriptions/${request.subscription}/resourceGroups/${request.resourceGroup}/providers/Microsoft.Compute/virtualMachines/${name}`;
  const vm = cloud.estate.vm(id);
  if (vm === undefined) throw gatewayNotFound('Microsoft.Compute/virtualMachines', name, request.resourceGroup);
  return vm;
}

/** Refuses what another operation of this VM is in the way of. */
export function checkIdle(vm: Vm, operation: string): void {
  if (vm.provisioningState === 'Deleting') {
    throw notAllowed(
      'vm-deleting',
      `Operation '${operation}' is not allowed on VM '${vm.name}' since the VM is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete).`,
    );
  }
  if (vm.busy !== undefined) {
    throw notAllowed(
      'one-operation-at-a-time',
      `Operation '${operation}' is not allowed on VM '${vm.name}' since another operation is in progress.`,
    );
  }
}

/** `If-Match` and `If-None-Match` against what exists. */
export function checkEtag(request: ArmRequest, vm: Vm | undefined): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = request.headers;
  const wrong = match !== undefined && match !== '*' && (vm === undefined || match !== etagOf(vm));
  if (wrong)
    throw new ArmError('etag-matches', 412, 'PreconditionFailed', `The etag ${match} in If-Match is not the resource's current etag.`);
  if (noneMatch === '*' && vm !== undefined)
    throw new ArmError('etag-matches', 412, 'PreconditionFailed', 'If-None-Match: * was given and the resource exists.');
}

interface VmOperation extends Omit<LongRunning, 'kind' | 'location'> {
  /** Shown while it runs. */
  state: ProvisioningState;
  /** Changes the VM's model once more at its end: the etag moves then too, not only at the begin (as recorded). */
  changesModel: boolean;
  /** Leaves the etag alone. */
  keepsEtag?: boolean;
  /** Leaves `provisioningState` alone. */
  keepsState?: boolean;
}

/** Runs an operation that holds the VM: no other begins before it has ended. */
export function runVmOperation(cloud: Cloud, request: ArmRequest, vm: Vm, operation: string, options: VmOperation): Followers {
  const { state, changesModel, keepsEtag = false, keepsState = false, complete, undo, ...rest } = options;
  const log = (status: 'Started' | 'Succeeded' | 'Failed', at: Date) =>
    cloud.activity.operation(vm, {
      operation,
      status,
      at,
      caller: cloud.identity.principalId,
      operationId,
      correlationId: request.correlationId,
    });
  const operationId = randomUUID();
  log('Started', cloud.clock.now());
  vm.busy = operation;
  if (!keepsEtag) vm.etag += 1;
  if (!keepsState) vm.provisioningState = state;
  const isThere = () => cloud.estate.vm(vm.id) === vm;
  const finish = (failure?: ArmError) => {
    delete vm.busy;
    delete vm.failure;
    if (failure !== undefined) vm.failure = { code: failure.code, message: failure.message };
    if (!keepsState) vm.provisioningState = failure === undefined ? 'Succeeded' : 'Failed';
    if (changesModel) vm.etag += 1;
    vm.provisionedAt = cloud.clock.now();
    log(failure === undefined ? 'Succeeded' : 'Failed', vm.provisionedAt);
  };
  return runOperation(cloud, request, {
    ...rest,
    kind: 'compute',
    location: vm.location,
    complete: async () => {
      // Its group was deleted meanwhile.
      if (operation !== 'delete' && !isThere()) throw gatewayNotFound('Microsoft.Compute/virtualMachines', vm.name, request.resourceGroup);
      await complete();
      finish();
    },
    undo: error => {
      if (isThere()) undo?.(error);
      finish(error);
    },
  });
}
