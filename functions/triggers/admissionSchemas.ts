/** What the API takes and gives about admission. */
import { z } from 'zod';
import { repairId } from '../../records/schemas.ts';
import { instant } from '../../records/words.ts';
import { oneLine } from './oneLine.ts';

const FINDING = /^[\w.-]{1,64}$/;

export const breakerParams = z.strictObject({
  finding: z
    .string()
    .refine(text => FINDING.test(text), {
      error: 'is not the name of a finding',
      params: { remedy: 'give a stop code, or the id of a finding, as GET /api/admission lists it' },
    })
    .meta({ pattern: FINDING.source, examples: ['0x000000EF'] }),
});

export const resetBody = z.strictObject({ by: oneLine.default('http').meta({ description: 'Who has looked into it' }) });

const self = z.string().meta({ description: 'Path of the repair' });

export const admissionView = z.object({
  limits: z.object({
    repairsAtOnce: z.int(),
    repairsPerVmAndDay: z.int(),
    scopePercent: z.int().meta({ description: 'Of a resource group, an availability set or a tag at once; at least one VM' }),
    breakerFailures: z.int(),
  }),
  running: z
    .array(
      z.object({
        vmId: z.string().meta({ description: 'In lower case' }),
        repairId,
        since: instant,
        scopes: z.array(z.string()).meta({ description: 'Of which it is one of the VMs under repair' }),
        parked: z.boolean().meta({ description: 'True: it waits for others with the same finding, and others may have its place' }),
        self,
      }),
    )
    .meta({ description: 'Oldest first' }),
  waiting: z
    .array(
      z.object({
        repairId,
        vmId: z.string(),
        since: instant,
        askedAt: instant.meta({ description: 'When it asked last whether it may begin' }),
        why: z.string(),
        waitsFor: z.array(repairId).meta({ description: 'Repairs of which one has to end first; none: it begins when its time comes' }),
        self,
      }),
    )
    .meta({ description: 'Oldest first' }),
  breakers: z
    .array(
      z.object({
        finding: z.string(),
        failuresInARow: z.int(),
        lastRepairId: z.string(),
        lastFailedAt: instant,
        open: z
          .boolean()
          .meta({ description: 'True: repairs for it are refused until then, unless a person approves one that was asked for with force' }),
        until: instant.nullable(),
        reset: z.string().meta({ description: 'Path to POST to' }),
      }),
    )
    .meta({ description: 'Findings whose last repair failed' }),
});
