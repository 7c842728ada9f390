import { z } from 'zod';
import { parseBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, invalid } from '../errors.ts';
import type { Vm } from '../model.ts';
import { sameId, subscriptionOf } from '../paths.ts';
import { createVm } from './vmCreate.ts';
import { release } from './vmDisks.ts';
import { checkEtag, checkIdle, runVmOperation, vmOf } from './vmLock.ts';
import { VmBody, VmPatch } from './vmSchema.ts';
import { replaceVm, updateVm } from './vmUpdate.ts';
import { etagOf, instanceView, vmBody } from './vmView.ts';

const TYPE = 'Microsoft.Compute/virtualMachines';

function get(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = vmOf(request, cloud);
  const withInstanceView = request.query.get('$expand')?.toLowerCase() === 'instanceview';
  return { status: 200, headers: { ETag: etagOf(vm) }, body: vmBody(vm, cloud, withInstanceView) };
}

function list(request: ArmRequest, cloud: Cloud): ArmResponse {
  const prefix = `${request.scope}/`.toLowerCase();
  const found = cloud.estate.vms().filter(vm => vm.id.toLowerCase().startsWith(prefix));
  const expand = request.query.get('$expand')?.toLowerCase() === 'instanceview';
  return { status: 200, body: { value: found.map(vm => vmBody(vm, cloud, expand)) } };
}

function put(request: ArmRequest, cloud: Cloud): ArmResponse {
  const existing = cloud.estate.vm(request.id);
  checkEtag(request, existing);
  const body = parseBody(VmBody, request.body);
  return existing === undefined ? createVm(request, cloud, body) : replaceVm(request, cloud, existing, body);
}

function patch(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = vmOf(request, cloud);
  checkEtag(request, vm);
  return updateVm(request, cloud, vm, 'vm.patch', parseBody(VmPatch, request.body));
}

function remove(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = cloud.estate.vm(request.id);
  if (vm === undefined) return { status: 204 };
  if (vm.provisioningState !== 'Deleting') checkIdle(vm, 'delete');
  const headers = runVmOperation(cloud, request, vm, 'delete', {
    ...{ state: 'Deleting', changesModel: true },
    seconds: cloud.durations.sample('vm.delete'),
    complete: () => deleteVm(cloud, vm),
  });
  return { status: 202, headers: { ...headers.both, 'Retry-After': cloud.clock.retryAfter(10) } };
}

/** Deletes a VM and what its `deleteOption`s say; the rest is left behind, owned by nobody. */
export function deleteVm(cloud: Cloud, vm: Vm): void {
  cloud.machines.powerOff(vm, 'deallocated');
  const disks = [vm.osDisk, ...vm.dataDisks];
  for (const { diskId, deleteOption } of disks) {
    const disk = cloud.estate.ownedDisk(diskId);
    release(disk);
    if (deleteOption === 'Delete') cloud.estate.delete(diskId);
  }
  for (const { id, deleteOption } of vm.networkInterfaces) {
    const nic = cloud.estate.network(id);
    if (nic !== undefined)
      nic.properties = Object.fromEntries(Object.entries(nic.properties).filter(([name]) => name !== 'virtualMachine'));
    if (deleteOption === 'Delete') cloud.estate.delete(id);
  }
  cloud.estate.delete(vm.id);
}

const Minutes = z.coerce.number().int().min(1).max(1440);

async function bootDiagnostics(request: ArmRequest, cloud: Cloud): Promise<ArmResponse> {
  const vm = vmOf(request, cloud);
  const minutes = Minutes.safeParse(request.query.get('sasUriExpirationTimeInMinutes') ?? 120);
  if (!minutes.success)
    throw invalid(
      'boot-diagnostics-expiry',
      'sasUriExpirationTimeInMinutes',
      'The value of parameter sasUriExpirationTimeInMinutes is invalid.',
    );
  const urls = vm.bootDiagnostics?.enabled === true ? await cloud.consoles.urls(vm, minutes.data) : undefined;
  if (urls !== undefined) return { status: 200, body: urls };
  throw new ArmError(
    'boot-diagnostics-enabled',
    409,
    'OperationNotAllowed',
    `Boot diagnostics of VM '${vm.name}' are not enabled, or hold nothing yet.`,
  );
}

/** `GET …/instanceView`: the view alone. */
function view(request: ArmRequest, cloud: Cloud): ArmResponse {
  return { status: 200, body: instanceView(vmOf(request, cloud), cloud) };
}

function listByLocation(request: ArmRequest, cloud: Cloud): ArmResponse {
  const found = cloud.estate
    .vms()
    .filter(vm => sameId(vm.location, request.names[0]) && sameId(subscriptionOf(vm.id), request.subscription));
  return { status: 200, body: { value: found.map(vm => vmBody(vm, cloud)) } };
}

export const virtualMachineRoutes: Routes = {
  [`GET ${TYPE}`]: get,
  [`LIST ${TYPE}`]: list,
  [`PUT ${TYPE}`]: put,
  [`PATCH ${TYPE}`]: patch,
  [`DELETE ${TYPE}`]: remove,
  [`LIST ${TYPE}/instanceView`]: view,
  [`POST ${TYPE}:retrieveBootDiagnosticsData`]: bootDiagnostics,
  'LIST Microsoft.Compute/locations/virtualMachines': listByLocation,
};
