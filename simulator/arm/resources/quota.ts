import type { ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, invalid, notAllowed } from '../errors.ts';
import type { Generation, Json, Restriction, Vm } from '../model.ts';
import { sameId, subscriptionOf } from '../paths.ts';
import { findSize, LOCATIONS, SIZES, type Size, sizeOf, ZONES } from '../sizes.ts';

const DEFAULT_CORES = 100;
const DEFAULT_VMS = 25_000;

interface Usage {
  name: string;
  text: string;
  used: number;
  limit: number;
}

/** What a subscription uses in a region; deallocated VMs count. */
function usagesOf(cloud: Cloud, subscription: string, location: string): Usage[] {
  const vms = cloud.estate.vms().filter(vm => vm.location === location && sameId(subscriptionOf(vm.id), subscription));
  const limits = cloud.estate.subscription(subscription)?.quotas.filter(quota => quota.location === location) ?? [];
  const limitOf = (name: string, fallback: number) => limits.find(quota => sameId(quota.name, name))?.limit ?? fallback;
  const cores = (some: Vm[]) => some.reduce((sum, vm) => sum + sizeOf(vm.size).cores, 0);
  const families = [...new Set(SIZES.map(size => size.family))].map(family => ({
    name: family,
    text: family.replace(/^standard/, 'Standard ').replace(/Family$/, ' Family vCPUs'),
    used: cores(vms.filter(vm => sizeOf(vm.size).family === family)),
    limit: limitOf(family, DEFAULT_CORES),
  }));
  return [
    { name: 'cores', text: 'Total Regional vCPUs', used: cores(vms), limit: limitOf('cores', DEFAULT_CORES) },
    { name: 'virtualMachines', text: 'Virtual Machines', used: vms.length, limit: limitOf('virtualMachines', DEFAULT_VMS) },
    ...families,
  ];
}

/** Refuses a VM for which the size, its SKU, the generation or the quota says no. */
export function checkSize(
  cloud: Cloud,
  vm: { id: string; size: string; location: string; zones?: string[]; generation: Generation; diskController: 'SCSI' | 'NVMe' },
): Size {
  const size = findSize(vm.size);
  if (size === undefined) {
    throw invalid(
      'size-known',
      'vmSize',
      `The requested VM size ${vm.size} is not available in the current region. Find out more on the available VM sizes in each region at https://aka.ms/azure-regions.`,
    );
  }
  if (!size.generations.includes(vm.generation)) {
    throw new ArmError(
      'size-fits-generation',
      400,
      'BadRequest',
      `The selected VM size '${size.name}' cannot boot Hypervisor Generation '${vm.generation === 'V1' ? 1 : 2}'.`,
    );
  }
  if (!size.controllers.includes(vm.diskController)) {
    throw invalid(
      'size-has-controller',
      'diskControllerType',
      `The VM size '${size.name}' does not support the disk controller type '${vm.diskController}'.`,
    );
  }
  const restrictions = cloud.estate.subscription(subscriptionOf(vm.id))?.restrictions ?? [];
  if (restrictions.some(restriction => restricts(restriction, size.name, vm.location, vm.zones))) {
    throw new ArmError(
      'sku-available',
      409,
      'SkuNotAvailable',
      `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${size.name}' is currently not available in location '${vm.location}'. Please try another size or deploy to a different location or different zone. See https://aka.ms/azureskunotavailable for details.`,
    );
  }
  return size;
}

function restricts(restriction: Restriction, size: string, location: string, zones: string[] | undefined): boolean {
  if (!sameId(restriction.size, size) || restriction.location !== location) return false;
  return restriction.zones === undefined || (zones?.some(zone => restriction.zones?.includes(zone)) ?? false);
}

/** Refuses a VM that would exceed a quota. */
export function checkQuota(cloud: Cloud, subscription: string, location: string, size: Size): void {
  for (const { name, text, used, limit } of usagesOf(cloud, subscription, location)) {
    const more = name === 'virtualMachines' ? 1 : name === 'cores' || name === size.family ? size.cores : 0;
    if (more === 0 || used + more <= limit) continue;
    const what = name === 'cores' ? 'Total Regional Cores' : name === 'virtualMachines' ? text : `${name} Cores`;
    throw notAllowed(
      'quota-left',
      `Operation could not be completed as it results in exceeding approved ${what} quota. Additional details - Deployment Model: Resource Manager, Location: ${location}, Current Limit: ${limit}, Current Usage: ${used}, Additional Required: ${more}, (Minimum) New Limit Required: ${used + more}.`,
    );
  }
}

function skuBody(cloud: Cloud, subscription: string, size: Size, location: string): Json {
  const restrictions = cloud.estate.subscription(subscription)?.restrictions ?? [];
  const mine = restrictions.filter(one => sameId(one.size, size.name) && one.location === location);
  const capability = (name: string, value: string) => ({ name, value });
  return {
    resourceType: 'virtualMachines',
    name: size.name,
    tier: 'Standard',
    size: size.name.replace('Standard_', ''),
    family: size.family,
    locations: [location],
    locationInfo: [{ location, zones: [...ZONES], zoneDetails: [] }],
    capabilities: [
      capability('vCPUs', String(size.cores)),
      capability('vCPUsAvailable', String(size.cores)),
      capability('MemoryGB', String(size.memoryGb)),
      capability('MaxDataDiskCount', String(size.dataDisks)),
      capability('HyperVGenerations', size.generations.join(',')),
      capability('PremiumIO', size.premiumStorage ? 'True' : 'False'),
      capability('CpuArchitectureType', 'x64'),
      capability('DiskControllerTypes', size.controllers.join(',')),
      capability('UncachedDiskBytesPerSecond', String(size.uncachedThroughput)),
    ],
    restrictions: mine.map(({ zones }) => ({
      type: zones === undefined ? 'Location' : 'Zone',
      values: [location],
      restrictionInfo: { locations: [location], ...(zones !== undefined && { zones }) },
      reasonCode: 'NotAvailableForSubscription',
    })),
  };
}

/** Lists sizes; `$filter` is `location eq '…'`, the only one Azure has. */
function listSkus(subscription: string, filter: string | null, cloud: Cloud): ArmResponse {
  const asked = /location eq '([^']+)'/i.exec(filter ?? '')?.[1]?.toLowerCase();
  const locations = LOCATIONS.filter(location => asked === undefined || asked === location);
  return { status: 200, body: { value: locations.flatMap(location => SIZES.map(size => skuBody(cloud, subscription, size, location))) } };
}

function listUsages(subscription: string, location: string, cloud: Cloud): ArmResponse {
  const value = usagesOf(cloud, subscription, location.toLowerCase()).map(({ name, text, used, limit }) => ({
    ...{ unit: 'Count', currentValue: used, limit },
    name: { value: name, localizedValue: text },
  }));
  return { status: 200, body: { value } };
}

export const quotaRoutes: Routes = {
  'LIST Microsoft.Compute/skus': (request, cloud) => listSkus(request.subscription, request.query.get('$filter'), cloud),
  'LIST Microsoft.Compute/locations/usages': (request, cloud) => listUsages(request.subscription, request.names[0] ?? '', cloud),
};
