/** Puts into the estate what a recording presupposes: what it uses before anything in it has created it. */
import { z } from 'zod';
import type { Cloud } from '../../simulator/arm/cloud.ts';
import type { Disk, Json, NetworkResource, Snapshot } from '../../simulator/arm/model.ts';
import { groupIdOf, nameOf, parsePath } from '../../simulator/arm/paths.ts';
import type { Identities } from './compare.ts';
import type { Exchange } from './exchanges.ts';
import type { RecordedGuests } from './guests.ts';
import { idsIn, Knowledge, resourcesIn, type Shown } from './knowledge.ts';
import { osDiskIdOf, type VmProperties, VmProperties as VmSchema, vmFrom } from './seedVm.ts';

const text = z.string().optional();
const VolumeProperties = z.looseObject({
  osType: z.enum(['Windows', 'Linux']).optional(),
  hyperVGeneration: z.enum(['V1', 'V2']).optional(),
  creationData: z.looseObject({}).default({ createOption: 'Empty' }),
  diskSizeGB: z.number().default(30),
  encryption: z.looseObject({ type: text, diskEncryptionSetId: text }).default({}),
  networkAccessPolicy: z.string().default('AllowAll'),
  publicNetworkAccess: z.string().default('Enabled'),
  securityProfile: z.looseObject({ securityType: text }).optional(),
  timeCreated: text,
  uniqueId: text,
  incremental: z.boolean().default(false),
  incrementalSnapshotFamilyId: text,
  diskState: text,
});

/** A network of which the recording shows only parts. */
const EMPTY_NETWORK: Json = { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, subnets: [] };
const EMPTY: Json = {};

export class Seeder {
  readonly #cloud: Cloud;
  readonly #knowledge: Knowledge;
  readonly #guests: RecordedGuests;
  readonly #exchanges: Exchange[];
  /** Where things are, when a body does not say. */
  readonly #location: string;
  /** Ids that somebody else may have changed since: by calls that are not replayed. */
  readonly stale = new Set<string>();
  seeded = 0;

  constructor(cloud: Cloud, exchanges: Exchange[], guests: RecordedGuests, identities: Identities) {
    this.#cloud = cloud;
    this.#knowledge = new Knowledge(exchanges, identities);
    this.#guests = guests;
    this.#exchanges = exchanges;
    this.#location =
      exchanges.flatMap(({ response }) => resourcesIn(response)).find(({ location }) => location !== '')?.location ?? 'westus';
  }

  /** Makes an exchange possible: what it names, shows or refers to and Azure had, the estate has too. */
  prepare(index: number): void {
    const exchange = this.#exchanges[index];
    if (exchange === undefined) return;
    const { method, path, status, request, response, parsed } = exchange;
    this.#group(path, index);
    if (parsed?.resourceGroup === undefined || status >= 400) return;
    const own = resourceOf(path);
    const creates = method === 'PUT' && (status === 201 || status === 202);
    if (own !== undefined && !creates) this.#ensure(own, index);
    if (method === 'GET') for (const { id } of resourcesIn(response)) this.#ensure(id, index);
    else for (const id of idsIn(request)) this.#ensure(id, index, creates ? own : undefined);
  }

  #group(path: string, index: number): void {
    const id = groupIdOf(path);
    const [, , subscription = '', , name] = id.split('/');
    const { estate } = this.#cloud;
    if (subscription !== '' && estate.subscription(subscription) === undefined) {
      estate.subscriptions.set(subscription.toLowerCase(), emptySubscription(subscription));
      estate.grants.push({ scope: `/subscriptions/${subscription}`, actions: ['*'], notActions: [] });
    }
    if (name === undefined) return;
    const body = this.#knowledge.of(id, index);
    const known = estate.group(id);
    // Tags of a group are set by policies of the subscription that recorded, at moments that nobody recorded.
    if (known !== undefined) known.tags = body?.tags ?? known.tags;
    else
      estate.groups.set(id.toLowerCase(), {
        ...{ id: body?.id ?? id.replace(/\/resourcegroups\//i, '/resourceGroups/'), name: body?.name ?? name },
        ...{ location: body?.location ?? this.#location, tags: body?.tags ?? {}, provisioningState: 'Succeeded' as const },
      });
  }

  /** @param except the resource that the request itself makes */
  #ensure(id: string, index: number, except?: string): void {
    const top = topOf(id);
    if (top === undefined || (except !== undefined && top.toLowerCase() === except.toLowerCase())) return;
    const { estate } = this.#cloud;
    const stale = this.stale.has(top.toLowerCase());
    if (estate.get(top) === undefined || stale) this.#make(top, index);
    this.stale.delete(top.toLowerCase());
    this.#child(id, top, index);
  }

  #make(id: string, index: number): void {
    const [, , , , , , provider = '', type = ''] = id.toLowerCase().split('/');
    const body = this.#knowledge.of(id, index, this.#exchanges[index]?.method !== 'GET');
    const spelled = body?.id ?? id;
    if (provider === 'microsoft.network') this.#network(spelled, type, body);
    if (provider !== 'microsoft.compute') return;
    if (type === 'disks') this.#disk(spelled, body);
    if (type === 'snapshots') this.#snapshot(spelled, body);
    if (type === 'virtualmachines' && body !== undefined) this.#vm(body, index);
  }

