/** Resource ids as callers and alerts write them, in any case, told apart: a VM, or why not. */

export type Target = { vmId: string } | { reason: string };

const GUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** Letters of any language are allowed in a group's name; a dot neither begins nor ends a name. */
const NAME = '[\\p{L}\\p{N}_()-](?:[\\p{L}\\p{N}_().-]{0,88}[\\p{L}\\p{N}_()-])?';
const VM = new RegExp(
  `^/subscriptions/(${GUID})/resourceGroups/(${NAME})/providers/Microsoft\\.Compute/virtualMachines/([\\w-](?:[\\w.-]{0,78}[\\w-])?)/?$`,
  'iu',
);

/** A VM's id in Azure's usual writing (names keep the case they came in), or one sentence on what else it is. */
export function readTarget(id: string): Target {
  const [, subscription, resourceGroup, name] = VM.exec(id.trim()) ?? [];
  if (subscription && resourceGroup && name) {
    const group = `/subscriptions/${subscription.toLowerCase()}/resourceGroups/${resourceGroup}`;
    return { vmId: `${group}/providers/Microsoft.Compute/virtualMachines/${name}` };
  }
  return { reason: whatItIs(id.trim()) };
}

function whatItIs(id: string): string {
  const [, type, rest] = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/([^/]+\/[^/]+)\/[^/]+(\/.*)?$/i.exec(id) ?? [];
  if (!type) return 'is not the id of an Azure resource';
  if (/virtualMachineScaleSets$/i.test(type)) return 'belongs to a scale set, which replaces its instances itself';
  if (!/^Microsoft\.Compute\/virtualMachines$/i.test(type)) return `is a ${type}, not a virtual machine`;
  return rest && rest !== '/' ? 'is a part of a virtual machine, not the machine' : 'is not the id of a virtual machine';
}
