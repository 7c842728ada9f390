/** A sweep's report, as it is kept. */
import { z } from 'zod';
import type { LeftoverSeen, SweepReport } from '../functions/activities/contract.ts';
import { fault } from './story.ts';
import { instant } from './words.ts';

const passed = z.object({ vmId: z.string(), why: z.string() });

export const leftoverSeen: z.ZodType<LeftoverSeen> = z.object({
  resourceId: z.string(),
  type: z.enum(['disk', 'snapshot', 'vm']),
  repairId: z.string(),
  expires: z.string().nullable(),
  sizeGb: z.number(),
  monthlyUsd: z.number().nullable().meta({ description: 'List price in US dollars a month: an estimate' }),
  due: z.boolean().meta({ description: 'Tag, name, record and expiry all say that it may be deleted' }),
  why: z.string(),
});

export const sweepReport: z.ZodType<SweepReport> = z.object({
  schema: z.literal(1),
  sweepId: z.string(),
  requestedBy: z.string(),
  startedAt: instant,
  endedAt: instant,
  looked: z.int(),
  counts: z.record(z.string(), z.int()).meta({ description: 'VMs that were not looked at closer, by reason' }),
  ill: z.array(passed.extend({ finding: z.string(), repairId: z.string().nullable() })),
  passed: z.array(passed).meta({ description: 'VMs that were looked at closer and left alone' }),
  leftovers: z.array(leftoverSeen),
  deleted: z.array(z.string()),
  purged: z.int(),
  faults: z.array(z.object({ step: z.string(), fault })),
});
