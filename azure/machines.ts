/**
 * VMs that are known by less than their ids, in Azure Resource Graph: by what their guest calls itself, and by an address behind a load
 * balancer. Columns: see resourceGraph.ts; `extended.instanceView.computerName` is what the agent reports.
 */
import { z } from 'zod';
import type { Arm } from './arm.ts';
import { askGraph, text } from './graph.ts';
import { parseId } from './ids.ts';

export interface Machines {
  /** Ids of the VMs whose resource or guest has one of the names, by the name that was asked for: a computer's own, with or without its domain. */
  called(computers: string[]): Promise<Map<string, string[]>>;
  /** Ids of the VMs with a network interface of that private address in a backend pool of that load balancer. */
  behind(loadBalancerId: string, address: string): Promise<string[]>;
}

/** Of one page: more than these are not one machine. */
const most = 1000;

const named = z.object({ id: z.string(), name: z.string(), osName: text, agentName: text });
const configuration = z.looseObject({
  properties: z.looseObject({
    privateIPAddress: text,
    loadBalancerBackendAddressPools: z.array(z.object({ id: z.string() })).nullish(),
  }),
});
const card = z.object({ id: z.string(), vmId: text, configurations: z.array(configuration) });

const nameQuery = (names: string) => `resources
| where type =~ 'microsoft.compute/virtualmachines'
| where name in~ (${names}) or properties.osProfile.computerName in~ (${names}) or properties.extended.instanceView.computerName in~ (${names})
| project id, name, osName = tostring(properties.osProfile.computerName), agentName = tostring(properties.extended.instanceView.computerName)
| order by id asc`;

const addressQuery = (address: string) => `resources
| where type =~ 'microsoft.network/networkinterfaces'
| where tostring(properties.ipConfigurations) contains '${address}'
| project id, vmId = tostring(properties.virtualMachine.id), configurations = properties.ipConfigurations
| order by id asc`;

/** Both go into the text of a query: nothing that could end a text in it. */
const isName = (text: string) => /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,254}$/u.test(text);
const isAddress = (text: string) => /^[0-9a-f.:]{3,45}$/i.test(text);

export function machines(arm: Pick<Arm, 'ask'>): Machines {
  return {
    async called(computers) {
      const asked = computers.filter(isName);
      const names = [...new Set(asked.flatMap(computer => [computer, labelOf(computer)]).map(name => name.toLowerCase()))];
      if (names.length === 0) return new Map();
      const { rows: found } = await askGraph(
        arm,
        { query: nameQuery(names.map(name => `'${name}'`).join(', ')), subscriptions: [], most },
        named,
      );
      return new Map(asked.map(computer => [computer, found.filter(vm => isCalled(vm, computer)).map(({ id }) => id)]));
    },
    async behind(loadBalancerId, address) {
      if (!isAddress(address)) return [];
      const pools = `${loadBalancerId.replace(/\/+$/, '')}/backendAddressPools/`.toLowerCase();
      const isBehind = ({ properties }: z.infer<typeof configuration>) =>
        properties.privateIPAddress.toLowerCase() === address.toLowerCase() &&
        (properties.loadBalancerBackendAddressPools ?? []).some(({ id }) => id.toLowerCase().startsWith(pools));
      const question = { query: addressQuery(address), subscriptions: [parseId(loadBalancerId).subscriptionId], most };
      const { rows: cards } = await askGraph(arm, question, card);
      return [...new Set(cards.filter(({ vmId, configurations }) => vmId !== '' && configurations.some(isBehind)).map(({ vmId }) => vmId))];
    },
  };
}

/** `web01.contoso.example` -> `web01`. */
const labelOf = (computer: string) => computer.split('.')[0] ?? computer;

/** A guest's name may be told with its domain on either side. Where both are whole names, they are compared whole. */
function isCalled({ name, osName, agentName }: z.infer<typeof named>, computer: string): boolean {
  const wanted = computer.toLowerCase();
  return [name, osName, agentName].some(own => {
    const known = own.toLowerCase();
    return known !== '' && (known === wanted || known === labelOf(wanted) || labelOf(known) === wanted);
  });
}