  #volume(id: string, body: Shown | undefined, hints: Partial<z.infer<typeof VolumeProperties>> & { sku?: string } = {}) {
    const properties = VolumeProperties.parse({ ...hints, ...body?.properties });
    const { encryption, osType, hyperVGeneration, securityProfile, timeCreated } = properties;
    return {
      ...{ id, name: nameOf(id), location: body?.location ?? this.#location, tags: body?.tags ?? {} },
      ...{ sku: body?.sku?.name ?? hints.sku ?? 'Premium_LRS', sizeGb: properties.diskSizeGB, creationData: properties.creationData },
      ...(osType !== undefined && { osType, contents: this.#guests.contents(id) }),
      ...(hyperVGeneration !== undefined && { generation: hyperVGeneration }),
      ...(securityProfile?.securityType !== undefined && { securityType: securityProfile.securityType }),
      encryption: {
        type: encryption.type ?? 'EncryptionAtRestWithPlatformKey',
        ...(encryption.diskEncryptionSetId !== undefined && { diskEncryptionSetId: encryption.diskEncryptionSetId }),
      },
      ...{ networkAccessPolicy: properties.networkAccessPolicy, publicNetworkAccess: properties.publicNetworkAccess },
      uniqueId: properties.uniqueId ?? crypto.randomUUID(),
      timeCreated: timeCreated === undefined ? this.#cloud.clock.now() : new Date(timeCreated),
      ...(properties.diskState === 'ActiveSAS' && { shared: true as const }),
      provisioningState: 'Succeeded' as const,
    };
  }

  #disk(id: string, body: Shown | undefined, hints = {}): Disk {
    const disk: Disk = {
      kind: 'disk',
      type: 'Microsoft.Compute/disks',
      ...this.#volume(id, body, hints),
      ...(body?.zones !== undefined && { zones: body.zones }),
    };
    this.#put(disk);
    return disk;
  }

  #snapshot(id: string, body: Shown | undefined): void {
    const { incremental, incrementalSnapshotFamilyId: familyId } = VolumeProperties.parse(body?.properties ?? {});
    const snapshot: Snapshot = {
      ...{ kind: 'snapshot', type: 'Microsoft.Compute/snapshots', incremental },
      ...(familyId !== undefined && { familyId }),
      ...this.#volume(id, body),
    };
    this.#put(snapshot);
  }

  #network(id: string, type: string, body: Shown | undefined): void {
    const spelled = nameOf(id.slice(0, id.lastIndexOf('/')));
    const { provisioningState: _, ...properties } = body?.properties ?? (type === 'virtualnetworks' ? EMPTY_NETWORK : EMPTY);
    const resource: NetworkResource = {
      kind: 'network',
      ...{ id, name: nameOf(id), type: body?.type ?? `Microsoft.Network/${spelled}`, location: body?.location || this.#location },
      ...{ tags: body?.tags ?? {}, properties, etag: body?.etag ?? `W/"${crypto.randomUUID()}"` },
      ...(body?.zones !== undefined && { zones: body.zones }),
      ...(body?.sku !== undefined && { sku: body.sku }),
      ...{ timeCreated: this.#cloud.clock.now(), provisioningState: 'Succeeded' as const },
    };
    this.#put(resource);
  }

  #vm(body: Shown, index: number): void {
    const properties = VmSchema.parse(body.properties);
    const vm = vmFrom(body, properties, this.#cloud.clock.now());
    const generation = this.#volumesOf(vm.id, properties, index);
    vm.generation = generation ?? vm.generation;
    for (const { id } of vm.networkInterfaces) this.#ensure(id, index);
    this.#put(vm);
    const power = this.#powerOf(vm.id, index);
    vm.power = power === 'running' ? 'stopped' : power;
    this.#rememberAgent(vm.id, index);
    if (power === 'running') this.#cloud.machines.powerOn(vm, new Date(this.#cloud.clock.now().getTime() - 3_600_000));
  }

  /** Its disks, owned by it. @returns the generation, where an instance view or disk tells */
  #volumesOf(vmId: string, properties: VmProperties, index: number) {
    const { instanceView } = properties;
    const { osDisk, dataDisks } = properties.storageProfile;
    for (const disk of [osDisk, ...dataDisks]) {
      const isOs = disk === osDisk;
      const id = isOs ? osDiskIdOf(vmId, properties) : disk.managedDisk?.id;
      if (id === undefined) continue;
      const hints = {
        ...(disk.diskSizeGB !== undefined && { diskSizeGB: disk.diskSizeGB }),
        ...(disk.managedDisk?.storageAccountType !== undefined && { sku: disk.managedDisk.storageAccountType }),
        ...(isOs && { osType: osDisk.osType, creationData: { createOption: 'FromImage' } }),
        ...(isOs && { hyperVGeneration: instanceView?.hyperVGeneration ?? 'V1' }),
      };
      const known = this.#cloud.estate.disk(id) ?? this.#disk(id, this.#knowledge.of(id, index), hints);
      known.managedBy = vmId;
      if (isOs) known.contents ??= this.#guests.contents(id);
      if (isOs) known.osType ??= osDisk.osType;
    }
    return instanceView?.hyperVGeneration ?? this.#cloud.estate.disk(osDiskIdOf(vmId, properties))?.generation;
  }

