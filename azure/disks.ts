/** Managed disks and their snapshots. */
import type { Disk as AzureDisk, Snapshot as AzureSnapshot } from '@azure/arm-compute';
import { type Accepted, type Arm, submit } from './arm.ts';
import { fail, understood, unlessMissing } from './errors.ts';
import type { Content } from './governance.ts';
import { parseId } from './ids.ts';
import { diskShape, shaped, snapshotShape } from './shapes.ts';
import { provisioningOf } from './vms.ts';

export interface Disk {
  id: string;
  name: string;
  location: string;
  zone: string | null;
  tags: Record<string, string>;
  sku: string;
  sizeGb: number;
  generation: 'V1' | 'V2';
  securityType: string | null;
  diskEncryptionSetId: string | null;
  /** Azure Disk Encryption: the guest's own, with keys in a vault. */
  guestEncrypted: boolean;
  maxShares: number;
  /** The VM it is attached to, as OS or data disk. */
  attachedTo: string | null;
  provisioning: 'succeeded' | 'failed' | 'busy';
  provisioningState: string;
  /** Snapshot or disk it was copied from. */
  sourceId: string | null;
  /** Who may read its bytes from outside; a copy must not be more open than the original. */
  access: { networkAccessPolicy?: string; publicNetworkAccess?: string; diskAccessId?: string };
}

export interface Snapshot {
  id: string;
  tags: Record<string, string>;
  provisioning: 'succeeded' | 'failed' | 'busy';
  provisioningState: string;
  sourceId: string | null;
}

/** Undefined from `get` = not there. */
export interface Disks {
  get(id: string): Promise<Disk | undefined>;
  /** A copy of a snapshot that equals `like` in all that Azure compares when it is swapped in. Security type and contents are inherited. */
  copy(id: string, snapshotId: string, like: Disk, tags: Record<string, string>): Promise<Accepted>;
  delete(id: string): Promise<Accepted>;
  setTags(id: string, tags: Record<string, string>): Promise<Accepted>;
}
export interface Snapshots {
  get(id: string): Promise<Snapshot | undefined>;
  /** Incremental, and no address to download it from. */
  create(id: string, diskId: string, location: string, tags: Record<string, string>): Promise<Accepted>;
  delete(id: string): Promise<Accepted>;
  setTags(id: string, tags: Record<string, string>): Promise<Accepted>;
}

export function managedDisks(arm: Arm): Disks {
  const at = (id: string) => {
    const { subscriptionId, resourceGroup, name } = parseId(id);
    return { disks: arm.compute(subscriptionId).disks, group: resourceGroup, name };
  };
  return {
    get(id) {
      const { disks, group, name } = at(id);
      return understood(id, async () => {
        const disk = await unlessMissing(disks.get(group, name));
        return disk && shaped(diskShape, id, diskOf(disk));
      });
    },
    copy(id, snapshotId, like, tags) {
      const { disks, group, name } = at(id);
      return submit(options => disks.createOrUpdate(group, name, copyOf(snapshotId, like, tags), options));
    },
    delete(id) {
      const { disks, group, name } = at(id);
      return submit(options => disks.delete(group, name, options));
    },
    setTags(id, tags) {
      const { disks, group, name } = at(id);
      return submit(options => disks.update(group, name, { tags }, options));
    },
  };
}

export function diskSnapshots(arm: Arm): Snapshots {
  const at = (id: string) => {
    const { subscriptionId, resourceGroup, name } = parseId(id);
    return { snapshots: arm.compute(subscriptionId).snapshots, group: resourceGroup, name };
  };
  return {
    get(id) {
      const { snapshots, group, name } = at(id);
      return understood(id, async () => {
        const snapshot = await unlessMissing(snapshots.get(group, name));
        return snapshot && shaped(snapshotShape, id, snapshotOf(snapshot));
      });
    },
    create(id, diskId, location, tags) {
      const { snapshots, group, name } = at(id);
      return submit(options => snapshots.createOrUpdate(group, name, snapshotBody(diskId, location, tags), options));
    },
    delete(id) {
      const { snapshots, group, name } = at(id);
      return submit(options => snapshots.delete(group, name, options));
    },
    setTags(id, tags) {
      const { snapshots, group, name } = at(id);
      return submit(options => snapshots.update(group, name, { tags }, options));
    },
  };
}

