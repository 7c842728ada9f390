import type { Clock } from '../../azure/clock.ts';
import { toFault } from '../../azure/errors.ts';
import type { SeenVm } from '../../azure/resourceGraph.ts';
import type { Vm } from '../../azure/vms.ts';
import type { Settings } from '../settings.ts';
import type { Activity } from './activity.ts';
import type { Counts, Passed, Suspect } from './contract.ts';
import type { Tools } from './tools.ts';

type Sweep = Settings['sweep'];

/** VMs asked for their agent at once. */
const atOnce = 8;

/**
 * One page of all VMs in scope. Host signals alone miss a stop screen, which looks *running* and *available*: every running VM is asked
 * when its agent spoke last. Reads only.
 */
export const findSuspects: Activity<'findSuspects'> = async ({ token }, tools) => {
  const { azure, settings } = tools;
  const page = await azure.resourceGraph.vms(settings.sweep.subscriptions, token);
  const counts: Counts = {};
  const asked: SeenVm[] = [];
  for (const vm of page.found) {
    const why = whyNot(vm, settings.sweep);
    if (why === null) asked.push(vm);
    else counts[why] = (counts[why] ?? 0) + 1;
  }
  const suspects: Suspect[] = [];
  const passed: Passed[] = [];
  for (let start = 0; start < asked.length; start += atOnce) {
    for (const look of await Promise.all(asked.slice(start, start + atOnce).map(vm => lookAt(vm, tools)))) {
      if ('suspect' in look) suspects.push(look.suspect);
      else if ('passed' in look) passed.push(look.passed);
      else counts[look.counted] = (counts[look.counted] ?? 0) + 1;
    }
  }
  return { looked: page.found.length, counts, suspects, passed, next: page.next };
};

const tagIs = (tags: Record<string, string>, { name, value }: { name: string; value?: string | undefined }) =>
  Object.entries(tags).some(
    ([key, found]) => key.toLowerCase() === name.toLowerCase() && (value === undefined || found.toLowerCase() === value.toLowerCase()),
  );

/** Why a VM is not asked at all; null = it is. */
export function whyNot(vm: SeenVm, { resourceGroups, optIn, optOut }: Sweep): string | null {
  const group = vm.id.split('/')[4]?.toLowerCase() ?? '';
  if (resourceGroups.length > 0 && !resourceGroups.some(each => each.toLowerCase() === group))
    return 'in another resource group than the sweep’s';
  if (tagIs(vm.tags, { name: 'bootmedic-repair' }) && /^bootmedic-/i.test(vm.name)) return 'a repair VM';
  if (tagIs(vm.tags, { name: 'bootmedic-mode', value: 'off' }) || optOut.some(tag => tagIs(vm.tags, tag))) return 'opted out by its tag';
  if (optIn.length > 0 && !optIn.some(tag => tagIs(vm.tags, tag))) return 'not opted in by a tag';
  if (!vm.windows) return 'not Windows';
  // Resource Graph lags, and may not know the power yet.
  if (vm.power !== 'running' && vm.power !== '') return 'not running: whoever stopped it wants it so';
  if (vm.host?.state === 'unavailable' && vm.host.by === 'platform') return 'kept down by Azure itself';
  return null;
}

type Look = { suspect: Suspect } | { passed: Passed } | { counted: string };

async function lookAt({ id, name }: SeenVm, { azure, clock, settings, log }: Tools): Promise<Look> {
  try {
    const vm = await azure.vms.get(id);
    if (vm === undefined) return { counted: 'gone meanwhile' };
    return judge(vm, clock, settings.sweep.silentSeconds);
  } catch (error) {
    const fault = toFault(error);
    // One that may not be read, or is throttled, must not hide the others; the next sweep asks it again.
    log.warn({ vm: name, fault }, 'the VM could not be asked');
    return { passed: { vmId: id, why: `it could not be asked: ${fault.code}: ${fault.message}`.slice(0, 300) } };
  }
}

/** An agent that is not ready has no time of its own: Azure shows the time of the question. */
export function judge(
  vm: Pick<Vm, 'id' | 'power' | 'agent' | 'powerChangedAt' | 'provisioning'>,
  clock: Pick<Clock, 'since'>,
  silentSeconds: number,
): Look {
  if (vm.power !== 'running') return { counted: 'not running: whoever stopped it wants it so' };
  if (vm.provisioning === 'busy') return { counted: 'somebody is at work on it' };
  const { status, at } = vm.agent;
  const age = (iso: string) => clock.since(iso);
  if (vm.powerChangedAt !== null && age(vm.powerChangedAt) < silentSeconds) return { counted: 'started or changed a short time ago' };
  if (status === 'ready' && at !== null && age(at) < silentSeconds) return { counted: 'its agent answers' };
  const minutes = (seconds: number) => Math.round(seconds / 60);
  if (status === 'none') return { suspect: { vmId: vm.id, why: 'it runs, and Azure has never heard of an agent in it' } };
  const why = status === 'ready' && at !== null ? `its agent was heard last ${minutes(age(at))} minutes ago` : 'its agent is not ready';
  return { suspect: { vmId: vm.id, why } };
}
