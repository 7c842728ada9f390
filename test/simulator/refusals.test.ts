import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listRules } from '../../simulator/index.ts';
import {
  type Answer,
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
import { toy } from './support/guests.ts';

const SET = idOf('Microsoft.Compute/diskEncryptionSets', 'des');
const vm = (name: string, more: object = {}) => ({
  ...{ name, resourceGroup: GROUP, location: LOCATION, zone: '1', size: 'Standard_D2s_v5', generation: 'V2' },
  osDisk: { name: `${name}-os`, sizeGb: 127, contents: toy(name) },
  ...more,
});

const [broken, helper] = (estate() as { virtualMachines: object[] }).virtualMachines;
const SCENARIO = estate({
  subscriptions: [
    {
      id: SUBSCRIPTION,
      encryptionSets: [SET],
      quotas: [{ location: LOCATION, name: 'standardESv5Family', limit: 3 }],
      restrictions: [{ size: 'Standard_D4as_v5', location: LOCATION, zones: ['1'] }],
      exhausted: [{ size: 'Standard_F4s_v2', location: LOCATION }],
    },
  ],
  virtualMachines: [
    broken,
    helper,
    vm('off', { power: 'deallocated' }),
    vm('full', { power: 'deallocated', size: 'Standard_F4s_v2', zone: undefined }),
    vm('quiet', { bootDiagnostics: false }),
    vm('kept'),
    vm('trusted', { osDisk: { name: 'trusted-os', sizeGb: 127, contents: toy('trusted'), securityType: 'TrustedLaunch' } }),
    vm('frozen'),
  ],
  denyAssignments: [{ name: 'no-restart', scope: vmId('kept'), actions: ['*/restart/action'] }],
  policies: [{ name: 'tagged', scope: diskId('policed'), type: 'Microsoft.Compute/disks', field: 'tags.owner', allowed: ['shop'] }],
  locks: [
    { name: 'keep', scope: vmId('kept'), level: 'CanNotDelete' },
    { name: 'freeze', scope: vmId('frozen'), level: 'ReadOnly' },
  ],
  grants: [{ scope: `/subscriptions/${SUBSCRIPTION}`, actions: ['*'], notActions: ['Microsoft.Compute/virtualMachines/redeploy/*'] }],
});

let azure: Rig;
/** Rules that a test here has met. */
const met = new Set<string>();

const copy = (name: string, source: string, more: object = {}) =>
  onDisk(azure, 'PUT', name, {
    location: LOCATION,
    zones: ['1'],
    properties: { creationData: { createOption: 'Copy', sourceResourceId: source } },
    ...more,
  });
const empty = (name: string, more: object = {}) =>
  onDisk(azure, 'PUT', name, {
    location: LOCATION,
    zones: ['1'],
    properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 8 },
    ...more,
  });
const make = async (answer: Promise<Answer>) => expect((await settled(azure, await answer)).body.status).toBe('Succeeded');
const attach = (name: string, dataDisksToAttach: object[], group = OTHER) =>
  onVm(azure, 'POST', name, '/attachDetachDataDisks', { dataDisksToAttach }, {}, group);
const detach = (name: string, id: string, group = OTHER) =>
  onVm(azure, 'POST', name, '/attachDetachDataDisks', { dataDisksToDetach: [{ diskId: id }] }, {}, group);
const swap = (name: string, disk: string, more: object = {}) =>
  onVm(azure, 'PATCH', name, '', {
    properties: { storageProfile: { osDisk: { name: disk, managedDisk: { id: diskId(disk) }, ...more } } },
  });
const command = (name: string, on: string, group: string, more: object = {}) =>
  onVm(
    azure,
    'PUT',
    on,
    `/runCommands/${name}`,
    { location: LOCATION, properties: { source: { script: 'print hi' }, asyncExecution: true, ...more } },
    {},
    group,
  );
const SUBNET = `${idOf('Microsoft.Network/virtualNetworks', 'vnet-westeurope')}/subnets/default`;

