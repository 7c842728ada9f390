/** Machines that an alert names by less than an id: which VM is meant, where that is beyond doubt. */
import { toFault } from '../../azure/errors.ts';
import type { Machines } from '../../azure/machines.ts';
import type { Essentials } from './alertSchema.ts';
import { ProblemError } from './problem.ts';
import type { Hint, Ignored } from './readAlert.ts';
import { readTarget } from './vmId.ts';

/** Of one alert; the others are told as not looked up. */
const most = 50;

export interface Resolved {
  vmIds: string[];
  ignored: Ignored[];
}

/**
 * Exactly one VM, and within what the alert is about where that is a subscription or a group; else the hint is left, and why.
 * @throws ProblemError 503 where Azure cannot be asked now: the action group delivers the alert again
 */
export async function resolveHints(hints: Hint[], { alertTargetIDs }: Essentials, machines: Machines): Promise<Resolved> {
  const result: Resolved = { vmIds: [], ignored: hints.slice(most).map(hint => left(hint, `is one of more than ${most}`)) };
  if (hints.length === 0) return result;
  const within = scopesOf(alertTargetIDs ?? []);
  const looked = await lookUp(hints.slice(0, most), machines).catch(couldNot);
  for (const [hint, found] of looked) {
    const ids = found.flatMap(id => {
      const read = readTarget(id);
      return 'vmId' in read && within(read.vmId) ? [read.vmId] : [];
    });
    const [vmId, ...others] = ids;
    if (vmId !== undefined && others.length === 0) result.vmIds.push(vmId);
    else
      result.ignored.push(
        left(hint, ids.length === 0 ? 'is no VM that bootmedic sees' : `is said of ${ids.length} VMs: ${ids.slice(0, 3).join(', ')}`),
      );
  }
  return result;
}

async function lookUp(hints: Hint[], machines: Machines): Promise<[Hint, string[]][]> {
  const computers = hints.flatMap(hint => ('computer' in hint ? [hint.computer] : []));
  const called = computers.length > 0 ? await machines.called(computers) : new Map<string, string[]>();
  const found: [Hint, string[]][] = [];
  for (const hint of hints)
    found.push([hint, 'computer' in hint ? (called.get(hint.computer) ?? []) : await machines.behind(hint.loadBalancerId, hint.address)]);
  return found;
}

function couldNot(error: unknown): never {
  const { kind, code } = toFault(error);
  if (kind === 'fatal') throw error;
  throw new ProblemError('azure-away', `Azure Resource Graph could not be asked which VM is meant (${code}). Deliver the alert again.`);
}

/** A search over a subscription or a group knows no machine elsewhere; a workspace takes in those of all. */
function scopesOf(targets: string[]): (vmId: string) => boolean {
  const isScope = /^\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?\/?$/i;
  if (targets.length === 0 || !targets.every(target => isScope.test(target))) return () => true;
  const scopes = targets.map(target => `${target.replace(/\/$/, '')}/`.toLowerCase());
  return vmId => scopes.some(scope => vmId.toLowerCase().startsWith(scope));
}

function left(hint: Hint, reason: string): Ignored {
  if ('computer' in hint) return { target: hint.computer, reason, remedy: 'split the rule by resource: _ResourceId' };
  const remedy = 'a load balancer knows its machines by address alone: watch their heartbeat too, by a rule split by _ResourceId';
  return { target: hint.address, reason, remedy };
}
