/** Where the repair VM stands and what it is made of: size, generation, image. */
import type { Quota, VmSize } from '../../azure/capacity.ts';
import { fail } from '../../azure/errors.ts';
import type { Azure } from '../../azure/index.ts';
import type { RepairVmSpec, VmFacts } from './contract.ts';

/** In order of preference: two cores and 8 GB are enough for SFC and DISM, and all of these take Gen1 images and SCSI disks. */
const preferred = [
  'Standard_D2s_v5',
  'Standard_D2as_v5',
  'Standard_D2ds_v5',
  'Standard_D2s_v4',
  'Standard_D2s_v3',
  'Standard_E2s_v5',
  'Standard_B2ms',
  'Standard_DS2_v2',
  'Standard_D4s_v5',
  'Standard_D4as_v5',
  'Standard_D4s_v3',
];

/**
 * Sizes that the region (and zone) offers and that fit in what is left of the quota, best first; the failed VM's own size last.
 * @throws AzureError `skuUnavailable` or `quota` when there is none
 */
export async function sizesFor(vm: VmFacts, azure: Azure): Promise<{ sizes: string[]; generation: 'V1' | 'V2' }> {
  const [offered, quotas] = await Promise.all([
    azure.capacity.sizes(vm.subscriptionId, vm.location),
    azure.capacity.quotas(vm.subscriptionId, vm.location),
  ]);
  const where = `${vm.location}${vm.zone === null ? '' : `, zone ${vm.zone}`}`;
  const usable = [...preferred, vm.size].flatMap(name => {
    const size = offered.get(name.toLowerCase());
    return size && isUsable(size, vm.zone) ? [size] : [];
  });
  if (usable.length === 0)
    throw fail('skuUnavailable', 'NoRepairSize', `${where} offers this subscription none of the sizes a repair VM can have`);
  const affordable = usable.filter(size => fits(size, quotas));
  if (affordable.length === 0) {
    const message = `no quota is left in ${vm.location} for a repair VM of two cores; ask for more of: ${[...new Set(usable.map(size => size.family))].join(', ')}`;
    throw fail('quota', 'NoRepairQuota', message);
  }
  // bcdboot on a Gen2 VM may write that VM's own firmware entries: Gen1 where there is a choice.
  const old = affordable.filter(size => size.generations.includes('V1'));
  const chosen = old.length > 0 ? old : affordable;
  return { sizes: [...new Set(chosen.map(size => size.name))], generation: old.length > 0 ? 'V1' : 'V2' };
}

function isUsable(size: VmSize, zone: string | null): boolean {
  return size.available && !size.arm64 && size.controllers.includes('SCSI') && (zone === null || size.zones.includes(zone));
}

/** What Azure does not count, it does not limit. */
function fits(size: VmSize, quotas: Map<string, Quota>): boolean {
  return [size.family.toLowerCase(), 'cores'].every(name => {
    const quota = quotas.get(name);
    return quota === undefined || quota.used + size.cores <= quota.limit;
  });
}

/** Windows build -> the marketplace's name for that release. DISM needs a source of the same build; client Windows gets its server sibling. */
const releases: [firstBuild: number, release: string][] = [
  [26100, '2025'],
  [20348, '2022'],
  [19041, '2022'],
  [17763, '2019'],
  [0, '2016'],
];

/**
 * An image of the failed VM's Windows build, but of another edition: copies of one marketplace image have the same disk GUID, and
 * Windows would change the copy's.
 */
export function imageFor(vm: VmFacts, generation: 'V1' | 'V2'): RepairVmSpec['image'] {
  const release = releaseOf(vm);
  const core = release === '2016' ? 'server-core' : 'core';
  const edition = vm.image?.sku.toLowerCase().includes(`${core}-smalldisk`) ? 'smalldisk' : `${core}-smalldisk`;
  const sku = `${release}-datacenter-${edition}${generation === 'V2' ? '-g2' : ''}`;
  return { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku, version: 'latest' };
}

function releaseOf(vm: VmFacts): string {
  const named = /^(2016|2019|2022|2025)-/.exec(vm.image?.sku ?? '')?.[1];
  if (named) return named;
  const build = Number(/^10\.0\.(\d+)/.exec(vm.agent.osVersion ?? '')?.[1] ?? 20348);
  return releases.find(([first]) => build >= first)?.[1] ?? '2022';
}