function snapshotBody(diskId: string, location: string, tags: Record<string, string>): AzureSnapshot {
  return {
    location,
    tags,
    incremental: true,
    networkAccessPolicy: 'DenyAll',
    publicNetworkAccess: 'Disabled',
    creationData: { createOption: 'Copy', sourceResourceId: diskId },
  };
}

/** What a repair will create, as a policy sees it: `sku` and the like beside `properties`, as on the wire. */
export function snapshotContent(diskId: string, location: string, tags: Record<string, string>): Content {
  const { location: at, tags: with_, ...properties } = snapshotBody(diskId, location, tags);
  return { type: 'Microsoft.Compute/snapshots', location: at, tags: with_ ?? {}, properties };
}

export function copyContent(snapshotId: string, like: Disk, tags: Record<string, string>): Content {
  const { location, tags: with_, zones, sku, ...properties } = copyOf(snapshotId, like, tags);
  return { type: 'Microsoft.Compute/disks', location, tags: with_ ?? {}, ...(sku && { sku }), ...(zones && { zones }), properties };
}

function copyOf(snapshotId: string, like: Disk, tags: Record<string, string>): AzureDisk {
  const { diskEncryptionSetId } = like;
  return {
    location: like.location,
    ...(like.zone !== null && { zones: [like.zone] }),
    tags,
    sku: { name: like.sku },
    osType: 'Windows',
    hyperVGeneration: like.generation,
    diskSizeGB: like.sizeGb,
    creationData: { createOption: 'Copy', sourceResourceId: snapshotId },
    ...(diskEncryptionSetId !== null && { encryption: { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId } }),
    ...like.access,
  };
}

function diskOf(disk: AzureDisk): Disk {
  const { id, name, location, diskSizeGB } = disk;
  if (!id || !name || !location || !diskSizeGB) throw fail('fatal', 'unexpectedBody', `the disk ${id} has no id, name, location or size`);
  return {
    id,
    name,
    location,
    zone: disk.zones?.[0] ?? null,
    tags: disk.tags ?? {},
    sku: disk.sku?.name ?? 'Standard_LRS',
    sizeGb: diskSizeGB,
    generation: disk.hyperVGeneration === 'V2' ? 'V2' : 'V1',
    securityType: disk.securityProfile?.securityType ?? null,
    diskEncryptionSetId: disk.encryption?.diskEncryptionSetId ?? null,
    guestEncrypted: disk.encryptionSettingsCollection?.enabled === true,
    maxShares: disk.maxShares ?? 1,
    attachedTo: disk.managedBy ?? null,
    provisioning: provisioningOf(disk.provisioningState ?? 'Unknown'),
    provisioningState: disk.provisioningState ?? 'Unknown',
    sourceId: disk.creationData?.sourceResourceId ?? null,
    access: {
      ...(disk.networkAccessPolicy && { networkAccessPolicy: disk.networkAccessPolicy }),
      ...(disk.publicNetworkAccess && { publicNetworkAccess: disk.publicNetworkAccess }),
      ...(disk.diskAccessId && { diskAccessId: disk.diskAccessId }),
    },
  };
}

function snapshotOf(snapshot: AzureSnapshot): Snapshot {
  if (!snapshot.id) throw fail('fatal', 'unexpectedBody', 'the snapshot has no id');
  return {
    id: snapshot.id,
    tags: snapshot.tags ?? {},
    provisioning: provisioningOf(snapshot.provisioningState ?? 'Unknown'),
    provisioningState: snapshot.provisioningState ?? 'Unknown',
    sourceId: snapshot.creationData?.sourceResourceId ?? null,
  };
}
