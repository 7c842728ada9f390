import { randomUUID } from 'node:crypto';
import { checkName, checkTags } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud } from '../cloud.ts';
import { ArmError, invalid } from '../errors.ts';
import type { Disk, Json, Vm } from '../model.ts';
import { nameOf, resourceId } from '../paths.ts';
import { checkPlace } from './disks.ts';
import { findSubnet, storeNetwork } from './network.ts';
import { wantedDataDisks } from './newDataDisk.ts';
import { checkQuota, checkSize } from './quota.ts';
import { attachable, beginChange, endChange, prepareAttach, undoChange } from './vmDisks.ts';
import { runVmOperation } from './vmLock.ts';
import { checkCapacity } from './vmPower.ts';
import { checkDiagnostics, type NicConfiguration, type VmBody } from './vmSchema.ts';
import { etagOf, vmBody } from './vmView.ts';
import { encryptionOf } from './volumes.ts';

/** A new VM boots while its creation still runs: at this part of the time it is powered on. */
const POWERED_ON_AT = 0.4;
const NIC = 'Microsoft.Network/networkInterfaces';
const DISALLOWED_NAMES = new Set([
  'administrator',
  'admin',
  'user',
  'user1',
  'test',
  'guest',
  'root',
  'owner',
  'backup',
  'console',
  'server',
  'support',
]);

/** Creates a VM with its OS disk and interfaces: all are checked before any is made. */
export function createVm(request: ArmRequest, cloud: Cloud, body: VmBody): ArmResponse {
  checkName(request.name, 64);
  checkPlace(body.location, body.zones);
  const { vm, osDisk } = prepare(request, cloud, body);
  const size = checkSize(cloud, vm);
  checkQuota(cloud, request.subscription, vm.location, size);
  const wanted = wantedDataDisks(cloud, vm, body.properties.storageProfile.dataDisks ?? []);
  const change = { attach: prepareAttach(cloud, vm, wanted, []), detach: [], wanted };
  const interfaces = prepareInterfaces(request, cloud, vm, body);

  cloud.estate.put(osDisk);
  cloud.estate.put(vm);
  osDisk.managedBy = vm.id;
  beginChange(cloud, vm, change);
  vm.networkInterfaces = interfaces();
  return answer(request, cloud, vm, change);
}

function answer(request: ArmRequest, cloud: Cloud, vm: Vm, change: Parameters<typeof endChange>[2]): ArmResponse {
  const seconds = cloud.durations.sample('vm.create');
  const early = cloud.rules.holds('create-powers-on');
  const stopBoot =
    early && request.failOperation === undefined && !request.endless
      ? cloud.clock.after(seconds * POWERED_ON_AT, () => bootNewVm(vm, cloud))
      : () => {};
  const headers = runVmOperation(cloud, request, vm, 'create', {
    ...{ state: 'Creating', changesModel: true },
    seconds,
    complete: () => {
      checkCapacity(vm, cloud);
      delete vm.osDisk.fresh;
      endChange(cloud, vm, change);
      if (!early) cloud.machines.powerOn(vm);
    },
    undo: () => {
      stopBoot();
      undoChange(cloud, vm, change);
      delete vm.osDisk.fresh;
      vm.power = 'deallocated';
    },
  });
  return {
    status: 201,
    headers: { ...headers.asyncOperation, 'Retry-After': cloud.clock.retryAfter(10), ETag: etagOf(vm) },
    body: vmBody(vm, cloud),
  };
}

function bootNewVm(vm: Vm, cloud: Cloud): void {
  if (cloud.estate.vm(vm.id) !== vm) return;
  try {
    checkCapacity(vm, cloud);
  } catch (error) {
    if (error instanceof ArmError) return;
    throw error;
  }
  cloud.machines.powerOn(vm);
}

