import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Cloud } from './arm/cloud.ts';
import type { Disk, PlatformEvent, Vm } from './arm/model.ts';
import { resourceId } from './arm/paths.ts';
import { PLATFORM_WORDS } from './arm/resources/health.ts';
import { storeNetwork } from './arm/resources/network.ts';
import { findSize, LOCATIONS, ZONES } from './arm/sizes.ts';
import { addBackup, Backup } from './scenarioBackups.ts';
import { governance } from './scenarioGovernance.ts';
import { addServiceEvent, ServiceEvent } from './scenarioServiceHealth.ts';

const Location = z.enum(LOCATIONS);
const Zone = z.enum(ZONES);
const Tags = z.record(z.string(), z.string()).default({});
const Size = z.string().refine(name => findSize(name) !== undefined, { error: 'a VM size that the simulator does not know' });
const Restriction = z.strictObject({ size: Size, location: Location, zones: z.array(Zone).optional() });
const Minutes = z.number().nonnegative();
/** How long ago everything in a scenario was made: 90 days. */
const AGE_MINUTES = 90 * 24 * 60;

const Subscription = z.strictObject({
  id: z.uuid(),
  displayName: z.string().default('Simulated subscription'),
  quotas: z.array(z.strictObject({ location: Location, name: z.string(), limit: z.int().nonnegative() })).default([]),
  /** Sizes that may not be created (SkuNotAvailable). */
  restrictions: z.array(Restriction).default([]),
  /** Sizes of which no machine is left (AllocationFailed). */
  exhausted: z.array(Restriction).default([]),
  encryptionSets: z.array(z.string()).default([]),
  serialConsoleDisabled: z.boolean().default(false),
});

const Volume = {
  name: z.string(),
  sku: z.enum(['Standard_LRS', 'StandardSSD_LRS', 'Premium_LRS']).default('Premium_LRS'),
  sizeGb: z.int().positive(),
  encryptionSet: z.string().optional(),
  securityType: z.string().optional(),
  tags: Tags,
};

const Machine = z.strictObject({
  name: z.string(),
  /** Id of its subscription; the first one when absent. */
  subscription: z.uuid().optional(),
  resourceGroup: z.string(),
  location: Location,
  zone: Zone.optional(),
  size: Size,
  generation: z.enum(['V1', 'V2']),
  diskController: z.enum(['SCSI', 'NVMe']).default('SCSI'),
  /** Name of the scale set whose member it is, in the same resource group. */
  scaleSet: z.string().min(1).optional(),
  /** Name of the availability set, in the same resource group. */
  availabilitySet: z.string().min(1).optional(),
  computerName: z.string().max(15).optional(),
  image: z.strictObject({ publisher: z.string(), offer: z.string(), sku: z.string(), version: z.string() }).optional(),
  tags: Tags,
  /** True: in storage that Azure manages. */
  bootDiagnostics: z.union([z.boolean(), z.strictObject({ storageUri: z.url() })]).default(true),
  /** What Azure itself did to its host; without an end it goes on. It runs, if it does, since the end. */
  platformEvent: z
    .strictObject({ cause: z.enum(['host-fault', 'maintenance']), minutesAgo: Minutes, endedMinutesAgo: Minutes.optional() })
    .refine(({ minutesAgo, endedMinutesAgo = 0 }) => endedMinutesAgo <= minutesAgo, { error: 'it ends before it begins' })
    .optional(),
  power: z.enum(['running', 'stopped', 'deallocated']).default('running'),
  /** Wall minutes since it was powered on, or off if it is. */
  runningForMinutes: Minutes.default(60),
  /** Wall minutes since its agent last reported, in a boot before the present one. */
  lastAgentReadyMinutesAgo: Minutes.optional(),
  agent: z.strictObject({ version: z.string(), osName: z.string(), osVersion: z.string() }).optional(),
  backup: Backup.optional(),
  osDisk: z.strictObject({ ...Volume, contents: z.unknown().optional() }),
  dataDisks: z.array(z.strictObject({ ...Volume, lun: z.int().nonnegative(), contents: z.unknown().optional() })).default([]),
});
type Machine = z.infer<typeof Machine>;

/** An estate and its disks' contents: what exists when the simulator starts. It holds no expectations. */
const Scenario = z.strictObject({
  subscriptions: z.array(Subscription).min(1),
  resourceGroups: z
    .array(
      z.strictObject({
        subscription: z.uuid().optional(),
        name: z.string(),
        location: Location,
        managedBy: z.string().optional(),
        tags: Tags,
      }),
    )
    .min(1),
  ...governance,
  scaleSets: z
    .array(
      z.strictObject({
        ...{ name: z.string(), resourceGroup: z.string(), location: Location, automaticRepairs: z.boolean().default(false) },
        orchestrationMode: z.enum(['Flexible', 'Uniform']).default('Flexible'),
      }),
    )
    .default([]),
  serviceEvents: z.array(ServiceEvent).default([]),
  virtualMachines: z.array(Machine),
});

