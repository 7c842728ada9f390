import type { DurationName } from '../../durations.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, notAllowed } from '../errors.ts';
import type { PowerState, Vm } from '../model.ts';
import { checkIdle, runVmOperation, vmOf } from './vmLock.ts';

interface PowerAction {
  operation: string;
  duration: DurationName;
  /** Shown while it runs. */
  meanwhile: (vm: Vm) => PowerState;
  /** The VM is there already: nothing to do but to say so. */
  done: (vm: Vm) => boolean;
  apply: (vm: Vm, cloud: Cloud, before: PowerState) => void;
  retryAfter?: number;
}

/** Fails a start for which the region (or zone) has no machine left. */
export function checkCapacity(vm: Vm, cloud: Cloud): void {
  const exhausted = cloud.estate.subscription(vm.id.split('/')[2] ?? '')?.exhausted ?? [];
  const missing = exhausted.some(
    ({ size, location, zones }) =>
      size.toLowerCase() === vm.size.toLowerCase() &&
      location === vm.location &&
      (zones === undefined || zones.some(zone => vm.zones?.includes(zone))),
  );
  if (!missing) return;
  const code = vm.zones === undefined ? 'AllocationFailed' : 'ZonalAllocationFailed';
  throw new ArmError(
    'start-needs-capacity',
    409,
    code,
    `Allocation failed. We do not have sufficient capacity for the requested VM size ${vm.size} in this region or zone.`,
  );
}

function act(action: PowerAction): (request: ArmRequest, cloud: Cloud) => ArmResponse {
  return (request, cloud) => {
    const vm = vmOf(request, cloud);
    checkIdle(vm, action.operation);
    checkPower(vm, action.operation);
    const before = vm.power;
    const done = action.done(vm);
    if (!done) vm.power = action.meanwhile(vm);
    const headers = runVmOperation(cloud, request, vm, action.operation, {
      ...{ state: 'Updating', changesModel: action.operation === 'deallocate', keepsEtag: action.operation === 'redeploy' },
      keepsState: action.operation !== 'reapply' && !cloud.rules.holds('power-shows-updating'),
      seconds: done ? 0.1 : cloud.durations.sample(action.duration),
      complete: () => {
        if (!done) action.apply(vm, cloud, before);
      },
      undo: () => {
        vm.power = before;
      },
    });
    const wait: Record<string, string> =
      action.retryAfter === undefined ? {} : { 'Retry-After': cloud.clock.retryAfter(action.retryAfter) };
    return { status: 202, headers: { ...headers.both, ...wait } };
  };
}

function checkPower(vm: Vm, operation: string): void {
  const off = vm.power !== 'running';
  if (off && ['restart', 'redeploy'].includes(operation))
    throw notAllowed('restart-needs-running', 'The operation requires the VM to be running (or set to run).');
  if (vm.power === 'deallocated' && operation === 'powerOff') {
    throw notAllowed(
      'power-off-needs-allocation',
      `Operation 'powerOff' is not allowed on VM '${vm.name}' since the VM is either deallocated or marked to be deallocated.`,
    );
  }
}

/** Off and on again: a new session on the same disk. */
export function reboot(vm: Vm, cloud: Cloud): void {
  cloud.machines.powerOff(vm, 'stopped');
  cloud.machines.powerOn(vm);
}

const start: PowerAction = {
  operation: 'start',
  duration: 'vm.start',
  meanwhile: () => 'starting',
  done: vm => vm.power === 'running',
  apply: (vm, cloud, before) => {
    // A stopped VM that is still allocated keeps its place.
    if (before === 'deallocated') checkCapacity(vm, cloud);
    cloud.machines.powerOn(vm);
  },
};
const powerOff: PowerAction = {
  operation: 'powerOff',
  duration: 'vm.powerOff',
  meanwhile: () => 'stopping',
  done: vm => vm.power === 'stopped',
  apply: (vm, cloud) => cloud.machines.powerOff(vm, 'stopped'),
};
const deallocate: PowerAction = {
  operation: 'deallocate',
  duration: 'vm.deallocate',
  meanwhile: () => 'deallocating',
  done: vm => vm.power === 'deallocated',
  apply: (vm, cloud) => cloud.machines.powerOff(vm, 'deallocated'),
  retryAfter: 10,
};
const restart: PowerAction = { operation: 'restart', duration: 'vm.restart', meanwhile: vm => vm.power, done: () => false, apply: reboot };
const redeploy: PowerAction = {
  operation: 'redeploy',
  duration: 'vm.redeploy',
  meanwhile: vm => vm.power,
  done: () => false,
  apply: reboot,
};

/** Settles a VM's state with the platform: nothing of it changes. */
const reapply: PowerAction = { operation: 'reapply', duration: 'vm.update', meanwhile: vm => vm.power, done: () => false, apply: () => {} };

export const vmPowerRoutes: Routes = {
  'POST Microsoft.Compute/virtualMachines:start': act(start),
  'POST Microsoft.Compute/virtualMachines:powerOff': act(powerOff),
  'POST Microsoft.Compute/virtualMachines:deallocate': act(deallocate),
  'POST Microsoft.Compute/virtualMachines:restart': act(restart),
  'POST Microsoft.Compute/virtualMachines:redeploy': act(redeploy),
  'POST Microsoft.Compute/virtualMachines:reapply': act(reapply),
};
