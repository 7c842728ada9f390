import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  call,
  diskId,
  estate,
  GROUP,
  idOf,
  LOCATION,
  OTHER,
  onDisk,
  onVm,
  type Rig,
  rig,
  SUBSCRIPTION,
  settled,
  stateOf,
  vmId,
} from './support/estate.ts';

let azure: Rig;
beforeAll(async () => {
  azure = await rig(estate({ locks: [{ name: 'keep', scope: vmId('broken'), level: 'CanNotDelete', notes: 'do not' }] }), 200);
});
afterAll(() => azure?.simulator.close());

describe('the managed identity', () => {
  const ask = (query: string, header = azure.simulator.identityHeader) =>
    call(azure, 'GET', `/msi/token?${query}`, undefined, { 'x-identity-header': header });

  test.each([
    ['ManagedIdentityCredential', () => new ManagedIdentityCredential()],
    ['DefaultAzureCredential', () => new DefaultAzureCredential()],
  ])('%s gets a token for ARM and one for storage', async (_, make) => {
    process.env.IDENTITY_ENDPOINT = azure.simulator.identityEndpoint;
    process.env.IDENTITY_HEADER = azure.simulator.identityHeader;
    const credential = make();
    const claims = async (scope: string) =>
      JSON.parse(Buffer.from((await credential.getToken(scope)).token.split('.')[1] ?? '', 'base64url').toString());
    const arm = await claims('https://management.azure.com/.default');
    expect(arm).toMatchObject({ aud: 'https://management.azure.com', oid: expect.any(String), tid: expect.any(String) });
    expect(arm.iss).toBe(`https://sts.windows.net/${arm.tid}/`);
    expect(await claims('https://storage.azure.com/.default')).toMatchObject({ aud: 'https://storage.azure.com' });
  });

  test('refuses a wrong header, another api-version, a resource that nobody knows', async () => {
    expect((await ask('api-version=2019-08-01&resource=https://management.azure.com/', 'wrong')).status).toBe(401);
    expect((await ask('api-version=2018-02-01&resource=https://management.azure.com/')).status).toBe(400);
    // Its older version has a header of its own.
    expect((await ask('api-version=2017-09-01&resource=https://management.azure.com/')).status).toBe(401);
    expect((await ask('api-version=2019-08-01&resource=https://vault.azure.net')).status).toBe(400);
  });

  test('serves the Azure CLI of Debian: the older version, and what it looks up before and after', async () => {
    const older = '/msi/token/?resource=https://management.core.windows.net/&api-version=2017-09-01';
    const { status, body } = await call(azure, 'GET', older, undefined, { secret: azure.simulator.identityHeader });
    expect([status, body.expires_on]).toEqual([200, expect.stringMatching(/^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d \+00:00$/)]);
    expect((await call(azure, 'GET', '/metadata/endpoints?api-version=2022-09-01')).body[0].name).toBe('AzureCloud');
    expect((await call(azure, 'GET', '/metadata/endpoints?api-version=2015-01-01')).body.authentication.loginEndpoint).toMatch(/^https:/);
    expect((await call(azure, 'GET', '/tenants?api-version=2020-01-01')).body.value).toHaveLength(1);
    const providers = `/subscriptions/${vmId('broken').split('/')[2]}/providers`;
    const compute = await call(azure, 'GET', `${providers}/Microsoft.Compute?api-version=2022-09-01`);
    expect(compute.body.resourceTypes.map(({ resourceType }: { resourceType: string }) => resourceType)).toContain('virtualMachines');
    expect((await call(azure, 'GET', `${providers}/Microsoft.Nobody?api-version=2022-09-01`)).status).toBe(404);
  });
});

