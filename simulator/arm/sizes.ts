import type { Generation } from './model.ts';

/** What a VM size offers; from `learn.microsoft.com/azure/virtual-machines/sizes`. */
export interface Size {
  name: string;
  family: string;
  cores: number;
  memoryGb: number;
  dataDisks: number;
  generations: Generation[];
  controllers: ('SCSI' | 'NVMe')[];
  premiumStorage: boolean;
  /** Bytes a second to uncached disks. */
  uncachedThroughput: number;
}

const MB = 1_000_000;
type Row = [name: string, family: string, cores: number, memoryGb: number, dataDisks: number, uncachedMb: number];

const BOTH: Row[] = [
  ['Standard_B2ms', 'standardBSFamily', 2, 8, 4, 23],
  ['Standard_B4ms', 'standardBSFamily', 4, 16, 8, 35],
  ['Standard_DS1_v2', 'standardDSv2Family', 1, 3.5, 4, 48],
  ['Standard_DS2_v2', 'standardDSv2Family', 2, 7, 8, 96],
  ['Standard_D2s_v3', 'standardDSv3Family', 2, 8, 4, 48],
  ['Standard_D4s_v3', 'standardDSv3Family', 4, 16, 8, 96],
  ['Standard_D2s_v5', 'standardDSv5Family', 2, 8, 4, 85],
  ['Standard_D4s_v5', 'standardDSv5Family', 4, 16, 8, 145],
  ['Standard_D8s_v5', 'standardDSv5Family', 8, 32, 16, 290],
  ['Standard_D16s_v5', 'standardDSv5Family', 16, 64, 32, 600],
  ['Standard_D32s_v5', 'standardDSv5Family', 32, 128, 32, 865],
  ['Standard_D2as_v5', 'standardDASv5Family', 2, 8, 4, 82],
  ['Standard_D4as_v5', 'standardDASv5Family', 4, 16, 8, 144],
  ['Standard_E2s_v5', 'standardESv5Family', 2, 16, 4, 85],
  ['Standard_E4s_v5', 'standardESv5Family', 4, 32, 8, 145],
  ['Standard_E8s_v5', 'standardESv5Family', 8, 64, 16, 290],
  ['Standard_F4s_v2', 'standardFSv2Family', 4, 8, 8, 95],
];
const NVME_ONLY: Row[] = [
  ['Standard_D2s_v6', 'standardDSv6Family', 2, 8, 8, 106],
  ['Standard_D4s_v6', 'standardDSv6Family', 4, 16, 12, 212],
];

function size([name, family, cores, memoryGb, dataDisks, uncachedMb]: Row, nvmeOnly: boolean): Size {
  return {
    ...{ name, family, cores, memoryGb, dataDisks, premiumStorage: true, uncachedThroughput: uncachedMb * MB },
    generations: nvmeOnly ? ['V2'] : ['V1', 'V2'],
    controllers: nvmeOnly ? ['NVMe'] : ['SCSI'],
  };
}

export const SIZES: readonly Size[] = [...BOTH.map(row => size(row, false)), ...NVME_ONLY.map(row => size(row, true))];

export function findSize(name: string): Size | undefined {
  return SIZES.find(known => known.name.toLowerCase() === name.toLowerCase());
}

/** A size that was checked before. */
export function sizeOf(name: string): Size {
  const found = findSize(name);
  if (found === undefined) throw new Error(`unknown VM size ${name}`);
  return found;
}

/** Regions of the simulated cloud, named as Azure's; all have three zones. */
export const LOCATIONS = [
  ...(['westeurope', 'northeurope', 'eastus', 'westus', 'eastus2', 'eastus2euap', 'centralus', 'centraluseuap'] as const),
  ...(['northcentralus', 'southcentralus', 'westcentralus', 'westus2', 'westus3', 'canadacentral', 'canadaeast'] as const),
  ...(['brazilsouth', 'uksouth', 'ukwest', 'francecentral', 'germanywestcentral', 'switzerlandnorth', 'norwayeast'] as const),
  ...(['swedencentral', 'polandcentral', 'italynorth', 'spaincentral', 'southeastasia', 'eastasia', 'japaneast'] as const),
  ...(['japanwest', 'koreacentral', 'australiaeast', 'australiasoutheast', 'centralindia', 'southindia', 'uaenorth'] as const),
  ...(['southafricanorth', 'qatarcentral', 'israelcentral', 'mexicocentral', 'westindia', 'australiacentral'] as const),
  ...(['australiacentral2', 'brazilsoutheast', 'francesouth', 'germanynorth', 'switzerlandwest', 'norwaywest'] as const),
  ...(['uaecentral', 'southafricawest', 'koreasouth', 'jioindiawest', 'jioindiacentral', 'swedensouth'] as const),
  ...(['austriaeast', 'newzealandnorth', 'malaysiawest', 'indonesiacentral', 'chilecentral', 'belgiumcentral'] as const),
] as const;
export const ZONES = ['1', '2', '3'] as const;
