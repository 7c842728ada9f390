import { fail } from '../../azure/errors.ts';
import { sameId } from '../../azure/ids.ts';
import type { Summary } from '../../records/index.ts';
import { releaseDead } from '../triggers/instances.ts';
import { derivedRepairId } from '../triggers/repairId.ts';
import { startRepair } from '../triggers/start.ts';
import type { Activity } from './activity.ts';
import type { Decided, IllVm } from './contract.ts';

/** As an alert would. */
export const startRepairs: Activity<'startRepairs'> = async ({ requestedBy, vms }, { client, records, settings, clock }) => {
  if (client === undefined) throw fail('fatal', 'noClient', 'startRepairs was registered without a durable client');
  await releaseDead(client);
  const summaries = vms.length > 0 ? await records.listSummaries() : [];
  const isRecent = (iso: string) => clock.since(iso) < settings.sweep.againSeconds;
  const decided: Decided[] = [];
  for (const vm of vms) {
    const before = leftToPerson(summaries, vm, isRecent);
    if (before) {
      const why = `repair ${before.id} of the same trouble ended ${before.outcome}: a person has to look. ${vm.why}`;
      decided.push({ ...vm, repairId: null, why });
      continue;
    }
    const wish = { vmId: vm.vmId, mode: null, playbook: null, consents: [], restartFirst: true, requestedBy };
    const { id, joined } = await startRepair(client, { records, settings }, wish, derivedRepairId(requestedBy, vm.vmId.toLowerCase()));
    decided.push({ ...vm, repairId: id, why: joined ? `it is under repair already. ${vm.why}` : vm.why });
  }
  return { decided };
};

const over = ['repaired', 'healthy', 'joined'];

/** A repair that has not helped, or was not allowed, would be started again by every sweep. */
export function leftToPerson(
  summaries: Summary[],
  { vmId, finding }: Pick<IllVm, 'vmId' | 'finding'>,
  isRecent: (iso: string) => boolean,
): Summary | undefined {
  return summaries.find(
    ({ vmId: of, outcome, endedAt, stopCode }) =>
      sameId(of, vmId) &&
      outcome !== null &&
      !over.includes(outcome) &&
      endedAt !== null &&
      isRecent(endedAt) &&
      (!stopCode || stopCode === finding),
  );
}
