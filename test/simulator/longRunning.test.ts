import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Answer,
  call,
  diskId,
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
  vmId,
} from './support/estate.ts';

const RECORDINGS = new URL('../../../shared/reference/arm/recordings/', import.meta.url).pathname;

const SUBNET = `${idOf('Microsoft.Network/virtualNetworks', 'vnet-westeurope')}/subnets/default`;
const NEW_VM = {
  location: LOCATION,
  zones: ['1'],
  properties: {
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    storageProfile: {
      imageReference: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter-g2', version: 'latest' },
      osDisk: { name: 'new-os', createOption: 'FromImage', deleteOption: 'Delete', managedDisk: { storageAccountType: 'StandardSSD_LRS' } },
    },
    osProfile: { computerName: 'bmnew', adminUsername: 'bootmedic', adminPassword: 'Correct-Horse-1-Battery' },
    networkProfile: {
      networkApiVersion: '2022-11-01',
      networkInterfaceConfigurations: [
        {
          name: 'new-nic',
          properties: {
            primary: true,
            deleteOption: 'Delete',
            ipConfigurations: [{ name: 'one', properties: { subnet: { id: SUBNET } } }],
          },
        },
      ],
    },
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
  },
};

/** With a disk whose name is left to Azure. */
function unnamed({ properties, ...vm }: typeof NEW_VM): object {
  const { name: _, ...osDisk } = properties.storageProfile.osDisk;
  const [nic] = properties.networkProfile.networkInterfaceConfigurations;
  const networkProfile = { ...properties.networkProfile, networkInterfaceConfigurations: [{ ...nic, name: 'newer-nic' }] };
  return { ...vm, properties: { ...properties, networkProfile, storageProfile: { ...properties.storageProfile, osDisk } } };
}

/** What the table of `azure-facts.md` tells apart: status, the two headers, the state in the body. */
function shape({ status, headers, body }: Answer) {
  return {
    status,
    asyncOperation: headers['azure-asyncoperation'] !== undefined,
    location: headers.location !== undefined,
    state: body?.properties?.provisioningState,
  };
}
const shaped = (status: number, asyncOperation: boolean, location: boolean, state?: string) => ({
  status,
  asyncOperation,
  location,
  state,
});

let azure: Rig;
/** Answers by operation, in Azure's own order of a VM's life. */
const seen: Record<string, Answer> = {};

async function done(name: string, answer: Promise<Answer>): Promise<Answer> {
  seen[name] = await answer;
  if (seen[name].headers['azure-asyncoperation'] !== undefined) seen[`${name} status`] = await settled(azure, seen[name]);
  return seen[name];
}

beforeAll(async () => {
  azure = await rig();
  const command = { location: LOCATION, properties: { source: { script: 'print hello' }, asyncExecution: true, timeoutInSeconds: 60 } };
  await done('PUT vm create', onVm(azure, 'PUT', 'new', '', NEW_VM));
  seen['GET vm created'] = await onVm(azure, 'GET', 'new');
  await done('PUT vm create, unnamed disk', onVm(azure, 'PUT', 'newer', '', unnamed(NEW_VM)));
  await done('POST powerOff', onVm(azure, 'POST', 'broken', '/powerOff?skipShutdown=true'));
  await done(
    'PUT snapshot',
    onDisk(
      azure,
      'PUT',
      'snap',
      { location: LOCATION, properties: { creationData: { createOption: 'Copy', sourceResourceId: diskId('broken-os') } } },
      'snapshots',
    ),
  );
  await done(
    'PUT disk',
    onDisk(azure, 'PUT', 'copy', {
      location: LOCATION,
      zones: ['1'],
      properties: { creationData: { createOption: 'Copy', sourceResourceId: idOf('Microsoft.Compute/snapshots', 'snap') } },
    }),
  );
  await done(
    'POST attachDetachDataDisks',
    onVm(azure, 'POST', 'helper', '/attachDetachDataDisks', { dataDisksToAttach: [{ diskId: diskId('copy'), lun: 3 }] }, {}, OTHER),
  );
  await done('PUT runCommands', onVm(azure, 'PUT', 'helper', '/runCommands/one', command, {}, OTHER));
  await done(
    'PATCH runCommands',
    onVm(azure, 'PATCH', 'helper', '/runCommands/one', { properties: { source: { script: 'print again' } } }, {}, OTHER),
  );
  await done(
    'POST runCommand',
    onVm(azure, 'POST', 'helper', '/runCommand', { commandId: 'RunPowerShellScript', script: ['print v1'] }, {}, OTHER),
  );
  await done('DELETE runCommands', onVm(azure, 'DELETE', 'helper', '/runCommands/one', undefined, {}, OTHER));
  await done(
    'detach',
    onVm(azure, 'POST', 'helper', '/attachDetachDataDisks', { dataDisksToDetach: [{ diskId: diskId('copy') }] }, {}, OTHER),
  );
  await done(
    'PATCH vm',
    onVm(azure, 'PATCH', 'broken', '', {
      properties: { storageProfile: { osDisk: { name: 'copy', managedDisk: { id: diskId('copy') } } } },
    }),
  );
  await done('PUT vm update', onVm(azure, 'PUT', 'broken', '', (await onVm(azure, 'GET', 'broken')).body));
  await done('POST start', onVm(azure, 'POST', 'broken', '/start'));
  await done('POST restart', onVm(azure, 'POST', 'broken', '/restart'));
  await done('POST retrieveBootDiagnosticsData', onVm(azure, 'POST', 'helper', '/retrieveBootDiagnosticsData', undefined, {}, OTHER));
  await done('POST deallocate', onVm(azure, 'POST', 'broken', '/deallocate'));
  await done('DELETE vm', onVm(azure, 'DELETE', 'new'));
  await done('DELETE disk', onDisk(azure, 'DELETE', 'broken-os'));
  await done('DELETE snapshot', onDisk(azure, 'DELETE', 'snap', undefined, 'snapshots'));
  await done(
    'PUT nsg',
    call(azure, 'PUT', `${idOf('Microsoft.Network/networkSecurityGroups', 'nsg')}?api-version=2024-01-01`, {
      location: LOCATION,
      properties: {},
    }),
  );
  await done('DELETE group', call(azure, 'DELETE', `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}?api-version=2025-04-01`));
});
afterAll(() => azure?.simulator.close());

