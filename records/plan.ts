/** The plan and the scripts' ends, held to `functions/activities/contract.ts` and `playbooks/types.ts` by the compiler. */
import { z } from 'zod';
import type {
  Attempt,
  OperatorScript,
  Plan,
  PlannedRestart,
  PlannedScript,
  PlannedWrite,
  RepairVmSpec,
  ScriptEnd,
  ScriptResult,
  ScriptStep,
} from '../functions/activities/contract.ts';
import { confidence, generation, instant } from './words.ts';

const scriptId = z.string().regex(/^[a-z0-9-]{1,64}$/);

export const operatorScript: z.ZodType<OperatorScript> = z.object({
  name: z.string(),
  sha256: z.string(),
  blob: z.string(),
  writes: z.string(),
  undoneBy: z.string(),
});
const safety = z.enum(['auto_safe', 'auto_with_snapshot', 'consent', 'manual_only']);
const origin = z.enum(['doc', 'derived', 'operator', 'operator-rule']);

const scriptStep: z.ZodType<ScriptStep> = z.object({
  script: scriptId,
  mode: z.enum(['Detect', 'Repair', 'Revert']),
  safety,
  origin,
  why: z.string(),
  timeoutSeconds: z.number(),
  usualSeconds: z.number().optional(),
  parameters: z.record(z.string(), z.string()).optional(),
  own: operatorScript.optional(),
  unless: z.literal('dump-collected').optional(),
  consent: z.string().optional(),
  consentRequired: z.boolean().optional(),
});

const attempt: z.ZodType<Attempt> = z.object({
  id: z.string(),
  title: z.string(),
  scripts: z.array(scriptStep),
  boot: z.enum(['if-changed', 'for-dump', 'never']),
  ifHung: z.object({ safety, origin, why: z.string(), consent: z.string() }).optional(),
});

const repairVmSpec: z.ZodType<RepairVmSpec> = z.object({
  id: z.string(),
  name: z.string(),
  resourceGroup: z.string(),
  location: z.string(),
  zone: z.string().nullable(),
  sizes: z.array(z.string()),
  generation,
  image: z.object({ publisher: z.string(), offer: z.string(), sku: z.string(), version: z.string() }),
  computerName: z.string(),
  subnetId: z.string(),
  expires: z.string(),
});

export const plannedWrite: z.ZodType<PlannedWrite> = z.object({
  phase: z.string(),
  operation: z.string(),
  target: z.string(),
  why: z.string(),
  destructive: z.boolean(),
  undo: z.string(),
  atMost: z.int(),
});

const plannedScript: z.ZodType<PlannedScript> = z.object({
  script: scriptId,
  mode: z.enum(['Detect', 'Repair', 'Revert']),
  safety,
  origin,
  consent: z.string().nullable(),
  sha256: z.string(),
});

const named = z.object({ id: z.string(), name: z.string() });

const plannedRestart: z.ZodType<PlannedRestart> = z.object({ wanted: z.boolean(), why: z.string(), snapshot: named });

export const plan: z.ZodType<Plan> = z.object({
  hash: z.string(),
  playbook: z.object({ id: z.string(), title: z.string(), article: z.string() }),
  restart: plannedRestart,
  attempts: z.array(attempt),
  beforeBoot: z.array(scriptStep),
  support: z.array(z.string()),
  repairVm: repairVmSpec,
  snapshot: named,
  repairDisk: named,
  lun: z.number(),
  skipShutdown: z.boolean(),
  writes: z.array(plannedWrite),
  expectedDowntimeSeconds: z.number(),
  keeps: z.array(z.string()),
  keepsPerDay: z.object({ amount: z.number(), currency: z.string() }).nullable().optional(),
  scripts: z.array(plannedScript).optional(),
  consents: z.array(z.string()),
  missingConsents: z.array(z.string()),
  passes: z.array(z.string()).optional(),
  expires: z.string(),
});

const scriptResult: z.ZodType<ScriptResult> = z.object({
  outcome: z.enum(['fixed', 'nothing-to-do', 'not-applicable', 'failed', 'reverted']),
  code: z.string(),
  findings: z.array(z.object({ id: z.string(), confidence, evidence: z.string() })),
  actions: z.array(
    z.object({
      what: z.string(),
      target: z.string(),
      before: z.string().nullable(),
      after: z.string().nullable(),
      revertable: z.boolean(),
    }),
  ),
  warnings: z.array(z.string()),
});

export const scriptEnd: z.ZodType<ScriptEnd> = z.object({
  run: z.string(),
  copy: z.number().optional(),
  again: z.boolean().optional(),
  script: scriptId,
  scriptSha256: z.string(),
  startedAt: instant,
  endedAt: instant,
  result: scriptResult.nullable(),
  state: z.enum(['succeeded', 'failed', 'timed-out', 'cancelled']),
  exitCode: z.number().nullable(),
  log: z.string(),
  tail: z.string(),
});
