/** Operator's rules for an incident: which file of which vendor is known to be bad, and what makes it so. */
import { z } from 'zod';

const told = (error: string, remedy: string) => ({ error, params: { remedy } });
const instant = z
  .string()
  .refine(
    text => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text)),
    told('is not a time in whole seconds, UTC', 'write it as 2024-07-19T04:00:00Z'),
  );

/** Folders below `drivers` that are Windows' own, beside those of its languages. */
const windowsOwn = ['etc', 'umdf', 'driverdata', 'wd', 'netsetup', 'disdn'];
const isWindows = (folder: string) => windowsOwn.includes(folder.toLowerCase()) || /^[a-z]{2,3}-[a-z-]{2,10}$/i.test(folder);

const rule = z
  .strictObject({
    /** For whoever reads the plan. */
    name: z.string().regex(/^[\x20-\x7e]{1,60}$/),
    /** The rule holds only where the stop blames this driver. It stays. */
    driver: z.string().regex(/^[A-Za-z0-9_.-]{1,56}\.sys$/i),
    /** The vendor's own, directly below `\\Windows\\System32\\drivers`. */
    folder: z
      .string()
      .regex(/^[A-Za-z0-9_-][A-Za-z0-9_ -]{1,58}[A-Za-z0-9_-]$/)
      .refine(folder => !isWindows(folder), told('is a folder of Windows\u2019 own', 'name the vendor\u2019s folder')),
    /** `*` stands for anything. */
    files: z
      .string()
      .regex(/^[A-Za-z0-9_.*-]{4,60}$/)
      .refine(
        files => files.replaceAll(/[.*]/g, '').length >= 4,
        told('fits nearly every file', 'give at least 4 letters or digits of the name'),
      ),
    /** What is bad of such a file; all that is given must hold. */
    modifiedFrom: instant.optional(),
    /** Not itself. */
    modifiedUntil: instant.optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    bytes: z.int().nonnegative().max(999_999_999_999).optional(),
    /** True: it is quarantined unasked. False: by the consent `quarantine-vendor-file`, as without a rule. */
    unasked: z.boolean().default(false),
  })
  .refine(
    ({ modifiedFrom, modifiedUntil, sha256, bytes }) => (modifiedFrom && modifiedUntil) || sha256 !== undefined || bytes !== undefined,
    told('says nothing of what is bad', 'give modifiedFrom and modifiedUntil, sha256 or bytes'),
  );
export type VendorFileRule = z.infer<typeof rule>;

export const vendorFiles = z
  .array(rule)
  .max(50)
  .refine(
    rules => new Set(rules.map(({ driver }) => driver.toLowerCase())).size === rules.length,
    told('has two rules for one driver', 'keep the one that holds now'),
  )
  .default([]);
