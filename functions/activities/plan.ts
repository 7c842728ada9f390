/** What is planned and asked, as a person approves it: data between activities, runbooks, records and reports. */
import type { Attempt, ScriptId, ScriptMode, ScriptStep } from '../../playbooks/types.ts';
import type { Caller } from './story.ts';

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

/** A script that the plan may run. */
export interface PlannedScript {
  script: ScriptId;
  mode: ScriptMode;
  safety: ScriptStep['safety'];
  /** Microsoft's article names it, or we derived it from the causes. */
  origin: ScriptStep['origin'];
  consent: string | null;
  /** Of the whole text that is sent. */
  sha256: string;
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
  /** All of it together, at most; null = a price is not known. Absent in records of earlier versions, as are `scripts`. */
  keepsPerDay?: { amount: number; currency: string } | null;
  scripts?: PlannedScript[];
  consents: string[];
  /** Consents that are required and not given: the plan waits for approval. */
  missingConsents: string[];
  /** What would hold the repair, and is passed by whoever approves: the breaker, a burst, a fault of Azure's own. Absent = nothing. */
  passes?: string[];
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
