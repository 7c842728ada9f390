/** What the HTTP API answers, as far as the command line shows it. Lenient: the app may be of another version. */
import { z } from 'zod';
import type { OutcomeKind } from '../functions/activities/contract.ts';
import { printable } from './terminal.ts';

const text = z.string().transform(printable);
const outcomes = [
  'repaired',
  'booted-unverified',
  'healthy',
  'refused',
  'rolled-back',
  'cancelled',
  'joined',
  'observed',
  'unknown',
  'needs-person',
] as const satisfies OutcomeKind[];

export const started = z.object({ id: text, vmId: text, state: text, joined: z.boolean() });

export const alerted = z.object({ repairs: z.array(started), ignored: z.array(z.object({ target: text, reason: text })) });

/** A repair as a list shows it. */
export const item = z.object({
  id: text,
  vmId: text,
  state: text,
  outcome: z.enum(outcomes).nullable().catch('unknown'),
  headline: text,
  phase: text,
  awaiting: text,
  since: z.string().nullable(),
  requestedBy: text,
  requestedAt: z.string(),
  endedAt: z.string().nullable(),
  stopCode: text.nullable(),
});
export type Item = z.infer<typeof item>;

export const itemPage = z.object({ items: z.array(item), next: z.string().nullable().default(null) });

const evidencePlan = z.object({
  missingConsents: z.array(text),
  keeps: z.array(text),
  writes: z.array(z.object({ phase: text, operation: text, target: text, why: text, destructive: z.boolean(), atMost: z.number() })),
});
const plan = evidencePlan.extend({ expectedDowntimeSeconds: z.number() });

/** One repair, whole. */
export const view = item.extend({
  planHash: text,
  /** Absent in an app of an earlier version. */
  evidencePlan: evidencePlan.nullish(),
  plan: plan.nullable(),
  nextSteps: z.array(text),
  timeline: z.array(z.object({ from: z.string(), to: z.string(), phase: text, what: text, outcome: text, detail: text })),
});
export type View = z.infer<typeof view>;

/** The part of a report's record that the summary tells. */
export const record = z.object({
  story: z.object({
    outcome: z.enum(outcomes).catch('unknown'),
    headline: text,
    restart: z.object({ verdict: text }).nullable().default(null),
    attempts: z.array(z.object({ title: text, boot: z.object({ verdict: text }).nullable() })),
    leftovers: z.array(z.object({ resourceId: text, expires: z.string().nullable() })),
    nextSteps: z.array(text),
    downFrom: z.string().nullable(),
    downUntil: z.string().nullable(),
  }),
  writes: z.array(z.unknown()),
});
export type Record = z.infer<typeof record>;

/** Who repairs, who waits for whom, and which findings are left alone for a time. */
export const admission = z.object({
  limits: z.object({ repairsAtOnce: z.number(), scopePercent: z.number() }),
  running: z.array(z.object({ vmId: text, repairId: text, since: z.string() })),
  waiting: z.array(z.object({ vmId: text, repairId: text, since: z.string(), why: text, waitsFor: z.array(text) })),
  breakers: z.array(
    z.object({ finding: text, failuresInARow: z.number(), lastRepairId: text, open: z.boolean(), until: z.string().nullable() }),
  ),
});
export type Admission = z.infer<typeof admission>;

export const sweepStarted = z.object({ sweepId: text, joined: z.boolean() });

const leftover = z.object({
  resourceId: text,
  type: text,
  repairId: text,
  expires: text.nullable(),
  sizeGb: z.number(),
  monthlyUsd: z.number().nullable(),
  due: z.boolean(),
  why: text,
});

/** What repairs have left, as the last sweep found it; `at` null = there was none. */
export const leftoverList = z.object({ at: text.nullable(), items: z.array(leftover), monthlyUsd: z.number() });
export type LeftoverList = z.infer<typeof leftoverList>;

const passed = z.object({ vmId: text, why: text });

/** A sweep's report. */
export const sweep = z.object({
  sweepId: text,
  endedAt: text,
  looked: z.number(),
  counts: z.record(text, z.number()),
  ill: z.array(passed.extend({ finding: text, repairId: text.nullable() })),
  passed: z.array(passed),
  leftovers: z.array(z.unknown()),
  deleted: z.array(z.unknown()),
  faults: z.array(z.object({ step: text, fault: z.object({ message: text }) })),
});
export type Sweep = z.infer<typeof sweep>;

const ofFleet = z.object({ vmId: text, repairId: text });

/** How far many VMs are that one call began. */
export const fleetView = z.object({
  id: text,
  state: z.enum(['running', 'ended']),
  waiting: z.array(text),
  underWay: z.array(ofFleet),
  ended: z.array(ofFleet.extend({ outcome: text })),
  notStarted: z.array(z.object({ vmId: text, why: text })),
});
export type FleetView = z.infer<typeof fleetView>;

/** RFC 9457, as the app sends it. */
export const problem = z.object({
  title: text,
  detail: text.default(''),
  errors: z.array(z.object({ field: text, problem: text, remedy: text })).default([]),
});

/** `vm01` of a VM's resource id. */
export function nameOf(resourceId: string): string {
  return resourceId.split('/').at(-1) ?? resourceId;
}
