/** Azure Resource Graph: queries over what the identity may read, page by page. Shapes: the specification of 2022-10-01. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError } from '../errors.ts';
import { QueryError, type Row, runQuery } from '../graphQuery.ts';
import type { BackupItem, Json, Resource, ServiceEvent, Vm } from '../model.ts';
import { groupIdOf, nameOf, subscriptionOf } from '../paths.ts';
import { isAllowed } from './governance.ts';
import { currentHealth } from './health.ts';
import { storageProfile } from './vmView.ts';

const QueryRequest = z.strictObject({
  query: z.string(),
  subscriptions: z.array(z.string()).optional(),
  options: z
    .strictObject({
      $skipToken: z.string().optional(),
      $top: z.int().min(1).max(1000).default(1000),
      resultFormat: z.literal('objectArray').default('objectArray'),
    })
    .prefault({}),
});

function query(request: ArmRequest, cloud: Cloud): ArmResponse {
  const { query: text, subscriptions, options } = parseBody(QueryRequest, request.body, cloud);
  const headers = cloud.throttle.graph();
  const wanted = subscriptions?.map(id => id.toLowerCase());
  const inScope = ({ id }: { id: string }) => wanted === undefined || wanted.includes(subscriptionOf(id).toLowerCase());
  const seen = cloud.estate.all().filter(resource => inScope(resource) && isAllowed(cloud, `${resource.type}/read`, resource.id));
  const rows = evaluate(text, {
    resources: () => seen.map(resource => rowOf(resource, cloud)),
    healthresources: () => seen.filter(resource => resource.kind === 'vm').map(vm => healthRow(vm, cloud)),
    servicehealthresources: () =>
      cloud.estate.serviceEvents.filter(event => inScope(event) && isAllowed(cloud, readsEvents, event.id)).map(serviceEventRow),
    recoveryservicesresources: () =>
      cloud.estate.backups.filter(item => inScope(item) && isAllowed(cloud, readsItems, item.id)).map(backupRow),
  });
  const context = createHash('sha256')
    .update(JSON.stringify([text, subscriptions]))
    .digest('hex');
  const start = options.$skipToken === undefined ? 0 : offsetOf(options.$skipToken, context);
  const data = rows.slice(start, start + options.$top);
  const end = start + data.length;
  // Without an id among its columns a query has no further pages: the rest is lost.
  const paged = data.every(row => typeof row.id === 'string');
  const more = end < rows.length;
  return {
    status: 200,
    headers,
    body: {
      totalRecords: rows.length,
      count: data.length,
      data,
      facets: [],
      resultTruncated: more && !paged ? 'true' : 'false',
      ...(more && paged && { $skipToken: Buffer.from(JSON.stringify([context, end])).toString('base64url') }),
    },
  };
}

function evaluate(text: string, tables: Record<string, () => Row[]>): Row[] {
  try {
    return runQuery(text, tables);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new ArmError('graph-query-known', 400, 'BadRequest', `Please provide below info when asking for support: ${error.message}.`);
  }
}

function offsetOf(token: string, context: string): number {
  const known = z.tuple([z.literal(context), z.int()]);
  try {
    return known.parse(JSON.parse(Buffer.from(token, 'base64url').toString()))[1];
  } catch {
    throw new ArmError('graph-token-fits', 400, 'BadRequest', 'The $skipToken does not belong to this query and these subscriptions.');
  }
}

/** Type and group are in lower case here; ids as they are. */
function rowOf(resource: Resource, cloud: Cloud): Row {
  const { id, name, type, location, tags } = resource;
  const common = { id, name, type: type.toLowerCase(), location, tags, subscriptionId: subscriptionOf(id) };
  return { ...common, resourceGroup: nameOf(groupIdOf(id)).toLowerCase(), ...ownColumns(resource, cloud) };
}