interface VmChange {
  properties?: object;
  osDisk?: object;
  image?: object;
  osProfile?: object;
  zones?: string[];
  subnet?: string;
  rest?: object;
}
function create(
  name: string,
  { properties = {}, osDisk = {}, image = {}, osProfile = {}, zones = ['1'], subnet = SUBNET, rest = {} }: VmChange = {},
): Promise<Answer> {
  const configuration = {
    name: `${name}-nic`,
    properties: { ipConfigurations: [{ name: 'one', properties: { subnet: { id: subnet } } }] },
  };
  const imageReference = {
    publisher: 'MicrosoftWindowsServer',
    offer: 'WindowsServer',
    sku: '2022-datacenter-g2',
    version: 'latest',
    ...image,
  };
  return onVm(azure, 'PUT', name, '', {
    ...{ location: LOCATION, zones },
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      storageProfile: { imageReference, osDisk: { createOption: 'FromImage', ...osDisk } },
      osProfile: { computerName: name, adminUsername: 'bootmedic', adminPassword: 'Correct-Horse-1-Battery', ...osProfile },
      networkProfile: { networkApiVersion: '2022-11-01', networkInterfaceConfigurations: [configuration] },
      ...properties,
    },
    ...rest,
  });
}

/** What only a write can change. */
// biome-ignore lint/suspicious/noExplicitAny: the state is a dump
function written({ vms, disks, snapshots, network, resourceGroups }: Record<string, any[]>) {
  return {
    vms: vms?.map(({ id, osDiskId, dataDisks, tags }) => ({ id, osDiskId, dataDisks, tags })),
    disks: disks?.map(({ id, managedBy, tags }) => ({ id, managedBy, tags })),
    others: [snapshots, network, resourceGroups].map(list => list?.map(({ id, tags }) => ({ id, tags }))),
  };
}

/** Refused with a status and a code, by the rule named, leaving the estate as it was. */
async function refused(rule: string, request: () => Promise<Answer>, status: number, code: string): Promise<Answer> {
  const before = await stateOf(azure);
  const answer = await request();
  const after = await stateOf(azure);
  expect([answer.status, answer.body?.error?.code]).toEqual([status, code]);
  expect((after.refusals[rule] ?? 0) - (before.refusals[rule] ?? 0)).toBe(1);
  expect(written(after)).toEqual(written(before));
  met.add(rule);
  return answer;
}

beforeAll(async () => {
  azure = await rig(SCENARIO);
  await make(onVm(azure, 'POST', 'broken', '/powerOff'));
  await make(
    onDisk(
      azure,
      'PUT',
      'snap',
      {
        location: LOCATION,
        properties: { incremental: true, creationData: { createOption: 'Copy', sourceResourceId: diskId('broken-os') } },
      },
      'snapshots',
    ),
  );
  await make(copy('good', idOf('Microsoft.Compute/snapshots', 'snap')));
});
afterAll(() => azure?.simulator.close());