function prepare(request: ArmRequest, cloud: Cloud, body: VmBody): { vm: Vm; osDisk: Disk } {
  const { storageProfile, osProfile, diagnosticsProfile, securityProfile, licenseType, hardwareProfile } = body.properties;
  checkDiagnostics(diagnosticsProfile?.bootDiagnostics?.storageUri);
  const base = {
    kind: 'vm' as const,
    ...{
      id: request.id,
      name: request.name,
      type: 'Microsoft.Compute/virtualMachines',
      location: body.location,
      tags: checkTags(body.tags ?? {}),
    },
    ...(body.zones !== undefined && body.zones.length > 0 && { zones: body.zones }),
    timeCreated: cloud.clock.now(),
    provisionedAt: cloud.clock.now(),
    provisioningState: 'Creating' as const,
    vmId: randomUUID(),
    size: hardwareProfile.vmSize,
    etag: 0,
    dataDisks: [],
    networkInterfaces: [],
    diskController: storageProfile.diskControllerType ?? ('SCSI' as const),
    ...(diagnosticsProfile?.bootDiagnostics !== undefined && { bootDiagnostics: diagnosticsProfile.bootDiagnostics }),
    ...(securityProfile !== undefined && { securityProfile }),
    ...(body.identity !== undefined && { identity: body.identity }),
    ...(licenseType !== undefined && { licenseType }),
    power: 'starting' as const,
    platformEvents: [],
    runCommands: new Map(),
  };
  const osDisk = storageProfile.imageReference === undefined ? specializedDisk(cloud, base, body) : imageDisk(request, cloud, body);
  const computerName = osProfile?.computerName ?? request.name;
  const isLinux = storageProfile.osDisk.osType === 'Linux' || osProfile?.linuxConfiguration !== undefined;
  if (storageProfile.imageReference !== undefined && !isLinux) checkCredentials(osProfile, computerName);
  if (storageProfile.imageReference !== undefined && isLinux) osDisk.osType = 'Linux';
  const {
    caching = 'ReadWrite',
    deleteOption = 'Detach',
    createOption = 'FromImage',
    osType = isLinux ? 'Linux' : 'Windows',
  } = storageProfile.osDisk;
  const fresh = storageProfile.osDisk.name === undefined ? ('unnamed' as const) : ('named' as const);
  const vm: Vm = {
    ...base,
    ...(storageProfile.imageReference !== undefined && { imageReference: { ...storageProfile.imageReference, exactVersion: '1.0.0' } }),
    ...(osProfile !== undefined && { osProfile: publicOsProfile(osProfile, computerName) }),
    computerName,
    generation: osDisk.generation ?? 'V1',
    osDisk: { diskId: osDisk.id, caching, deleteOption, createOption, osType, ...(createOption === 'FromImage' && { fresh }) },
  };
  return { vm, osDisk };
}

/** What GET shows of it: no password. */
function publicOsProfile({ adminPassword: _, ...shown }: Json, computerName: string): Json {
  return { ...shown, computerName, secrets: [], allowExtensionOperations: true, requireGuestProvisionSignal: true };
}

function imageDisk(request: ArmRequest, cloud: Cloud, body: VmBody): Disk {
  const { imageReference, osDisk } = body.properties.storageProfile;
  if (osDisk.createOption !== 'FromImage')
    throw invalid('body-valid', 'osDisk.createOption', "Required parameter 'osDisk.createOption' is missing (null) or not FromImage.");
  if (imageReference === undefined) throw invalid('body-valid', 'imageReference', "Required parameter 'imageReference' is missing (null).");
  const { publisher, offer, sku, version } = imageReference;
  const name = osDisk.name ?? `${request.name}_OsDisk_1_${randomUUID().replaceAll('-', '')}`;
  checkName(name, 80);
  const id = resourceId(request.subscription, request.resourceGroup, 'Microsoft.Compute/disks', name);
  if (cloud.estate.disk(id) !== undefined) throw invalid('disk-creation-fixed', 'osDisk.name', `A disk named '${name}' already exists.`);
  const image = cloud.guests.imageContents({ publisher, offer, sku, version }, id);
  if (image === undefined) {
    throw new ArmError(
      'image-exists',
      404,
      'PlatformImageNotFound',
      `The platform image '${publisher}:${offer}:${sku}:${version}' is not available. Verify that all fields in the storage profile are correct.`,
    );
  }
  const sizeGb = osDisk.diskSizeGB ?? image.sizeGb;
  if (sizeGb < image.sizeGb)
    throw invalid(
      'disk-not-smaller',
      'osDisk.diskSizeGB',
      `The specified disk size ${sizeGb} GB is smaller than the size of the corresponding disk in the VM image: ${image.sizeGb} GB.`,
    );
  return {
    kind: 'disk',
    ...{
      id,
      name,
      type: 'Microsoft.Compute/disks',
      location: body.location,
      tags: checkTags(body.tags ?? {}),
      sizeGb,
      contents: image.contents,
    },
    ...(body.zones !== undefined && body.zones.length > 0 && { zones: body.zones }),
    sku: osDisk.managedDisk?.storageAccountType ?? 'Premium_LRS',
    osType: 'Windows',
    generation: generationOf(sku),
    encryption: encryptionOf(request, cloud, { diskEncryptionSetId: osDisk.managedDisk?.diskEncryptionSet?.id }),
    creationData: {
      createOption: 'FromImage',
      imageReference: {
        id: `/Subscriptions/${request.subscription}/Providers/Microsoft.Compute/Locations/${body.location}/Publishers/${publisher}/ArtifactTypes/VMImage/Offers/${offer}/Skus/${sku}/Versions/${version}`,
      },
    },
    networkAccessPolicy: 'AllowAll',
    publicNetworkAccess: 'Enabled',
    uniqueId: randomUUID(),
    timeCreated: cloud.clock.now(),
    provisioningState: 'Succeeded',
  };
}

/** Marketplace names say it: `…-gensecond`, `…-gs`, `…-g2`, and every Azure Edition. */
function generationOf(sku: string): 'V1' | 'V2' {
  return /(gensecond|gs|g2|azure-edition)$/i.test(sku) ? 'V2' : 'V1';
}

