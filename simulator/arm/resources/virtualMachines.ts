import { z } from 'zod';
import { parseBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, invalid } from '../errors.ts';
import type { Json, Vm } from '../model.ts';
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
  const ordered = found.toSorted((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1));
  return onePage(request, cloud, ordered, vm => vmBody(vm, cloud, expand));
}

/** How many VMs Azure shows at a time is not documented (50 and more were seen): small pages, so that whoever reads only the first is found out. */
const PAGE = 10;

/** A page of a list; the address of the next one carries a token that says where it begins. */
function onePage(request: ArmRequest, cloud: Cloud, found: Vm[], show: (vm: Vm) => Json): ArmResponse {
  const token = request.query.get('$skiptoken');
  const start = token === null ? 0 : found.findIndex(vm => vm.vmId === token) + 1;
  if (token !== null && start === 0) throw invalid('list-page-known', '$skiptoken', 'The value of parameter $skiptoken is invalid.');
  const page = found.slice(start, start + PAGE);
  const last = start + PAGE < found.length ? page.at(-1) : undefined;
  const query = new URLSearchParams(request.query);
  if (last !== undefined) query.set('$skiptoken', last.vmId);
  const next = last && `${cloud.operations.origin}${request.path}?${query}`;
  return { status: 200, body: { value: page.map(show), ...(next !== undefined && { nextLink: next }) } };
}

function put(request: ArmRequest, cloud: Cloud): ArmResponse {
  const existing = cloud.estate.vm(request.id);
  checkEtag(request, existing);
  const body = parseBody(VmBody, request.body, cloud);
  return existing === undefined ? createVm(request, cloud, body) : replaceVm(request, cloud, existing, body);
}

function patch(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = vmOf(request, cloud);
  checkEtag(request, vm);
  return updateVm(request, cloud, vm, 'vm.patch', parseBody(VmPatch, request.body, cloud));
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
  // Its deletion may be asked for twice.
  if (cloud.estate.vm(vm.id) !== vm) return;
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
