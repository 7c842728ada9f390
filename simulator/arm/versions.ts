import { ArmError } from './errors.ts';

/** As registered for the types that the simulator has; older ones than a client of these years sends are left out. */
const COMPUTE = [
  ...['2015-06-15', '2016-03-30', '2016-04-30-preview', '2016-08-30', '2017-03-30', '2017-12-01'],
  ...['2018-04-01', '2018-06-01', '2018-10-01', '2019-03-01', '2019-07-01', '2019-12-01', '2020-06-01', '2020-12-01', '2021-03-01'],
  ...['2021-04-01', '2021-07-01', '2021-11-01', '2022-03-01', '2022-08-01', '2022-11-01', '2023-03-01', '2023-07-01', '2023-09-01'],
  ...['2024-03-01', '2024-07-01', '2024-11-01', '2025-04-01', '2025-11-01', '2026-04-01'],
];
const DISKS = [
  ...['2016-04-30-preview', '2017-03-30'],
  ...['2018-04-01', '2018-06-01', '2018-09-30', '2019-03-01', '2019-07-01', '2019-11-01', '2020-05-01', '2020-06-30', '2020-09-30'],
  ...['2020-12-01', '2021-04-01', '2021-08-01', '2021-12-01', '2022-03-02', '2022-07-02', '2023-01-02', '2023-04-02', '2023-10-02'],
  ...['2024-03-02', '2025-01-02', '2026-03-02'],
];
const NETWORK = [
  ...['2015-06-15', '2016-03-30', '2016-06-01', '2016-09-01', '2016-12-01', '2017-03-01', '2017-06-01', '2017-08-01', '2017-09-01'],
  ...[
    '2017-10-01',
    '2017-11-01',
    '2018-01-01',
    '2018-02-01',
    '2018-06-01',
    '2018-07-01',
    '2018-10-01',
    '2018-12-01',
    '2019-06-01',
    '2019-08-01',
  ],
  ...['2018-04-01', '2018-08-01', '2018-11-01', '2019-02-01', '2019-04-01', '2019-07-01', '2019-09-01', '2019-11-01', '2019-12-01'],
  ...['2020-03-01', '2020-04-01', '2020-05-01', '2020-06-01', '2020-07-01', '2020-08-01', '2020-11-01', '2021-02-01', '2021-03-01'],
  ...['2021-05-01', '2021-08-01', '2022-01-01', '2022-05-01', '2022-07-01', '2022-09-01', '2022-11-01', '2023-02-01', '2023-04-01'],
  ...[
    '2023-05-01',
    '2023-06-01',
    '2023-09-01',
    '2023-11-01',
    '2024-01-01',
    '2024-03-01',
    '2024-05-01',
    '2024-07-01',
    '2024-10-01',
    '2025-01-01',
  ],
];
const RESOURCES = [
  ...[
    '2015-11-01',
    '2016-02-01',
    '2016-07-01',
    '2016-09-01',
    '2017-05-10',
    '2018-02-01',
    '2019-03-01',
    '2019-05-10',
    '2019-08-01',
    '2020-08-01',
  ],
  ...['2018-05-01', '2019-05-01', '2019-07-01', '2019-10-01', '2020-06-01', '2020-10-01', '2021-01-01', '2021-04-01', '2022-09-01'],
  ...['2023-07-01', '2024-03-01', '2024-07-01', '2024-11-01', '2025-03-01', '2025-04-01'],
];