function specializedDisk(cloud: Cloud, vm: { name: string; id: string; location: string; zones?: string[] }, body: VmBody): Disk {
  const { osDisk } = body.properties.storageProfile;
  const id = osDisk.managedDisk?.id;
  if (osDisk.createOption !== 'Attach' || id === undefined)
    throw invalid('body-valid', 'storageProfile.imageReference', "Required parameter 'storageProfile.imageReference' is missing (null).");
  const disk = attachable(cloud, { ...vm } as Vm, id);
  if (disk.contents === undefined || disk.osType === undefined)
    throw invalid('swap-managed-only', 'osDisk.managedDisk.id', `Disk '${nameOf(id)}' holds no operating system.`);
  return disk;
}

function checkCredentials(profile: Json | undefined, computerName: string): void {
  const { adminUsername: user, adminPassword: password } = profile ?? {};
  if (typeof user !== 'string')
    throw invalid('body-valid', 'osProfile.adminUsername', "Required parameter 'osProfile.adminUsername' is missing (null).");
  if (typeof password !== 'string') throw invalid('body-valid', 'adminPassword', "Required parameter 'adminPassword' is missing (null).");
  if (user.length > 20 || user === '' || /[\\/"[\]:|<>+=;,?*@&]|\.$/.test(user) || DISALLOWED_NAMES.has(user.toLowerCase())) {
    throw invalid('credentials-valid', 'adminUsername', 'The Admin Username specified is not allowed.');
  }
  const classes = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter(expression => expression.test(password)).length;
  if (password.length < 12 || password.length > 123 || classes < 3) {
    throw invalid(
      'credentials-valid',
      'adminPassword',
      'The supplied password must be between 12-123 characters long and must satisfy at least 3 of password complexity requirements: an uppercase character, a lowercase character, a numeric digit, a special character.',
    );
  }
  if (computerName.length > 15 || /^\d+$/.test(computerName) || !/^[A-Za-z0-9-]+$/.test(computerName)) {
    throw invalid(
      'credentials-valid',
      'computerName',
      `Windows computer name cannot be more than 15 characters long, be entirely numeric, or contain special characters: '${computerName}'.`,
    );
  }
}

/** Checks the interfaces a VM is to have. @returns what makes them */
function prepareInterfaces(request: ArmRequest, cloud: Cloud, vm: Vm, body: VmBody): () => Vm['networkInterfaces'] {
  const { networkInterfaces = [], networkInterfaceConfigurations = [], networkApiVersion } = body.properties.networkProfile;
  if (networkInterfaces.length + networkInterfaceConfigurations.length === 0)
    throw invalid('body-valid', 'networkProfile', "Required parameter 'networkProfile' is missing (null).");
  if (networkInterfaceConfigurations.length > 0 && networkApiVersion === undefined)
    throw invalid(
      'body-valid',
      'networkProfile.networkApiVersion',
      "Required parameter 'networkProfile.networkApiVersion' is missing (null).",
    );
  for (const { id } of networkInterfaces) {
    const nic = cloud.estate.network(id);
    if (nic === undefined)
      throw new ArmError('subnet-exists', 400, 'InvalidResourceReference', `Resource ${id} referenced by ${vm.id} was not found.`);
    if (nic.properties.virtualMachine !== undefined)
      throw new ArmError('network-in-use', 400, 'NicInUse', `Network Interface ${id} is used by an existing VM.`);
  }
  for (const configuration of networkInterfaceConfigurations) {
    const existing = cloud.estate.network(resourceId(request.subscription, request.resourceGroup, NIC, configuration.name));
    if (existing?.properties.virtualMachine !== undefined)
      throw new ArmError('network-in-use', 400, 'NicInUse', `Network Interface ${existing.id} is used by an existing VM.`);
    for (const { properties } of configuration.properties.ipConfigurations) findSubnet(cloud, properties.subnet.id);
  }
  return () => [
    ...networkInterfaces.map(({ id, properties }) => {
      const nic = cloud.estate.network(id);
      if (nic !== undefined) nic.properties = { ...nic.properties, virtualMachine: { id: vm.id } };
      return {
        id,
        ...(properties?.deleteOption !== undefined && { deleteOption: properties.deleteOption }),
        ...(properties?.primary !== undefined && { primary: properties.primary }),
      };
    }),
    ...networkInterfaceConfigurations.map(configuration => makeInterface(request, cloud, vm, configuration)),
  ];
}

function nicName({ rules }: Cloud, configured: string): string {
  return rules.holds('nic-name') ? configured : `${configured}-${randomUUID().slice(0, 8)}`;
}

function makeInterface(
  request: ArmRequest,
  cloud: Cloud,
  vm: Vm,
  { name, tags, properties }: NicConfiguration,
): Vm['networkInterfaces'][number] {
  const { deleteOption, primary, ...rest } = properties;
  const id = resourceId(request.subscription, request.resourceGroup, NIC, nicName(cloud, name));
  const nic = storeNetwork(cloud, id, 'networkInterfaces', { location: vm.location, tags: tags ?? {}, properties: rest });
  nic.properties = { ...nic.properties, virtualMachine: { id: vm.id } };
  return { id, ...(deleteOption !== undefined && { deleteOption }), ...(primary !== undefined && { primary }) };
}
