import { z } from 'zod';
import { checkName, checkTags, parseBody, TagsBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, gatewayNotFound, invalid, notAllowed } from '../errors.ts';
import { runOperation } from '../longRunning.ts';
import type { Disk, Json } from '../model.ts';
import { resourceId } from '../paths.ts';
import { LOCATIONS, ZONES } from '../sizes.ts';
import { beginAccess, checkUnshared, endAccess, isShared } from './volumeAccess.ts';
import { checkIdle, inScope, removeVolume } from './volumeLife.ts';
import { performanceOf } from './volumePerformance.ts';
import { acceptedBody, checkSameCreation, DiskBody, encryptionOf, newUniqueId, originOf, volumeProperties } from './volumes.ts';

const TYPE = 'Microsoft.Compute/disks';

/** A disk as `GET` shows it (`test_vm_os_disk_swap`). */
function diskBody(disk: Disk, cloud: Cloud): Json {
  return {
    ...{ name: disk.name, id: disk.id, type: disk.type, location: disk.location, tags: disk.tags },
    ...(disk.zones !== undefined && { zones: disk.zones }),
    ...(disk.managedBy !== undefined && { managedBy: disk.managedBy }),
    sku: { name: disk.sku, tier: disk.sku.startsWith('Premium') ? 'Premium' : 'Standard' },
    properties: { ...volumeProperties(disk), ...performanceOf(disk.sku, disk.sizeGb), diskState: diskState(disk, cloud) },
  };
}

function diskState(disk: Disk, cloud: Cloud): string {
  const owner = disk.managedBy === undefined ? undefined : cloud.estate.vm(disk.managedBy);
  if (owner === undefined) return isShared(disk) ? 'ActiveSAS' : 'Unattached';
  return owner.power === 'deallocated' ? 'Reserved' : 'Attached';
}

function diskOf(request: ArmRequest, cloud: Cloud): Disk {
  const name = request.names[0] ?? '';
  const disk = cloud.estate.disk(resourceId(request.subscription, request.resourceGroup, TYPE, name));
  if (disk === undefined) throw gatewayNotFound(TYPE, name, request.resourceGroup);
  return disk;
}

function put(request: ArmRequest, cloud: Cloud): ArmResponse {
  const body = parseBody(DiskBody, request.body, cloud);
  const existing = cloud.estate.disk(request.id);
  const disk = existing === undefined ? create(request, cloud, body) : update(existing, cloud, body);
  return accepted(request, cloud, disk, acceptedBody(disk, body));
}

function accepted(request: ArmRequest, cloud: Cloud, disk: Disk, body: Json): ArmResponse {
  const headers = runOperation(cloud, request, {
    kind: 'disk',
    location: disk.location,
    seconds: cloud.durations.sample('disk.put'),
    complete: () => {
      disk.provisioningState = 'Succeeded';
    },
    undo: () => {
      disk.provisioningState = 'Failed';
    },
    output: () => diskBody(disk, cloud),
    result: () => diskBody(disk, cloud),
  });
  return { status: 202, headers: { ...headers.both, 'Retry-After': cloud.clock.retryAfter(2) }, body };
}

function create(request: ArmRequest, cloud: Cloud, body: DiskBody): Disk {
  checkName(request.name, 80);
  checkPlace(body.location, body.zones);
  const disk: Disk = {
    kind: 'disk',
    ...{ id: request.id, name: request.name, type: TYPE, location: body.location, tags: checkTags(body.tags ?? {}) },
    ...(body.zones !== undefined && body.zones.length > 0 && { zones: body.zones }),
    sku: body.sku?.name ?? 'Standard_LRS',
    ...originOf(request, cloud, body),
    encryption: encryptionOf(request, cloud, body.properties.encryption),
    networkAccessPolicy: body.properties.networkAccessPolicy ?? 'AllowAll',
    publicNetworkAccess: body.properties.publicNetworkAccess ?? 'Enabled',
    uniqueId: newUniqueId(),
    timeCreated: cloud.clock.now(),
    provisioningState: 'Updating',
  };
  cloud.estate.put(disk);
  return disk;
}

