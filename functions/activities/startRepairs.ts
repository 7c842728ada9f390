import { toFault } from '../../azure/errors.ts';
import { parseId, sameId } from '../../azure/ids.ts';
import type { Summary } from '../../records/index.ts';
import { releaseDead } from '../triggers/instances.ts';
import { derivedRepairId } from '../triggers/repairId.ts';
import { startRepair } from '../triggers/start.ts';
import { type Activity, given } from './activity.ts';
import type { Decided, IllVm } from './contract.ts';
import type { Tools } from './tools.ts';

/** As an alert would. */
export const startRepairs: Activity<'startRepairs'> = async ({ requestedBy, vms }, { records, settings, clock, azure, ...tools }) => {
  const client = given(tools.client);
  await releaseDead(client);
  const summaries = vms.length > 0 ? await records.listSummaries() : [];
  const isRecent = (iso: string) => clock.since(iso) < settings.sweep.againSeconds;
  const decided: Decided[] = [];
  for (const vm of vms) {
    const before = leftToPerson(summaries, vm, isRecent);
    const left = before
      ? `repair ${before.id} of the same trouble ended ${before.outcome}: a person has to look`
      : await stillHeld(heldByAzure(summaries, vm, isRecent), vm.vmId, azure);
    if (left) {
      decided.push({ ...vm, repairId: null, why: `${left}. ${vm.why}` });
      continue;
    }
    const wish = { vmId: vm.vmId, mode: null, playbook: null, consents: [], restartFirst: true, requestedBy };
    const { id, joined } = await startRepair(client, { records, settings }, wish, derivedRepairId(requestedBy, vm.vmId.toLowerCase()));
    decided.push({ ...vm, repairId: id, why: joined ? `it is under repair already. ${vm.why}` : vm.why });
  }
  return { decided };
};

const over = ['repaired', 'healthy', 'joined'];

type Recent = (iso: string) => boolean;
type Ill = Pick<IllVm, 'vmId' | 'finding'>;

/** A repair that has not helped, or was not allowed, would be started again by every sweep. */
export const leftToPerson = (summaries: Summary[], vm: Ill, isRecent: Recent) =>
  summaries.find(each => isEarlier(each, vm, isRecent) && !wasHeld(each));

/** What Azure itself had broken is over some time: no person has to look then. */
const heldByAzure = (summaries: Summary[], vm: Ill, isRecent: Recent) =>
  summaries.find(each => isEarlier(each, vm, isRecent) && each.refusals?.includes('service-issue') && wasHeld(each));

/** `platform-cause` is Resource Health's word: the sweep has read that again before it takes a VM for ill. */
const azures = ['service-issue', 'platform-cause'];

const wasHeld = ({ outcome, refusals = [] }: Summary) =>
  outcome === 'refused' && refusals.length > 0 && refusals.every(code => azures.includes(code));

function isEarlier({ vmId: of, outcome, endedAt, stopCode }: Summary, { vmId, finding }: Ill, isRecent: Recent): boolean {
  if (!sameId(of, vmId) || outcome === null || over.includes(outcome) || endedAt === null) return false;
  return isRecent(endedAt) && (!stopCode || stopCode === finding);
}

/** Why not to try again yet what an outage has held; null = Azure says that it is over. The next sweep asks again. */
async function stillHeld(before: Summary | undefined, vmId: string, azure: Tools['azure']): Promise<string | null> {
  if (!before) return null;
  try {
    const vm = await azure.vms.get(vmId);
    const [issue] = vm ? await azure.serviceHealth.read(parseId(vmId).subscriptionId, vm.location) : [];
    return issue ? `repair ${before.id} was held by an outage of Azure, ${issue.trackingId}, which is not over` : null;
  } catch (error) {
    const { code } = toFault(error);
    return `repair ${before.id} was held by an outage of Azure, and whether it is over could not be read (${code})`;
  }
}
