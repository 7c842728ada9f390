/** Whether the one restart before a repair is tried, and why. */
import type { PlannedRestart, Policy, PowerEvent, Sight, VmFacts } from './contract.ts';

export interface Circumstances {
  vm: VmFacts;
  policy: Policy;
  sight: Sight;
  /** Boots that ended in the same stop before the present one. */
  earlierStops: number;
  restartedAt: string | null;
  /** It runs and answers, and is repaired because a person said so. */
  forced: boolean;
  /** It shows no error, and nothing moves. */
  hangs: boolean;
}

/** Windows stopped, or did not begin: another boot may go better. A screen that waits for a key or a person only comes again. */
const curable: readonly Sight[] = ['stop-screen', 'boot-manager-error'];

export function plannedRestart(snapshot: { id: string; name: string }, circumstances: Circumstances): PlannedRestart {
  const against = reasonAgainst(circumstances);
  const why = 'it has not been restarted since it failed: what was transient is over after one restart, and needs no surgery';
  return { wanted: against === null, why: against ?? why, snapshot };
}

/** A start that followed another within a day: somebody has tried already what a restart would try. */
function startedAgain({ powerEvents }: VmFacts): PowerEvent | undefined {
  const [newest, before] = (powerEvents ?? []).filter(({ what }) => what === 'start' || what === 'restart' || what === 'redeploy');
  if (newest === undefined || before === undefined) return undefined;
  return Date.parse(newest.at) - Date.parse(before.at) < day ? newest : undefined;
}

const day = 24 * 60 * 60 * 1000;

function reasonAgainst({ vm, policy, sight, earlierStops, restartedAt, forced, hangs }: Circumstances): string | null {
  if (forced) return 'it runs and answers';
  if (!policy.restartFirst) return 'the settings or the request turn it off';
  if (vm.power !== 'running') return `the VM is ${vm.power}`;
  if (!hangs && !curable.includes(sight)) return 'another boot would show the same screen';
  const again = startedAgain(vm);
  if (again !== undefined) return `it was started again at ${again.at}, and failed again`;
  if (restartedAt !== null) return `it was restarted at ${restartedAt} for the same trouble`;
  if (earlierStops > 0) return `Windows has restarted by itself and stopped again: ${earlierStops + 1} stops are in the serial log`;
  return null;
}
