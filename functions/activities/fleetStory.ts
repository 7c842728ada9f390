/** A fleet: many VMs that are repaired by one call. */
import type { Caller, Mode } from './request.ts';
import type { OutcomeKind } from './story.ts';

export interface FleetRequest {
  vmIds: string[];
  /** Null = as the settings say. */
  mode: Mode | null;
  /** Repairs at once, after the first one has proven itself. */
  atOnce: number;
  /** So many failed repairs stop the fleet. */
  mostFailures: number;
  requestedBy: string;
  caller: Caller | null;
  /** Of a fleet whose history has begun anew. */
  progress?: FleetProgress;
}

export interface FleetRepair {
  vmId: string;
  repairId: string;
  /** It was under repair already, by a repair whose id does not follow from the fleet's. */
  elsewhere?: true;
}

export interface FleetProgress {
  startedAt: string;
  waiting: string[];
  underWay: FleetRepair[];
  ended: (FleetRepair & { outcome: OutcomeKind })[];
  notStarted: { vmId: string; why: string }[];
}

export interface FleetEnd {
  endedAt: string;
  all: number;
  done: number;
  repaired: number;
  failed: number;
  notStarted: number;
  progress: FleetProgress;
}