/** Refuses a region or zone that is not there. */
export function checkPlace(location: string, zones: string[] | undefined): void {
  if (!LOCATIONS.some(known => known === location)) {
    throw new ArmError(
      'zone-known',
      400,
      'LocationNotAvailableForResourceType',
      `The provided location '${location}' is not available. List of available regions is '${LOCATIONS.join(',')}'.`,
    );
  }
  const wrong = zones?.find(zone => !ZONES.some(known => known === zone));
  if (wrong !== undefined)
    throw new ArmError('zone-known', 400, 'InvalidAvailabilityZone', `The zone '${wrong}' is not supported for location '${location}'.`, {
      target: 'zones',
    });
}

function update(disk: Disk, cloud: Cloud, body: DiskBody): Disk {
  checkIdle(disk);
  checkSameCreation(disk, body);
  if (body.zones !== undefined && body.zones[0] !== disk.zones?.[0]) {
    throw new ArmError('disk-creation-fixed', 409, 'PropertyChangeNotAllowed', "Changing property 'zones' is not allowed.", {
      target: 'zones',
    });
  }
  resize(disk, cloud, body.properties.diskSizeGB);
  disk.tags = checkTags(body.tags ?? {});
  disk.sku = body.sku?.name ?? disk.sku;
  disk.provisioningState = 'Updating';
  return disk;
}

function resize(disk: Disk, cloud: Cloud, sizeGb: number | undefined): void {
  if (sizeGb === undefined || sizeGb === disk.sizeGb) return;
  if (sizeGb < disk.sizeGb)
    throw new ArmError('disk-size-grows', 409, 'OperationNotAllowed', `Disk '${disk.name}' cannot be made smaller.`);
  if (diskState(disk, cloud) === 'Attached')
    throw new ArmError(
      'disk-size-grows',
      409,
      'OperationNotAllowed',
      `Disk resizing is allowed only when creating a VM or when the VM is deallocated.`,
    );
  disk.sizeGb = sizeGb;
}

const Patch = z.strictObject({
  tags: TagsBody.optional(),
  sku: z.object({ name: z.string() }).optional(),
  properties: z
    .strictObject({
      diskSizeGB: z.int().positive().optional(),
      networkAccessPolicy: z.enum(['AllowAll', 'AllowPrivate', 'DenyAll']).optional(),
    })
    .optional(),
});

function patch(request: ArmRequest, cloud: Cloud): ArmResponse {
  const disk = diskOf(request, cloud);
  const body = parseBody(Patch, request.body, cloud);
  checkIdle(disk);
  if (body.sku !== undefined && body.sku.name !== disk.sku)
    throw invalid('create-fields-fixed', 'sku.name', 'The simulator does not change the SKU of a disk that exists.');
  resize(disk, cloud, body.properties?.diskSizeGB);
  disk.tags = checkTags(body.tags ?? disk.tags);
  disk.networkAccessPolicy = body.properties?.networkAccessPolicy ?? disk.networkAccessPolicy;
  disk.provisioningState = 'Updating';
  return accepted(request, cloud, disk, diskBody(disk, cloud));
}

/** Deletes a disk that nobody owns. */
function remove(request: ArmRequest, cloud: Cloud): ArmResponse {
  const disk = cloud.estate.disk(request.id);
  if (disk === undefined) return { status: 204 };
  if (disk.managedBy !== undefined) throw notAllowed('disk-in-use', `Disk ${disk.name} is attached to VM ${disk.managedBy}.`);
  checkUnshared(disk);
  return removeVolume(request, cloud, disk);
}

function list(request: ArmRequest, cloud: Cloud): ArmResponse {
  return { status: 200, body: { value: inScope(request, cloud.estate.disks()).map(disk => diskBody(disk, cloud)) } };
}

export const diskRoutes: Routes = {
  [`GET ${TYPE}`]: (request, cloud) => ({ status: 200, body: diskBody(diskOf(request, cloud), cloud) }),
  [`LIST ${TYPE}`]: list,
  [`PUT ${TYPE}`]: put,
  [`PATCH ${TYPE}`]: patch,
  [`DELETE ${TYPE}`]: remove,
  [`POST ${TYPE}:beginGetAccess`]: (request, cloud) => beginAccess(request, cloud, diskOf(request, cloud)),
  [`POST ${TYPE}:endGetAccess`]: (request, cloud) => endAccess(request, cloud, diskOf(request, cloud)),
};
