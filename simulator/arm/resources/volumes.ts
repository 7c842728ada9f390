import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { DiskContents } from '../../guests/disk.ts';
import { Ignored, TagsBody } from '../bodies.ts';
import type { ArmRequest, Cloud } from '../cloud.ts';
import { ArmError, invalid, referenceNotFound } from '../errors.ts';
import type { Disk, Generation, Json, Snapshot } from '../model.ts';
import { nameOf, sameId, subscriptionOf } from '../paths.ts';

const CreationData = z.strictObject({
  createOption: z.string(),
  sourceResourceId: z.string().optional(),
  sourceUniqueId: z.string().optional(),
  imageReference: z.unknown().optional(),
  galleryImageReference: z.unknown().optional(),
});

/** What the bodies of disks and snapshots share. Response-only fields are taken and ignored, as Azure does. */
const VolumeProperties = {
  creationData: CreationData,
  diskSizeGB: z.int().min(1).max(32_767).optional(),
  osType: z.enum(['Windows', 'Linux']).optional(),
  hyperVGeneration: z.enum(['V1', 'V2']).optional(),
  encryption: z.strictObject({ type: z.string().optional(), diskEncryptionSetId: z.string().optional() }).optional(),
  securityProfile: z.looseObject({ securityType: z.string().optional() }).optional(),
  networkAccessPolicy: z.enum(['AllowAll', 'AllowPrivate', 'DenyAll']).optional(),
  publicNetworkAccess: z.enum(['Enabled', 'Disabled']).optional(),
  provisioningState: Ignored,
  timeCreated: Ignored,
  uniqueId: Ignored,
  diskState: Ignored,
  diskSizeBytes: Ignored,
  supportedCapabilities: Ignored,
  supportsHibernation: Ignored,
};
const Envelope = { id: Ignored, name: Ignored, type: Ignored, location: z.string(), tags: TagsBody.optional() };

export const DiskBody = z.strictObject({
  ...Envelope,
  sku: z.object({ name: z.enum(['Standard_LRS', 'StandardSSD_LRS', 'StandardSSD_ZRS', 'Premium_LRS', 'Premium_ZRS']) }).optional(),
  zones: z.array(z.string()).max(1).optional(),
  managedBy: Ignored,
  properties: z.strictObject({
    ...VolumeProperties,
    diskIOPSReadWrite: Ignored,
    diskMBpsReadWrite: Ignored,
    tier: Ignored,
    burstingEnabled: Ignored,
  }),
});
export type DiskBody = z.infer<typeof DiskBody>;

export const SnapshotBody = z.strictObject({
  ...Envelope,
  sku: z.object({ name: z.string() }).optional(),
  properties: z.strictObject({ ...VolumeProperties, incremental: z.boolean().optional(), incrementalSnapshotFamilyId: Ignored }),
});
export type SnapshotBody = z.infer<typeof SnapshotBody>;

/** What a new disk or snapshot takes from where it is copied. */
export interface Origin {
  sizeGb: number;
  creationData: Json;
  contents?: DiskContents;
  osType?: 'Windows' | 'Linux';
  generation?: Generation;
  securityType?: string;
}

const UNMODELLED_OPTIONS = new Set([
  'FromImage',
  'Import',
  'ImportSecure',
  'Upload',
  'UploadPreparedSecure',
  'Restore',
  'CopyStart',
  'CopyFromSanSnapshot',
]);

/** Resolves `creationData`, and refuses what a copy cannot be. */
export function originOf(request: ArmRequest, cloud: Cloud, body: DiskBody | SnapshotBody): Origin {
  checkCreateOption(body.properties.creationData.createOption);
  const { creationData, diskSizeGB, hyperVGeneration, osType, securityProfile } = body.properties;
  if (creationData.createOption === 'Empty') {
    if (diskSizeGB === undefined) throw invalid('body-valid', 'diskSizeGB', "Required parameter 'diskSizeGB' is missing (null).");
    return {
      sizeGb: diskSizeGB,
      creationData: { createOption: 'Empty' },
      ...(osType && { osType }),
      ...(hyperVGeneration && { generation: hyperVGeneration }),
    };
  }
  if (securityProfile?.securityType !== undefined) {
    throw invalid(
      'disk-no-security-with-copy',
      'securityProfile.securityType',
      'securityType cannot be given with createOption Copy: it is inherited from the source.',
    );
  }
  const source = sourceOf(request, cloud, creationData.sourceResourceId);
  // Recorded: a region's provider looks for a source in its own region only.
  if (source.location !== body.location) throw referenceNotFound(source.name, 'disk-source-region');
  if (diskSizeGB !== undefined && diskSizeGB < source.sizeGb) {
    throw invalid(
      'disk-not-smaller',
      'diskSizeGB',
      `Disk with size ${diskSizeGB}GB, which is smaller than the size ${source.sizeGb}GB of its source, is not allowed.`,
    );
  }
  if (hyperVGeneration !== undefined && source.generation !== undefined && hyperVGeneration !== source.generation) {
    throw invalid(
      'disk-generation-of-source',
      'hyperVGeneration',
      `hyperVGeneration '${hyperVGeneration}' is not the source's, '${source.generation}'.`,
    );
  }
  return {
    sizeGb: diskSizeGB ?? source.sizeGb,
    creationData: { createOption: 'Copy', sourceResourceId: source.id, sourceUniqueId: source.uniqueId },
    ...(source.contents !== undefined && { contents: source.contents }),
    ...(source.osType !== undefined && { osType: source.osType }),
    ...(source.generation !== undefined && { generation: source.generation }),
    ...(source.securityType !== undefined && { securityType: source.securityType }),
  };
}

