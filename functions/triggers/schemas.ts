/** What the API takes and gives. One source for the types, the checks and the description (openapi.ts). */
import { z } from 'zod';
import { plan } from '../../records/plan.ts';
import { repairId, repairRecord, states, summary, timelineEntry, writeEntry } from '../../records/schemas.ts';
import { evidencePlan, finding, leftover } from '../../records/story.ts';
import { leftoverSeen, sweepReport } from '../../records/sweep.ts';
import { instant, modes, outcomes } from '../../records/words.ts';
import { isTimeZone } from '../../report/zone.ts';
import { admissionView, resetBody } from './admissionSchemas.ts';
import { alertBody } from './alertSchema.ts';
import { oneLine } from './oneLine.ts';
import { problemBody } from './problem.ts';
import { readTarget } from './vmId.ts';

/** A word that names something of ours: a playbook, a consent. */
const slug = (what: string, example: string) =>
  z
    .string()
    .refine(text => /^[a-z0-9][a-z0-9-]{0,63}$/.test(text), {
      error: `is not the id of a ${what}`,
      params: { remedy: `write it in lower case with dashes, for example "${example}"` },
    })
    .meta({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$', examples: [example] });

const VM_ID = '/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Compute/virtualMachines/<name>';
const VM_ID_REMEDY = `give ${VM_ID}; \`az vm show --query id\` prints it`;

const vmId = z
  .string()
  .meta({ description: 'Resource id of the VM, in any case', examples: [VM_ID] })
  .transform((text, issues) => {
    const target = readTarget(text);
    if ('vmId' in target) return target.vmId;
    issues.addIssue({ code: 'custom', message: target.reason, params: { remedy: VM_ID_REMEDY } });
    return z.NEVER;
  });

/** Whose clocks a report shows beside UTC. */
export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: 'is no time zone', params: { remedy: 'give an IANA name: Europe/Amsterdam' } })
  .meta({ description: 'IANA name of the reader’s time zone: times are told in it beside UTC' });

export const idParams = z.strictObject({
  id: z
    .string()
    .refine(text => repairId.safeParse(text).success, {
      error: 'is not the id of a repair',
      params: { remedy: 'give r- and twelve characters of a-z and 2-7, as POST /api/repairs answered' },
    })
    .meta({ pattern: '^r-[a-z2-7]{12}$', examples: ['r-k3mq7xw2ab4d'] }),
});

/** Of what has changed Azure: a repair, or a sweep. */
const auditedId = z.string().regex(/^[rs]-[a-z2-7]{12}$/);
export const auditParams = z.strictObject({
  id: z
    .string()
    .refine(text => auditedId.safeParse(text).success, {
      error: 'is not the id of a repair or a sweep',
      params: { remedy: 'give r- or s- and twelve characters of a-z and 2-7, as POST /api/repairs or /api/sweeps answered' },
    })
    .meta({ pattern: '^[rs]-[a-z2-7]{12}$', examples: ['r-k3mq7xw2ab4d', 's-k3mq7xw2ab4d'] }),
});

const startFields = z.strictObject({
  vmId,
  mode: z.enum(modes).nullable().default(null).meta({ description: "Can only tighten what the scope's settings say; null: as they say" }),
  playbook: slug('playbook', 'stop-0xef').nullable().default(null).meta({ description: 'Null: by the finding' }),
  consents: z.array(slug('consent', 'upload-dump')).max(32).default([]).meta({ description: 'Kinds of step agreed to in advance' }),
  script: z
    .strictObject({
      name: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
        .optional()
        .meta({ description: 'Of its file' }),
      content: z.string().optional().meta({ description: 'Its text, at most 256 KiB; docs/operator-script.md says what it must be like' }),
      blob: oneLine.optional().meta({ description: 'Instead of both: its name in the container that the setting scripts.container names' }),
    })
    .nullable()
    .default(null)
    .meta({ description: 'A PowerShell script to run instead of a playbook. A person approves it, whatever the mode is' }),
  restartFirst: z.boolean().default(true).meta({ description: 'False: no restart is tried before the repair' }),
  force: z.boolean().default(false).meta({
    description:
      'True: the VM is repaired although it runs and answers, or although the breaker, a burst or a fault of Azure’s own would hold it. Needs a playbook; what it passes is in the plan, and a person approves that in any mode',
  }),
  requestedBy: oneLine.default('http').meta({ description: 'Who asks, for the report' }),
});

/** What contradicts itself: it would be refused later, or do less than was meant. */
export const startBody = startFields.superRefine(({ force, mode, playbook, script }, { addIssue }) => {
  const wrong = (field: string, message: string, remedy: string) =>
    addIssue({ code: 'custom', path: [field], message, params: { remedy } });
  if (script && playbook !== null) wrong('playbook', 'contradicts script, which is run instead of one', 'leave one of the two out');
  if (!force) return;
  if (playbook === null && script === null)
    wrong('playbook', 'is missing: where nothing is found, force does not say what to repair', 'name the playbook, or leave force out');
  if (mode === 'observe') wrong('force', 'contradicts the mode observe, which changes nothing', 'leave one of the two out');
});

