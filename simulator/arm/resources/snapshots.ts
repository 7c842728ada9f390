import { z } from 'zod';
import { checkName, checkTags, parseBody, TagsBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, gatewayNotFound, invalid } from '../errors.ts';
import { runOperation } from '../longRunning.ts';
import type { Json, Snapshot } from '../model.ts';
import { resourceId, sameId } from '../paths.ts';
import { checkPlace } from './disks.ts';
import { beginAccess, checkUnshared, endAccess, isShared } from './volumeAccess.ts';
import { checkIdle, inScope, removeVolume } from './volumeLife.ts';
import { acceptedBody, checkSameCreation, encryptionOf, newUniqueId, originOf, SnapshotBody, volumeProperties } from './volumes.ts';

const TYPE = 'Microsoft.Compute/snapshots';
const SKUS = ['Standard_LRS', 'Standard_ZRS', 'Premium_LRS'];

/** A snapshot as `GET` shows it (`test_snapshot_incremental`). */
function snapshotBody(snapshot: Snapshot): Json {
  return {
    ...{ name: snapshot.name, id: snapshot.id, type: snapshot.type, location: snapshot.location, tags: snapshot.tags },
    sku: { name: snapshot.sku, tier: snapshot.sku.startsWith('Premium') ? 'Premium' : 'Standard' },
    properties: {
      ...volumeProperties(snapshot),
      incremental: snapshot.incremental,
      ...(snapshot.familyId !== undefined && { incrementalSnapshotFamilyId: snapshot.familyId }),
      diskState: isShared(snapshot) ? 'ActiveSAS' : 'Unattached',
    },
  };
}

function snapshotOf(request: ArmRequest, cloud: Cloud): Snapshot {
  const name = request.names[0] ?? '';
  const snapshot = cloud.estate.snapshot(resourceId(request.subscription, request.resourceGroup, TYPE, name));
  if (snapshot === undefined) throw gatewayNotFound(TYPE, name, request.resourceGroup);
  return snapshot;
}

function put(request: ArmRequest, cloud: Cloud): ArmResponse {
  const body = parseBody(SnapshotBody, request.body, cloud);
  const existing = cloud.estate.snapshot(request.id);
  if (existing !== undefined) {
    checkIdle(existing);
    checkSameCreation(existing, body);
  }
  const snapshot = existing ?? create(request, cloud, body);
  snapshot.tags = checkTags(body.tags ?? {});
  snapshot.networkAccessPolicy = body.properties.networkAccessPolicy ?? snapshot.networkAccessPolicy;
  snapshot.sku = checkSku(body.sku?.name ?? snapshot.sku);
  return accepted(request, cloud, snapshot, acceptedBody(snapshot, body));
}

function accepted(request: ArmRequest, cloud: Cloud, snapshot: Snapshot, body: Json): ArmResponse {
  snapshot.provisioningState = 'Updating';
  const headers = runOperation(cloud, request, {
    kind: 'disk',
    location: snapshot.location,
    seconds: cloud.durations.sample('snapshot.put'),
    complete: () => {
      snapshot.provisioningState = 'Succeeded';
    },
    undo: () => {
      snapshot.provisioningState = 'Failed';
    },
    output: () => snapshotBody(snapshot),
    result: () => snapshotBody(snapshot),
  });
  return { status: 202, headers: headers.both, body };
}

function create(request: ArmRequest, cloud: Cloud, body: SnapshotBody): Snapshot {
  checkName(request.name, 80);
  checkPlace(body.location, undefined);
  const sku = checkSku(body.sku?.name ?? 'Standard_LRS');
  const incremental = body.properties.incremental ?? false;
  const origin = originOf(request, cloud, body);
  if (incremental) checkRate(cloud, origin.creationData.sourceResourceId);
  const snapshot: Snapshot = {
    kind: 'snapshot',
    ...{ id: request.id, name: request.name, type: TYPE, location: body.location, tags: {}, sku, incremental },
    ...origin,
    ...(incremental && { familyId: familyOf(cloud, origin.creationData.sourceResourceId) }),
    encryption: encryptionOf(request, cloud, body.properties.encryption),
    networkAccessPolicy: body.properties.networkAccessPolicy ?? 'AllowAll',
    publicNetworkAccess: body.properties.publicNetworkAccess ?? 'Enabled',
    uniqueId: newUniqueId(),
    timeCreated: cloud.clock.now(),
    provisioningState: 'Updating',
  };
  cloud.estate.put(snapshot);
  return snapshot;
}

function checkSku(sku: string): string {
  if (!SKUS.includes(sku)) throw invalid('snapshot-sku', 'sku.name', `The value of parameter sku.name is invalid: '${sku}'.`);
  return sku;
}

/** The family of an incremental snapshot: one for each disk. */
function familyOf(cloud: Cloud, source: unknown): string {
  const sibling = cloud.estate
    .snapshots()
    .find(({ familyId, creationData }) => familyId !== undefined && sameId(String(creationData.sourceResourceId), String(source)));
  return sibling?.familyId ?? newUniqueId();
}

/** 7 incremental snapshots of one disk in 5 minutes, 500 in all. */
function checkRate(cloud: Cloud, source: unknown): void {
  const siblings = cloud.estate
    .snapshots()
    .filter(other => other.incremental && sameId(String(other.creationData.sourceResourceId ?? ''), String(source)));
  const recent = siblings.filter(other => cloud.clock.since(other.timeCreated) < 300);
  if (recent.length < 7 && siblings.length < 500) return;
  throw new ArmError(
    'snapshot-incremental-rate',
    409,
    'OperationNotAllowed',
    `Too many incremental snapshots of '${String(source)}': at most 7 in 5 minutes and 500 in all.`,
  );
}

const Patch = z.strictObject({ tags: TagsBody });

function patch(request: ArmRequest, cloud: Cloud): ArmResponse {
  const snapshot = snapshotOf(request, cloud);
  const { tags } = parseBody(Patch, request.body, cloud);
  checkIdle(snapshot);
  snapshot.tags = checkTags(tags);
  return accepted(request, cloud, snapshot, snapshotBody(snapshot));
}

function remove(request: ArmRequest, cloud: Cloud): ArmResponse {
  const snapshot = cloud.estate.snapshot(request.id);
  if (snapshot === undefined) return { status: 204 };
  checkUnshared(snapshot);
  return removeVolume(request, cloud, snapshot);
}

function list(request: ArmRequest, cloud: Cloud): ArmResponse {
  return { status: 200, body: { value: inScope(request, cloud.estate.snapshots()).map(snapshotBody) } };
}

export const snapshotRoutes: Routes = {
  [`GET ${TYPE}`]: (request, cloud) => ({ status: 200, body: snapshotBody(snapshotOf(request, cloud)) }),
  [`LIST ${TYPE}`]: list,
  [`PUT ${TYPE}`]: put,
  [`PATCH ${TYPE}`]: patch,
  [`DELETE ${TYPE}`]: remove,
  [`POST ${TYPE}:beginGetAccess`]: (request, cloud) => beginAccess(request, cloud, snapshotOf(request, cloud)),
  [`POST ${TYPE}:endGetAccess`]: (request, cloud) => endAccess(request, cloud, snapshotOf(request, cloud)),
};