/** Of Azure's ways to make a disk the simulator models two. */
function checkCreateOption(option: string): void {
  if (option === 'Copy' || option === 'Empty') return;
  if (UNMODELLED_OPTIONS.has(option))
    throw invalid('body-members-known', 'creationData.createOption', `The simulator does not model createOption '${option}'.`);
  throw invalid('body-valid', 'creationData.createOption', `The value of parameter creationData.createOption is invalid: '${option}'.`);
}

function sourceOf(request: ArmRequest, cloud: Cloud, id: string | undefined): Disk | Snapshot {
  if (id === undefined)
    throw invalid('body-valid', 'creationData.sourceResourceId', "Required parameter 'creationData.sourceResourceId' is missing (null).");
  const source = cloud.estate.disk(id) ?? cloud.estate.snapshot(id);
  if (source === undefined) throw referenceNotFound(nameOf(id));
  if (source.provisioningState !== 'Succeeded')
    throw new ArmError('disk-busy', 409, 'ConflictingUserInput', `The source '${source.name}' has another operation in progress.`);
  if (subscriptionOf(id).toLowerCase() !== request.subscription.toLowerCase()) {
    throw invalid(
      'disk-source-region',
      'creationData.sourceResourceId',
      `Subscription ${request.subscription} of the request must match the subscription of the source.`,
    );
  }
  return source;
}

/** The encryption to have: an encryption set must exist in the subscription. */
export function encryptionOf(
  request: ArmRequest,
  cloud: Cloud,
  asked: { type?: string | undefined; diskEncryptionSetId?: string | undefined } | undefined,
) {
  const set = asked?.diskEncryptionSetId;
  if (set === undefined) return { type: 'EncryptionAtRestWithPlatformKey' };
  const known = cloud.estate.subscription(request.subscription)?.encryptionSets.some(id => sameId(id, set));
  if (known !== true) throw new ArmError('encryption-set-exists', 404, 'NotFound', `Resource ${nameOf(set)} is not found.`);
  return { type: asked?.type ?? 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: set };
}

/** A PUT on what exists may not change where it came from. */
export function checkSameCreation(existing: Disk | Snapshot, body: DiskBody | SnapshotBody): void {
  const { createOption, sourceResourceId } = body.properties.creationData;
  const same =
    existing.creationData.createOption === createOption &&
    String(existing.creationData.sourceResourceId ?? '').toLowerCase() === (sourceResourceId ?? '').toLowerCase();
  if (!same)
    throw new ArmError('disk-creation-fixed', 409, 'PropertyChangeNotAllowed', "Changing property 'creationData' is not allowed.", {
      target: 'creationData',
    });
  if (existing.location !== body.location) {
    throw new ArmError(
      'location-fixed',
      409,
      'InvalidResourceLocation',
      `The resource '${existing.name}' already exists in location '${existing.location}'. A resource with the same name cannot be created in location '${body.location}'.`,
    );
  }
}

/** The part of a body that disks and snapshots share. */
export function volumeProperties(volume: Disk | Snapshot): Json {
  return {
    ...(volume.osType !== undefined && {
      osType: volume.osType,
      supportedCapabilities: { architecture: 'x64', diskControllerTypes: 'SCSI, NVMe' },
    }),
    ...(volume.generation !== undefined && { hyperVGeneration: volume.generation }),
    creationData: volume.creationData,
    diskSizeGB: volume.sizeGb,
    encryption: volume.encryption,
    networkAccessPolicy: volume.networkAccessPolicy,
    publicNetworkAccess: volume.publicNetworkAccess,
    ...(volume.securityType !== undefined && { securityProfile: { securityType: volume.securityType } }),
    timeCreated: volume.timeCreated.toISOString(),
    provisioningState: volume.provisioningState,
    diskSizeBytes: volume.sizeGb * 2 ** 30,
    uniqueId: volume.uniqueId,
  };
}

/** Members that a client may send back because GET showed them, and that the answer to its PUT leaves out. */
const READ_ONLY = new Set(['diskIOPSReadWrite', 'diskMBpsReadWrite', 'timeCreated', 'uniqueId', 'diskState', 'diskSizeBytes']);

/** A volume as the PUT that makes it answers: what was asked, and Updating. */
export function acceptedBody(volume: Disk | Snapshot, body: DiskBody | SnapshotBody): Json {
  const properties = Object.fromEntries(
    Object.entries(body.properties).filter(([name, value]) => value !== undefined && !READ_ONLY.has(name)),
  );
  return {
    ...{ name: volume.name, id: volume.id, type: volume.type, location: volume.location, tags: volume.tags },
    ...(body.sku !== undefined && { sku: { name: body.sku.name } }),
    properties: { ...properties, provisioningState: 'Updating' },
  };
}

export function newUniqueId(): string {
  return randomUUID();
}
