/** What a managed disk is provisioned with, by kind and size (`learn.microsoft.com/azure/virtual-machines/disks-types`; P1 to P4 and S4 as recorded). */
interface Tier {
  /** Up to this size, GiB. */
  sizeGb: number;
  name: string;
  iops: number;
  mbps: number;
}

const tier = (sizeGb: number, name: string, iops: number, mbps: number): Tier => ({ sizeGb, name, iops, mbps });

const PREMIUM: Tier[] = [
  ...[tier(4, 'P1', 120, 25), tier(8, 'P2', 120, 25), tier(16, 'P3', 120, 25), tier(32, 'P4', 120, 25), tier(64, 'P6', 240, 50)],
  ...[tier(128, 'P10', 500, 100), tier(256, 'P15', 1100, 125), tier(512, 'P20', 2300, 150), tier(1024, 'P30', 5000, 200)],
  ...[tier(2048, 'P40', 7500, 250), tier(4096, 'P50', 7500, 250), tier(8192, 'P60', 16_000, 500)],
  ...[tier(16_384, 'P70', 18_000, 750), tier(32_767, 'P80', 20_000, 900)],
];
const SLOW: Tier[] = [tier(4096, '', 500, 60), tier(8192, '', 1300, 300), tier(16_384, '', 2000, 500), tier(32_767, '', 2000, 500)];
const STANDARD_SSD: Tier[] = [
  tier(4096, '', 500, 100),
  tier(8192, '', 2000, 400),
  tier(16_384, '', 4000, 600),
  tier(32_767, '', 6000, 750),
];

/** The three properties of a disk that tell; a tier only where the kind has tiers. */
export function performanceOf(sku: string, sizeGb: number): { diskIOPSReadWrite: number; diskMBpsReadWrite: number; tier?: string } {
  const tiers = sku.startsWith('Premium') ? PREMIUM : sku.startsWith('StandardSSD') ? STANDARD_SSD : SLOW;
  const { name, iops, mbps } = tiers.find(one => sizeGb <= one.sizeGb) ?? tier(0, '', 0, 0);
  return { diskIOPSReadWrite: iops, diskMBpsReadWrite: mbps, ...(name !== '' && { tier: name }) };
}
