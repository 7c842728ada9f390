/** What is kept after a repair, and what it costs a day, by the list prices that the report has too. */
import { monthlyUsd } from '../../report/prices.ts';
import type { Plan, VmFacts } from './contract.ts';

const daysOfMonth = 365 / 12;

/** In words, each thing that stays, and the most that all of it costs a day. */
export function keepsOf(
  vm: VmFacts,
  { restart, snapshot, attempts }: Pick<Plan, 'restart' | 'snapshot' | 'attempts'>,
  expires: string,
): Pick<Plan, 'keeps' | 'keepsPerDay'> {
  const until = expires.slice(0, 10);
  const { osDisk } = vm;
  const perDay = (type: 'disk' | 'snapshot') => {
    const month = monthlyUsd(type, osDisk.sku, osDisk.sizeGb);
    return month === null ? null : month / daysOfMonth;
  };
  const [aSnapshot, aDisk] = [perDay('snapshot'), perDay('disk')];
  const costs = (amount: number | null, most: string) => (amount === null ? '' : `; ${most} $${amount.toFixed(2)} a day, an estimate`);
  const kept = ({ name }: { name: string }) =>
    `The snapshot ${name} until ${until}: standard storage, at most ${osDisk.sizeGb} GiB, billed for what is used${costs(aSnapshot, 'at most')}.`;
  const replaced = `After a success the replaced OS disk ${osDisk.name} until ${until}: a ${osDisk.sku} disk of ${osDisk.sizeGb} GiB at its full price${costs(aDisk, 'about')}.`;
  const snapshots = [...(restart.wanted ? [restart.snapshot] : []), ...(attempts.length > 0 ? [snapshot] : [])];
  const amounts = [...snapshots.map(() => aSnapshot), ...(attempts.length > 0 ? [aDisk] : [])];
  const known = amounts.every(amount => amount !== null);
  const amount = Math.round(amounts.reduce<number>((sum, each) => sum + (each ?? 0), 0) * 100) / 100;
  return {
    keeps: [...snapshots.map(kept), ...(attempts.length > 0 ? [replaced] : [])],
    keepsPerDay: known ? { amount, currency: 'USD' } : null,
  };
}
