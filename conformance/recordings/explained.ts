/** Differences between a recording and the simulator that have a reason; keyed by rule, never by recording. */
import type { Difference } from './compare.ts';
import type { Compared } from './judge.ts';

export interface Explanation {
  id: string;
  why: string;
  applies(difference: Difference, compared: Compared): boolean;
}

const at = (pattern: RegExp, ...kinds: Difference['kind'][]) => {
  return ({ path, kind }: Difference) => pattern.test(path) && (kinds.length === 0 || kinds.includes(kind));
};

const EXPLANATIONS: Explanation[] = [
  {
    id: 'extensions-not-served',
    why: 'VM extensions are installed by calls that are left out; the simulator shows none',
    applies: at(/(^|\.)resources$|instanceView\.extensions$|vmAgent\.extensionHandlers\[\d+\]/, 'missing'),
  },
  {
    id: 'disk-in-a-storage-account',
    why: 'an unmanaged OS disk (vhd), which no VM can have any more, is seeded as a managed one',
    applies: at(/storageProfile\.osDisk\.(vhd|managedDisk|diskSizeGB)$/, 'missing', 'extra'),
  },
  {
    id: 'image-capabilities',
    why: 'what an image says of itself (accelerated network, hibernation, disk controllers) is not modelled; no repair decides by it',
    applies: at(/properties\.(supportsHibernation|supportedCapabilities(\.\w+)?)$/, 'missing', 'extra'),
  },
  {
    id: 'image-bytes',
    why: 'an image from the marketplace is not a whole number of GiB; the simulator’s disks are',
    applies: ({ path, expected, actual }) => path.endsWith('diskSizeBytes') && Math.abs(Number(expected) - Number(actual)) < 2 ** 22,
  },
  {
    id: 'guest-names-itself',
    why: 'the computer’s name in the instance view is the guest’s own, with its domain',
    applies: ({ path, expected, actual }) =>
      path.endsWith('instanceView.computerName') && String(expected).startsWith(`${String(actual)}.`),
  },
  {
    id: 'subnet-back-references',
    why: 'a subnet lists the interfaces in it; the simulator keeps that relation at the interface only',
    applies: at(/ipConfigurations(\[\d+\])?$/, 'missing'),
  },
  {
    id: 'network-defaults',
    why: 'members that later versions of the network provider add by themselves; no repair reads them',
    applies: at(/(ipamPoolPrefixAllocations|defaultOutboundAccess|privateEndpointVNetPolicies)$/, 'missing', 'extra'),
  },
  {
    id: 'network-fills-in',
    why: 'the network provider completes what it was sent (guids, addresses, default rules, switches that are off); no repair reads them',
    applies: ({ path, kind }, { name }) =>
      kind === 'missing' && /Microsoft\.Network\//.test(name) && /(^|\.)properties\./.test(path) && !NETWORK_ESSENTIALS.test(path),
  },
  {
    id: 'os-profile-fills-in',
    why: 'Azure completes the settings of the guest’s own configuration (agent, patches); the simulator shows what was sent',
    applies: at(/osProfile\.(linux|windows)Configuration\./, 'missing'),
  },
  {
    id: 'no-tags',
    why: 'a resource that was never given tags: none, or an empty set of them',
    applies: ({ path, kind, actual }) => kind === 'extra' && /(^|\.)tags$/.test(path) && JSON.stringify(actual) === '{}',
  },
  {
    id: 'image-version',
    why: 'which version of an image is the latest, only the marketplace knows',
    applies: ({ path, kind }) => kind === 'value' && /imageReference\.exactVersion$|Versions\/[\d.]+$/.test(path),
  },
  {
    id: 'later-version',
    why: 'a member that came with a later api-version than the recording asked for; the simulator shows it in all of them',
    applies: ({ path, kind }, { exchange }) =>
      kind === 'extra' && SINCE.some(([member, version]) => member.test(path) && (exchange.query.get('api-version') ?? '') < version),
  },
  {
    id: 'copy-start',
    why: 'copies between regions (CopyStart) are left out: a snapshot seeded after one tells no progress',
    applies: at(/properties\.(completionPercent|copyCompletionError)$/, 'missing'),
  },
];

/** What a client does read of a network's resources. */
const NETWORK_ESSENTIALS =
  /\.(provisioningState|addressSpace|addressPrefix|subnets|securityRules|ipConfigurations|subnet|networkSecurityGroup|virtualMachine)(\[\d+\])?$/;

/** Members by the api-version that brought them (the specifications' history). */
const SINCE: [member: RegExp, version: string][] = [
  [/(^|\])\.?etag$/, '2024-07-01'],
  [/\.timeCreated$/, '2021-11-01'],
  [/\.(deleteOption|toBeDetached)$/, '2021-03-01'],
  [/\.diskControllerType$/, '2022-08-01'],
  [/\.(publicNetworkAccess|diskSizeBytes|uniqueId)$/, '2021-04-01'],
  [/\.networkAccessPolicy$/, '2020-05-01'],
  [/properties\.tier$/, '2020-06-30'],
  [/\.incremental$/, '2019-07-01'],
];

export function explanationOf(difference: Difference, compared: Compared): Explanation | undefined {
  return EXPLANATIONS.find(({ applies }) => applies(difference, compared));
}
