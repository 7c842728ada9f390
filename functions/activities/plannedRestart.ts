/** Whether the one restart before a repair is tried, and why. */
import type { PlannedRestart, Policy, Sight, VmFacts } from './contract.ts';

export interface Circumstances {
  vm: VmFacts;
  policy: Policy;
  sight: Sight;
  /** Boots that ended in the same stop before the present one. */
  earlierStops: number;
  restartedAt: string | null;
}

/** Windows stopped, or did not begin: another boot may go better. A screen that waits for a key or a person only comes again. */
const curable: readonly Sight[] = ['stop-screen', 'boot-manager-error'];

export function plannedRestart(snapshot: { id: string; name: string }, circumstances: Circumstances): PlannedRestart {
  const against = reasonAgainst(circumstances);
  const why = 'it has not been restarted since it failed: what was transient is over after one restart, and needs no surgery';
  return { wanted: against === null, why: against ?? why, snapshot };
}

function reasonAgainst({ vm, policy, sight, earlierStops, restartedAt }: Circumstances): string | null {
  if (!policy.restartFirst) return 'the settings or the request turn it off';
  if (vm.power !== 'running') return `the VM is ${vm.power}`;
  if (!curable.includes(sight)) return 'another boot would show the same screen';
  if (restartedAt !== null) return `it was restarted at ${restartedAt} for the same trouble`;
  if (earlierStops > 0) return `Windows has restarted by itself and stopped again: ${earlierStops + 1} stops are in the serial log`;
  return null;
}
