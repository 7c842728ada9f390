/** A VM of the estate from the body by which Azure showed it. */
import { z } from 'zod';
import type { DataDisk, Vm } from '../../simulator/arm/model.ts';
import type { Shown } from './knowledge.ts';

const text = z.string().optional();
const Managed = z.looseObject({ id: text, storageAccountType: text });
const Disk = {
  name: text,
  caching: z.string().default('None'),
  createOption: z.string().default('Attach'),
  deleteOption: z.string().default('Detach'),
  diskSizeGB: z.number().optional(),
  managedDisk: Managed.optional(),
};

/** `properties` of a VM, as far as the estate has a place for it. */
export const VmProperties = z.looseObject({
  vmId: text,
  timeCreated: text,
  hardwareProfile: z.looseObject({ vmSize: z.string() }).default({ vmSize: 'Standard_DS1_v2' }),
  storageProfile: z
    .looseObject({
      imageReference: z.record(z.string(), z.unknown()).optional(),
      osDisk: z.looseObject({ ...Disk, osType: z.enum(['Windows', 'Linux']).default('Windows') }),
      dataDisks: z.array(z.looseObject({ ...Disk, lun: z.number(), toBeDetached: z.boolean().default(false) })).default([]),
      diskControllerType: z.enum(['SCSI', 'NVMe']).optional(),
    })
    .default({ osDisk: { caching: 'ReadWrite', createOption: 'FromImage', deleteOption: 'Detach', osType: 'Windows' }, dataDisks: [] }),
  osProfile: z.record(z.string(), z.unknown()).optional(),
  networkProfile: z
    .looseObject({
      networkInterfaces: z
        .array(
          z.looseObject({ id: z.string(), properties: z.looseObject({ primary: z.boolean().optional(), deleteOption: text }).optional() }),
        )
        .default([]),
    })
    .default({ networkInterfaces: [] }),
  diagnosticsProfile: z.looseObject({ bootDiagnostics: z.looseObject({ enabled: z.boolean(), storageUri: text }).optional() }).optional(),
  securityProfile: z.record(z.string(), z.unknown()).optional(),
  licenseType: text,
  instanceView: z
    .looseObject({
      hyperVGeneration: z.enum(['V1', 'V2']).optional(),
      osName: text,
      osVersion: text,
      vmAgent: z.looseObject({ vmAgentVersion: text }).optional(),
    })
    .optional(),
});
export type VmProperties = z.infer<typeof VmProperties>;

/** @param now when nobody says otherwise */
export function vmFrom(body: Shown, properties: VmProperties, now: Date): Vm {
  const { storageProfile, osProfile, networkProfile, diagnosticsProfile, securityProfile, licenseType } = properties;
  const { osDisk, dataDisks } = storageProfile;
  const identity = z.record(z.string(), z.unknown()).safeParse(body.identity).data;
  return {
    kind: 'vm',
    ...{ id: body.id, name: body.name, type: body.type, location: body.location, tags: body.tags ?? {} },
    ...(body.zones !== undefined && { zones: body.zones }),
    ...(identity !== undefined && { identity }),
    vmId: properties.vmId ?? crypto.randomUUID(),
    timeCreated: properties.timeCreated === undefined ? now : new Date(properties.timeCreated),
    ...{ provisionedAt: now, provisioningState: 'Succeeded', etag: Number(/\d+/.exec(body.etag ?? '')?.[0] ?? 1) },
    ...{ size: properties.hardwareProfile.vmSize, generation: 'V1', diskController: storageProfile.diskControllerType ?? 'SCSI' },
    ...(storageProfile.imageReference !== undefined && { imageReference: storageProfile.imageReference }),
    osDisk: {
      diskId: osDiskIdOf(body.id, properties),
      ...{ caching: osDisk.caching, createOption: osDisk.createOption, deleteOption: osDisk.deleteOption, osType: osDisk.osType },
    },
    dataDisks: dataDisks.flatMap(({ managedDisk, lun, caching, createOption, deleteOption, toBeDetached }): DataDisk[] =>
      managedDisk?.id === undefined ? [] : [{ diskId: managedDisk.id, lun, caching, createOption, deleteOption, toBeDetached }],
    ),
    ...(osProfile !== undefined && { osProfile }),
    computerName: String(osProfile?.computerName ?? body.name),
    networkInterfaces: networkProfile.networkInterfaces.map(({ id, properties: own }) => ({
      id,
      ...(own?.deleteOption !== undefined && { deleteOption: own.deleteOption }),
      ...(own?.primary !== undefined && { primary: own.primary }),
    })),
    ...(diagnosticsProfile?.bootDiagnostics !== undefined && { bootDiagnostics: diagnosticsProfile.bootDiagnostics }),
    ...(securityProfile !== undefined && { securityProfile }),
    ...(licenseType !== undefined && { licenseType }),
    ...{ platformEvents: [], power: 'stopped', runCommands: new Map() },
  };
}

/** A disk in a storage account, as VMs had them once, has no id: the estate knows it as a managed one. */
export function osDiskIdOf(vmId: string, { storageProfile }: VmProperties): string {
  const { managedDisk, name } = storageProfile.osDisk;
  const group = vmId.split('/').slice(0, 5).join('/');
  return managedDisk?.id ?? `${group}/providers/Microsoft.Compute/disks/${name ?? `${vmId.split('/').at(-1)}_OsDisk`}`;
}
