import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { checkName, checkTags, parseBody, TagsBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, gatewayNotFound } from '../errors.ts';
import { runOperation } from '../longRunning.ts';
import type { Json, NetworkResource } from '../model.ts';
import { nameOf, sameId } from '../paths.ts';
import { checkPlace } from './disks.ts';

const Reference = z.looseObject({ id: z.string() });
const IpConfiguration = z.looseObject({ name: z.string(), properties: z.looseObject({ subnet: Reference }) });
const Subnet = z.looseObject({
  name: z.string(),
  properties: z.looseObject({
    addressPrefix: z.string().optional(),
    addressPrefixes: z.array(z.string()).optional(),
    networkSecurityGroup: Reference.optional(),
  }),
});
const SecurityRule = z.looseObject({
  name: z.string(),
  properties: z.looseObject({
    priority: z.int().min(100).max(4096),
    direction: z.enum(['Inbound', 'Outbound']),
    access: z.enum(['Allow', 'Deny']),
    protocol: z.enum(['*', 'Tcp', 'Udp', 'Icmp', 'Ah', 'Esp']),
  }),
});

/** What each type needs in its properties; the rest is kept as it came. */
const PROPERTIES = {
  virtualNetworks: z.looseObject({
    addressSpace: z.looseObject({ addressPrefixes: z.array(z.string()).min(1) }),
    subnets: z.array(Subnet).optional(),
  }),
  networkSecurityGroups: z.looseObject({ securityRules: z.array(SecurityRule).optional() }),
  networkInterfaces: z.looseObject({ ipConfigurations: z.array(IpConfiguration).min(1), networkSecurityGroup: Reference.optional() }),
  publicIPAddresses: z.looseObject({}),
} satisfies Record<string, z.ZodType<Json>>;
type NetworkType = keyof typeof PROPERTIES;

function bodySchema(type: NetworkType) {
  return z.looseObject({
    location: z.string(),
    tags: TagsBody.optional(),
    zones: z.array(z.string()).optional(),
    sku: z.looseObject({}).optional(),
    properties: PROPERTIES[type],
  });
}

function networkBody(resource: NetworkResource): Json {
  const { name, id, type, location, tags, etag, zones, sku } = resource;
  const { subnets } = resource.properties;
  // A subnet's etag is its network's.
  const properties = Array.isArray(subnets)
    ? { ...resource.properties, subnets: subnets.map(subnet => ({ ...subnet, etag })) }
    : resource.properties;
  return {
    ...{ name, id, etag, type, location, tags },
    ...(type.endsWith('/networkInterfaces') && { kind: 'Regular' }),
    ...(zones !== undefined && { zones }),
    ...(sku !== undefined && { sku }),
    properties: { ...properties, provisioningState: resource.provisioningState },
  };
}

/** The subnet an id names: its network must exist and contain it. */
export function findSubnet(cloud: Cloud, id: string): Json {
  const [, networkId = '', name = ''] = /^(.*\/virtualNetworks\/[^/]+)\/subnets\/([^/]+)$/i.exec(id) ?? [];
  const { subnets = [] } = PROPERTIES.virtualNetworks.safeParse(cloud.estate.network(networkId)?.properties).data ?? {};
  const subnet = subnets.find(candidate => sameId(candidate.name, name));
  if (subnet === undefined) throw missingReference(id);
  return subnet;
}

