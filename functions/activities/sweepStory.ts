/** What a sweep looks for, finds and tells: the data between its runbook, its activities and its report. */
import type { Fault } from '../../azure/fault.ts';
import type { Limits } from './request.ts';

export interface SweepRequest {
  /** `timer`, or who asked for it. */
  requestedBy: string;
  /** Of the repairs that it starts. */
  limits: Limits;
}

/** A VM that is left alone, and why. */
export interface Passed {
  vmId: string;
  why: string;
}
/** A VM that should run and whose agent says nothing. */
export interface Suspect extends Passed {}

/** A VM whose trouble is seen. */
export interface IllVm extends Passed {
  /** Its stop code, else the finding's id. */
  finding: string;
}

/** What was done about a VM that is ill: `repairId` is null where nothing was. */
export interface Decided extends IllVm {
  repairId: string | null;
}

/** How many VMs were not looked at closer, by reason: too many to name. */
export type Counts = Record<string, number>;

/** Something of ours, or kept by us, that is still there. */
export interface LeftoverSeen {
  resourceId: string;
  type: 'disk' | 'snapshot' | 'vm';
  repairId: string;
  /** ISO date of its tag; null = none that can be read. */
  expires: string | null;
  sizeGb: number;
  /** List price in US dollars, an estimate; null = not known. */
  monthlyUsd: number | null;
  /** True: tag, name, record and expiry all say that it may be deleted. */
  due: boolean;
  why: string;
}

export interface SweepReport {
  schema: 1;
  sweepId: string;
  requestedBy: string;
  startedAt: string;
  endedAt: string;
  /** VMs that Resource Graph told of. */
  looked: number;
  /** Not looked at closer. */
  counts: Counts;
  ill: Decided[];
  /** Looked at closer and left alone. */
  passed: Passed[];
  leftovers: LeftoverSeen[];
  deleted: string[];
  /** Histories of ended orchestrations that were removed. */
  purged: number;
  /** What could not be done, and why; the rest was. */
  faults: { step: string; fault: Fault }[];
}
