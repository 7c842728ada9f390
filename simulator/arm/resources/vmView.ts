import type { Cloud } from '../cloud.ts';
import type { Json, PowerState, Vm } from '../model.ts';
import { nameOf } from '../paths.ts';

const POWER_WORDS: Record<PowerState, string> = {
  starting: 'VM starting',
  running: 'VM running',
  stopping: 'VM stopping',
  stopped: 'VM stopped',
  deallocating: 'VM deallocating',
  deallocated: 'VM deallocated',
};

/** A VM as `GET` shows it. */
export function vmBody(vm: Vm, cloud: Cloud, withInstanceView = false): Json {
  return {
    name: vm.name,
    id: vm.id,
    type: vm.type,
    location: vm.location,
    tags: vm.tags,
    ...(vm.zones !== undefined && { zones: vm.zones }),
    ...(vm.identity !== undefined && { identity: vm.identity }),
    properties: {
      hardwareProfile: { vmSize: vm.size },
      ...(vm.scaleSet !== undefined && { virtualMachineScaleSet: { id: vm.scaleSet } }),
      ...(vm.availabilitySet !== undefined && { availabilitySet: { id: vm.availabilitySet } }),
      provisioningState: vm.provisioningState,
      vmId: vm.vmId,
      storageProfile: storageProfile(vm, cloud),
      ...(vm.osProfile !== undefined && { osProfile: vm.osProfile }),
      ...(vm.securityProfile !== undefined && { securityProfile: vm.securityProfile }),
      ...(vm.licenseType !== undefined && { licenseType: vm.licenseType }),
      networkProfile: {
        networkInterfaces: vm.networkInterfaces.map(({ id, ...own }) => ({ id, ...(Object.keys(own).length > 0 && { properties: own }) })),
      },
      ...(vm.bootDiagnostics !== undefined && { diagnosticsProfile: { bootDiagnostics: vm.bootDiagnostics } }),
      ...(withInstanceView && { instanceView: instanceView(vm, cloud) }),
      timeCreated: vm.timeCreated.toISOString(),
    },
    etag: etagOf(vm),
  };
}

export function etagOf(vm: Vm): string {
  return `"${vm.etag}"`;
}

export function storageProfile(vm: Vm, cloud: Cloud): Json {
  const os = cloud.estate.ownedDisk(vm.osDisk.diskId);
  const { fresh } = vm.osDisk;
  return {
    ...(vm.imageReference !== undefined && { imageReference: vm.imageReference }),
    osDisk: {
      osType: vm.osDisk.osType,
      ...(fresh !== 'unnamed' && { name: os.name }),
      createOption: vm.osDisk.createOption,
      caching: vm.osDisk.caching,
      // Recorded in Azure/azure-sdk-for-net (SessionRecords/VirtualMachineOperationsTests/PowerOff, the 201): no id yet, nor a name not asked for.
      managedDisk: fresh ? { storageAccountType: os.sku } : managedDisk(os.id, os.sku, os.encryption.diskEncryptionSetId),
      deleteOption: vm.osDisk.deleteOption,
      diskSizeGB: os.sizeGb,
    },
    dataDisks: vm.dataDisks.map(({ diskId, lun, caching, createOption, deleteOption, toBeDetached, fresh }) => {
      const disk = cloud.estate.ownedDisk(diskId);
      // Recorded: a disk that is still being made has no id yet.
      const managed = fresh ? { storageAccountType: disk.sku } : managedDisk(disk.id, disk.sku, disk.encryption.diskEncryptionSetId);
      return { lun, name: disk.name, createOption, caching, managedDisk: managed, deleteOption, diskSizeGB: disk.sizeGb, toBeDetached };
    }),
    // Recorded on machines of the second generation only.
    ...((vm.generation === 'V2' || vm.diskController === 'NVMe') && { diskControllerType: vm.diskController }),
  };
}

function managedDisk(id: string, storageAccountType: string, encryptionSet: string | undefined): Json {
  return { storageAccountType, id, ...(encryptionSet !== undefined && { diskEncryptionSet: { id: encryptionSet } }) };
}

