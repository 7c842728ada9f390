/**
 * Azure Resource Graph: every VM that the identity may see, in all subscriptions, by one query, a page at a time. It lags by minutes and
 * tells nothing of the agent: it says where to look.
 * Columns: learn.microsoft.com/azure/governance/resource-graph
 * ("Azure Resource Graph table and resource type reference"), …/azure/virtual-machines/resource-graph-availability (healthresources).
 */
import { z } from 'zod';
import type { Arm } from './arm.ts';
import { askGraph, type Question, text } from './graph.ts';
import { causeIn, type HostState } from './health.ts';
import { parseId } from './ids.ts';

export interface SeenVm {
  id: string;
  name: string;
  tags: Record<string, string>;
  windows: boolean;
  /** `PowerState/running` -> `running`; empty = not known. */
  power: string;
  computerName: string;
  /** ISO time; null = not told. */
  createdAt: string | null;
  /** Resource Health's word; null = it has none. */
  host: Pick<HostState, 'state' | 'by'> | null;
}

/** A disk or snapshot that bears our tag, wherever it lies. */
export interface SeenVolume {
  id: string;
  type: 'disk' | 'snapshot' | 'vm';
  tags: Record<string, string>;
  sizeGb: number;
  sku: string;
  incremental: boolean;
  /** The VM that has it; null = none. */
  attachedTo: string | null;
}

/** What a Recovery Services vault holds of a VM. */
export interface SeenBackup {
  /** Id of the protected item. */
  itemId: string;
  /** Azure's words, at most 100 characters each; empty = not told. */
  policy: string;
  state: string;
  lastStatus: string;
  /** ISO time of the newest recovery point; null = there is none. */
  newest: string | null;
}

export interface Page<T> {
  found: T[];
  /** Asks for the next page; null = this was the last. */
  next: string | null;
}

export interface ResourceGraph {
  /** @param subscriptions empty = all that the identity sees */
  vms(subscriptions: string[], token: string | null): Promise<Page<SeenVm>>;
  volumes(token: string | null): Promise<Page<SeenVolume>>;
  /** Those of one VM, the one with the newest recovery point first. An item of which the identity may not read anything is not among them. */
  backups(vmId: string): Promise<SeenBackup[]>;
}

/** Agents of a page's running VMs are asked one by one. */
const pageSize = 200;

const vmQuery = `resources
| where type =~ 'microsoft.compute/virtualmachines'
| project id, name, tags, key = tolower(id), osType = tostring(properties.storageProfile.osDisk.osType), power = tostring(properties.extended.instanceView.powerState.code), computerName = tostring(properties.osProfile.computerName), createdAt = tostring(properties.timeCreated)
| join kind=leftouter (healthresources
  | where type =~ 'microsoft.resourcehealth/availabilitystatuses'
  | project key = tolower(properties.targetResourceId), availability = tostring(properties.availabilityState), context = tostring(properties.context), reasonType = tostring(properties.reasonType)) on key
| order by id asc`;

const volumeQuery = `resources
| where type in~ ('microsoft.compute/disks', 'microsoft.compute/snapshots', 'microsoft.compute/virtualmachines')
| where isnotempty(tags['bootmedic-repair'])
| project id, type, tags, sizeGb = properties.diskSizeGB, sku = tostring(sku.name), incremental = properties.incremental, managedBy
| order by id asc`;

/**
 * Azure names the VM in one of these, by the age of the item: `sourceResourceId` and `virtualMachineId` are of the service's own
 * specification (Microsoft.RecoveryServices, AzureIaaSVMProtectedItem), `dataSourceInfo` is what Azure's own samples of this table use
 * (learn.microsoft.com/azure/backup/query-backups-using-azure-resource-graph).
 */
const backupQuery = (vmId: string) => `recoveryservicesresources
| where type =~ 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems'
| where properties.sourceResourceId =~ '${vmId}' or properties.virtualMachineId =~ '${vmId}' or properties.dataSourceInfo.resourceID =~ '${vmId}'
| project id, policy = tostring(properties.policyName), state = tostring(properties.protectionState), lastStatus = tostring(properties.lastBackupStatus), newest = tostring(properties.lastRecoveryPoint)
| order by id asc`;

const tags = z
  .record(z.string(), z.string())
  .nullish()
  .transform(value => value ?? {});

const vmRow = z.object({
  ...{ id: z.string(), name: z.string(), tags, osType: text, power: text, computerName: text, createdAt: text },
  ...{ availability: text, context: text, reasonType: text },
});
const volumeRow = z.object({
  ...{ id: z.string(), type: z.string(), tags, sku: text, managedBy: text },
  sizeGb: z.number().nullish(),
  incremental: z.boolean().nullish(),
});
/** Wall milliseconds: a repair does not wait for this. An answer takes well under a second. */
const backupPatience = 5000;

const backupRow = z.object({ id: z.string(), policy: text, state: text, lastStatus: text, newest: text });

export function resourceGraph(arm: Arm): ResourceGraph {
  const page = async <R, T>(query: string, row: z.ZodType<R>, map: (row: R) => T, which: Partial<Question>) => {
    const { rows, next } = await askGraph(arm, { query, subscriptions: [], most: pageSize, ...which }, row);
    return { found: rows.map(map), next };
  };
  return {
    vms: (subscriptions, token) => page(vmQuery, vmRow, vmOf, { subscriptions, token }),
    volumes: token => page(volumeQuery, volumeRow, volumeOf, { token }),
    async backups(vmId) {
      // It goes into a text of the query: no id of Azure's holds what would end that.
      if (!/^[\p{L}\p{N}_./()-]+$/u.test(vmId)) return [];
      // A vault protects VMs of its own subscription only.
      const which = { subscriptions: [parseId(vmId).subscriptionId], timeoutMs: backupPatience };
      const { found } = await page(backupQuery(vmId), backupRow, backupOf, which);
      return found.toSorted((a, b) => (b.newest ?? '').localeCompare(a.newest ?? ''));
    },
  };
}

function vmOf(row: z.infer<typeof vmRow>): SeenVm {
  return {
    ...{ id: row.id, name: row.name, tags: row.tags, computerName: row.computerName },
    windows: row.osType.toLowerCase() === 'windows',
    power: row.power.replace(/^PowerState\//i, ''),
    createdAt: instantOf(row.createdAt),
    host: row.availability === '' ? null : { state: stateOf(row.availability), by: causeIn(row.context, row.reasonType) },
  };
}

function backupOf({ id, policy, state, lastStatus, newest }: z.infer<typeof backupRow>): SeenBackup {
  const word = (text: string) => text.slice(0, 100);
  return { itemId: id, policy: word(policy), state: word(state), lastStatus: word(lastStatus), newest: instantOf(newest) };
}

function instantOf(text: string): string | null {
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function stateOf(word: string): HostState['state'] {
  return (['available', 'unavailable', 'degraded'] as const).find(each => each === word.toLowerCase()) ?? 'unknown';
}

function volumeOf(row: z.infer<typeof volumeRow>): SeenVolume {
  const kind = row.type.toLowerCase().split('/').at(-1);
  return {
    ...{ id: row.id, tags: row.tags, sku: row.sku },
    type: kind === 'disks' ? 'disk' : kind === 'snapshots' ? 'snapshot' : 'vm',
    sizeGb: row.sizeGb ?? 0,
    incremental: row.incremental === true,
    attachedTo: row.managedBy || null,
  };
}
