import { diagnose } from '../../diagnosis/index.ts';
import type { Activity } from './activity.ts';
import { lookAtConsole } from './console.ts';
import { existing } from './ensurePoweredOff.ts';
import { keep } from './evidence.ts';
import { presentOf } from './facts.ts';
import { hostEvidence, lookAtHost, powerEventsOf, underWayIn } from './host.ts';

/** What the VM shows now and what Azure says of it, kept as evidence, and what it means. */
export const diagnoseVm: Activity<'diagnoseVm'> = async ({ vm, still }, tools) => {
  const host = await lookAtHost(vm.id, tools);
  const present = { ...vm, ...presentOf(await existing(tools.azure.vms.get(vm.id), vm.id), powerEventsOf(host)) };
  const { observation, seen } = await lookAtConsole(present, present.powerChangedAt, tools, 'throw');
  const underWay = underWayIn(host.log);
  const diagnosis = diagnose({
    ...observation,
    ...(host.health && { health: host.health }),
    ...(underWay && { underWay }),
    ...(still && { earlier: { ...still, secondsAgo: tools.clock.since(still.at) } }),
    unread: [...observation.unread, ...host.unread],
  });
  const evidence = await keep([...seen, ...hostEvidence(host, observation.now, present.powerChangedAt)], tools);
  // Who watches a repair that runs sees it at once; the record comes when it waits or has ended.
  await tools.records.putDiagnosis(tools.repairId, { ...diagnosis, evidence });
  return { ...diagnosis, evidence };
};