export const listQuery = z.strictObject({
  state: z.enum(states).optional(),
  vm: oneLine.optional().meta({ description: 'Resource id or name of the VM, in any case' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: idParams.shape.id.optional().meta({ description: 'Last id of the page before' }),
});

export const decisionBody = z.strictObject({
  planHash: z
    .string()
    .refine(text => /^[0-9a-f]{12,64}$/.test(text), {
      error: 'is not the hash of a plan',
      params: { remedy: 'give planHash as GET /api/repairs/{id} shows it, or at least its first 12 characters' },
    })
    .meta({ pattern: '^[0-9a-f]{12,64}$', description: 'The plan that was read; at least its first 12 characters' }),
  by: oneLine.default('http').meta({ description: 'Who decides' }),
});

const links = z
  .object({ self: z.string(), report: z.string(), bundle: z.string(), cancel: z.string(), approve: z.string(), reject: z.string() })
  .meta({ description: 'Paths on this host' });

export const started = z.object({
  id: repairId,
  vmId: z.string(),
  state: z.enum(states),
  joined: z.boolean().meta({ description: 'True: this repair of the VM was there before' }),
  links,
});

export const repairItem = summary.extend({
  phase: z.string().meta({ description: 'Empty before it has begun' }),
  awaiting: z.string().meta({ description: 'What is waited for; empty: nothing' }),
  since: instant.nullable().meta({ description: 'Since when the present step is under way' }),
  links,
});

export const repairList = z.object({
  items: z.array(repairItem).meta({ description: 'Newest request first' }),
  next: z.string().nullable().meta({ description: 'Path of the next page' }),
});

export const repairView = repairItem.extend({
  step: z.string(),
  planHash: z.string().meta({ description: 'What an approval names; empty before there is a plan' }),
  timeline: z.array(timelineEntry),
  finding: finding.nullable(),
  evidencePlan: evidencePlan
    .nullable()
    .meta({ description: 'What makes a VM visible whose boot diagnostics are off; waits for approval before there is a plan' }),
  plan: plan.nullable(),
  nextSteps: z.array(z.string()),
  leftovers: z.array(leftover),
  downFrom: instant.nullable(),
  downUntil: instant.nullable(),
});

export const auditView = z.object({ id: auditedId, writes: z.array(writeEntry) });

export const alertAnswer = z.object({
  alertId: z.string(),
  condition: z.enum(['Fired', 'Resolved']),
  repairs: z.array(started),
  ignored: z
    .array(z.object({ target: z.string(), reason: z.string(), remedy: z.string() }))
    .meta({ description: 'Targets for which nothing is started, why, and what to change where that should be otherwise' }),
  noted: z.array(repairId).meta({ description: 'Running repairs in whose timeline it was noted that the alert is resolved' }),
});

export const fleetBody = z.strictObject({
  vmIds: z.array(vmId).min(2).max(200),
  mode: z.enum(modes).nullable().default(null),
  atOnce: z.int().min(1).max(50).default(5).meta({ description: 'Repairs at once, after the first one has proven itself' }),
  mostFailures: z.int().min(1).default(1).meta({ description: 'So many failed repairs stop the fleet' }),
});

const ofFleet = z.object({ vmId: z.string(), repairId });
export const fleetView = z.object({
  id: z.string(),
  state: z.enum(['running', 'ended']),
  waiting: z.array(z.string()),
  underWay: z.array(ofFleet),
  ended: z.array(ofFleet.extend({ outcome: z.enum(outcomes) })),
  notStarted: z.array(z.object({ vmId: z.string(), why: z.string() })),
});

export const sweepStarted = z.object({
  sweepId: z.string(),
  joined: z.boolean().meta({ description: 'True: this sweep was under way already' }),
});

export const leftoverList = z.object({
  at: instant.nullable().meta({ description: 'When the sweep that found them ended; null = there was none yet' }),
  items: z.array(leftoverSeen),
  monthlyUsd: z.number().meta({ description: 'Of all whose price is known: list price, an estimate' }),
});

/** The schemas that the description names. */
export const named = {
  RepairStart: startBody,
  Decision: decisionBody,
  BreakerReset: resetBody,
  Alert: alertBody,
  Links: links,
  TimelineEntry: timelineEntry,
  RepairStarted: started,
  RepairItem: repairItem,
  RepairList: repairList,
  Repair: repairView,
  AlertAnswer: alertAnswer,
  Admission: admissionView,
  Audit: auditView,
  Write: writeEntry,
  Report: repairRecord,
  EvidencePlan: evidencePlan,
  Plan: plan,
  Finding: finding,
  FleetStart: fleetBody,
  Fleet: fleetView,
  SweepStarted: sweepStarted,
  Sweep: sweepReport,
  LeftoverList: leftoverList,
  Problem: problemBody,
} as const;