describe('the gateway refuses', () => {
  test('without a token, with another tenant’s, with one for storage, with garbage', async () => {
    const path = `${vmId('broken')}?api-version=2026-04-01`;
    const other = await azure.credential.getToken('https://storage.azure.com/.default');
    const [head, body] = azure.token.split('.');
    for (const authorization of ['', `Bearer ${other?.token}`, `Bearer ${head}.${body}.${'A'.repeat(86)}`, 'Bearer nonsense']) {
      const answer = await refused(
        'token-required',
        () => call(azure, 'GET', path, undefined, { authorization }),
        401,
        authorization === '' ? 'AuthenticationFailed' : 'InvalidAuthenticationToken',
      );
      expect(answer.headers['www-authenticate']).toContain('authorization_uri=');
    }
  });

  test.each([
    ['api-version-required', () => vmId('broken'), 400, 'MissingApiVersionParameter'],
    ['api-version-known', () => `${vmId('broken')}?api-version=1999-01-01`, 400, 'NoRegisteredProviderFound'],
    ['api-version-known', () => `${diskId('broken-os')}?api-version=2026-04-01`, 400, 'NoRegisteredProviderFound'],
    ['type-known', () => `${idOf('Microsoft.Compute/spaceships', 'one')}?api-version=2026-04-01`, 404, 'InvalidResourceType'],
    [
      'subscription-exists',
      () => `${vmId('broken').replace(SUBSCRIPTION, '99999999-2222-4333-8444-555555555555')}?api-version=2026-04-01`,
      404,
      'SubscriptionNotFound',
    ],
    ['group-exists', () => `${vmId('broken', 'rg-none')}?api-version=2026-04-01`, 404, 'ResourceGroupNotFound'],
  ] as const)('%s', (rule, path, status, code) => refused(rule, () => call(azure, 'GET', path()), status, code));

  test('the gateway’s 404 and the provider’s are two', async () => {
    const gateway = await refused('resource-exists', () => onVm(azure, 'GET', 'nobody'), 404, 'ResourceNotFound');
    expect(gateway.headers['x-ms-failure-cause']).toBe('gateway');
    expect(gateway.body.error.message).toContain(
      "The Resource 'Microsoft.Compute/virtualMachines/nobody' under resource group 'rg-shop' was not found.",
    );
    const provider = await refused('reference-exists', () => copy('c', diskId('nobody')), 404, 'NotFound');
    expect(provider.headers['x-ms-failure-cause']).toBeUndefined();
    expect(provider.body.error.message).toBe('Resource nobody is not found.');
    await refused('resource-exists', () => onVm(azure, 'POST', 'nobody', '/start'), 404, 'ResourceNotFound');
    await refused('resource-exists', () => onVm(azure, 'GET', 'nobody', '/runCommands/one'), 404, 'ResourceNotFound');
    const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines?api-version=2024-03-01`;
    await refused('policy-allows', () => empty('policed', { tags: { owner: 'office' } }), 403, 'RequestDisallowedByPolicy');
    await refused('deny-assignment', () => onVm(azure, 'POST', 'kept', '/restart'), 403, 'DenyAssignmentAuthorizationFailed');
    await refused('list-page-known', () => call(azure, 'GET', `${list}&$skiptoken=none`), 400, 'InvalidParameter');
    await refused('child-exists', () => onVm(azure, 'GET', 'broken', '/runCommands/none'), 404, 'NotFound');
    expect((await onVm(azure, 'DELETE', 'nobody')).status).toBe(204);
  });

  test('what the identity may not do, and what is locked', async () => {
    const denied = await refused('action-allowed', () => onVm(azure, 'POST', 'broken', '/redeploy'), 403, 'AuthorizationFailed');
    expect(denied.body.error.message).toContain("perform action 'Microsoft.Compute/virtualMachines/redeploy/action'");
    await refused('scope-locked', () => onVm(azure, 'DELETE', 'kept'), 409, 'ScopeLocked');
    await refused('scope-locked', () => onVm(azure, 'POST', 'frozen', '/powerOff'), 409, 'ScopeLocked');
    await refused(
      'scope-locked',
      () => call(azure, 'DELETE', `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}?api-version=2025-04-01`),
      409,
      'ScopeLocked',
    );
    expect((await onVm(azure, 'GET', 'frozen')).status).toBe(200);
  });

  test.each([
    [
      'location-required',
      () => onDisk(azure, 'PUT', 'd', { properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 1 } }),
      400,
      'LocationRequired',
    ],
    [
      'location-fixed',
      () =>
        empty('good', {
          location: 'northeurope',
          properties: { creationData: { createOption: 'Copy', sourceResourceId: idOf('Microsoft.Compute/snapshots', 'snap') } },
        }),
      409,
      'InvalidResourceLocation',
    ],
    ['name-valid', () => empty('a%20b'), 400, 'InvalidResourceName'],
    ['name-valid', () => empty('x'.repeat(81)), 400, 'InvalidResourceName'],
    ['tags-valid', () => empty('d', { tags: { 'a/b': '1' } }), 400, 'InvalidTagNameCharacters'],
    ['body-valid', () => empty('d', { properties: { creationData: { createOption: 'Empty' } } }), 400, 'InvalidParameter'],
    ['body-valid', () => onDisk(azure, 'PUT', 'd', { location: LOCATION, properties: {} }), 400, 'InvalidParameter'],
    [
      'body-members-known',
      () => empty('d', { properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 8, colour: 'red' } }),
      400,
      'BadRequest',
    ],
    ['zone-known', () => empty('d', { zones: ['4'] }), 400, 'InvalidAvailabilityZone'],
  ] as const)('%s (%#)', (rule, request, status, code) => refused(rule, request, status, code));
});

describe('disks and snapshots refuse', () => {
  const SNAP = idOf('Microsoft.Compute/snapshots', 'snap');
  const from = (more: object) => ({ properties: { creationData: { createOption: 'Copy', sourceResourceId: SNAP }, ...more } });
  test.each([
    ['disk-source-region', () => copy('d', SNAP, { location: 'northeurope' }), 404, 'NotFound'],
    ['disk-not-smaller', () => copy('d', SNAP, from({ diskSizeGB: 64 })), 400, 'InvalidParameter'],
    ['disk-generation-of-source', () => copy('d', SNAP, from({ hyperVGeneration: 'V1' })), 400, 'InvalidParameter'],
    [
      'disk-no-security-with-copy',
      () => copy('d', SNAP, from({ securityProfile: { securityType: 'TrustedLaunch' } })),
      400,
      'InvalidParameter',
    ],
    ['disk-creation-fixed', () => copy('good', diskId('broken-os')), 409, 'PropertyChangeNotAllowed'],
    ['disk-size-grows', () => copy('good', SNAP, from({ diskSizeGB: 1 })), 409, 'OperationNotAllowed'],
    ['disk-in-use', () => onDisk(azure, 'DELETE', 'broken-os'), 409, 'OperationNotAllowed'],
    ['encryption-set-exists', () => copy('d', SNAP, from({ encryption: { diskEncryptionSetId: `${SET}-other` } })), 404, 'NotFound'],
    [
      'snapshot-sku',
      () => onDisk(azure, 'PUT', 's', { location: LOCATION, sku: { name: 'Ultra' }, ...from({}) }, 'snapshots'),
      400,
      'InvalidParameter',
    ],
  ] as const)('%s', (rule, request, status, code) => refused(rule, request, status, code));

  test('an eighth incremental snapshot in five minutes', async () => {
    const slow = await rig(SCENARIO, 20);
    const put = (name: string, more: object, type = 'disks') => onDisk(slow, 'PUT', name, { location: LOCATION, ...more }, type);
    const from = { incremental: true, creationData: { createOption: 'Copy', sourceResourceId: diskId('kept-os') } };
    for (let index = 0; index < 7; index += 1) expect((await put(`s${index}`, { properties: from }, 'snapshots')).status).toBe(202);
    const eighth = await put('s7', { properties: from }, 'snapshots');
    expect([eighth.status, eighth.body.error.code]).toEqual([409, 'OperationNotAllowed']);
    met.add('snapshot-incremental-rate');
    await slow.simulator.close();
  });
});

describe('attaching and detaching refuses', () => {
  test('a disk in use, a used LUN, one too many, another zone, the OS disk, a stranger', async () => {
    for (const name of ['d0', 'd1', 'd2', 'd3', 'd4']) await make(empty(name));
    await make(attach('helper', [{ diskId: diskId('d0'), lun: 0 }]));
    await refused('disk-attached-elsewhere', () => attach('off', [{ diskId: diskId('d0') }], GROUP), 409, 'ConflictingUserInput');
    await refused('disk-attached-elsewhere', () => attach('helper', [{ diskId: diskId('broken-os') }]), 409, 'ConflictingUserInput');
    await refused('lun-free', () => attach('helper', [{ diskId: diskId('d1'), lun: 0 }]), 400, 'InvalidParameter');
    await refused('lun-in-range', () => attach('helper', [{ diskId: diskId('d1'), lun: 64 }]), 400, 'InvalidParameter');
    await refused(
      'data-disk-count',
      () =>
        attach(
          'helper',
          ['d1', 'd2', 'd3', 'd4'].map(name => ({ diskId: diskId(name) })),
        ),
      409,
      'OperationNotAllowed',
    );
    await make(empty('zone2', { zones: ['2'] }));
    await refused('disk-same-zone', () => attach('helper', [{ diskId: diskId('zone2') }]), 400, 'BadRequest');
    await make(empty('regional', { zones: undefined }));
    await refused('disk-same-zone', () => attach('helper', [{ diskId: diskId('regional') }]), 400, 'BadRequest');
    await refused('detach-known-disk', () => detach('helper', diskId('helper-os', OTHER)), 400, 'InvalidParameter');
    await refused('detach-known-disk', () => detach('helper', diskId('d1')), 400, 'InvalidParameter');
    await refused('reference-exists', () => attach('helper', [{ diskId: diskId('nobody') }]), 404, 'NotFound');
  });
});

describe('a swap refuses', () => {
  const SNAP = idOf('Microsoft.Compute/snapshots', 'snap');
  test('what is not the equal of the disk it replaces', async () => {
    const properties = (more: object) => ({ properties: { creationData: { createOption: 'Copy', sourceResourceId: SNAP }, ...more } });
    await make(copy('larger', SNAP, properties({ diskSizeGB: 256 })));
    await make(copy('encrypted', SNAP, properties({ encryption: { diskEncryptionSetId: SET } })));
    await make(copy('elsewhere', SNAP, { zones: ['3'] }));
    await make(
      copy('gen1', diskId('helper-os', OTHER), {
        properties: { creationData: { createOption: 'Copy', sourceResourceId: diskId('helper-os', OTHER) }, diskSizeGB: 127 },
      }),
    );
    await make(empty('bare', { properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 127 } }));
    await refused('swap-same-size', () => swap('broken', 'larger'), 400, 'InvalidParameter');
    await refused('swap-same-encryption', () => swap('broken', 'encrypted'), 400, 'InvalidParameter');
    await make(copy('trusted-copy', diskId('trusted-os')));
    await refused('swap-same-security', () => swap('broken', 'trusted-copy'), 400, 'InvalidParameter');
    await refused('disk-same-zone', () => swap('broken', 'elsewhere'), 400, 'BadRequest');
    await refused('swap-same-generation', () => swap('broken', 'gen1'), 400, 'InvalidParameter');
    await refused('swap-managed-only', () => swap('broken', 'bare'), 400, 'InvalidParameter');
    await refused('disk-attached-elsewhere', () => swap('broken', 'off-os'), 409, 'ConflictingUserInput');
    await refused('swap-disk-name', () => swap('broken', 'good', { name: 'broken-os' }), 400, 'InvalidParameter');
    await refused('os-disk-resize', () => swap('broken', 'good', { diskSizeGB: 200 }), 409, 'Conflict');
    await refused(
      'create-fields-fixed',
      () => onVm(azure, 'PATCH', 'broken', '', { properties: { storageProfile: { osDisk: { name: 'renamed' } } } }),
      409,
      'PropertyChangeNotAllowed',
    );
  });

  test('an If-Match that is no longer true; on a running VM it is allowed and told as a breach', async () => {
    const stale = { 'if-match': '"0"' };
    await refused('etag-matches', () => onVm(azure, 'PATCH', 'broken', '', { tags: { a: 'b' } }, stale), 412, 'PreconditionFailed');
    await refused('etag-matches', () => onVm(azure, 'PUT', 'broken', '', {}, { 'if-none-match': '*' }), 412, 'PreconditionFailed');
    const { etag } = (await onVm(azure, 'GET', 'broken')).body;
    await make(onVm(azure, 'PATCH', 'broken', '', { tags: { a: 'b' } }, { 'if-match': etag }));
    await make(onVm(azure, 'POST', 'broken', '/start'));
    await make(swap('broken', 'good'));
    expect((await stateOf(azure)).breaches).toMatchObject([{ rule: 'swap-on-running-vm', resourceId: vmId('broken') }]);
    met.add('swap-on-running-vm');
  });
});

describe('power refuses', () => {
  test('restart of a VM that is off, powerOff of a deallocated one', async () => {
    await refused('restart-needs-running', () => onVm(azure, 'POST', 'off', '/restart'), 409, 'OperationNotAllowed');
    await refused('power-off-needs-allocation', () => onVm(azure, 'POST', 'off', '/powerOff'), 409, 'OperationNotAllowed');
  });

  test('a start for which there is no capacity: the operation fails, the VM stays deallocated', async () => {
    const failed = await settled(azure, await onVm(azure, 'POST', 'full', '/start'));
    expect(failed.body).toMatchObject({ status: 'Failed', error: { code: 'AllocationFailed' } });
    const view = await onVm(azure, 'GET', 'full', '?$expand=instanceView');
    expect(view.body.properties.instanceView.statuses[1].code).toBe('PowerState/deallocated');
    met.add('start-needs-capacity');
  });
});

describe('while something is in progress', () => {
  let slow: Rig;
  const refusedSlowly = async (rule: string, request: Promise<Answer>, code: string) => {
    const answer = await request;
    expect([rule, answer.status, answer.body?.error?.code]).toEqual([rule, 409, code]);
    met.add(rule);
  };
  const begun = async (request: Promise<Answer>) => expect((await request).status).toBe(202);
  beforeAll(async () => {
    const data = vm('data', { dataDisks: [{ name: 'd0', lun: 0, sizeGb: 8 }] });
    slow = await rig(estate({ virtualMachines: [data, vm('off', { power: 'deallocated' }), vm('doomed')] }), 0.05);
  });
  afterAll(() => slow?.simulator.close());

  test('a disk that is being made or detached, a VM that is being started, changed or deleted', async () => {
    await begun(
      onDisk(slow, 'PUT', 'busy', { location: LOCATION, properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 8 } }),
    );
    await refusedSlowly('disk-busy', onDisk(slow, 'DELETE', 'busy'), 'ConflictingUserInput');
    await begun(onVm(slow, 'POST', 'data', '/attachDetachDataDisks', { dataDisksToDetach: [{ diskId: diskId('d0') }] }));
    expect((await onVm(slow, 'GET', 'data')).body.properties.storageProfile.dataDisks).toMatchObject([{ toBeDetached: true }]);
    const toAttach = { dataDisksToAttach: [{ diskId: diskId('d0') }] };
    await refusedSlowly(
      'disk-being-detached',
      onVm(slow, 'POST', 'off', '/attachDetachDataDisks', toAttach),
      'AttachDiskWhileBeingDetached',
    );
    await refusedSlowly('one-operation-at-a-time', onVm(slow, 'POST', 'data', '/powerOff'), 'OperationNotAllowed');
    await begun(onVm(slow, 'POST', 'off', '/start'));
    await refusedSlowly('one-operation-at-a-time', onVm(slow, 'POST', 'off', '/powerOff'), 'OperationNotAllowed');
    await begun(onVm(slow, 'DELETE', 'doomed'));
    await refusedSlowly('vm-deleting', onVm(slow, 'POST', 'doomed', '/start'), 'OperationNotAllowed');
    expect((await onVm(slow, 'GET', 'off')).body.properties.provisioningState).toBe('Updating');
    const { statuses } = (await onVm(slow, 'GET', 'off', '/instanceView')).body;
    expect(statuses[1].code).toBe('PowerState/starting');
  });
});

describe('creating a VM refuses', () => {
  /** A name of its own for each: Compute counts writes by VM. */
  let created = 0;

  test.each<[string, VmChange, number, string]>([
    ['size-known', { properties: { hardwareProfile: { vmSize: 'Standard_Huge' } } }, 400, 'InvalidParameter'],
    [
      'size-fits-generation',
      { properties: { hardwareProfile: { vmSize: 'Standard_D2s_v6' } }, image: { sku: '2022-datacenter' } },
      400,
      'BadRequest',
    ],
    ['size-has-controller', { properties: { hardwareProfile: { vmSize: 'Standard_D2s_v6' } } }, 400, 'InvalidParameter'],
    ['sku-available', { properties: { hardwareProfile: { vmSize: 'Standard_D4as_v5' } } }, 409, 'SkuNotAvailable'],
    ['quota-left', { properties: { hardwareProfile: { vmSize: 'Standard_E4s_v5' } } }, 409, 'OperationNotAllowed'],
    ['image-exists', { image: { publisher: 'Nobody' } }, 404, 'PlatformImageNotFound'],
    ['disk-not-smaller', { osDisk: { diskSizeGB: 30 } }, 400, 'InvalidParameter'],
    ['credentials-valid', { osProfile: { adminPassword: 'short' } }, 400, 'InvalidParameter'],
    ['credentials-valid', { osProfile: { adminUsername: 'administrator' } }, 400, 'InvalidParameter'],
    ['credentials-valid', { osProfile: { computerName: 'a-name-that-is-too-long' } }, 400, 'InvalidParameter'],
    ['body-valid', { osProfile: { adminPassword: undefined } }, 400, 'InvalidParameter'],
    ['body-valid', { properties: { networkProfile: {} } }, 400, 'InvalidParameter'],
    ['subnet-exists', { subnet: `${SUBNET}-other` }, 400, 'InvalidResourceReference'],
    ['zone-known', { zones: ['9'] }, 400, 'InvalidAvailabilityZone'],
    ['body-members-known', { properties: { colour: 'red' } }, 400, 'BadRequest'],
  ])('%s (%#)', (rule, change, status, code) => {
    created += 1;
    return refused(rule, () => create(`fresh${created}`, change), status, code);
  });

  test('a NIC that is in use, and deleting what is used', async () => {
    const networkProfile = { networkInterfaces: [{ id: idOf('Microsoft.Network/networkInterfaces', 'kept-nic') }] };
    await refused('network-in-use', () => create('fresh', { properties: { networkProfile } }), 400, 'NicInUse');
    const remove = (type: string, name: string) => call(azure, 'DELETE', `${idOf(type, name)}?api-version=2024-01-01`);
    await refused(
      'network-in-use',
      () => remove('Microsoft.Network/virtualNetworks', 'vnet-westeurope'),
      400,
      'InUseSubnetCannotBeDeleted',
    );
  });
});

describe('run commands refuse', () => {
  test('a VM that is off, an agent that is silent, a timeout too long, a second action, a 26th', async () => {
    await refused('run-command-vm-running', () => command('c', 'full', GROUP), 409, 'OperationNotAllowed');
    await make(onVm(azure, 'POST', 'broken', '/restart'));
    await refused('run-command-agent-ready', () => command('c', 'broken', GROUP), 409, 'VMAgentStatusCommunicationError');
    await refused(
      'run-command-timeout',
      () => command('c', 'helper', OTHER, { timeoutInSeconds: 91 * 24 * 3600 }),
      400,
      'InvalidParameter',
    );
    await refused(
      'location-fixed',
      () => onVm(azure, 'PUT', 'helper', '/runCommands/c', { location: 'eastus', properties: { source: { script: 'x' } } }, {}, OTHER),
      409,
      'InvalidResourceLocation',
    );
    const action = () =>
      onVm(azure, 'POST', 'helper', '/runCommand', { commandId: 'RunPowerShellScript', script: ['sleep 900'] }, {}, OTHER);
    expect((await action()).status).toBe(202);
    await refused('run-command-v1-one', action, 409, 'Conflict');
  });

  test('a 26th', async () => {
    const quick = await rig(SCENARIO, 5000);
    try {
      for (let index = 0; index < 25; index += 1) {
        const made = await onVm(
          quick,
          'PUT',
          'helper',
          `/runCommands/c${index}`,
          { location: LOCATION, properties: { source: { script: 'x' } } },
          {},
          OTHER,
        );
        expect(made.status).toBe(201);
      }
      const last = await onVm(
        quick,
        'PUT',
        'helper',
        '/runCommands/c25',
        { location: LOCATION, properties: { source: { script: 'x' } } },
        {},
        OTHER,
      );
      expect([last.status, last.body.error.code]).toEqual([409, 'OperationNotAllowed']);
      met.add('run-command-25');
    } finally {
      await quick.simulator.close();
    }
  });

  test('boot diagnostics that are off, and a SAS for ever', async () => {
    await refused(
      'boot-diagnostics-enabled',
      () => onVm(azure, 'POST', 'quiet', '/retrieveBootDiagnosticsData'),
      409,
      'OperationNotAllowed',
    );
    await refused(
      'boot-diagnostics-expiry',
      () => onVm(azure, 'POST', 'broken', '/retrieveBootDiagnosticsData?sasUriExpirationTimeInMinutes=99999'),
      400,
      'InvalidParameter',
    );
  });
});

describe('Azure’s own view is read as its pages say', () => {
  const values = (filter?: string) => {
    const query = new URLSearchParams({ 'api-version': '2015-04-01', ...(filter !== undefined && { $filter: filter }) });
    return call(azure, 'GET', `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values?${query}`);
  };
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();

  test.each([
    ['none', undefined],
    ['one without a start', `resourceUri eq '${vmId('broken')}'`],
    ['one of more than 90 days', `eventTimestamp ge '${day(91)}'`],
    ['a start that is no time', `eventTimestamp ge 'yesterday'`],
    ['two starts', `eventTimestamp ge '${day(1)}' and eventTimestamp ge '${day(1)}'`],
    ['another field', `eventTimestamp ge '${day(1)}' and caller eq 'me'`],
    ['two fields', `eventTimestamp ge '${day(1)}' and resourceGroupName eq 'a' and resourceProvider eq 'b'`],
    ['a name without quotes', `eventTimestamp ge '${day(1)}' and resourceGroupName eq a`],
  ])('a filter of the activity log: %s', async (_, filter) => {
    await refused('activity-log-filter', () => values(filter), 400, 'BadRequest');
  });

  test('boot diagnostics in what is no storage account', async () => {
    const body = { properties: { diagnosticsProfile: { bootDiagnostics: { enabled: true, storageUri: 'http://here/' } } } };
    await refused('boot-diagnostics-storage', () => onVm(azure, 'PATCH', 'quiet', '', body), 400, 'InvalidParameter');
  });
});

describe('the registry of rules', () => {
  const sources = readdirSync(new URL('../../simulator/arm', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !/(rules|guesses)\.ts$/i.test(file))
    .map(file => readFileSync(new URL(`../../simulator/arm/${file}`, import.meta.url), 'utf8'))
    .join('\n')
    // Asking whether a guess holds is no refusal; test/simulator/guesses has those.
    .replaceAll(/holds\('[\w-]+'\)/g, '');
  const refusing = listRules().filter(rule => sources.includes(`'${rule.id}'`));

  test('every rule has a source and a text; a documented one names its page', () => {
    for (const { id, tag, source, text } of listRules()) {
      expect([id, source.length > 0, text.length > 0]).toEqual([id, true, true]);
      if (tag === 'documented') expect(source).toMatch(/^(learn\.microsoft\.com\/|github\.com\/Azure\/|specification of Microsoft\.)/);
      if (tag === 'recorded') expect(source).toMatch(/^test_/);
    }
  });

  test('every rule that refuses has been met by a test of this file, or is named here with the file that meets it', () => {
    const elsewhere = {
      'arm-throttled': 'throttle',
      'compute-throttled': 'throttle',
      'group-in-use': 'deleting',
      'run-command-timed-out': 'runCommands',
      'linked-action-allowed': 'test/activities/permission',
      'role-assignment-filter': 'test/activities/permission',
    };
    // Each has a test file of its own: test/azure/serialConsole, test/simulator/resourceGraph.
    const apart = /^(serial-console|graph)-/;
    expect(refusing.map(rule => rule.id).filter(id => !met.has(id) && !(id in elsewhere) && !apart.test(id))).toEqual([]);
  });
});