/** The api-versions of each type, by the type's first segment. A type that is not here does not exist. */
const VERSIONS: Record<string, string[]> = {
  'microsoft.compute/virtualmachines': COMPUTE,
  'microsoft.compute/disks': DISKS,
  'microsoft.compute/snapshots': DISKS,
  'microsoft.compute/skus': ['2017-09-01', '2019-04-01', '2021-07-01'],
  'microsoft.compute/locations': [...COMPUTE, ...DISKS],
  'microsoft.network/virtualnetworks': NETWORK,
  'microsoft.network/networksecuritygroups': NETWORK,
  'microsoft.network/networkinterfaces': NETWORK,
  'microsoft.network/publicipaddresses': NETWORK,
  'microsoft.network/locations': NETWORK,
  'microsoft.resources/tags': RESOURCES,
  'microsoft.resources/tenants': [...RESOURCES, '2016-06-01', '2019-11-01', '2020-01-01', '2022-12-01'],
  'microsoft.resources/subscriptions': [...RESOURCES, '2016-06-01', '2019-11-01', '2020-01-01', '2022-12-01'],
  'microsoft.authorization/locks': ['2016-09-01', '2017-04-01', '2020-05-01'],
  'microsoft.authorization/denyassignments': ['2018-07-01-preview', '2022-04-01'],
  'microsoft.policyinsights/checkpolicyrestrictions': ['2020-07-01', '2022-03-01', '2023-03-01', '2024-10-01'],
  'microsoft.compute/virtualmachinescalesets': COMPUTE,
  'microsoft.authorization/permissions': ['2015-07-01', '2018-07-01', '2022-04-01'],
  'microsoft.authorization/roleassignments': ['2015-07-01', '2020-04-01-preview', '2022-04-01'],
  'microsoft.authorization/roledefinitions': ['2015-07-01', '2018-07-01', '2022-04-01'],
  'microsoft.insights/eventtypes': ['2014-04-01', '2015-04-01'],
  'microsoft.serialconsole/consoleservices': ['2018-05-01'],
  'microsoft.serialconsole/serialports': ['2018-05-01'],
  'microsoft.resourcegraph/resources': ['2019-04-01', '2021-03-01', '2022-10-01', '2024-04-01'],
  'microsoft.resourcehealth/availabilitystatuses': [
    '2017-07-01',
    '2018-07-01',
    '2020-05-01',
    '2022-10-01',
    '2023-10-01-preview',
    '2024-02-01',
    '2025-05-01',
  ],
};

/** Refuses a type that does not exist and an api-version that it does not have. */
export function checkVersion(namespace: string, type: string, apiVersion: string, location = ''): void {
  const first = type.split('/')[0] ?? '';
  const versions = VERSIONS[`${namespace}/${first}`.toLowerCase()];
  if (versions === undefined) {
    throw new ArmError(
      'type-known',
      404,
      'InvalidResourceType',
      `The resource type '${first}' could not be found in the namespace '${namespace}' for api version '${apiVersion}'.`,
    );
  }
  if (versions.includes(apiVersion)) return;
  throw new ArmError(
    'api-version-known',
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location}' and API version '${apiVersion}' for type '${first}'. The supported api-versions are '${versions.join(', ')}'.`,
  );
}

/** How Azure spells what is compared without case. */
const SPELLINGS: Record<string, string> = Object.fromEntries(
  [
    ...['Microsoft.Compute', 'Microsoft.Network', 'Microsoft.Resources', 'Microsoft.Authorization', 'Microsoft.Insights'],
    ...['Microsoft.ResourceHealth', 'Microsoft.ResourceGraph', 'Microsoft.SerialConsole', 'virtualMachines', 'virtualNetworks'],
    ...['networkSecurityGroups', 'networkInterfaces', 'publicIPAddresses', 'availabilityStatuses', 'roleAssignments'],
    ...['roleDefinitions', 'consoleServices', 'serialPorts'],
  ].map(word => [word.toLowerCase(), word]),
);

/** The same by provider and type, oldest version first, as ARM's list of providers tells it. */
export function versionsByProvider(): Record<string, Record<string, string[]>> {
  const providers: Record<string, Record<string, string[]>> = {};
  for (const [key, versions] of Object.entries(VERSIONS)) {
    const [namespace = '', type = ''] = key.split('/').map(word => SPELLINGS[word] ?? word);
    providers[namespace] = { ...providers[namespace], [type]: [...new Set(versions)].toSorted() };
  }
  return providers;
}
