/** Azure as the product sees it: the only room that talks to it. Typed operations over the SDK's clients, errors as faults. */
import { DefaultAzureCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import program from '../package.json' with { type: 'json' };
import { type ActivityLog, activityLog } from './activityLog.ts';
import { type Arm, createArm } from './arm.ts';
import { type BlobStore, createBlobStore } from './blobs.ts';
import { type BootDiagnostics, bootDiagnostics } from './bootDiagnostics.ts';
import { Pace, pacePolicy } from './budget.ts';
import { type CallerRights, callerRights } from './callerRights.ts';
import { type Capacity, capacity } from './capacity.ts';
import { type Clock, createClock } from './clock.ts';
import { type Disks, diskSnapshots, managedDisks, type Snapshots } from './disks.ts';
import { type Governance, governance } from './governance.ts';
import { type Health, resourceHealth } from './health.ts';
import { type Machines, machines } from './machines.ts';
import { type Network, network } from './network.ts';
import { createOperations, type Operations } from './operations.ts';
import { auditPolicy, correlationPolicy, type OnWrite, readRetryPolicy, retryAfterPolicy } from './policies.ts';
import { withKnownNetwork, withKnownPermissions, withRecentDisks, withRecentLog, withRecentLooks } from './recent.ts';
import { type ResourceGraph, resourceGraph } from './resourceGraph.ts';
import { type RunCommands, runCommands } from './runCommands.ts';
import { type SerialConsole, serialConsole } from './serialConsole.ts';
import { type ServiceHealth, serviceHealth } from './serviceHealth.ts';
import { tracedBlobs, tracingPolicy } from './tracing.ts';
import { type VirtualMachines, virtualMachines } from './vms.ts';

export interface Azure {
  clock: Clock;
  vms: VirtualMachines;
  disks: Disks;
  snapshots: Snapshots;
  runCommands: RunCommands;
  network: Network;
  capacity: Capacity;
  governance: Governance;
  callerRights: CallerRights;
  bootDiagnostics: BootDiagnostics;
  serialConsole: SerialConsole;
  health: Health;
  serviceHealth: ServiceHealth;
  activityLog: ActivityLog;
  resourceGraph: ResourceGraph;
  machines: Machines;
  blobs: BlobStore;
  /** Long operations, level-triggered. */
  operations: Operations;
}

/** A few seconds at most: beyond that the durable timer waits. */
const storageRetries = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 2000 };

/**
 * Clients for BOOTMEDIC_ARM_ENDPOINT and BOOTMEDIC_BLOB_ENDPOINT, with the identity that DefaultAzureCredential finds.
 * Nothing is asked of Azure before the first operation.
 * @param onWrite is told every request that changes Azure
 * @throws Error when BOOTMEDIC_BLOB_ENDPOINT is missing
 */
export function connect(env: Record<string, string | undefined>, onWrite: OnWrite = async () => {}): Azure {
  const blobEndpoint = env.BOOTMEDIC_BLOB_ENDPOINT;
  if (!blobEndpoint) throw new Error('BOOTMEDIC_BLOB_ENDPOINT is not set: where shall the records be kept?');
  const clock = createClock(Number(env.BOOTMEDIC_TIME_SCALE || 1));
  const credential = new DefaultAzureCredential();
  const userAgent = `bootmedic/${program.version}`;
  const arm: Arm = createArm({
    endpoint: env.BOOTMEDIC_ARM_ENDPOINT || 'https://management.azure.com',
    credential,
    userAgent,
    policies: [
      correlationPolicy,
      readRetryPolicy(clock),
      pacePolicy(new Pace(clock), clock),
      auditPolicy(onWrite, clock),
      retryAfterPolicy(clock),
      tracingPolicy,
    ],
  });
  const storage = { userAgentOptions: { userAgentPrefix: userAgent }, retryOptions: storageRetries };
  const blobs = tracedBlobs(createBlobStore(new BlobServiceClient(blobEndpoint, credential, storage)));
  return {
    clock,
    vms: withRecentLooks(virtualMachines(arm), clock),
    disks: withRecentDisks(managedDisks(arm), clock),
    snapshots: diskSnapshots(arm),
    runCommands: runCommands(arm),
    network: withKnownNetwork(network(arm), clock),
    capacity: capacity(arm),
    governance: withKnownPermissions(governance(arm), clock),
    callerRights: callerRights(arm),
    bootDiagnostics: bootDiagnostics(arm),
    serialConsole: serialConsole(arm, clock),
    health: resourceHealth(arm),
    serviceHealth: serviceHealth(arm, clock),
    activityLog: withRecentLog(activityLog(arm), clock),
    resourceGraph: resourceGraph(arm),
    machines: machines(arm),
    blobs,
    operations: createOperations(arm, blobs, clock),
  };
}
