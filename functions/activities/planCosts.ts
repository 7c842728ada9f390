/** What is kept after a repair, and what it costs a day, by the prices of the settings. */
import type { Settings } from '../settings.ts';
import type { Plan, VmFacts } from './contract.ts';

export type Prices = Settings['prices'];

/** Sizes by which a disk is billed, GiB: the next larger one. Source: learn.microsoft.com/azure/virtual-machines/disks-understand-billing. */
const tiers = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_767];
const daysOfMonth = 365 / 12;

/** A disk is billed at its full size whether it is attached or not; null where the settings have no price for it. */
function diskPerDay({ sku, sizeGb }: VmFacts['osDisk'], { perGbMonth }: Prices): number | null {
  const price = perGbMonth[sku];
  const size = tiers.find(tier => tier >= sizeGb) ?? sizeGb;
  return price === undefined ? null : (price * size) / daysOfMonth;
}

/** At most: an incremental snapshot is billed for what the disk uses. */
function snapshotPerDay({ sizeGb }: VmFacts['osDisk'], { perGbMonth }: Prices): number | null {
  return perGbMonth.snapshot === undefined ? null : (perGbMonth.snapshot * sizeGb) / daysOfMonth;
}

/** In words, each thing that stays, and the most that all of it costs a day. */
export function keepsOf(
  vm: VmFacts,
  { restart, snapshot, attempts }: Pick<Plan, 'restart' | 'snapshot' | 'attempts'>,
  expires: string,
  prices: Prices,
): Pick<Plan, 'keeps' | 'keepsPerDay'> {
  const until = expires.slice(0, 10);
  const { osDisk } = vm;
  const [aSnapshot, aDisk] = [snapshotPerDay(osDisk, prices), diskPerDay(osDisk, prices)];
  const costs = (amount: number | null, most = '') =>
    amount === null ? '' : `; ${most}${amount.toFixed(2)} ${prices.currency} a day, ${prices.estimate ? 'an estimate' : 'by your prices'}`;
  const kept = ({ name }: { name: string }) =>
    `The snapshot ${name} until ${until}: standard storage, at most ${osDisk.sizeGb} GB, billed for what is used${costs(aSnapshot, 'at most ')}.`;
  const replaced = `After a success the replaced OS disk ${osDisk.name} until ${until}: a ${osDisk.sku} disk of ${osDisk.sizeGb} GB at its full price${costs(aDisk, 'about ')}.`;
  const snapshots = [...(restart.wanted ? [restart.snapshot] : []), ...(attempts.length > 0 ? [snapshot] : [])];
  const amounts = [...snapshots.map(() => aSnapshot), ...(attempts.length > 0 ? [aDisk] : [])];
  const known = amounts.every(amount => amount !== null);
  const amount = Math.round(amounts.reduce<number>((sum, each) => sum + (each ?? 0), 0) * 100) / 100;
  return {
    keeps: [...snapshots.map(kept), ...(attempts.length > 0 ? [replaced] : [])],
    keepsPerDay: known ? { amount, currency: prices.currency } : null,
  };
}