describe('the table of azure-facts.md', () => {
  test.each([
    ['POST start', shaped(202, true, true)],
    ['POST powerOff', shaped(202, true, true)],
    ['POST restart', shaped(202, true, true)],
    ['POST deallocate', shaped(202, true, true)],
    ['POST attachDetachDataDisks', shaped(202, true, true)],
    ['POST runCommand', shaped(202, true, true)],
    ['DELETE vm', shaped(202, true, true)],
    ['DELETE disk', shaped(202, true, true)],
    ['DELETE snapshot', shaped(202, true, true)],
    ['DELETE runCommands', shaped(202, true, true)],
    ['PUT disk', shaped(202, true, true, 'Updating')],
    ['PUT snapshot', shaped(202, true, true, 'Updating')],
    ['PUT vm update', shaped(200, true, false, 'Updating')],
    ['PATCH vm', shaped(200, true, false, 'Updating')],
    ['PATCH runCommands', shaped(200, true, false, 'Updating')],
    ['PUT vm create', shaped(201, true, false, 'Creating')],
    ['PUT runCommands', shaped(201, true, false, 'Creating')],
    ['PUT nsg', shaped(201, true, false, 'Updating')],
    ['POST retrieveBootDiagnosticsData', shaped(200, false, false)],
    ['DELETE group', shaped(202, false, true)],
  ])('%s', (operation, expected) => {
    expect(seen[operation] && shape(seen[operation])).toEqual(expected);
  });

  test('answers without a body where Azure has none, and with Retry-After where it was seen', () => {
    for (const name of ['POST start', 'POST powerOff', 'DELETE vm', 'DELETE disk', 'POST runCommand'])
      expect(seen[name]?.body).toBeUndefined();
    for (const name of ['PUT vm create', 'DELETE vm', 'POST deallocate', 'PUT disk'])
      expect(seen[name]?.headers['retry-after']).toMatch(/^[1-9]\d*$/);
  });

  test('the disk that an image becomes has no id before it is made, nor a name that was not asked for', async () => {
    const osDisk = (answer: Answer | undefined) => answer?.body.properties.storageProfile.osDisk;
    const made = osDisk(seen['GET vm created']);
    expect(made.managedDisk).toEqual({ storageAccountType: 'StandardSSD_LRS', id: diskId('new-os') });
    const making = { ...made, managedDisk: { storageAccountType: 'StandardSSD_LRS' } };
    expect(osDisk(seen['PUT vm create'])).toEqual(making);
    const { name: _, ...unnamed } = making;
    expect(osDisk(seen['PUT vm create, unnamed disk'])).toEqual(unnamed);
  });

  test('status URLs lie where Azure has them, signed and long; an altered one is not served', async () => {
    const url = seen['PUT disk']?.headers['azure-asyncoperation'] ?? '';
    expect(url).toContain(`/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/locations/${LOCATION}/DiskOperations/`);
    expect(seen['POST start']?.headers['azure-asyncoperation']).toContain(`/locations/${LOCATION}/operations/`);
    expect([...new URL(url).searchParams.keys()]).toEqual(['p', 'api-version', 't', 'c', 's', 'h']);
    expect(url.length).toBeGreaterThan(2000);
    expect((await call(azure, 'GET', url.replace(/h=[^&]*/, 'h=forged'))).status).toBe(404);
  });

  test('the status of a disk operation holds the disk; the monitor of a v1 run command its output', async () => {
    expect(seen['PUT disk status']?.body).toMatchObject({
      status: 'Succeeded',
      properties: { output: { name: 'copy', properties: { provisioningState: 'Succeeded' } } },
    });
    const result = await call(azure, 'GET', seen['POST runCommand']?.headers.location ?? '');
    expect(result.body.value[0]).toMatchObject({ code: 'ComponentStatus/StdOut/succeeded', message: 'v1\n' });
    expect((await call(azure, 'GET', seen['POST start']?.headers.location ?? '')).status).toBe(200);
  });

  test('a VM deleted takes with it what its deleteOptions say', async () => {
    expect((await onVm(azure, 'GET', 'new')).status).toBe(404);
    expect((await onDisk(azure, 'GET', 'new-os')).status).toBe(404);
    expect((await call(azure, 'GET', `${idOf('Microsoft.Network/networkInterfaces', 'new-nic')}?api-version=2024-01-01`)).status).toBe(404);
  });

  test('a group deleted takes everything in it, and the poll of its Location ends', async () => {
    const location = seen['DELETE group']?.headers.location ?? '';
    let last = 202;
    while (last === 202) last = (await call(azure, 'GET', location)).status;
    expect(last).toBe(200);
    const gone = await onVm(azure, 'GET', 'broken');
    expect([gone.status, gone.body.error.code]).toEqual([404, 'ResourceGroupNotFound']);
    expect((await call(azure, 'GET', `${vmId('helper', OTHER)}?api-version=2026-04-01`)).status).toBe(200);
  });
});

