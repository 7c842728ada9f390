/** VMs by name or address, as Resource Graph's rows tell them; the queries themselves run in test/triggers/hints.test.ts. */
import { expect, test } from '@jest/globals';
import type { Arm } from '../../azure/arm.ts';
import { machines } from '../../azure/machines.ts';

const vm = (name: string) => `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/${name}`;
function graph(rows: unknown[]) {
  const asked: { query: string; subscriptions?: string[] }[] = [];
  const ask = async (_: string, __: string, question: object | null, schema: { parse(body: unknown): unknown }) => {
    asked.push(question as (typeof asked)[number]);
    return schema.parse({ data: rows });
  };
  return { asked, ...machines({ ask } as unknown as Pick<Arm, 'ask'>) };
}

test('a VM is called by its own name, its guest’s or its agent’s, with or without the domain on either side, in any case', async () => {
  const { called } = graph([
    { id: vm('a'), name: 'a', osName: 'TILL-1', agentName: null },
    { id: vm('b'), name: 'till-2', osName: '', agentName: 'till-2.shop.example' },
    { id: vm('c'), name: 'c', osName: 'other', agentName: 'till-3.other.example' },
    { no: 'row' },
  ]);
  const names = ['till-1.shop.example', 'TILL-1', 'Till-2', 'till-2.shop.example', 'till-3', 'till-3.shop.example', 'nobody'];
  const found = await called(names);
  expect(names.map(name => found.get(name))).toEqual([[vm('a')], [vm('a')], [vm('b')], [vm('b')], [vm('c')], [], []]);
});

test('a name that could end the text of a query is not asked for', async () => {
  const { asked, called, behind } = graph([]);
  expect(await called([`x' or type =~ '`, 'a b', '', '.'])).toEqual(new Map());
  expect(await behind(`${vm('x')}`, `10.0.0.4' or '1`)).toEqual([]);
  expect(asked).toEqual([]);
});

test('behind a load balancer is whose card has that very address in a pool of that very load balancer', async () => {
  const balancer = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/loadBalancers/lb';
  const card = (name: string, address: string, ...pools: string[]) => ({
    id: `/nic/${name}`,
    vmId: vm(name),
    configurations: [{ properties: { privateIPAddress: address, loadBalancerBackendAddressPools: pools.map(id => ({ id })) } }],
  });
  const { asked, behind } = graph([
    card('right', '10.1.0.4', `${balancer.toUpperCase()}/backendAddressPools/p`),
    card('longer', '10.1.0.40', `${balancer}/backendAddressPools/p`),
    card('other', '10.1.0.4', `${balancer}-2/backendAddressPools/p`),
    card('alone', '10.1.0.4'),
    { ...card('free', '10.1.0.4', `${balancer}/backendAddressPools/p`), vmId: '' },
  ]);
  expect(await behind(balancer, '10.1.0.4')).toEqual([vm('right')]);
  expect(asked).toMatchObject([{ subscriptions: ['s'], query: expect.stringContaining("contains '10.1.0.4'") }]);
});
