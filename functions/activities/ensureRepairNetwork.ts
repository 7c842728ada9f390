import { changing } from '../../azure/call.ts';
import { toFault } from '../../azure/errors.ts';
import { formatId, parseId } from '../../azure/ids.ts';
import type { Azure } from '../../azure/index.ts';
import { busy, idle, type Look, type Progress, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Activity } from './activity.ts';

const tags = { bootmedic: 'network' };
const addresses = '10.255.0.0/24';

/**
 * A region's closed network, with the resource group that it lies in, in which repair VMs stand: no way in, and out only to storage and the platform. Made once (here or by `infra/`) and kept; what is there already is left as it is.
 */
export const ensureRepairNetwork: Activity<'ensureRepairNetwork'> = async ({ spec }, { azure }) => {
  const { subscriptionId } = parseId(spec.id);
  const vnetId = spec.subnetId.replace(/\/subnets\/[^/]+$/, '');
  const subnet = spec.subnetId.split('/').at(-1) ?? '';
  const nsgId = formatId({ ...parseId(vnetId), type: 'Microsoft.Network/networkSecurityGroups' });
  // It is made last: where it stands, all stands.
  const seen = await azure.network.stateOrGroup(vnetId);
  if (seen === 'Succeeded') return { done: true, value: { subnetId: spec.subnetId } };

  if (seen === 'no-group')
    await changing({ after: `a group in ${spec.location}` }, () =>
      azure.network.putGroup(subscriptionId, spec.resourceGroup, spec.location, tags),
    );
  const empty = seen === 'no-group';
  const nsg = await ensureResource(azure, nsgId, { location: spec.location, tags, properties: { securityRules: rules } }, empty);
  if (!nsg.done) return nsg;
  const properties = { addressSpace: { addressPrefixes: [addresses] }, subnets: [{ name: subnet, properties: subnetProperties(nsgId) }] };
  const vnet = await ensureResource(azure, vnetId, { location: spec.location, tags, properties }, empty);
  return vnet.done ? { done: true, value: { subnetId: spec.subnetId } } : vnet;
};

type Resource = Parameters<Azure['network']['put']>[1];

/** Two repairs may make it at once: who comes second looks again. @param empty its group was not there a moment ago, so that it is not either */
async function ensureResource(azure: Azure, id: string, resource: Resource, empty = false): Promise<Progress<null>> {
  const { type, name } = parseId(id);
  let before: string | undefined;
  try {
    return await azure.operations.reach({
      operation: `network ${type.split('/')[1]} ${name}`,
      span: spans.network,
      onlyOurs: empty,
      async look(): Promise<Look<null>> {
        const state = await azure.network.state(id);
        before = state;
        if (state === undefined || state === 'Failed') return idle;
        return state === 'Succeeded' ? reached(null) : busy(state);
      },
      start: () => azure.network.put(id, resource),
      change: () => ({ ...(before !== undefined && { before }), after: `closed network in ${resource.location}` }),
    });
  } catch (error) {
    if (toFault(error).kind !== 'conflict') throw error;
    return { done: false, checkAfterSeconds: 2, awaiting: `network ${name} (another repair is making it)` };
  }
}

function subnetProperties(nsgId: string): Record<string, unknown> {
  return {
    addressPrefix: addresses,
    networkSecurityGroup: { id: nsgId },
    serviceEndpoints: [{ service: 'Microsoft.Storage' }],
    defaultOutboundAccess: false,
  };
}

function rule(name: string, priority: number, direction: 'Inbound' | 'Outbound', access: 'Allow' | 'Deny', to: string, port: string) {
  const properties = {
    ...{ priority, direction, access, protocol: '*' },
    ...{ sourceAddressPrefix: '*', sourcePortRange: '*', destinationAddressPrefix: to, destinationPortRange: port },
  };
  return { name, properties };
}

/** 168.63.129.16 is the platform itself: name service, and the agent's own channel. */
const rules = [
  rule('storage', 100, 'Outbound', 'Allow', 'Storage', '443'),
  rule('platform', 110, 'Outbound', 'Allow', '168.63.129.16/32', '*'),
  rule('nothing-else-out', 4096, 'Outbound', 'Deny', '*', '*'),
  rule('nothing-in', 4096, 'Inbound', 'Deny', '*', '*'),
];
