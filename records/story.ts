/** The repair's story as a schema. `z.ZodType<…>` on every part makes the compiler hold it to the seam in `functions/activities/contract.ts`. */
import { z } from 'zod';
import { type Diagnosis, type Evidence, type Finding, sights } from '../diagnosis/types.ts';
import type {
  AttemptRecord,
  BackupLook,
  BootRecord,
  Caller,
  Decision,
  DiskCopy,
  EvidencePlan,
  InterruptEnd,
  Leftover,
  Limits,
  OsDisk,
  RepairRequest,
  RepairStory,
  VmFacts,
} from '../functions/activities/contract.ts';
import { operatorScript, plan, plannedWrite, scriptEnd } from './plan.ts';
import { confidence, generation, harm, instant, modes, outcomes } from './words.ts';

const evidence: z.ZodType<Evidence> = z.object({
  id: z.string(),
  kind: z.enum(['serial-log', 'screenshot', 'instance-view', 'boot-diagnostics', 'resource-health', 'activity-log']),
  capturedAt: instant,
  fresh: z.boolean(),
  since: instant.nullable().optional(),
  sha256: z.string(),
  blob: z.string(),
  contentType: z.string(),
  excerpt: z.string(),
});

const sight = z.enum(sights);

export const finding: z.ZodType<Finding> = z.object({
  id: z.string(),
  title: z.string(),
  stopCode: z.string(),
  stopName: z.string(),
  parameters: z.array(z.string()),
  whatFailed: z.string().nullable(),
  confidence,
  harm,
  playbook: z.string().nullable(),
  article: z.string().nullable(),
  advice: z.array(z.string()),
  basis: z.array(z.string()),
  regions: z.array(z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })).optional(),
  contradictions: z.array(z.string()),
  evidence: z.array(z.string()),
});

export const diagnosis: z.ZodType<Diagnosis> = z.object({
  verdict: z.enum(['healthy', 'failing', 'platform', 'unknown']),
  sight,
  progress: z.number().nullable(),
  earlierStops: z.number(),
  findings: z.array(finding),
  evidence: z.array(evidence),
  summary: z.string(),
  settledBy: z.string().nullable(),
  unread: z.array(z.string()).optional(),
  still: z.object({ at: instant, trace: z.string() }).optional(),
});

const limits: z.ZodType<Limits> = z.object({
  repairsPerVmAndDay: z.number(),
  repairsAtOnce: z.number(),
  bootsPerRepair: z.number(),
  copiesPerRepair: z.number().optional(),
  stabilitySeconds: z.number(),
  silenceSeconds: z.number(),
  hangSeconds: z.number().optional(),
  restartSilenceSeconds: z.number(),
  patienceSeconds: z.number(),
  approvalSeconds: z.number(),
  repairSeconds: z.number().optional(),
  breakerFailures: z.number().optional(),
  breakerSeconds: z.number().optional(),
  scopePercent: z.number().optional(),
  burstVms: z.number().optional(),
  burstSeconds: z.number().optional(),
  keepDays: z.number(),
});

const caller: z.ZodType<Caller> = z.object({ id: z.string(), name: z.string(), kind: z.enum(['person', 'app', 'local']) });

const decision: z.ZodType<Decision> = z.object({
  verb: z.enum(['approve', 'reject', 'expired']),
  planHash: z.string(),
  asked: z.array(z.string()),
  by: z.string(),
  caller: caller.nullable(),
  role: z.string().nullable(),
  askedAt: instant,
  at: instant,
});

export const repairRequest: z.ZodType<RepairRequest> = z.object({
  vmId: z.string(),
  mode: z.enum(modes).nullable(),
  playbook: z.string().nullable(),
  script: operatorScript.nullable().optional(),
  consents: z.array(z.string()),
  restartFirst: z.boolean(),
  force: z.boolean().optional(),
  requestedBy: z.string(),
  caller: caller.nullable().optional(),
  requestedAt: instant,
  notify: z.boolean().optional(),
  limits,
});

const osDisk: z.ZodType<OsDisk> = z.object({
  id: z.string(),
  name: z.string(),
  sizeGb: z.number(),
  sku: z.string(),
  diskEncryptionSetId: z.string().nullable(),
});