/** A scenario that cannot be used; the message names each field. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** Fills the estate of a cloud. @throws ScenarioError */
export function loadScenario(cloud: Cloud, value: unknown): void {
  const parsed = Scenario.safeParse(value);
  if (!parsed.success) throw new ScenarioError(`the scenario cannot be used:\n${z.prettifyError(parsed.error)}`);
  const scenario = parsed.data;
  for (const subscription of scenario.subscriptions)
    cloud.estate.subscriptions.set(subscription.id.toLowerCase(), { ...subscription, tags: {} });
  const [first] = scenario.subscriptions;
  const home = first?.id ?? '';
  for (const { subscription = home, name, location, managedBy, tags } of scenario.resourceGroups) {
    const id = `/subscriptions/${subscription}/resourceGroups/${name}`;
    if (cloud.estate.subscription(subscription) === undefined)
      throw new ScenarioError(`resourceGroups ${name}: subscription ${subscription} is not in the scenario`);
    cloud.estate.groups.set(id.toLowerCase(), {
      ...{ id, name, location, tags, provisioningState: 'Succeeded' },
      ...(managedBy !== undefined && { managedBy }),
    });
  }
  cloud.estate.grants.push(
    ...(scenario.grants ?? scenario.subscriptions.map(({ id }) => ({ scope: `/subscriptions/${id}`, actions: ['*'], notActions: [] }))),
  );
  cloud.estate.locks.push(...scenario.locks);
  cloud.estate.denials.push(...scenario.denyAssignments);
  cloud.estate.policies.push(...scenario.policies);
  for (const { resourceGroup, ...set } of scenario.scaleSets) {
    const id = resourceId(home, resourceGroup, 'Microsoft.Compute/virtualMachineScaleSets', set.name);
    cloud.estate.scaleSets.set(id.toLowerCase(), { id, ...set });
  }
  cloud.estate.roleAssignments.push(...scenario.roleAssignments);
  for (const event of scenario.serviceEvents) addServiceEvent(cloud, home, event);
  scenario.virtualMachines.forEach((machine, index) => {
    addMachine(cloud, machine.subscription ?? home, machine, `virtualMachines[${index}]`);
  });
}

function addMachine(cloud: Cloud, subscription: string, machine: Machine, field: string): void {
  const groupId = `/subscriptions/${subscription}/resourceGroups/${machine.resourceGroup}`;
  if (cloud.estate.group(groupId) === undefined)
    throw new ScenarioError(`${field}.resourceGroup: ${machine.resourceGroup} is not in the scenario`);
  const id = (type: string, name: string) => resourceId(subscription, machine.resourceGroup, type, name);
  if (cloud.estate.vm(id('Microsoft.Compute/virtualMachines', machine.name)) !== undefined)
    throw new ScenarioError(`${field}.name: ${machine.name} is there twice`);
  const osDisk = addDisk(cloud, id('Microsoft.Compute/disks', machine.osDisk.name), machine, machine.osDisk, `${field}.osDisk`);
  if (osDisk.contents === undefined) throw new ScenarioError(`${field}.osDisk.contents: an OS disk needs contents`);
  Object.assign(osDisk, { osType: 'Windows', generation: machine.generation });
  const vm = makeVm(id('Microsoft.Compute/virtualMachines', machine.name), machine, osDisk);
  for (const [index, disk] of machine.dataDisks.entries()) {
    const added = addDisk(cloud, id('Microsoft.Compute/disks', disk.name), machine, disk, `${field}.dataDisks[${index}]`);
    added.managedBy = vm.id;
    vm.dataDisks.push({
      lun: disk.lun,
      diskId: added.id,
      caching: 'None',
      deleteOption: 'Detach',
      createOption: 'Attach',
      toBeDetached: false,
    });
  }
  addInterface(cloud, vm, id);
  cloud.estate.put(vm);
  if (machine.backup !== undefined) addBackup(cloud, vm, machine.backup);
  osDisk.managedBy = vm.id;
  if (machine.power === 'running') cloud.machines.powerOn(vm, vm.provisionedAt);
  logPast(cloud, vm, machine.power);
}

/** What a scenario's VM went through before the simulator started, as the activity log has it. */
function logPast(cloud: Cloud, vm: Vm, power: Machine['power']): void {
  for (const { cause, from, until } of vm.platformEvents) {
    const { title } = PLATFORM_WORDS[cause];
    cloud.activity.health(vm, from, true, title);
    if (until !== undefined) cloud.activity.health(vm, until, false, title);
  }
  if (power === 'running') return;
  const operation = power === 'deallocated' ? 'deallocate' : 'powerOff';
  const ids = { operationId: randomUUID(), correlationId: randomUUID() };
  cloud.activity.operation(vm, { operation, status: 'Succeeded', at: vm.provisionedAt, caller: 'operator@contoso.example', ...ids });
}

type ScenarioDisk = Machine['osDisk'];

