/** Virtual machines: what one is, as far as a repair decides on it, and the few writes a repair makes. */
import type { DataDisksToAttach, InstanceViewStatus, VirtualMachine } from '@azure/arm-compute';
import { type Accepted, type Arm, submit } from './arm.ts';
import { fail, understood, unlessMissing } from './errors.ts';
import type { Content } from './governance.ts';
import { parseId } from './ids.ts';
import { shaped, vmShape } from './shapes.ts';

export type Power = 'running' | 'stopped' | 'deallocated' | 'starting' | 'stopping' | 'deallocating' | 'unknown';

export interface Vm {
  id: string;
  name: string;
  location: string;
  zone: string | null;
  tags: Record<string, string>;
  etag: string | null;
  /** The GUID that Azure gave it; nobody outside knows it beforehand. */
  uniqueId: string;
  size: string;
  /** `busy`: an operation is under way, whoever started it. */
  provisioning: 'succeeded' | 'failed' | 'busy';
  /** Azure's word for it: `Updating`. */
  provisioningState: string;
  /** Why provisioning failed, where the instance view says so. */
  provisioningError: { code: string; message: string } | null;
  power: Power;
  powerChangedAt: string | null;
  agent: { status: 'ready' | 'not-ready' | 'none'; at: string | null; version: string | null };
  osVersion: string | null;
  generation: 'V1' | 'V2' | null;
  securityType: 'Standard' | 'TrustedLaunch' | 'ConfidentialVM';
  image: { publisher: string; offer: string; sku: string } | null;
  osDisk: { id: string | null; name: string; windows: boolean; ephemeral: boolean; createOption: string; legacyEncryption: boolean };
  dataDisks: { id: string; lun: number; leaving: boolean }[];
  /** Where boot diagnostics are kept: by Azure itself, or in a storage account of the owner's. */
  bootDiagnostics: 'off' | 'managed' | 'storage';
  scaleSetId: string | null;
  /** Types of its extensions: `AzureDiskEncryption`. */
  extensions: string[];
}

/** As a list shows it. */
export interface ListedVm {
  id: string;
  availabilitySetId: string | null;
  tags: Record<string, string>;
}

export interface NewVm {
  location: string;
  zone: string | null;
  size: string;
  image: { publisher: string; offer: string; sku: string; version: string };
  names: { computer: string; osDisk: string; nic: string };
  subnetId: string;
  adminPassword: string;
  tags: Record<string, string>;
}

export type Identity = Pick<Vm, 'id' | 'location' | 'uniqueId'>;

export interface VirtualMachines {
  /** With its instance view; undefined = not there. */
  get(id: string): Promise<Vm | undefined>;
  /** Those of a resource group, or of the whole subscription; Azure gives them page by page. `fresh`: as of now, not of some minutes ago. */
  list(subscriptionId: string, resourceGroup?: string, fresh?: boolean): Promise<ListedVm[]>;
  /** What of a VM does not change while it lives. */
  identity(id: string): Promise<Identity | undefined>;
  /** A Windows VM without a public address; deleting it deletes its OS disk and network interface. */
  create(id: string, vm: NewVm): Promise<Accepted>;
  powerOff(id: string, skipShutdown: boolean): Promise<Accepted>;
  start(id: string): Promise<Accepted>;
  delete(id: string): Promise<Accepted>;
  attach(id: string, diskId: string, lun: number): Promise<Accepted>;
  detach(id: string, diskId: string): Promise<Accepted>;
  /** Points `vm`, as it was last seen, at another OS disk; a conflict when it has changed since. */
  swapOsDisk(vm: Vm, disk: { id: string; name: string }): Promise<Accepted>;
  /** Boot diagnostics in storage that Azure manages, on `vm` as it was last seen; nothing in the guest changes, and it is not restarted. */
  enableBootDiagnostics(vm: Vm): Promise<Accepted>;
  setTags(id: string, tags: Record<string, string>): Promise<Accepted>;
}