  /** What a later view says, up to the next call that changes it; running, where none does. */
  #powerOf(id: string, index: number): 'running' | 'stopped' | 'deallocated' {
    for (const { method, path, response } of this.#exchanges.slice(index)) {
      if (method === 'POST' && path.toLowerCase().startsWith(`${id.toLowerCase()}/`))
        return path.toLowerCase().endsWith('/start') ? 'deallocated' : 'running';
      for (const body of resourcesIn(response)) {
        if (body.id.toLowerCase() !== id.toLowerCase()) continue;
        const word = /PowerState\/(running|stopped|deallocated)/.exec(JSON.stringify(body.properties.instanceView ?? ''))?.[1];
        if (word === 'running' || word === 'stopped' || word === 'deallocated') return word;
      }
    }
    return 'running';
  }

  /** What its agent says of itself in the next view; a view without it means that it has not reported. */
  #rememberAgent(id: string, index: number): void {
    const shown = this.#knowledge.after(id, index).map(({ properties }) => VmSchema.parse(properties).instanceView);
    const views = shown.filter(view => view !== undefined);
    const [next] = views;
    const said = views.find(({ osName }) => osName !== undefined);
    this.#guests.agent = undefined;
    if (next !== undefined && next.osName === undefined) return;
    this.#guests.agent = {
      version: said?.vmAgent?.vmAgentVersion ?? '2.7.41491.1176',
      osName: said?.osName ?? 'Windows Server 2019 Datacenter',
      osVersion: said?.osVersion ?? '10.0.17763.5329',
    };
  }

  /** A subnet is in its network only once it is seen. */
  #child(id: string, top: string, index: number): void {
    const network = this.#cloud.estate.network(top);
    const parsed = parsePath(id);
    if (network === undefined || parsed?.type.toLowerCase() !== 'virtualnetworks/subnets') return;
    const subnets = z
      .array(z.looseObject({ name: z.string() }))
      .catch([])
      .parse(network.properties.subnets);
    const name = parsed.names.at(-1) ?? '';
    if (subnets.some(subnet => subnet.name.toLowerCase() === name.toLowerCase())) return;
    const body = this.#knowledge.of(id, index);
    const { location: _, ...seen } = body ?? { location: '' };
    network.properties.subnets = [...subnets, body !== undefined ? seen : { name, id, properties: { addressPrefix: '10.0.0.0/24' } }];
    if (body?.etag !== undefined) network.etag = body.etag;
  }

  #put(resource: Parameters<Cloud['estate']['put']>[0]): void {
    this.#cloud.estate.put(resource);
    this.seeded++;
  }
}

/** The resource that a path names; undefined for lists and operations. An action's is the one it acts on. */
export function resourceOf(path: string): string | undefined {
  const parsed = parsePath(path);
  if (parsed === undefined || parsed.names.length === 0) return undefined;
  return parsed.trailing === undefined ? decodeURIComponent(path) : decodeURIComponent(path).slice(0, -(parsed.trailing.length + 1));
}

/** `/subscriptions/S/resourceGroups/G/providers/P/T/N` of an id at or below it; undefined for what is no resource of a group. */
export function topOf(id: string): string | undefined {
  const parts = id.split('/');
  return parts.length >= 9 && parts[5]?.toLowerCase() === 'providers' ? parts.slice(0, 9).join('/') : undefined;
}

function emptySubscription(id: string) {
  return {
    id,
    displayName: 'Recorded',
    tags: {},
    quotas: [],
    restrictions: [],
    exhausted: [],
    encryptionSets: [],
    serialConsoleDisabled: false,
  };
}
