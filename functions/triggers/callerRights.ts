/** The confused deputy: bootmedic may repair VMs that its caller may not touch, and must not be talked into it. */
import { toFault } from '../../azure/errors.ts';
import type { Mode } from '../activities/contract.ts';
import type { Principal } from '../principal.ts';
import { ProblemError } from './problem.ts';
import type { Services } from './route.ts';

/** What somebody could do by hand of what a repair does to the VM itself. */
const operating = ['write', 'powerOff/action', 'start/action'].map(action => `Microsoft.Compute/virtualMachines/${action}`);
const looking = ['Microsoft.Compute/virtualMachines/read'];

/**
 * The caller's own roles in Azure, a person's or an app's, must allow on this VM what they ask for: whoever may change an app has what it
 * has. The user of an embedded host works with their own sign-in.
 * @throws ProblemError 403, also when it cannot be looked at
 */
export async function mustOperate(
  caller: Principal,
  vmId: string,
  mode: Mode | null,
  { settings, rights }: Pick<Services, 'settings' | 'rights'>,
): Promise<void> {
  if (settings.callerRights === 'off' || caller.kind === 'local') return;
  const missing = await rights.missingFor(caller.id, vmId, mode === 'observe' ? looking : operating).catch((error: unknown) => {
    const { kind, code, message } = toFault(error);
    // A VM that is not there is refused by the repair itself, in words of its own.
    if (kind === 'notFound') return [];
    if (kind !== 'forbidden') throw error;
    const remedy = `let bootmedic's identity read role assignments and definitions there, or set callerRights to off (${code}: ${message})`;
    throw refused(caller, [{ field: 'vmId', problem: 'is where the roles of its callers cannot be read', remedy }]);
  });
  if (missing.length === 0) return;
  const remedy = 'ask somebody who may operate this VM, or get a role on it such as Virtual Machine Contributor';
  throw refused(caller, [{ field: 'vmId', problem: `is a VM on which ${caller.name} may not do ${missing.join(', ')}`, remedy }]);
}

/** At once; of 200 VMs one by one would take longer than a caller waits. */
const checksAtOnce = 8;

/** The same for many. @throws ProblemError of the first that they may not have done */
export async function mustOperateAll(caller: Principal, vmIds: string[], ...rest: Rest): Promise<void> {
  for (let n = 0; n < vmIds.length; n += checksAtOnce)
    await Promise.all(vmIds.slice(n, n + checksAtOnce).map(vmId => mustOperate(caller, vmId, ...rest)));
}
type Rest = [Mode | null, Pick<Services, 'settings' | 'rights'>];

function refused({ name }: Principal, errors: { field: string; problem: string; remedy: string }[]): ProblemError {
  return new ProblemError('no-rights-on-vm', `${name} may not have done by bootmedic what Azure would not let them do themselves.`, errors);
}
