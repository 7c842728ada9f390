/** What a repair asks, knows, plans and tells: the data that goes between runbooks, activities, records and reports. */
import type { PowerEvent } from '../../azure/activityLog.ts';
import type { Fault } from '../../azure/fault.ts';
import type { HostHealth, HostState } from '../../azure/health.ts';
import type { ServiceIssue } from '../../azure/serviceHealth.ts';
import type { Diagnosis, Evidence, Finding, Sight } from '../../diagnosis/types.ts';
import type { OperatorScript, ScriptId, ScriptMode, ScriptResult } from '../../playbooks/types.ts';
import type { Decision, EvidencePlan, Plan } from './plan.ts';

import type { Mode, RepairRequest } from './request.ts';

export type * from './request.ts';
export type { HostHealth, HostState, PowerEvent, ServiceIssue };

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
  /** What the plan was approved with; another text is not sent. Absent in plans of earlier versions. */
  sha256?: string | undefined;
  /** Give the script a SAS for the dump. */
  uploadDump: boolean;
}
export interface ScriptEnd {
  run: string;
  /** Of `copies`, from 1. Absent = the first, or none. */
  copy?: number;
  /** It was run once more, on a copy that lacked what it had changed. */
  again?: boolean;
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

/** What Azure Backup has of the VM: the alternative to a repair. */
export interface BackupLook {
  /** ISO time at which it was asked. Resource Graph, which is asked, lags by minutes. */
  at: string;
  /** Null = no vault that can be seen protects the VM, or it could not be asked. */
  found: {
    /** Id of the protected item. */
    itemId: string;
    /** Azure's own words; empty = not told. */
    policy: string;
    state: string;
    lastStatus: string;
    /** ISO time of the newest recovery point; null = there is none yet. */
    newest: string | null;
  } | null;
  /** Why it could not be asked; null = it could. */
  unread: string | null;
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

/** A copy of the OS disk that is worked on; each is made from the same snapshot. */
export interface DiskCopy {
  id: string;
  name: string;
  /** Null = in use until the end. A script that did not end with its own result may still write to it, by whatever it has started. */
  givenUp: { at: string; run: string; why: string } | null;
  /** It has been deleted. */
  deleted: boolean;
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
  /** One sentence for a person, composed once (`orchestrations/sentence.ts`): what every list, page, report and notice shows. */
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
  /** In order; the last is the one that counts. Absent in records of earlier versions, which had one. */
  copies?: DiskCopy[];
  dump: { state: 'uploaded' | 'found-not-uploaded' | 'none' | 'not-looked-for'; why: string };
  /** Null = no boot hung that could be interrupted. Absent in records of earlier versions. */
  interrupt?: InterruptEnd | null;
  /** Null = the VM was not looked at. Absent in records of earlier versions. */
  backup?: BackupLook | null;
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