function addDisk(cloud: Cloud, id: string, machine: Machine, disk: ScenarioDisk, field: string): Disk {
  if (cloud.estate.disk(id) !== undefined) throw new ScenarioError(`${field}.name: ${disk.name} is there twice`);
  const added: Disk = {
    kind: 'disk',
    ...{
      id,
      name: disk.name,
      type: 'Microsoft.Compute/disks',
      location: machine.location,
      tags: disk.tags,
      sku: disk.sku,
      sizeGb: disk.sizeGb,
    },
    ...(machine.zone !== undefined && { zones: [machine.zone] }),
    ...(disk.contents !== undefined && { contents: parseContents(cloud, disk.contents, field) }),
    ...(disk.securityType !== undefined && { securityType: disk.securityType }),
    encryption:
      disk.encryptionSet === undefined
        ? { type: 'EncryptionAtRestWithPlatformKey' }
        : { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: disk.encryptionSet },
    creationData: machine.image === undefined ? { createOption: 'Empty' } : { createOption: 'FromImage' },
    networkAccessPolicy: 'AllowAll',
    publicNetworkAccess: 'Enabled',
    uniqueId: randomUUID(),
    timeCreated: new Date(Date.now() - AGE_MINUTES * 60_000),
    provisioningState: 'Succeeded',
  };
  cloud.estate.put(added);
  return added;
}

function parseContents(cloud: Cloud, value: unknown, field: string) {
  try {
    return cloud.guests.parseContents(value);
  } catch (error) {
    throw new ScenarioError(`${field}.contents: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const DEFAULT_AGENT = { version: '2.7.41491.1176', osName: 'Windows Server 2019 Datacenter', osVersion: '10.0.17763.5329' };

function makeVm(id: string, machine: Machine, osDisk: Disk): Vm {
  const { name, location, size, generation, diskController, tags, computerName = name.slice(0, 15), lastAgentReadyMinutesAgo } = machine;
  const { bootDiagnostics, platformEvent } = machine;
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const readyAt = lastAgentReadyMinutesAgo === undefined ? undefined : ago(lastAgentReadyMinutesAgo);
  return {
    kind: 'vm',
    ...{ id, name, type: 'Microsoft.Compute/virtualMachines', location, size, generation, diskController, tags, computerName },
    ...(machine.zone !== undefined && { zones: [machine.zone] }),
    ...(machine.scaleSet !== undefined && {
      scaleSet: id.replace(/virtualMachines\/[^/]+$/, `virtualMachineScaleSets/${machine.scaleSet}`),
    }),
    ...(machine.availabilitySet !== undefined && {
      availabilitySet: id.replace(/virtualMachines\/[^/]+$/, `availabilitySets/${machine.availabilitySet}`),
    }),
    vmId: randomUUID(),
    timeCreated: ago(AGE_MINUTES),
    provisionedAt: ago(machine.platformEvent?.endedMinutesAgo ?? machine.runningForMinutes),
    provisioningState: 'Succeeded',
    etag: 1,
    ...(machine.image !== undefined && { imageReference: { ...machine.image, exactVersion: machine.image.version } }),
    osDisk: { diskId: osDisk.id, caching: 'ReadWrite', createOption: 'FromImage', deleteOption: 'Detach', osType: 'Windows' },
    dataDisks: [],
    osProfile: {
      computerName,
      adminUsername: 'azureuser',
      windowsConfiguration: { provisionVMAgent: true, enableAutomaticUpdates: true },
      secrets: [],
      allowExtensionOperations: true,
    },
    networkInterfaces: [],
    bootDiagnostics: typeof bootDiagnostics === 'boolean' ? { enabled: bootDiagnostics } : { enabled: true, ...bootDiagnostics },
    platformEvents: platformEvent === undefined ? [] : [platformEventOf(platformEvent, ago)],
    power: machine.power === 'running' ? 'stopped' : machine.power,
    ...(readyAt !== undefined && { agent: { ...(machine.agent ?? DEFAULT_AGENT), readyAt } }),
    runCommands: new Map(),
  };
}

function platformEventOf(event: NonNullable<Machine['platformEvent']>, ago: (minutes: number) => Date): PlatformEvent {
  const { cause, minutesAgo, endedMinutesAgo } = event;
  return { id: randomUUID(), cause, from: ago(minutesAgo), ...(endedMinutesAgo !== undefined && { until: ago(endedMinutesAgo) }) };
}

/** Every VM of a scenario hangs on its group's own network. */
function addInterface(cloud: Cloud, vm: Vm, id: (type: string, name: string) => string): void {
  const networkId = id('Microsoft.Network/virtualNetworks', `vnet-${vm.location}`);
  if (cloud.estate.network(networkId) === undefined) {
    const subnets = [{ name: 'default', properties: { addressPrefix: '10.0.0.0/24' } }];
    storeNetwork(cloud, networkId, 'virtualNetworks', {
      location: vm.location,
      properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, subnets },
    });
  }
  const nicId = id('Microsoft.Network/networkInterfaces', `${vm.name}-nic`);
  const ipConfigurations = [{ name: 'ipconfig1', properties: { primary: true, subnet: { id: `${networkId}/subnets/default` } } }];
  const nic = storeNetwork(cloud, nicId, 'networkInterfaces', { location: vm.location, properties: { ipConfigurations } });
  nic.properties = { ...nic.properties, virtualMachine: { id: vm.id } };
  vm.networkInterfaces = [{ id: nicId, primary: true }];
}
