/** What a repair asks, knows, plans and tells: the data that goes between runbooks, activities, records and reports. */
import type { PowerEvent } from '../../azure/activityLog.ts';
import type { Fault } from '../../azure/fault.ts';
import type { HostHealth, HostState } from '../../azure/health.ts';
import type { Diagnosis, Evidence, Finding, Sight } from '../../diagnosis/types.ts';
import type { Attempt, OperatorScript, ScriptId, ScriptMode, ScriptResult, ScriptStep } from '../../playbooks/types.ts';

import type { Caller, Mode, RepairRequest } from './request.ts';

export type * from './request.ts';
export type { HostHealth, HostState, PowerEvent };

export type PowerState = 'running' | 'stopped' | 'deallocated' | 'starting' | 'stopping' | 'deallocating' | 'unknown';

export interface VmFacts {
  id: string;
  name: string;
  resourceGroup: string;
  subscriptionId: string;
  location: string;
  zone: string | null;
  size: string;
  memoryMb: number;
  generation: 'V1' | 'V2';
  securityType: 'Standard' | 'TrustedLaunch' | 'ConfidentialVM';
  power: PowerState;
  /** ISO time of the last power event that the instance view or the activity log knows; null = neither does. */
  powerChangedAt: string | null;
  /** What the activity log says of the last 7 days, newest first, at most 10; null = it cannot be read. It lags by minutes. Absent in records of earlier versions. */
  powerEvents?: PowerEvent[] | null;
  /** Where boot diagnostics are kept. Absent in records of earlier versions, where they were on. */
  bootDiagnostics?: 'off' | 'managed' | 'storage';
  agent: { status: 'ready' | 'not-ready' | 'none'; at: string | null; osVersion: string | null };
  image: { publisher: string; offer: string; sku: string } | null;
  osDisk: OsDisk;
  tags: Record<string, string>;
}
export interface OsDisk {
  id: string;
  name: string;
  sizeGb: number;
  sku: string;
  diskEncryptionSetId: string | null;
}

/** What settings, tags and request together allow for this VM; the strictest wins. */
export interface Policy {
  mode: Mode;
  consents: string[];
  /** Whether a VM may be restarted once before it is repaired. */
  restartFirst: boolean;
}

/** Why a VM is not touched: code, reason and remedy, each for a person. */
export interface Refusal {
  code: string;
  message: string;
  remedy: string;
}

export interface RepairVmSpec {
  id: string;
  name: string;
  resourceGroup: string;
  location: string;
  zone: string | null;
  /** Tried in order; the next one on quota or missing SKU. */
  sizes: string[];
  generation: 'V1' | 'V2';
  image: { publisher: string; offer: string; sku: string; version: string };
  computerName: string;
  subnetId: string;
  /** ISO date after which the sweep may delete what is left. */
  expires: string;
}

/** One Azure write that will follow, in order, as a person approves it. */
export interface PlannedWrite {
  phase: string;
  operation: string;
  /** Resource id; `*` in it stands for a number that is only known then. */
  target: string;
  why: string;
  destructive: boolean;
  undo: string;
  /** How often, at most. Entries for the same thing add up; a write that Azure refused or lost, and is repeated, counts once. */
  atMost: number;
}

/** The one restart that cures what was transient; `why` says why it is tried, or why not. */
export interface PlannedRestart {
  wanted: boolean;
  why: string;
  /** Of the OS disk as it was before the restart, whose boot may write to it. */
  snapshot: { id: string; name: string };
}

export interface Plan {
  /** SHA-256 of everything below; an approval names it. */
  hash: string;
  playbook: { id: string; title: string; article: string };
  restart: PlannedRestart;
  attempts: Attempt[];
  beforeBoot: ScriptStep[];
  support: string[];
  repairVm: RepairVmSpec;
  snapshot: { id: string; name: string };
  repairDisk: { id: string; name: string };
  lun: number;
  /** `true` on a static stop screen or a dead guest; else a graceful stop with a deadline. */
  skipShutdown: boolean;
  writes: PlannedWrite[];
  expectedDowntimeSeconds: number;
  /** What stays afterwards, with its cost in words. */
  keeps: string[];
  consents: string[];
  /** Consents that are required and not given: the plan waits for approval. */
  missingConsents: string[];
  expires: string;
}

/** The small plan that comes before any other: to make a VM visible whose boot diagnostics are off. */
export interface EvidencePlan {
  /** SHA-256 of everything below; an approval names it. */
  hash: string;
  why: string;
  writes: PlannedWrite[];
  keeps: string[];
  consents: string[];
  missingConsents: string[];
}

/** What a person said to a plan that waited; the audit's word on who let happen what. */
export interface Decision {
  /** `expired`: nobody said anything in time. */
  verb: 'approve' | 'reject' | 'expired';
  planHash: string;
  /** What was asked for. */
  asked: string[];
  by: string;
  caller: Caller | null;
  /** The role by which the caller could decide. */
  role: string | null;
  /** ISO times. */
  askedAt: string;
  at: string;
}

