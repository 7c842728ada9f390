import { changing } from '../../azure/call.ts';
import { parseId } from '../../azure/ids.ts';
import type { Activity } from './activity.ts';

/** The resource group of snapshots and repair VMs, one a subscription. Made once (here or by `infra/`) and kept. */
export const ensureRepairGroup: Activity<'ensureRepairGroup'> = async ({ spec }, { azure }) => {
  const { subscriptionId } = parseId(spec.id);
  if (!(await azure.network.hasGroup(subscriptionId, spec.resourceGroup)))
    await changing({ after: `a group in ${spec.location}` }, () =>
      azure.network.putGroup(subscriptionId, spec.resourceGroup, spec.location, { bootmedic: 'network' }),
    );
  return {};
};
