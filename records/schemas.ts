/**
 * What a repair leaves to read, as schemas. The types follow from them, and a blob is believed only after it has passed its schema.
 * The story itself is in `story.ts`.
 */
import { z } from 'zod';
import { repairStory } from './story.ts';
import { instant, modes, outcomes } from './words.ts';

/** `r-` and twelve base32 characters; also the orchestration's instance id. */
export const repairId = z.string().regex(/^r-[a-z2-7]{12}$/);

export const states = ['queued', 'running', 'waiting-approval', 'ended'] as const;
export type State = (typeof states)[number];

/** One step that was taken, with its time; appended by activities, at least once. */
export const timelineEntry = z.object({
  from: instant,
  to: instant,
  phase: z.string(),
  /** Name of the activity. */
  step: z.string(),
  what: z.string(),
  outcome: z.enum(['done', 'fault']),
  detail: z.string(),
});
export type TimelineEntry = z.infer<typeof timelineEntry>;

/** One request that changed Azure, or was about to, as the audit keeps it. `resource` is the path without query, so no signature can be in it. */
export const writeEntry = z.object({
  at: instant,
  method: z.string(),
  resource: z.string(),
  operation: z.string(),
  /** HTTP status; 0 when no answer came. */
  status: z.number().int(),
  requestId: z.string(),
  correlationId: z.string(),
  phase: z.string(),
  step: z.string(),
  before: z.string().optional(),
  after: z.string().optional(),
  /** False = written before it was sent; `attempt` is the request's own id. Absent in records of earlier versions, which kept answers only. */
  answered: z.boolean().optional(),
  attempt: z.string().optional(),
  /** Who asked for the repair, the plan that was carried out, and who approved it. */
  by: z.string().optional(),
  planHash: z.string().optional(),
  approvedBy: z.string().optional(),
});
export type WriteEntry = z.infer<typeof writeEntry>;

/** Everything a report is rendered from. */
export const repairRecord = z.object({
  schema: z.literal(1),
  story: repairStory,
  timeline: z.array(timelineEntry),
  writes: z.array(writeEntry),
});
export type RepairRecord = z.infer<typeof repairRecord>;

/** What a list shows of a repair. */
export const summary = z.object({
  id: repairId,
  vmId: z.string(),
  state: z.enum(states),
  /** Null until it has ended. */
  outcome: z.enum(outcomes).nullable(),
  headline: z.string(),
  /** What the request asked for; null = as the scope says. */
  mode: z.enum(modes).nullable(),
  requestedBy: z.string(),
  requestedAt: instant,
  endedAt: instant.nullable(),
  stopCode: z.string().nullable(),
  /** Absent in those of earlier versions. */
  refusals: z.array(z.string()).optional().meta({ description: 'Codes of what it was refused for' }),
});
export type Summary = z.infer<typeof summary>;