interface Exchange {
  method: string;
  url: string;
  status: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: recordings hold what Azure said
  response: any;
}

/** Recorded exchanges, by the names above. */
function recorded(): Record<string, Exchange> {
  const found: Record<string, Exchange> = {};
  for (const file of readdirSync(RECORDINGS)) {
    for (const line of readFileSync(RECORDINGS + file, 'utf8')
      .trim()
      .split('\n')) {
      const exchange = JSON.parse(line) as Exchange;
      const path = exchange.url.split('?')[0] ?? '';
      const last = path.split('/').at(-1) ?? '';
      const parent = path.split('/').at(-2) ?? '';
      const isVm = parent === 'virtualMachines';
      const name =
        exchange.method === 'POST'
          ? `POST ${last}`
          : `${exchange.method} ${{ disks: 'disk', snapshots: 'snapshot', runCommands: 'runCommands' }[parent] ?? (isVm ? (exchange.method === 'PUT' ? 'vm update' : 'vm') : '-')}`;
      if (exchange.status < 300) found[name] ??= exchange;
    }
  }
  return found;
}

(existsSync(RECORDINGS) ? describe : describe.skip)('against Microsoft’s own recordings', () => {
  if (!existsSync(RECORDINGS)) console.warn(`SKIPPED: no ${RECORDINGS} here; answers were not compared with recordings`);
  const real = existsSync(RECORDINGS) ? recorded() : {};
  const names = [
    'POST start',
    'POST powerOff',
    'POST restart',
    'POST deallocate',
    'POST runCommand',
    'PUT disk',
    'PUT snapshot',
    'PUT vm update',
    'PUT runCommands',
    'PATCH runCommands',
    'DELETE vm',
    'DELETE runCommands',
    'POST retrieveBootDiagnosticsData',
  ];

  test.each(names)('%s is answered as recorded', name => {
    const theirs = real[name];
    const ours = seen[name];
    if (theirs === undefined || ours === undefined) throw new Error(`no ${name} recorded`);
    expect(shape(ours)).toEqual(shape({ status: theirs.status, headers: theirs.headers, body: theirs.response }));
    const policies = (text = '') =>
      text
        .split(',')
        .map(part => part.split(';')[0])
        .sort();
    expect(policies(ours.headers['x-ms-ratelimit-remaining-resource'])).toEqual(
      policies(theirs.headers['x-ms-ratelimit-remaining-resource']),
    );
    expect(ours.headers['azure-asyncnotification']).toBe(theirs.headers['azure-asyncnotification']);
  });

  test.each([
    ['GET vm', () => onVm(azure, 'GET', 'helper', '', undefined, {}, OTHER)],
    ['GET disk', () => call(azure, 'GET', `${diskId('helper-os', OTHER)}?api-version=2026-03-02`)],
  ])('%s shows nothing that Azure would not, and lacks nothing that every recording has', async (name, look) => {
    const theirs = Object.keys(real[name]?.response.properties ?? {});
    const ours = Object.keys((await look()).body.properties);
    const everywhere =
      name === 'GET vm'
        ? ['hardwareProfile', 'provisioningState', 'vmId', 'storageProfile', 'networkProfile', 'timeCreated']
        : [
            'creationData',
            'diskSizeGB',
            'encryption',
            'networkAccessPolicy',
            'timeCreated',
            'provisioningState',
            'diskState',
            'diskSizeBytes',
            'uniqueId',
          ];
    expect(ours).toEqual(expect.arrayContaining(everywhere));
    expect(theirs).toEqual(expect.arrayContaining(everywhere));
  });
});
