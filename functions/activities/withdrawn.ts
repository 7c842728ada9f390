/** Hours may lie between the reading of a VM's policy and its downtime: what its owner has said meanwhile counts. Pure. */
import type { Vm } from '../../azure/vms.ts';
import { isStricter, policyFor, type Settings } from '../settings.ts';
import type { StillWanted, VmChange } from './contract.ts';
import { isOptedOut } from './preflight.ts';

export function withdrawnFrom(vm: Vm, { request, least }: StillWanted, settings: Settings): VmChange[] {
  const { vmId, mode: requestedMode, consents: requestedConsents, restartFirst: requestedRestart } = request;
  const means = 'give-back' as const;
  if (isOptedOut(vm)) {
    const remedy = 'Remove the tag bootmedic-mode and start the repair again when it is wanted.';
    return [{ code: 'opted-out', what: `${vm.name} was given the tag bootmedic-mode=off`, means, remedy }];
  }
  const { mode } = policyFor(settings, { vmId, tags: vm.tags, requestedMode, requestedConsents, requestedRestart });
  if (!isStricter(mode, least)) return [];
  const remedy = `Read what was found and planned; start the repair again: it goes by the mode ${mode}.`;
  return [{ code: 'mode-stricter', what: `the mode of ${vm.name} was made ${mode}`, means, remedy }];
}
