/** The SDK's types are promises of a specification; what is decided on is checked here once, and a field that is wrong is named. */
import { z } from 'zod';
import type { Disk, Snapshot } from './disks.ts';
import { fail } from './errors.ts';
import { isResourceId, sameId } from './ids.ts';
import type { Vm } from './vms.ts';

const resourceId = z.string().refine(isResourceId, 'not a resource id');
const tags = z.record(z.string(), z.string());
const instant = z.iso.datetime({ offset: true });
const provisioning = { provisioning: z.enum(['succeeded', 'failed', 'busy']), provisioningState: z.string() };
const generation = z.enum(['V1', 'V2']);

export const vmShape: z.ZodType<Vm> = z.object({
  ...{ id: resourceId, name: z.string(), location: z.string(), zone: z.string().nullable(), tags, etag: z.string().nullable() },
  ...{ uniqueId: z.string(), size: z.string(), ...provisioning },
  provisioningError: z.object({ code: z.string(), message: z.string() }).nullable(),
  power: z.enum(['running', 'stopped', 'deallocated', 'starting', 'stopping', 'deallocating', 'unknown']),
  powerChangedAt: instant.nullable(),
  agent: z.object({ status: z.enum(['ready', 'not-ready', 'none']), at: instant.nullable(), version: z.string().nullable() }),
  osVersion: z.string().nullable(),
  generation: generation.nullable(),
  securityType: z.enum(['Standard', 'TrustedLaunch', 'ConfidentialVM']),
  image: z.object({ publisher: z.string(), offer: z.string(), sku: z.string() }).nullable(),
  osDisk: z.object({
    ...{ id: resourceId.nullable(), name: z.string(), windows: z.boolean(), ephemeral: z.boolean() },
    ...{ createOption: z.string(), legacyEncryption: z.boolean() },
  }),
  dataDisks: z.array(z.object({ id: resourceId, lun: z.number(), leaving: z.boolean() })),
  bootDiagnostics: z.enum(['off', 'managed', 'storage']),
  scaleSetId: resourceId.nullable(),
  extensions: z.array(z.string()),
});

export const diskShape: z.ZodType<Disk> = z.object({
  ...{ id: resourceId, name: z.string(), location: z.string(), zone: z.string().nullable(), tags, sku: z.string(), sizeGb: z.number() },
  ...{ generation, securityType: z.string().nullable(), diskEncryptionSetId: z.string().nullable(), guestEncrypted: z.boolean() },
  ...{ maxShares: z.number(), attachedTo: z.string().nullable(), ...provisioning, sourceId: z.string().nullable() },
  access: z.object({
    networkAccessPolicy: z.string().optional(),
    publicNetworkAccess: z.string().optional(),
    diskAccessId: z.string().optional(),
  }),
});

export const snapshotShape: z.ZodType<Snapshot> = z.object({
  ...{ id: resourceId, tags, ...provisioning, sourceId: z.string().nullable() },
});

/**
 * The resource that was asked for, by its id: an answer about another one is not taken for it.
 * @throws AzureError that names what is wrong
 */
export function shaped<T extends { id: string }>(shape: z.ZodType<T>, asked: string, value: T): T {
  const { success, data, error } = shape.safeParse(value);
  if (success && sameId(data.id, asked)) return data;
  if (success) throw fail('fatal', 'unexpectedBody', `${asked}: the answer is about ${data.id.slice(0, 200)}`);
  const wrong = error.issues.slice(0, 3).map(({ path, message }) => `${path.map(String).join('.') || 'it'}: ${message.slice(0, 100)}`);
  throw fail('fatal', 'unexpectedBody', `${asked}: the answer is not as its specification says (${wrong.join('; ')})`);
}
