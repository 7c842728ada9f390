/**
 * What a disk or snapshot costs a month, in US dollars: list prices of East US without reservation, azure.microsoft.com/pricing/details/managed-disks
 * (as of 2025). An estimate: other regions cost up to a third more, and a snapshot is billed by what it holds, here taken as its whole size.
 */
const GB = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
/** By tier (P1 …, E1 …, S4 …): the smallest that holds the disk is billed whole. Standard HDD begins at 32 GB. */
const LRS: Record<string, (number | null)[]> = {
  Premium: [0.6, 1.2, 2.4, 5.28, 10.21, 19.71, 38.01, 73.22, 135.17, 259.05, 495.57],
  StandardSSD: [0.3, 0.6, 1.2, 2.4, 4.8, 9.6, 19.2, 38.4, 76.8, 153.6, 307.2],
  Standard: [null, null, null, 1.54, 3.01, 5.89, 11.33, 21.76, 40.96, 77.83, 143.36],
};
/** Zone-redundant disks cost half as much again. */
const ZRS = 1.5;
const SNAPSHOT_GB = 0.05;

/** Null = not in the table: Ultra, Premium v2, larger disks. */
export function monthlyUsd(type: 'disk' | 'snapshot' | 'vm', sku: string, sizeGb: number): number | null {
  if (type === 'vm' || sizeGb <= 0) return null;
  if (type === 'snapshot') return cents(sizeGb * SNAPSHOT_GB);
  const [kind = '', redundancy = ''] = sku.split('_');
  const tier = GB.findIndex(size => sizeGb <= size);
  const price = LRS[kind]?.slice(Math.max(tier, 0)).find(each => each !== null);
  if (tier < 0 || price == null) return null;
  return cents(redundancy === 'ZRS' ? price * ZRS : price);
}

const cents = (usd: number) => Math.round(usd * 100) / 100;