/** The instance view; shapes as recorded (`test_vm_create_state_modifications`, `test_disk_trusted_launch`). */
export function instanceView(vm: Vm, cloud: Cloud): Json {
  const agent = vm.power === 'deallocated' ? undefined : agentView(vm, cloud);
  const diskIds = [vm.osDisk.diskId, ...vm.dataDisks.map(disk => disk.diskId)];
  const provisioned = { ...provisioningStatus(vm), time: vm.provisionedAt.toISOString() };
  return {
    ...(agent?.report !== undefined && { computerName: vm.computerName, osName: agent.report.osName, osVersion: agent.report.osVersion }),
    ...(agent !== undefined && { vmAgent: agent.view }),
    disks: diskIds.map(id => ({
      name: nameOf(id),
      statuses: [
        {
          code: 'ProvisioningState/succeeded',
          level: 'Info',
          displayStatus: 'Provisioning succeeded',
          time: vm.provisionedAt.toISOString(),
        },
      ],
    })),
    ...(vm.bootDiagnostics?.enabled === true && { bootDiagnostics: ownConsole(vm) }),
    hyperVGeneration: vm.generation,
    statuses: [provisioned, { code: `PowerState/${vm.power}`, level: 'Info', displayStatus: POWER_WORDS[vm.power] }],
  };
}

/** Names as recorded (`test_vm_boot_diagnostics`). */
export function consoleBlobs({ name, vmId }: Vm): { screenshot: string; log: string } {
  return { screenshot: `${name}.${vmId}.screenshot.bmp`, log: `${name}.${vmId}.serialconsole.log` };
}

/** Where a console's blobs are in an account of the owner's; nothing where Azure keeps them. */
export function ownConsole(vm: Vm): { consoleScreenshotBlobUri?: string; serialConsoleLogBlobUri?: string } {
  const account = vm.bootDiagnostics?.storageUri?.replace(/\/$/, '');
  if (account === undefined) return {};
  const { screenshot, log } = consoleBlobs(vm);
  const container = `${account}/bootdiagnostics-${vm.name
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 9)
    .toLowerCase()}-${vm.vmId}`;
  return { consoleScreenshotBlobUri: `${container}/${screenshot}`, serialConsoleLogBlobUri: `${container}/${log}` };
}

function provisioningStatus(vm: Vm): Json {
  switch (vm.provisioningState) {
    case 'Succeeded':
      return { code: 'ProvisioningState/succeeded', level: 'Info', displayStatus: 'Provisioning succeeded' };
    case 'Failed':
      return {
        ...{
          code: `ProvisioningState/failed/${vm.failure?.code ?? 'InternalOperationError'}`,
          level: 'Error',
          displayStatus: 'Provisioning failed',
        },
        message: vm.failure?.message ?? '',
      };
    default:
      return { code: `ProvisioningState/${vm.provisioningState.toLowerCase()}`, level: 'Info', displayStatus: vm.provisioningState };
  }
}

function agentView(vm: Vm, cloud: Cloud) {
  const status = cloud.machines.agentStatus(vm);
  if (status.ready) {
    const { version, readyAt } = status.report;
    const ready = {
      code: 'ProvisioningState/succeeded',
      level: 'Info',
      displayStatus: 'Ready',
      message: vm.osDisk.osType === 'Linux' ? 'Guest Agent is running' : 'GuestAgent is running and processing the extensions.',
    };
    return {
      report: status.report,
      view: { vmAgentVersion: version, statuses: [{ ...ready, time: readyAt.toISOString() }], extensionHandlers: [] },
    };
  }
  const message = status.everReported
    ? 'VM agent is unable to communicate with the Azure service.'
    : 'VM status blob is found but not yet populated.';
  const notReady = { code: 'ProvisioningState/Unavailable', level: 'Warning', displayStatus: 'Not Ready', message };
  return { report: undefined, view: { vmAgentVersion: 'Unknown', statuses: [{ ...notReady, time: cloud.clock.now().toISOString() }] } };
}