const vmFacts: z.ZodType<VmFacts> = z.object({
  id: z.string(),
  name: z.string(),
  resourceGroup: z.string(),
  subscriptionId: z.string(),
  location: z.string(),
  zone: z.string().nullable(),
  size: z.string(),
  memoryMb: z.number(),
  generation,
  securityType: z.enum(['Standard', 'TrustedLaunch', 'ConfidentialVM']),
  power: z.enum(['running', 'stopped', 'deallocated', 'starting', 'stopping', 'deallocating', 'unknown']),
  powerChangedAt: instant.nullable(),
  powerEvents: z
    .array(
      z.object({
        at: instant,
        what: z.enum(['start', 'restart', 'power-off', 'deallocate', 'redeploy']),
        by: z.enum(['person', 'platform', 'us']),
      }),
    )
    .nullable()
    .optional(),
  bootDiagnostics: z.enum(['off', 'managed', 'storage']).optional(),
  agent: z.object({
    status: z.enum(['ready', 'not-ready', 'none']),
    at: instant.nullable(),
    osVersion: z.string().nullable(),
  }),
  image: z.object({ publisher: z.string(), offer: z.string(), sku: z.string() }).nullable(),
  osDisk,
  tags: z.record(z.string(), z.string()),
});

export const evidencePlan: z.ZodType<EvidencePlan> = z.object({
  hash: z.string(),
  why: z.string(),
  writes: z.array(plannedWrite),
  keeps: z.array(z.string()),
  consents: z.array(z.string()),
  missingConsents: z.array(z.string()),
});

export const leftover: z.ZodType<Leftover> = z.object({
  resourceId: z.string(),
  reason: z.string(),
  expires: z.string().nullable(),
  removeWith: z.string(),
});

const bootRecord: z.ZodType<BootRecord> = z.object({
  startedAt: instant,
  endedAt: instant,
  verdict: z.enum(['repaired', 'failed', 'booted-unverified']),
  summary: z.string(),
  evidence: z.array(evidence),
});

const backupLook: z.ZodType<BackupLook> = z.object({
  at: instant,
  found: z
    .object({ itemId: z.string(), policy: z.string(), state: z.string(), lastStatus: z.string(), newest: instant.nullable() })
    .nullable(),
  unread: z.string().nullable(),
});

const interruptEnd: z.ZodType<InterruptEnd> = z.object({
  at: instant,
  sent: z.enum(['yes', 'unknown', 'no']),
  why: z.string(),
  remedy: z.string().nullable(),
  evidence: z.array(evidence),
});

const diskCopy: z.ZodType<DiskCopy> = z.object({
  id: z.string(),
  name: z.string(),
  givenUp: z.object({ at: instant, run: z.string(), why: z.string() }).nullable(),
  deleted: z.boolean(),
});

const attemptRecord: z.ZodType<AttemptRecord> = z.object({
  attempt: z.string(),
  title: z.string(),
  scripts: z.array(scriptEnd),
  boot: bootRecord.nullable(),
});

export const fault = z.object({
  kind: z.enum(['throttled', 'conflict', 'notFound', 'quota', 'skuUnavailable', 'policyDenied', 'forbidden', 'transient', 'fatal']),
  code: z.string(),
  message: z.string(),
  retryAfterSeconds: z.number().optional(),
  requestId: z.string().optional(),
});

export const repairStory: z.ZodType<RepairStory> = z.object({
  repairId: z.string(),
  request: repairRequest,
  outcome: z.enum(outcomes),
  headline: z.string(),
  nextSteps: z.array(z.string()),
  joinedTo: z.string().nullable(),
  vm: vmFacts.nullable(),
  refusals: z.array(z.object({ code: z.string(), message: z.string(), remedy: z.string() })),
  diagnosis: diagnosis.nullable(),
  evidencePlan: evidencePlan.nullable().optional(),
  plan: plan.nullable(),
  decisions: z.array(decision).optional(),
  restart: bootRecord.nullable(),
  probe: scriptEnd.nullable(),
  attempts: z.array(attemptRecord),
  copies: z.array(diskCopy).optional(),
  dump: z.object({ state: z.enum(['uploaded', 'found-not-uploaded', 'none', 'not-looked-for']), why: z.string() }),
  interrupt: interruptEnd.nullable().optional(),
  backup: backupLook.nullable().optional(),
  leftovers: z.array(leftover),
  downFrom: instant.nullable(),
  downUntil: instant.nullable(),
  startedAt: instant,
  endedAt: instant,
  faults: z.array(z.object({ phase: z.string(), step: z.string(), fault })),
  cleanedUp: z.boolean(),
});