function missingReference(id: string): ArmError {
  return new ArmError(
    'subnet-exists',
    400,
    'InvalidResourceReference',
    `Resource ${id} referenced by the request was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
  );
}

function checkReference(cloud: Cloud, reference: { id: string } | undefined, location: string): void {
  if (reference === undefined) return;
  if (cloud.estate.network(reference.id)?.location !== location) throw missingReference(reference.id);
}

/** Completes what was sent with what Azure adds, and checks what it refers to. */
function complete(cloud: Cloud, id: string, location: string, type: NetworkType, sent: Json): Json {
  if (type === 'virtualNetworks') {
    const { subnets = [], ...rest } = PROPERTIES.virtualNetworks.parse(sent);
    for (const subnet of subnets) checkReference(cloud, subnet.properties.networkSecurityGroup, location);
    const named = subnets.map(subnet => ({
      ...subnet,
      id: `${id}/subnets/${subnet.name}`,
      properties: { ...subnet.properties, provisioningState: 'Succeeded' },
      type: 'Microsoft.Network/virtualNetworks/subnets',
    }));
    return { ...rest, subnets: named };
  }
  if (type === 'networkInterfaces') {
    const { ipConfigurations, networkSecurityGroup, ...rest } = PROPERTIES.networkInterfaces.parse(sent);
    checkReference(cloud, networkSecurityGroup, location);
    return {
      ...rest,
      ...(networkSecurityGroup && { networkSecurityGroup }),
      ipConfigurations: ipConfigurations.map(one => ipConfiguration(cloud, id, one)),
    };
  }
  if (type === 'networkSecurityGroups') {
    const { securityRules = [], ...rest } = PROPERTIES.networkSecurityGroups.parse(sent);
    return { ...rest, securityRules: securityRules.map(rule => ({ ...rule, id: `${id}/securityRules/${rule.name}` })) };
  }
  return sent;
}

function ipConfiguration(cloud: Cloud, nicId: string, { name, properties }: z.infer<typeof IpConfiguration>): Json {
  findSubnet(cloud, properties.subnet.id);
  const address = {
    privateIPAddress: '10.0.0.4',
    privateIPAllocationMethod: 'Dynamic',
    privateIPAddressVersion: 'IPv4',
    provisioningState: 'Succeeded',
  };
  return { name, id: `${nicId}/ipConfigurations/${name}`, properties: { ...properties, ...address } };
}

/** Makes or replaces a network resource in the estate. */
export function storeNetwork(
  cloud: Cloud,
  id: string,
  type: NetworkType,
  body: { location: string; tags?: Record<string, string>; properties: Json; zones?: string[]; sku?: Json },
): NetworkResource {
  const existing = cloud.estate.network(id);
  const resource: NetworkResource = {
    kind: 'network',
    ...{ id, name: nameOf(id), type: `Microsoft.Network/${type}`, location: body.location, tags: checkTags(body.tags ?? {}) },
    ...(body.zones !== undefined && { zones: body.zones }),
    ...(body.sku !== undefined && { sku: body.sku }),
    properties: { ...complete(cloud, id, body.location, type, body.properties), ...keptBy(existing) },
    etag: newEtag(),
    timeCreated: existing?.timeCreated ?? cloud.clock.now(),
    provisioningState: 'Succeeded',
  };
  cloud.estate.put(resource);
  return resource;
}

/** A NIC stays attached to its VM whatever a PUT says. */
function keptBy(existing: NetworkResource | undefined): Json {
  const owner = existing?.properties.virtualMachine;
  return owner === undefined ? {} : { virtualMachine: owner };
}

function newEtag(): string {
  return `W/"${randomUUID()}"`;
}

function put(type: NetworkType) {
  return (request: ArmRequest, cloud: Cloud): ArmResponse => {
    checkName(request.name, 80);
    const body = parseBody(bodySchema(type), request.body, cloud);
    checkPlace(body.location, body.zones);
    const existed = cloud.estate.network(request.id) !== undefined;
    const resource = storeNetwork(cloud, request.id, type, body);
    resource.provisioningState = 'Updating';
    const headers = runOperation(cloud, request, {
      kind: 'network',
      location: resource.location,
      seconds: cloud.durations.sample('network.put'),
      complete: () => {
        resource.provisioningState = 'Succeeded';
        resource.etag = newEtag();
      },
      undo: () => {
        resource.provisioningState = 'Failed';
      },
    });
    return { status: existed ? 200 : 201, headers: { ...headers.asyncOperation, ETag: resource.etag }, body: networkBody(resource) };
  };
}

function networkOf(request: ArmRequest, cloud: Cloud, type: NetworkType): NetworkResource {
  const name = request.names[0] ?? '';
  const id = `${request.scope}/providers/Microsoft.Network/${type}/${name}`;
  const resource = cloud.estate.network(id);
  if (resource === undefined) throw gatewayNotFound(`Microsoft.Network/${type}`, name, request.resourceGroup);
  return resource;
}

function get(type: NetworkType) {
  return (request: ArmRequest, cloud: Cloud): ArmResponse => {
    const resource = networkOf(request, cloud, type);
    return { status: 200, headers: { ETag: resource.etag }, body: networkBody(resource) };
  };
}

function list(type: NetworkType) {
  return (request: ArmRequest, cloud: Cloud): ArmResponse => {
    const prefix = `${request.scope}/`.toLowerCase();
    const found = cloud.estate.all().filter(resource => resource.kind === 'network' && sameId(resource.type, `Microsoft.Network/${type}`));
    const inScope = found.filter(resource => resource.id.toLowerCase().startsWith(prefix));
    return { status: 200, body: { value: inScope.map(resource => (resource.kind === 'network' ? networkBody(resource) : {})) } };
  };
}

/** Refuses to delete what something else still refers to. */
function checkUnused(cloud: Cloud, resource: NetworkResource): void {
  const owner = resource.properties.virtualMachine;
  const users = cloud.estate
    .all()
    .filter(
      other =>
        other.kind === 'network' &&
        other.id !== resource.id &&
        JSON.stringify(other.properties).toLowerCase().includes(resource.id.toLowerCase()),
    );
  const [user] = users;
  if (owner === undefined && user === undefined) return;
  const code =
    owner !== undefined
      ? 'NicInUse'
      : resource.type.endsWith('virtualNetworks')
        ? 'InUseSubnetCannotBeDeleted'
        : 'InUseNetworkSecurityGroupCannotBeDeleted';
  throw new ArmError(
    'network-in-use',
    400,
    code,
    `${resource.name} is in use by ${user?.id ?? 'a virtual machine'} and cannot be deleted.`,
  );
}

function remove(request: ArmRequest, cloud: Cloud): ArmResponse {
  const resource = cloud.estate.network(request.id);
  if (resource === undefined) return { status: 204 };
  checkUnused(cloud, resource);
  resource.provisioningState = 'Deleting';
  const headers = runOperation(cloud, request, {
    kind: 'network',
    location: resource.location,
    seconds: cloud.durations.sample('network.delete'),
    complete: () => cloud.estate.delete(resource.id),
    undo: () => {
      resource.provisioningState = 'Succeeded';
    },
  });
  return { status: 202, headers: headers.both };
}

function getSubnet(request: ArmRequest, cloud: Cloud): ArmResponse {
  const network = networkOf(request, cloud, 'virtualNetworks');
  const found = PROPERTIES.virtualNetworks.parse(network.properties).subnets?.find(subnet => sameId(subnet.name, request.name));
  if (found === undefined) throw new ArmError('resource-exists', 404, 'NotFound', `Resource ${request.id} not found.`);
  return { status: 200, headers: { ETag: network.etag }, body: { ...found, etag: network.etag } };
}

/** Makes or replaces one subnet of a network. */
function putSubnet(request: ArmRequest, cloud: Cloud): ArmResponse {
  const network = networkOf(request, cloud, 'virtualNetworks');
  checkName(request.name, 80);
  const { properties } = parseBody(z.looseObject({ properties: Subnet.shape.properties }), request.body, cloud);
  checkReference(cloud, properties.networkSecurityGroup, network.location);
  const { subnets = [], ...rest } = PROPERTIES.virtualNetworks.parse(network.properties);
  const existing = subnets.find(subnet => sameId(subnet.name, request.name));
  const [id, type] = [`${network.id}/subnets/${request.name}`, 'Microsoft.Network/virtualNetworks/subnets'];
  const subnet = {
    ...existing,
    name: existing?.name ?? request.name,
    id,
    type,
    properties: { ...properties, provisioningState: 'Updating' },
  };
  network.properties = {
    ...rest,
    subnets: existing === undefined ? [...subnets, subnet] : subnets.map(one => (one === existing ? subnet : one)),
  };
  network.etag = newEtag();
  const headers = runOperation(cloud, request, {
    kind: 'network',
    location: network.location,
    seconds: cloud.durations.sample('network.put'),
    complete: () => {
      subnet.properties.provisioningState = 'Succeeded';
      network.etag = newEtag();
    },
    undo: () => {
      subnet.properties.provisioningState = 'Failed';
    },
  });
  return { status: existing === undefined ? 201 : 200, headers: headers.asyncOperation, body: { ...subnet, etag: network.etag } };
}

const TYPES = ['virtualNetworks', 'networkSecurityGroups', 'networkInterfaces', 'publicIPAddresses'] as const;

export const networkRoutes: Routes = {
  ...Object.fromEntries(
    TYPES.flatMap(type => [
      [`GET Microsoft.Network/${type}`, get(type)],
      [`LIST Microsoft.Network/${type}`, list(type)],
      [`PUT Microsoft.Network/${type}`, put(type)],
      [`DELETE Microsoft.Network/${type}`, remove],
    ]),
  ),
  'GET Microsoft.Network/virtualNetworks/subnets': getSubnet,
  'PUT Microsoft.Network/virtualNetworks/subnets': putSubnet,
};