function ownColumns(resource: Resource, cloud: Cloud): Json {
  if (resource.kind === 'vm') return { properties: vmProperties(resource, cloud) };
  if (resource.kind === 'network') return { properties: resource.properties };
  const { sku, sizeGb: diskSizeGB, provisioningState } = resource;
  const size = { diskSizeGB, provisioningState };
  if (resource.kind === 'snapshot') return { sku: { name: sku }, properties: { ...size, incremental: resource.incremental } };
  return { sku: { name: sku }, managedBy: resource.managedBy ?? '', properties: size };
}

/** What Azure adds for queries (`extended`) knows the power, and nothing of the agent. */
function vmProperties(vm: Vm, cloud: Cloud): Json {
  return {
    provisioningState: vm.provisioningState,
    vmId: vm.vmId,
    hardwareProfile: { vmSize: vm.size },
    storageProfile: storageProfile(vm, cloud),
    ...(vm.osProfile !== undefined && { osProfile: vm.osProfile }),
    extended: { instanceView: { powerState: { code: `PowerState/${vm.power}`, level: 'Info' }, hyperVGeneration: vm.generation } },
    timeCreated: vm.timeCreated.toISOString(),
  };
}

function healthRow(vm: Vm, cloud: Cloud): Row {
  const { id, name, location, properties } = currentHealth(vm, cloud);
  const common = {
    id,
    name,
    location,
    type: 'microsoft.resourcehealth/availabilitystatuses',
    tags: {},
    subscriptionId: subscriptionOf(vm.id),
  };
  return { ...common, properties: { ...properties, targetResourceId: vm.id.toLowerCase(), targetResourceType: vm.type } };
}

const readsEvents = 'Microsoft.ResourceHealth/events/read';

/** As Microsoft's own queries of this table spell it; case counts. An outage that is not over has no time of mitigation. */
function serviceEventRow({ id, trackingId, type, status, title, from, until, impact }: ServiceEvent): Row {
  const services = impact.map(({ service, regions }) => ({
    ImpactedService: service,
    ImpactedRegions: regions.map(name => ({ ImpactedRegion: name, Status: status, ImpactedSubscriptions: [subscriptionOf(id)] })),
  }));
  return {
    ...{ id, name: trackingId, type: 'microsoft.resourcehealth/events', location: 'global', tags: {}, subscriptionId: subscriptionOf(id) },
    properties: {
      ...{ EventType: type, EventSource: 'ServiceHealth', Status: status, TrackingId: trackingId, Title: title, Summary: title },
      ...{ ImpactStartTime: from.toISOString(), LastUpdateTime: from.toISOString(), Impact: services },
      ...(until !== undefined && { ImpactMitigationTime: until.toISOString() }),
    },
  };
}

const readsItems = 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/read';

/** As its own service tells it (AzureIaaSVMProtectedItem of Microsoft.RecoveryServices, `protectedItems`); the VM may have gone since. */
function backupRow(item: BackupItem): Row {
  const { id, vmId, vaultId, location, policy, state, lastStatus, lastRecoveryPoint } = item;
  return {
    ...{ id, name: nameOf(id), type: 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems', location },
    ...{ tags: {}, subscriptionId: subscriptionOf(id), resourceGroup: nameOf(groupIdOf(id)).toLowerCase() },
    properties: {
      ...{ protectedItemType: 'Microsoft.Compute/virtualMachines', backupManagementType: 'AzureIaasVM', workloadType: 'VM' },
      ...{ friendlyName: nameOf(vmId), sourceResourceId: vmId, virtualMachineId: vmId, vaultId, policyName: policy },
      ...{ protectionState: state, lastBackupStatus: lastStatus },
      ...(lastRecoveryPoint && { lastRecoveryPoint: lastRecoveryPoint.toISOString(), lastBackupTime: lastRecoveryPoint.toISOString() }),
    },
  };
}

export const resourceGraphRoutes: Routes = { 'POST Microsoft.ResourceGraph/:resources': query };
