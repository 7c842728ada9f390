import type { BootStage } from '../guests/contract.ts';
import type { DiskContents } from '../guests/disk.ts';

export type Json = Record<string, unknown>;
export type Tags = Record<string, string>;
export type Generation = 'V1' | 'V2';
export type ProvisioningState = 'Creating' | 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';

interface Tracked {
  id: string;
  name: string;
  /** e.g. `Microsoft.Compute/disks`. */
  type: string;
  location: string;
  tags: Tags;
  timeCreated: Date;
  provisioningState: ProvisioningState;
}

/** What disks and snapshots share. */
interface Volume extends Tracked {
  sku: string;
  sizeGb: number;
  osType?: 'Windows' | 'Linux';
  generation?: Generation;
  encryption: { type: string; diskEncryptionSetId?: string };
  securityType?: string;
  creationData: Json;
  networkAccessPolicy: string;
  publicNetworkAccess: string;
  uniqueId: string;
  /** Somebody holds a SAS for it. */
  shared?: true;
  /** Absent on an empty disk. Treated as a value: replaced, never changed in place. */
  contents?: DiskContents;
}

export interface Disk extends Volume {
  kind: 'disk';
  zones?: string[];
  /** The VM that owns it. */
  managedBy?: string;
  detaching?: boolean;
}

export interface Snapshot extends Volume {
  kind: 'snapshot';
  incremental: boolean;
  /** Shared by the incremental snapshots of one disk. */
  familyId?: string;
}

/** A virtual network, subnet owner, security group, interface or address: its properties as they were sent, checked where the house looks. */
export interface NetworkResource extends Tracked {
  kind: 'network';
  properties: Json;
  etag: string;
  zones?: string[];
  sku?: Json;
}

export type PowerState = 'starting' | 'running' | 'stopping' | 'stopped' | 'deallocating' | 'deallocated';

/** One power-on to the next power-off. */
export interface Session {
  poweredOnAt: Date;
  /** In order of time. */
  stages: BootStage[];
  /** Cancels what is still scheduled. */
  cancel: (() => void)[];
}

export interface AgentReport {
  version: string;
  osName: string;
  osVersion: string;
  readyAt: Date;
}

export interface DataDisk {
  lun: number;
  diskId: string;
  caching: string;
  deleteOption: string;
  createOption: string;
  toBeDetached: boolean;
  /** Is made by the operation in progress. */
  fresh?: true;
}

export interface RunCommand {
  id: string;
  name: string;
  location: string;
  tags?: Tags;
  provisioningState: ProvisioningState;
  source: Json;
  parameters: { name: string; value: string }[];
  protectedParameters: { name: string; value: string }[];
  asyncExecution: boolean;
  treatFailureAsDeploymentFailure?: boolean;
  timeoutInSeconds: number;
  runAsUser?: string;
  outputBlobUri?: string;
  errorBlobUri?: string;
  execution: Execution;
  /** Ends the run without a trace on the disks. */
  stop: (reason: 'Canceled' | 'Failed') => void;
}

/** The instance view of a run, as Azure words it. */
export interface Execution {
  executionState: 'Unknown' | 'Pending' | 'Running' | 'Failed' | 'Succeeded' | 'TimedOut' | 'Canceled';
  executionMessage: string;
  exitCode?: number;
  output: string;
  error: string;
  startTime?: string;
  endTime?: string;
}

/** A fault of the host, or maintenance of it; without an end it goes on. */
export interface PlatformEvent {
  id: string;
  cause: 'host-fault' | 'maintenance';
  from: Date;
  until?: Date;
}