/** One script run on the repair VM. `run` is unique in the repair, for example `2-offline-sfc`; it names the run command and its log blob. */
export interface ScriptRun {
  repairVmId: string;
  run: string;
  script: ScriptId;
  mode: ScriptMode;
  lun: number | null;
  timeoutSeconds: number;
  /** How long it takes as a rule: says when to look whether it is over. */
  usualSeconds?: number;
  /** Plain parameters beyond Mode, Lun, Token, RepairId; secrets (SAS) are made inside the activity. */
  parameters: Record<string, string>;
  /** The text to send is a person's, not one of ours. */
  own?: OperatorScript;
  /** Give the script a SAS for the dump. */
  uploadDump: boolean;
}
export interface ScriptEnd {
  run: string;
  script: ScriptId;
  scriptSha256: string;
  startedAt: string;
  endedAt: string;
  /** Null when the run ended without a result line of ours: `state` says how. */
  result: ScriptResult | null;
  state: 'succeeded' | 'failed' | 'timed-out' | 'cancelled';
  exitCode: number | null;
  /** Blob of the full log, `records/<id>/scripts/<run>.log`. */
  log: string;
  /** Last lines when there is no result. Hostile text, cut, redacted. */
  tail: string;
}

/** What the probe's findings mean for going on. */
export interface ProbeJudgement {
  verdict: 'go' | 'consent' | 'stop';
  code: string;
  reason: string;
  remedy: string;
  /** Consent asked for when verdict is `consent`. */
  consent: string | null;
  /** Of the plan with what is asked for now: what was approved before does not approve this. Null where nothing is asked. */
  planHash?: string | null;
}

/** One look at a VM that was started. */
export interface BootSight {
  at: string;
  power: PowerState;
  sight: Sight;
  /** ISO time of the agent's newest *Ready* status after the start; null = none yet. */
  agentReadyAt: string | null;
  /** Percent, where the screen shows how far Windows has come. */
  progress: number | null;
  /** Any sign of life in evidence newer than the start. */
  alive: boolean;
  /** The screen is black, of one colour or shows a logo, and nothing says that its services run: if that stays so, it hangs. Absent in records of earlier versions. */
  stuck?: boolean;
  /** What it shows and has logged, as a digest: the same twice means that nothing has moved. Absent in records of earlier versions. */
  trace?: string;
  /** Positive failure in evidence newer than the start. */
  failure: Finding | null;
  /** The console was not read, because the agent answers. */
  consoleSkipped?: boolean;
  evidence: Evidence[];
  summary: string;
}

export type OutcomeKind =
  | 'repaired'
  | 'booted-unverified'
  | 'healthy'
  | 'refused'
  | 'rolled-back'
  | 'cancelled'
  | 'joined'
  | 'observed'
  | 'unknown'
  | 'needs-person';

export interface Leftover {
  resourceId: string;
  reason: string;
  /** ISO date; null = stays until a person decides. */
  expires: string | null;
  removeWith: string;
}

export interface AttemptRecord {
  attempt: string;
  title: string;
  scripts: ScriptEnd[];
  /** Null = no boot was tried after it. */
  boot: BootRecord | null;
}

/** A boot that was tried, and what it proved. */
export interface BootRecord {
  startedAt: string;
  endedAt: string;
  verdict: 'repaired' | 'failed' | 'booted-unverified';
  summary: string;
  evidence: Evidence[];
}

/** The non-maskable interrupt that a boot which hangs was sent, or why it was not. */
export interface InterruptEnd {
  at: string;
  /** `unknown`: the host or the connection broke, it may have been sent, and is not sent again. */
  sent: 'yes' | 'unknown' | 'no';
  /** One sentence. */
  why: string;
  /** For a person, where it was not sent. */
  remedy: string | null;
  /** What COM1 said afterwards. */
  evidence: Evidence[];
}

/** What the runbook knows at the end; `writeReport` adds timeline and audit from the blobs. */
export interface RepairStory {
  repairId: string;
  request: RepairRequest;
  outcome: OutcomeKind;
  /** One sentence for a person. */
  headline: string;
  /** What a person should do next; empty = nothing. */
  nextSteps: string[];
  joinedTo: string | null;
  vm: VmFacts | null;
  refusals: Refusal[];
  diagnosis: Diagnosis | null;
  /** Null = it was not needed. Absent in records of earlier versions. */
  evidencePlan?: EvidencePlan | null;
  plan: Plan | null;
  /** In order. Absent in records of earlier versions. */
  decisions?: Decision[];
  /** The restart before the repair; null = none was tried. */
  restart: BootRecord | null;
  probe: ScriptEnd | null;
  attempts: AttemptRecord[];
  dump: { state: 'uploaded' | 'found-not-uploaded' | 'none' | 'not-looked-for'; why: string };
  /** Null = no boot hung that could be interrupted. Absent in records of earlier versions. */
  interrupt?: InterruptEnd | null;
  leftovers: Leftover[];
  /** ISO; null = the VM was never taken down by us. */
  downFrom: string | null;
  downUntil: string | null;
  startedAt: string;
  endedAt: string;
  faults: { phase: string; step: string; fault: Fault }[];
  /** True once the always-stack has run. */
  cleanedUp: boolean;
}