describe('throttling', () => {
  test('a 13th write on one VM in a moment is a 429 that says how long to wait, and waiting helps', async () => {
    const write = () => onVm(azure, 'PATCH', 'helper', '', { tags: {} }, {}, OTHER);
    const left = (headers: Record<string, string>) =>
      Number(/UpdateVMResource;(\d+)/.exec(headers['x-ms-ratelimit-remaining-resource'] ?? '')?.[1]);
    const answers = [];
    for (let index = 0; index < 60 && answers.at(-1)?.status !== 429; index += 1) answers.push(await write());
    const last = answers.at(-1);
    expect(left(answers[0]?.headers ?? {})).toBe(11);
    expect(last).toMatchObject({ status: 429, body: { error: { code: 'OperationNotAllowed', target: 'UpdateVMResource' } } });
    expect(last?.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(left(last?.headers ?? {})).toBe(0);
    await new Promise(resolve => setTimeout(resolve, Number(last?.headers['retry-after']) * 1000));
    expect((await write()).status).not.toBe(429);
  });

  test('one VM’s bucket is not another’s, and ARM’s own count is told beside it', async () => {
    const { headers } = await onVm(azure, 'PATCH', 'broken', '', { tags: { app: 'shop' } });
    expect(headers['x-ms-ratelimit-remaining-resource']).toMatch(
      /^Microsoft.Compute\/UpdateVMSubscriptionMaximum;14\d\d,Microsoft.Compute\/UpdateVMResource;11$/,
    );
    expect(Number(headers['x-ms-ratelimit-remaining-subscription-writes'])).toBeLessThan(200);
    const read = await onVm(azure, 'GET', 'broken');
    expect(Number(read.headers['x-ms-ratelimit-remaining-subscription-reads'])).toBeGreaterThan(200);
    expect(read.headers['x-ms-ratelimit-remaining-resource']).toContain('LowCostGetResource;');
  });

  test('ARM refuses before Compute does when a subscription writes too much', async () => {
    const slow = await rig(estate(), 0.01);
    const put = () =>
      call(slow, 'PUT', `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-x?api-version=2025-04-01`, { location: LOCATION });
    const statuses = [];
    for (let batch = 0; batch < 21; batch += 1)
      statuses.push(...(await Promise.all(Array.from({ length: 10 }, put))).map(({ status, body }) => [status, body.error?.code]));
    expect(statuses.filter(([status]) => status === 429)).toEqual(Array.from({ length: 10 }, () => [429, 'SubscriptionRequestsThrottled']));
    await slow.simulator.close();
  });
});

describe('faults', () => {
  const fault = async (body: object) => {
    const answer = await fetch(`${azure.simulator.adminUrl}/faults`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(201);
  };
  const get = () => onVm(azure, 'GET', 'helper', '', undefined, {}, OTHER);

  test('an answer of one’s own, so many times, after so many', async () => {
    await fault({
      match: { method: 'GET', path: 'virtualMachines/HELPER' },
      times: 2,
      after: 1,
      answer: { status: 503, headers: { 'retry-after': '7' } },
    });
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await get()).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
  });

  test('a connection cut before it is done, and after', async () => {
    const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-cut?api-version=2025-04-01`;
    const exists = async () => (await call(azure, 'GET', group)).status === 200;
    for (const drop of ['before', 'after']) {
      await fault({ match: { method: 'PUT', path: 'rg-cut' }, drop });
      await expect(call(azure, 'PUT', group, { location: LOCATION })).rejects.toThrow();
      expect(await exists()).toBe(drop === 'after');
    }
  });

  test('an operation that is accepted and then fails, without an effect', async () => {
    await settled(
      azure,
      await onDisk(azure, 'PUT', 'data', {
        location: LOCATION,
        zones: ['1'],
        properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 4 },
      }),
    );
    await fault({
      match: { method: 'POST', path: 'helper/attachDetach' },
      failOperation: { code: 'InternalExecutionError', message: 'An internal execution error occurred.' },
    });
    const answer = await onVm(
      azure,
      'POST',
      'helper',
      '/attachDetachDataDisks',
      { dataDisksToAttach: [{ diskId: diskId('data'), lun: 0 }] },
      {},
      OTHER,
    );
    expect((await settled(azure, answer)).body).toMatchObject({ status: 'Failed', error: { code: 'InternalExecutionError' } });
    const vm = (await onVm(azure, 'GET', 'helper', '?$expand=instanceView', undefined, {}, OTHER)).body.properties;
    expect([vm.provisioningState, vm.instanceView.statuses[0].code]).toEqual(['Failed', 'ProvisioningState/failed/InternalExecutionError']);
    expect((await onDisk(azure, 'GET', 'data')).body.properties.diskState).toBe('Unattached');
  });

  test('one that makes no sense names its field; all can be taken back', async () => {
    const bad = await fetch(`${azure.simulator.adminUrl}/faults`, {
      method: 'POST',
      body: JSON.stringify({ match: { path: 'x' }, times: 0 }),
    });
    expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining('times')]);
    await fault({ match: { path: '.' }, answer: { status: 500 } });
    expect((await fetch(`${azure.simulator.adminUrl}/faults`, { method: 'DELETE' })).status).toBe(204);
    expect((await get()).status).toBe(200);
  });
});

describe('the journal', () => {
  test('names every write with its correlation id, and no secret', async () => {
    const correlation = '0f0f0f0f-1111-4222-8333-444444444444';
    const { headers } = await onVm(azure, 'POST', 'helper', '/restart', undefined, { 'x-ms-correlation-request-id': correlation }, OTHER);
    expect(headers['x-ms-correlation-request-id']).toBe(correlation);
    expect(headers['x-ms-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    const { writes, calls } = await stateOf(azure);
    expect(writes.filter((write: { correlationId: string }) => write.correlationId === correlation)).toMatchObject([
      { method: 'POST', operation: 'POST Microsoft.Compute/virtualMachines:restart', status: 202 },
    ]);
    expect(calls['POST Microsoft.Compute/virtualMachines:restart']).toBe(1);
    await onVm(azure, 'POST', 'broken', '/retrieveBootDiagnosticsData');
    expect(JSON.stringify((await stateOf(azure)).writes)).not.toMatch(/retrieveBootDiagnosticsData|sig=|Bearer/);
  });
});

describe('what lies around VMs, through the real clients', () => {
  test('resource groups: made, found, listed by tag', async () => {
    const { resourceGroups } = azure.resources;
    const made = await resourceGroups.createOrUpdate('rg-new', { location: LOCATION, tags: { 'bootmedic-repair': 'r-1' } });
    expect(made).toMatchObject({ name: 'rg-new', properties: { provisioningState: 'Succeeded' } });
    expect(await resourceGroups.get('RG-NEW')).toMatchObject({ name: 'rg-new' });
    const listed = [];
    for await (const group of resourceGroups.list({ filter: "tagName eq 'bootmedic-repair' and tagValue eq 'r-1'" }))
      listed.push(group.name);
    expect(listed).toEqual(['rg-new']);
    await expect(resourceGroups.get('rg-none')).rejects.toMatchObject({ statusCode: 404, code: 'ResourceGroupNotFound' });
  });

  test('a network with a subnet behind a security group, through the generic client', async () => {
    const { resources } = azure.resources;
    const options = { updateIntervalInMs: 20 };
    const rule = {
      name: 'storage',
      properties: {
        priority: 100,
        direction: 'Outbound',
        access: 'Allow',
        protocol: 'Tcp',
        sourcePortRange: '*',
        destinationPortRange: '443',
        sourceAddressPrefix: '*',
        destinationAddressPrefix: 'Storage',
      },
    };
    const nsg = await resources.createOrUpdateById(
      idOf('Microsoft.Network/networkSecurityGroups', 'nsg').slice(1),
      '2024-01-01',
      { location: LOCATION, properties: { securityRules: [rule] } },
      options,
    );
    const subnet = {
      name: 'repair',
      properties: { addressPrefix: '10.200.0.0/24', networkSecurityGroup: { id: nsg.id }, defaultOutboundAccess: false },
    };
    const properties = { addressSpace: { addressPrefixes: ['10.200.0.0/16'] }, subnets: [subnet] };
    const network = await resources.createOrUpdateById(
      idOf('Microsoft.Network/virtualNetworks', 'vnet').slice(1),
      '2024-01-01',
      { location: LOCATION, tags: { a: 'b' }, properties },
      options,
    );
    expect(network).toMatchObject({
      name: 'vnet',
      tags: { a: 'b' },
      properties: { provisioningState: 'Succeeded', subnets: [{ name: 'repair', id: `${network.id}/subnets/repair` }] },
    });
    await expect(resources.deleteById(String(nsg.id).slice(1), '2024-01-01', options)).rejects.toMatchObject({
      code: 'InUseNetworkSecurityGroupCannotBeDeleted',
    });
    const listed = [];
    for await (const one of resources.list({ filter: "tagName eq 'a'" })) listed.push(one.id);
    expect(listed).toEqual([network.id]);
  });

  test('tags at a scope, merged and taken away', async () => {
    const scope = vmId('broken').slice(1);
    const { tags } = azure.resources as unknown as { tags?: unknown };
    expect(tags ?? null).toBeNull();
    const at = `/${scope}/providers/Microsoft.Resources/tags/default?api-version=2022-09-01`;
    const merged = await call(azure, 'PATCH', at, { operation: 'Merge', properties: { tags: { owner: 'me' } } });
    expect(merged.body.properties.tags).toMatchObject({ owner: 'me' });
    await call(azure, 'PATCH', at, { operation: 'Delete', properties: { tags: { owner: 'me' } } });
    expect((await onVm(azure, 'GET', 'broken')).body.tags).not.toHaveProperty('owner');
  });

  test('locks and permissions of a VM', async () => {
    const on = async (type: string) =>
      (
        await call(
          azure,
          'GET',
          `${vmId('broken')}/providers/Microsoft.Authorization/${type}?api-version=${type === 'locks' ? '2020-05-01' : '2022-04-01'}`,
        )
      ).body.value;
    expect(await on('locks')).toEqual([
      {
        id: `${vmId('broken')}/providers/Microsoft.Authorization/locks/keep`,
        name: 'keep',
        type: 'Microsoft.Authorization/locks',
        properties: { level: 'CanNotDelete', notes: 'do not' },
      },
    ]);
    expect(await on('permissions')).toMatchObject([{ actions: ['*'], notActions: [] }]);
  });

  test('sizes and usages', async () => {
    const sizes = [];
    for await (const sku of azure.compute.resourceSkus.list({ filter: `location eq '${LOCATION}'` })) sizes.push(sku);
    const size = sizes.find(sku => sku.name === 'Standard_D2s_v5');
    expect(size).toMatchObject({ family: 'standardDSv5Family', locationInfo: [{ location: LOCATION, zones: ['1', '2', '3'] }] });
    expect(Object.fromEntries(size?.capabilities?.map(({ name, value }) => [name, value]) ?? [])).toMatchObject({
      vCPUs: '2',
      MemoryGB: '8',
      MaxDataDiskCount: '4',
      HyperVGenerations: 'V1,V2',
    });
    const usages = new Map<string, number>();
    for await (const usage of azure.compute.usage.list(LOCATION)) usages.set(usage.name.value ?? '', usage.currentValue);
    expect([usages.get('cores'), usages.get('standardDSv5Family'), usages.get('virtualMachines')]).toEqual([4, 4, 2]);
  });

  test('ids are found without regard to case, and kept as Azure spells them', async () => {
    const properties = { creationData: { createOption: 'Empty' }, diskSizeGB: 4 };
    const shouted = diskId('Loud').toUpperCase().replace('/LOUD', '/Loud');
    await settled(azure, await call(azure, 'PUT', `${shouted}?api-version=2026-03-02`, { location: LOCATION, properties }));
    expect((await onDisk(azure, 'GET', 'lOUD')).body.id).toBe(diskId('Loud'));
    expect((await call(azure, 'GET', `${vmId('broken').toUpperCase()}?api-version=2026-04-01`)).body.id).toBe(vmId('broken'));
  });

  test('VMs and disks by group and subscription', async () => {
    const names = async (list: AsyncIterable<{ name?: string }>) => {
      const found = [];
      for await (const { name } of list) found.push(name);
      return found.toSorted();
    };
    expect(await names(azure.compute.virtualMachines.list(GROUP))).toEqual(['broken']);
    expect(await names(azure.compute.virtualMachines.listAll())).toEqual(['broken', 'helper']);
    expect(await names(azure.compute.disks.listByResourceGroup(OTHER))).toEqual(['helper-os']);
  });
});
