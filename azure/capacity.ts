/** What sizes a region has, and how much of the subscription's quota is left. */
import type { ResourceSku } from '@azure/arm-compute';
import type { Arm } from './arm.ts';
import { understood } from './errors.ts';

export interface VmSize {
  name: string;
  /** Quota family: `standardDSv5Family`. */
  family: string;
  cores: number;
  memoryMb: number;
  generations: ('V1' | 'V2')[];
  controllers: ('SCSI' | 'NVMe')[];
  arm64: boolean;
  /** Zones of the region that have it and are open to this subscription. */
  zones: string[];
  /** False where the subscription or region is closed to it. */
  available: boolean;
}

export interface Quota {
  used: number;
  limit: number;
}

export interface Capacity {
  /** Kept for an hour: the list is large and changes by the week. A size that lacks by then is told by the creation, which takes the next one. */
  sizes(subscriptionId: string, location: string): Promise<Map<string, VmSize>>;
  /** By family, and `cores` for the whole region. Counts deallocated VMs. */
  quotas(subscriptionId: string, location: string): Promise<Map<string, Quota>>;
}

const keptMilliseconds = 3_600_000;

export function capacity(arm: Arm): Capacity {
  const kept = new Map<string, { at: number; sizes: Map<string, VmSize> }>();
  return {
    async sizes(subscriptionId, location) {
      const key = `${subscriptionId}/${location}`;
      const found = kept.get(key);
      if (found && Date.now() - found.at < keptMilliseconds) return found.sizes;
      const sizes = await understood(`the sizes of ${location}`, () => readSizes(arm, subscriptionId, location));
      // A list without any is no list that is worth an hour.
      if (sizes.size > 0) kept.set(key, { at: Date.now(), sizes });
      return sizes;
    },
    async quotas(subscriptionId, location) {
      return understood(`the quotas of ${location}`, () => readQuotas(arm, subscriptionId, location));
    },
  };
}

async function readSizes(arm: Arm, subscriptionId: string, location: string): Promise<Map<string, VmSize>> {
  const sizes = new Map<string, VmSize>();
  for await (const sku of arm.compute(subscriptionId).resourceSkus.list({ filter: `location eq '${location}'` })) {
    if (sku.resourceType === 'virtualMachines' && sku.name) sizes.set(sku.name.toLowerCase(), sizeOf(sku, sku.name));
  }
  return sizes;
}

async function readQuotas(arm: Arm, subscriptionId: string, location: string): Promise<Map<string, Quota>> {
  const quotas = new Map<string, Quota>();
  for await (const { name, currentValue, limit } of arm.compute(subscriptionId).usage.list(location)) {
    if (name.value) quotas.set(name.value.toLowerCase(), { used: currentValue, limit });
  }
  return quotas;
}

function sizeOf(sku: ResourceSku, name: string): VmSize {
  const capability = (wanted: string) => sku.capabilities?.find(each => each.name === wanted)?.value;
  const restricted = (type: string) => sku.restrictions?.filter(restriction => restriction.type === type) ?? [];
  const closedZones = restricted('Zone').flatMap(restriction => restriction.restrictionInfo?.zones ?? []);
  const words = (list: string | undefined, otherwise: string) => (list ?? otherwise).split(',').map(word => word.trim());
  return {
    name,
    family: sku.family ?? '',
    cores: Number(capability('vCPUs') ?? 0),
    memoryMb: Math.round(Number(capability('MemoryGB') ?? 0) * 1024),
    generations: words(capability('HyperVGenerations'), 'V1').filter(word => word === 'V1' || word === 'V2'),
    // A size without the word knows SCSI only.
    controllers: words(capability('DiskControllerTypes'), 'SCSI').filter(word => word === 'SCSI' || word === 'NVMe'),
    arm64: capability('CpuArchitectureType') === 'Arm64',
    zones: (sku.locationInfo?.[0]?.zones ?? []).filter(zone => !closedZones.includes(zone)),
    available: restricted('Location').length === 0,
  };
}