export function virtualMachines(arm: Arm): Omit<VirtualMachines, 'identity'> {
  const at = (id: string) => {
    const { subscriptionId, resourceGroup, name } = parseId(id);
    return { vms: arm.compute(subscriptionId).virtualMachines, group: resourceGroup, name };
  };
  return {
    get(id) {
      const { vms, group, name } = at(id);
      return understood(id, async () => {
        const vm = await unlessMissing(vms.get(group, name, { expand: 'instanceView' }));
        return vm && shaped(vmShape, id, viewOf(vm));
      });
    },
    list(subscriptionId, resourceGroup) {
      const { virtualMachines: vms } = arm.compute(subscriptionId);
      return understood(`the VMs of ${resourceGroup ?? subscriptionId}`, async () => {
        const listed: ListedVm[] = [];
        for await (const { id, availabilitySet, tags } of resourceGroup === undefined ? vms.listAll() : vms.list(resourceGroup)) {
          if (id) listed.push({ id, availabilitySetId: availabilitySet?.id ?? null, tags: tags ?? {} });
        }
        return listed;
      });
    },
    create(id, vm) {
      const { vms, group, name } = at(id);
      return submit(options => vms.createOrUpdate(group, name, bodyOf(vm), options));
    },
    powerOff(id, skipShutdown) {
      const { vms, group, name } = at(id);
      return submit(options => vms.powerOff(group, name, { skipShutdown, ...options }));
    },
    start(id) {
      const { vms, group, name } = at(id);
      return submit(options => vms.start(group, name, options));
    },
    delete(id) {
      const { vms, group, name } = at(id);
      return submit(options => vms.delete(group, name, options));
    },
    attach(id, diskId, lun) {
      const { vms, group, name } = at(id);
      // Detach: the repair VM is deleted with all that is its own, and this disk is not.
      const disk: DataDisksToAttach = { diskId, lun, caching: 'None', deleteOption: 'Detach' };
      return submit(options => vms.attachDetachDataDisks(group, name, { dataDisksToAttach: [disk] }, options));
    },
    detach(id, diskId) {
      const { vms, group, name } = at(id);
      return submit(options => vms.attachDetachDataDisks(group, name, { dataDisksToDetach: [{ diskId }] }, options));
    },
    swapOsDisk(vm, disk) {
      const { vms, group, name } = at(vm.id);
      const osDisk = { createOption: vm.osDisk.createOption, name: disk.name, managedDisk: { id: disk.id } };
      const ifMatch = vm.etag === null ? {} : { ifMatch: vm.etag };
      return submit(options => vms.update(group, name, { storageProfile: { osDisk } }, { ...ifMatch, ...options }));
    },
    enableBootDiagnostics(vm) {
      const { vms, group, name } = at(vm.id);
      const ifMatch = vm.etag === null ? {} : { ifMatch: vm.etag };
      return submit(options =>
        vms.update(group, name, { diagnosticsProfile: { bootDiagnostics: { enabled: true } } }, { ...ifMatch, ...options }),
      );
    },
    setTags(id, tags) {
      const { vms, group, name } = at(id);
      return submit(options => vms.update(group, name, { tags }, options));
    },
  };
}

function bodyOf(vm: NewVm): VirtualMachine {
  return {
    location: vm.location,
    ...(vm.zone !== null && { zones: [vm.zone] }),
    tags: vm.tags,
    hardwareProfile: { vmSize: vm.size },
    storageProfile: {
      imageReference: vm.image,
      // Scripts find the repair disk by LUN, which is sure on SCSI only.
      diskControllerType: 'SCSI',
      osDisk: {
        name: vm.names.osDisk,
        createOption: 'FromImage',
        deleteOption: 'Delete',
        managedDisk: { storageAccountType: 'StandardSSD_LRS' },
      },
    },
    osProfile: {
      computerName: vm.names.computer,
      adminUsername: 'bootmedic',
      adminPassword: vm.adminPassword,
      windowsConfiguration: { provisionVMAgent: true, enableAutomaticUpdates: false, patchSettings: { patchMode: 'Manual' } },
    },
    networkProfile: {
      networkApiVersion: '2022-11-01',
      networkInterfaceConfigurations: [
        {
          name: vm.names.nic,
          primary: true,
          deleteOption: 'Delete',
          ipConfigurations: [{ name: 'repair', subnet: { id: vm.subnetId } }],
        },
      ],
    },
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
  };
}

/** What a repair will create, as a policy sees it. The password is none of its business. */
export function vmContent(vm: Omit<NewVm, 'adminPassword'>): Content {
  const { location, tags, zones, osProfile, ...properties } = bodyOf({ ...vm, adminPassword: '' });
  const { adminPassword: _, ...profile } = osProfile ?? {};
  return {
    ...{ type: 'Microsoft.Compute/virtualMachines', location, tags: tags ?? {} },
    ...(zones && { zones }),
    properties: { ...properties, osProfile: profile },
  };
}

