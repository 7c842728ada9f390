/** The Azure SDK for JavaScript against the simulator: lists page by page, pollers to their end, errors by their type. */
import { ComputeManagementClient } from '@azure/arm-compute';
import { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/core-auth';
import { BROKEN, type ClientWorld, GROUP, READY, SUBSCRIPTION } from './estate.ts';

/** One call and what it must come to; an error comes to its name, code and status. */
export interface SdkStep {
  name: string;
  run(): Promise<unknown>;
  expected: unknown;
}

const LOCATION = 'westeurope';
const COPY = `${BROKEN}-copy`;

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

/** Waits at the service's pace without the SDK's own two seconds. */
const poll = { updateIntervalInMs: 20 };
const idOf = (type: string, name: string, group = GROUP) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${type}/${name}`;

/** The managed identity without the identity library, whose cache of tokens is one for the whole process and all simulators in it. */
function identityOf(identityEndpoint: string, header: string): TokenCredential {
  return {
    async getToken() {
      const url = `${identityEndpoint}?api-version=2019-08-01&resource=https://management.azure.com`;
      const issued: unknown = await (await fetch(url, { headers: { 'x-identity-header': header } })).json();
      const token = Reflect.get(Object(issued), 'access_token');
      return { token: String(token), expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
}

export function sdkSteps({ simulator }: ClientWorld): SdkStep[] {
  const { armEndpoint: endpoint, identityEndpoint, identityHeader } = simulator.info;
  const credential = identityOf(identityEndpoint, identityHeader);
  const retryOptions = { maxRetries: 0 };
  const compute = new ComputeManagementClient(credential, SUBSCRIPTION, { endpoint, retryOptions });
  const resources = new ResourceManagementClient(credential, SUBSCRIPTION, { endpoint, retryOptions });
  return [...readingSteps(compute, resources), ...changingSteps(compute, resources), ...refusedSteps(compute)];
}

function readingSteps(compute: ComputeManagementClient, resources: ResourceManagementClient): SdkStep[] {
  const { virtualMachines: vms, resourceSkus, usage } = compute;
  return [
    { name: 'virtualMachines.listAll', run: async () => ({ count: (await all(vms.listAll())).length }), expected: { count: 5 } },
    {
      name: 'virtualMachines.list',
      run: async () => (await all(vms.list(GROUP))).map(({ name }) => name).toSorted(),
      expected: ['crm-en-05', 'old-bad-04', BROKEN],
    },
    {
      name: 'virtualMachines.get with its instance view',
      run: () => vms.get(READY.group, READY.name, { expand: 'instanceView' }),
      expected: {
        name: READY.name,
        instanceView: { statuses: [{ code: 'ProvisioningState/succeeded' }, { code: 'PowerState/running' }] },
        etag: /^"\d+"$/,
      },
    },
    {
      name: 'virtualMachines.instanceView',
      run: () => vms.instanceView(GROUP, BROKEN),
      expected: { statuses: [{}, { code: 'PowerState/running' }] },
    },
    {
      name: 'virtualMachines.retrieveBootDiagnosticsData',
      run: () => vms.retrieveBootDiagnosticsData(READY.group, READY.name),
      expected: { consoleScreenshotBlobUri: /^https:.*sig=/, serialConsoleLogBlobUri: /^https:.*sig=/ },
    },
    {
      name: 'resourceSkus.list',
      run: async () =>
        (await all(resourceSkus.list({ filter: `location eq '${LOCATION}'` }))).find(({ name }) => name === 'Standard_D2s_v5'),
      expected: { resourceType: 'virtualMachines', family: 'standardDSv5Family' },
    },
    {
      name: 'usage.list',
      run: async () => (await all(usage.list(LOCATION)))[0],
      expected: { name: { value: 'cores' } },
    },
    {
      name: 'resourceGroups.list',
      run: async () => (await all(resources.resourceGroups.list())).map(({ name }) => name).toSorted(),
      expected: [GROUP, 'rg-shop'],
    },
    {
      name: 'resources.list',
      run: async () => ({ disks: (await all(resources.resources.list({ filter: "resourceType eq 'Microsoft.Compute/disks'" }))).length }),
      expected: { disks: 5 },
    },
    { name: 'resources.list, two a page', run: () => pageSizes(resources), expected: [2, 2, 1] },
    {
      name: 'providers.get',
      run: () => resources.providers.get('Microsoft.Compute'),
      expected: { namespace: 'Microsoft.Compute', registrationState: 'Registered' },
    },
  ];
}

async function pageSizes(resources: ResourceManagementClient): Promise<number[]> {
  const sizes: number[] = [];
  for await (const page of resources.resources.list({ filter: "resourceType eq 'Microsoft.Compute/disks'", top: 2 }).byPage())
    sizes.push(page.length);
  return sizes;
}

function changingSteps(
  { virtualMachines: vms, disks, snapshots, virtualMachineRunCommands: runs }: ComputeManagementClient,
  resources: ResourceManagementClient,
): SdkStep[] {
  const copyOf = (id: string) => ({ location: LOCATION, creationData: { createOption: 'Copy', sourceResourceId: id } });
  const osDisk = idOf('Microsoft.Compute/disks', `${BROKEN}-os`);
  const script = { location: LOCATION, source: { script: 'hello' }, asyncExecution: false, timeoutInSeconds: 60 };
  return [
    {
      name: 'snapshots.createOrUpdate',
      run: () => snapshots.createOrUpdate(GROUP, 's1', { ...copyOf(osDisk), incremental: true }, poll),
      expected: { provisioningState: 'Succeeded', incremental: true, diskState: 'Unattached' },
    },
    {
      name: 'snapshots.grantAccess',
      run: () => snapshots.grantAccess(GROUP, 's1', { access: 'Read', durationInSeconds: 600 }, poll),
      expected: { accessSAS: /^https:.*sig=/ },
    },
    { name: 'snapshots.get while it is shared', run: () => snapshots.get(GROUP, 's1'), expected: { diskState: 'ActiveSAS' } },
    { name: 'snapshots.revokeAccess', run: () => snapshots.revokeAccess(GROUP, 's1', poll), expected: undefined },
    {
      name: 'disks.createOrUpdate from the snapshot',
      run: () => disks.createOrUpdate(GROUP, COPY, copyOf(idOf('Microsoft.Compute/snapshots', 's1')), poll),
      expected: { provisioningState: 'Succeeded', osType: 'Windows', diskState: 'Unattached' },
    },
    {
      name: 'virtualMachines.attachDetachDataDisks',
      run: () => vms.attachDetachDataDisks(READY.group, READY.name, { dataDisksToAttach: [] }, poll),
      expected: { statusCode: 400, code: 'InvalidParameter' },
    },
    { name: 'virtualMachines.deallocate', run: () => vms.deallocate(GROUP, BROKEN, poll), expected: undefined },
    {
      name: 'virtualMachines.update to another OS disk',
      run: () =>
        vms.update(
          GROUP,
          BROKEN,
          {
            storageProfile: {
              osDisk: { createOption: 'FromImage', name: COPY, managedDisk: { id: idOf('Microsoft.Compute/disks', COPY) } },
            },
          },
          poll,
        ),
      expected: { provisioningState: 'Succeeded', storageProfile: { osDisk: { name: COPY } } },
    },
    { name: 'virtualMachines.start', run: () => vms.start(GROUP, BROKEN, poll), expected: undefined },
    {
      name: 'virtualMachineRunCommands.createOrUpdate',
      run: () => runs.createOrUpdate(READY.group, READY.name, 'c1', script, poll),
      expected: { provisioningState: 'Succeeded' },
    },
    {
      name: 'virtualMachineRunCommands.getByVirtualMachine',
      run: () => runs.getByVirtualMachine(READY.group, READY.name, 'c1', { expand: 'instanceView' }),
      expected: { instanceView: { executionState: 'Failed' } },
    },
    {
      name: 'virtualMachineRunCommands.listByVirtualMachine',
      run: async () => (await all(runs.listByVirtualMachine(READY.group, READY.name))).map(({ name }) => name),
      expected: ['c1'],
    },
    { name: 'virtualMachineRunCommands.delete', run: () => runs.delete(READY.group, READY.name, 'c1', poll), expected: undefined },
    { name: 'disks.delete of the former OS disk', run: () => disks.delete(GROUP, `${BROKEN}-os`, poll), expected: undefined },
    { name: 'virtualMachines.reapply', run: () => vms.reapply(READY.group, READY.name, poll), expected: undefined },
    {
      name: 'virtualMachines.update to another size',
      run: () => vms.update(READY.group, READY.name, { hardwareProfile: { vmSize: 'Standard_D8s_v5' } }, poll),
      expected: { hardwareProfile: { vmSize: 'Standard_D8s_v5' }, provisioningState: 'Succeeded' },
    },
    {
      name: 'resourceGroups.createOrUpdate',
      run: () => resources.resourceGroups.createOrUpdate('rg-new', { location: LOCATION }),
      expected: { properties: { provisioningState: 'Succeeded' } },
    },
    { name: 'resourceGroups.delete', run: () => resources.resourceGroups.delete('rg-new', poll), expected: undefined },
    {
      name: 'resourceGroups.checkExistence',
      run: async () => ({ body: (await resources.resourceGroups.checkExistence('rg-new')).body }),
      expected: { body: false },
    },
  ];
}

/** What `RestError` carries. */
const refused = (statusCode: number, code: string) => ({ name: 'RestError', statusCode, code });

function refusedSteps({ virtualMachines: vms, disks }: ComputeManagementClient): SdkStep[] {
  return [
    { name: 'a VM that is not there', run: () => vms.get(GROUP, 'nobody'), expected: refused(404, 'ResourceNotFound') },
    {
      name: 'a VM in a group that is not there',
      run: () => vms.get('rg-nobody', 'nobody'),
      expected: refused(404, 'ResourceGroupNotFound'),
    },
    { name: 'a disk that a VM owns', run: () => disks.delete(GROUP, 'crm-en-05-os', poll), expected: refused(409, 'OperationNotAllowed') },
    {
      name: 'an etag that is another',
      run: () => vms.update(GROUP, 'crm-en-05', { tags: {} }, { ...poll, ifMatch: '"0"' }),
      expected: refused(412, 'PreconditionFailed'),
    },
  ];
}