export interface Vm extends Tracked {
  kind: 'vm';
  vmId: string;
  zones?: string[];
  size: string;
  /** Id of the scale set that it is a member of. */
  scaleSet?: string;
  /** Id of the availability set that it is in. */
  availabilitySet?: string;
  generation: Generation;
  /** Counts changes; shown quoted. */
  etag: number;
  imageReference?: Json;
  osDisk: {
    diskId: string;
    caching: string;
    createOption: string;
    deleteOption: string;
    osType: 'Windows' | 'Linux';
    /** Is made from an image by the operation in progress, by the name that was asked for or by one of Azure's. */
    fresh?: 'named' | 'unnamed';
  };
  dataDisks: DataDisk[];
  diskController: 'SCSI' | 'NVMe';
  osProfile?: Json;
  computerName: string;
  networkInterfaces: { id: string; primary?: boolean; deleteOption?: string }[];
  bootDiagnostics?: { enabled: boolean; storageUri?: string };
  /** When boot diagnostics were turned on; absent where they always were. */
  diagnosticsSince?: Date;
  /** What Azure itself did to its host; in order of time. */
  platformEvents: PlatformEvent[];
  securityProfile?: Json;
  identity?: Json;
  licenseType?: string;
  power: PowerState;
  /** Absent when the VM is off. */
  session?: Session;
  /** The last thing the agent said, kept while the VM is stopped. */
  agent?: AgentReport;
  /** Why the last change of its model failed. */
  failure?: { code: string; message: string };
  /** The operation in progress. */
  busy?: string;
  provisionedAt: Date;
  runCommands: Map<string, RunCommand>;
  /** Ends the action run command in progress. */
  stopAction?: (reason: 'Canceled' | 'Failed') => void;
}

export type Resource = Vm | Disk | Snapshot | NetworkResource;

export interface ResourceGroup {
  id: string;
  /** What manages it: a managed application, a Databricks workspace. */
  managedBy?: string;
  name: string;
  location: string;
  tags: Tags;
  provisioningState: 'Succeeded' | 'Deleting';
}

export interface Lock {
  name: string;
  scope: string;
  level: 'CanNotDelete' | 'ReadOnly';
  notes?: string;
}

/** What nobody may do at a scope and below, whatever their roles say. */
export interface DenyAssignment {
  name: string;
  scope: string;
  actions: string[];
  notActions: string[];
  doNotApplyToChildScopes: boolean;
  /** The app's own identity is excluded from it. */
  exceptApp: boolean;
}

/** A policy that denies what is created or changed: where a field of a type has, or has not, one of some values. */
export interface PolicyRule {
  name: string;
  scope: string;
  /** `Microsoft.Compute/disks`. */
  type: string;
  /** Path in the body: `sku.name`, `tags.costCenter`. */
  field: string;
  /** Null: the field must be there. */
  allowed: string[] | null;
}

/** What a Recovery Services vault holds of a VM (a protected item). */
export interface BackupItem {
  id: string;
  vmId: string;
  vaultId: string;
  location: string;
  policy: string;
  state: string;
  lastStatus: string;
  /** Absent = never backed up. */
  lastRecoveryPoint?: Date;
}

/** What Azure reports of its own services (Service Health). */
export interface ServiceEvent {
  id: string;
  trackingId: string;
  type: 'ServiceIssue' | 'PlannedMaintenance' | 'HealthAdvisory' | 'SecurityAdvisory';
  status: 'Active' | 'Resolved';
  title: string;
  from: Date;
  /** Absent = nobody knows yet. */
  until?: Date;
  impact: { service: string; regions: string[] }[];
}

export interface ScaleSet {
  id: string;
  name: string;
  location: string;
  orchestrationMode: 'Flexible' | 'Uniform';
  automaticRepairs: boolean;
}

/** What the app's identity may do at a scope and below. */
export interface Grant {
  scope: string;
  actions: string[];
  notActions: string[];
}

/** A role of somebody else than the app's identity. */
export interface RoleAssignment {
  principalId: string;
  /** Of a group: everybody who is in it, also by way of other groups. */
  members: string[];
  scope: string;
  role: { name: string; actions: string[]; notActions: string[] };
  condition?: string | undefined;
}

export interface Restriction {
  size: string;
  location: string;
  /** None: the whole region. */
  zones?: string[];
}

export interface Subscription {
  id: string;
  displayName: string;
  tags: Tags;
  /** Limits of vCPUs: `cores`, a family such as `standardDSv5Family`, or `virtualMachines`; per location. */
  quotas: { location: string; name: string; limit: number }[];
  /** SKUs this subscription may not create (SkuNotAvailable). */
  restrictions: Restriction[];
  /** SKUs for which the region has no machine left (AllocationFailed on create and start). */
  exhausted: Restriction[];
  encryptionSets: string[];
  /** Its owner has switched the serial console off. */
  serialConsoleDisabled: boolean;
}
