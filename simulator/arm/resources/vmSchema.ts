import { z } from 'zod';
import { Ignored, TagsBody } from '../bodies.ts';
import { invalid } from '../errors.ts';

const Reference = z.looseObject({ id: z.string() });
const DeleteOption = z.enum(['Delete', 'Detach']);
const Caching = z.enum(['None', 'ReadOnly', 'ReadWrite']);
const ManagedDisk = z.strictObject({
  id: z.string().optional(),
  storageAccountType: z.string().optional(),
  diskEncryptionSet: Reference.optional(),
});

const ImageReference = z.strictObject({
  publisher: z.string(),
  offer: z.string(),
  sku: z.string(),
  version: z.string(),
  exactVersion: Ignored,
});

const OsDisk = z.strictObject({
  osType: z.enum(['Windows', 'Linux']).optional(),
  name: z.string().optional(),
  createOption: z.enum(['FromImage', 'Attach']).optional(),
  caching: Caching.optional(),
  deleteOption: DeleteOption.optional(),
  diskSizeGB: z.int().positive().optional(),
  managedDisk: ManagedDisk.optional(),
});

const DataDisk = z.strictObject({
  lun: z.int().nonnegative(),
  name: z.string().optional(),
  createOption: z.enum(['Attach', 'Empty', 'FromImage', 'Copy']),
  caching: Caching.optional(),
  deleteOption: DeleteOption.optional(),
  diskSizeGB: z.int().positive().optional(),
  managedDisk: ManagedDisk.optional(),
  toBeDetached: z.boolean().optional(),
});

const NicConfiguration = z.strictObject({
  name: z.string(),
  tags: TagsBody.optional(),
  properties: z.looseObject({
    primary: z.boolean().optional(),
    deleteOption: DeleteOption.optional(),
    networkSecurityGroup: Reference.optional(),
    ipConfigurations: z
      .array(z.looseObject({ name: z.string(), properties: z.looseObject({ subnet: Reference, primary: z.boolean().optional() }) }))
      .min(1),
  }),
});
export type NicConfiguration = z.infer<typeof NicConfiguration>;

const NetworkProfile = z.strictObject({
  networkApiVersion: z.enum(['2020-11-01', '2022-11-01']).optional(),
  networkInterfaces: z
    .array(
      z.strictObject({
        id: z.string(),
        properties: z.looseObject({ primary: z.boolean().optional(), deleteOption: DeleteOption.optional() }).optional(),
      }),
    )
    .optional(),
  networkInterfaceConfigurations: z.array(NicConfiguration).optional(),
});

const OsProfile = z.looseObject({
  computerName: z.string().optional(),
  adminUsername: z.string().optional(),
  adminPassword: z.string().optional(),
  windowsConfiguration: z.looseObject({}).optional(),
});

const Diagnostics = z.strictObject({
  bootDiagnostics: z.strictObject({ enabled: z.boolean(), storageUri: z.string().optional() }).optional(),
});

/** Boot diagnostics of one's own are kept at a storage account's blob endpoint. */
export function checkDiagnostics(storageUri: string | undefined): void {
  if (storageUri === undefined || /^https:\/\/[a-z0-9]{3,24}\.blob\.[a-z0-9.-]+\/?$/.test(storageUri)) return;
  throw invalid('boot-diagnostics-storage', 'bootDiagnostics.storageUri', `The storage account URI '${storageUri}' is not valid.`);
}

const properties = {
  hardwareProfile: z.strictObject({ vmSize: z.string() }),
  storageProfile: z.strictObject({
    imageReference: ImageReference.optional(),
    osDisk: OsDisk,
    dataDisks: z.array(DataDisk).optional(),
    diskControllerType: z.enum(['SCSI', 'NVMe']).optional(),
  }),
  osProfile: OsProfile.optional(),
  networkProfile: NetworkProfile,
  diagnosticsProfile: Diagnostics.optional(),
  securityProfile: z.looseObject({ securityType: z.string().optional() }).optional(),
  licenseType: z.string().optional(),
  // Shown by GET, and sent back by clients that put what they got.
  provisioningState: Ignored,
  vmId: Ignored,
  timeCreated: Ignored,
  instanceView: Ignored,
};

/** The body of a PUT of a VM, as far as the simulator models it. */
export const VmBody = z.strictObject({
  ...{ id: Ignored, name: Ignored, type: Ignored, etag: Ignored },
  location: z.string(),
  tags: TagsBody.optional(),
  zones: z.array(z.string()).max(1).optional(),
  identity: z.looseObject({}).optional(),
  properties: z.strictObject(properties),
});
export type VmBody = z.infer<typeof VmBody>;

/** The body of a PATCH of a VM. */
export const VmPatch = z.strictObject({
  tags: TagsBody.optional(),
  identity: z.looseObject({}).optional(),
  properties: z
    .strictObject({
      hardwareProfile: z.strictObject({ vmSize: z.string() }).optional(),
      storageProfile: z.strictObject({ osDisk: OsDisk.optional(), dataDisks: z.array(DataDisk).optional() }).optional(),
      diagnosticsProfile: Diagnostics.optional(),
    })
    .optional(),
});
export type VmPatch = z.infer<typeof VmPatch>;
export type VmDataDisk = z.infer<typeof DataDisk>;