function viewOf(vm: VirtualMachine): Vm {
  const { id, name, location, storageProfile, instanceView } = vm;
  const os = storageProfile?.osDisk;
  if (!id || !name || !location || !os) throw fail('fatal', 'unexpectedBody', `the VM ${id} has no id, name, location or OS disk`);
  const image = storageProfile.imageReference;
  return {
    id,
    name,
    location,
    zone: vm.zones?.[0] ?? null,
    tags: vm.tags ?? {},
    etag: vm.etag ?? null,
    uniqueId: vm.vmId ?? '',
    size: vm.hardwareProfile?.vmSize ?? '',
    ...stateOf(vm.provisioningState ?? 'Unknown', instanceView?.statuses ?? []),
    agent: agentOf(instanceView?.vmAgent),
    osVersion: instanceView?.osVersion ?? null,
    generation: instanceView?.hyperVGeneration === 'V1' || instanceView?.hyperVGeneration === 'V2' ? instanceView.hyperVGeneration : null,
    securityType: securityTypeOf(vm.securityProfile?.securityType),
    image: image?.publisher && image.offer && image.sku ? { publisher: image.publisher, offer: image.offer, sku: image.sku } : null,
    osDisk: {
      id: os.managedDisk?.id ?? null,
      name: os.name ?? '',
      windows: os.osType === 'Windows',
      ephemeral: os.diffDiskSettings?.option !== undefined,
      createOption: os.createOption,
      legacyEncryption: os.encryptionSettings?.enabled === true,
    },
    dataDisks: (storageProfile.dataDisks ?? []).flatMap(({ managedDisk, lun, toBeDetached }) =>
      managedDisk?.id ? [{ id: managedDisk.id, lun, leaving: toBeDetached === true }] : [],
    ),
    bootDiagnostics: diagnosticsOf(vm.diagnosticsProfile?.bootDiagnostics),
    scaleSetId: vm.virtualMachineScaleSet?.id ?? null,
    extensions: (vm.resources ?? []).map(extension => extension.typePropertiesType ?? extension.name ?? ''),
  };
}

/** The power status has no time of its own on Azure: the provisioning status carries the end of the last operation. */
function stateOf(provisioningState: string, statuses: InstanceViewStatus[]) {
  const find = (prefix: string) => statuses.find(status => status.code?.startsWith(prefix));
  const power = find('PowerState/');
  const provisioning = find('ProvisioningState/');
  const failure = /^ProvisioningState\/failed\/(.+)/i.exec(provisioning?.code ?? '')?.[1];
  return {
    provisioning: provisioningOf(provisioningState),
    provisioningState,
    provisioningError: failure === undefined ? null : { code: failure, message: provisioning?.message ?? '' },
    power: powerOf(power?.code),
    powerChangedAt: (power?.time ?? provisioning?.time)?.toISOString() ?? null,
  };
}

export function provisioningOf(state: string): 'succeeded' | 'failed' | 'busy' {
  if (state === 'Succeeded') return 'succeeded';
  return state === 'Failed' || state === 'Canceled' ? 'failed' : 'busy';
}

const powers = ['running', 'stopped', 'deallocated', 'starting', 'stopping', 'deallocating'] as const;

function powerOf(code: string | undefined): Power {
  return powers.find(power => code === `PowerState/${power}`) ?? 'unknown';
}

function agentOf(agent: { vmAgentVersion?: string; statuses?: InstanceViewStatus[] } | undefined): Vm['agent'] {
  const status = agent?.statuses?.[0];
  if (!status) return { status: 'none', at: null, version: null };
  const ready = status.code === 'ProvisioningState/succeeded' && status.displayStatus === 'Ready';
  return { status: ready ? 'ready' : 'not-ready', at: status.time?.toISOString() ?? null, version: agent?.vmAgentVersion ?? null };
}

function diagnosticsOf(settings: { enabled?: boolean; storageUri?: string } | undefined): Vm['bootDiagnostics'] {
  if (settings?.enabled !== true) return 'off';
  return settings.storageUri ? 'storage' : 'managed';
}

function securityTypeOf(type: string | undefined): Vm['securityType'] {
  return type === 'TrustedLaunch' || type === 'ConfidentialVM' ? type : 'Standard';
}
