/**
 * The seam between runbooks and activities: names, inputs and results, as types. Orchestrations import only this.
 * Everything here is an object of camelCase fields that survives JSON.
 */
import type { Fault } from '../../azure/fault.ts';
import type { Diagnosis, Evidence, Finding, Sight, Stillness } from '../../diagnosis/types.ts';
import type { Attempt, InterruptStep, OperatorScript, ScriptId, ScriptMode, ScriptResult, ScriptStep } from '../../playbooks/types.ts';
import type { AlertRequest } from './alertStory.ts';
import type { Compare, StillWanted, VmChange, VmMark } from './change.ts';
import type { Notice } from './notice.ts';
import type { EvidencePlan, Plan, RepairVmSpec } from './plan.ts';
import type {
  BackupLook,
  BootSight,
  Caller,
  InterruptEnd,
  Mode,
  OsDisk,
  OutcomeKind,
  Policy,
  ProbeJudgement,
  Refusal,
  RepairRequest,
  RepairStory,
  Scope,
  ScriptEnd,
  ScriptRun,
  ServiceIssue,
  VmFacts,
} from './story.ts';
import type { Counts, Decided, IllVm, LeftoverSeen, Passed, Suspect, SweepReport } from './sweepStory.ts';

export type * from './alertStory.ts';
export type * from './change.ts';
export type * from './fleetStory.ts';
export type * from './notice.ts';
export type * from './plan.ts';
export type * from './story.ts';
export type * from './sweepStory.ts';
export type {
  Attempt,
  Diagnosis,
  Evidence,
  Fault,
  Finding,
  InterruptStep,
  OperatorScript,
  ScriptId,
  ScriptMode,
  ScriptResult,
  ScriptStep,
  Sight,
  Stillness,
};

/** What every activity is called with: who asks, in which phase, and since when this step is under way (ISO). */
export interface Envelope<I> {
  repairId: string;
  phase: string;
  since: string;
  /** For whom it is done, for the audit. Absent in repairs begun by an earlier version. */
  asked?: { by?: string | undefined; planHash?: string | undefined; approvedBy?: string | undefined };
  input: I;
}
export type Reply<T> = { ok: true; value: T } | { ok: false; fault: Fault };
/** Answer of a level-triggered activity: it looked at the resource first; calling it twice is harmless. */
export type Progress<T> = { done: true; value: T } | { done: false; checkAfterSeconds: number; awaiting: string };

/** Name -> input and result. `lasting` ones answer with Progress and are asked by `ensure`. */
export interface Activities {
  /** What the VM is a part of, each with how many VMs it has; nothing is written, and the VM itself need not be there. */
  measureScopes(input: { vmId: string }): { scopes: Scope[] };
  /** `vm` is null where it could not be read (not there, no permission): `refusals` then says why. `backup` is absent where it was not asked for. */
  inspectVm(input: { request: RepairRequest }): {
    vm: VmFacts | null;
    mark: VmMark | null;
    refusals: Refusal[];
    policy: Policy;
    backup?: BackupLook;
  };
  /**
   * Marks a VM as it is, and tells what somebody else has done to it since an earlier mark: `all`, or only whether it is still that VM, on
   * one of its disks (`identity`), which holds also where we have worked on it ourselves since.
   * `disks`: those that the VM may be on. Waits while an operation is under way on it, whoever's, and some minutes for the activity log
   * where only that can tell who it was. `mark` is null where it is gone.
   */
  watchVm(input: {
    vmId: string;
    disks: { original: string; copy: string | null };
    since: VmMark | null;
    compare: Compare;
    /** Absent = the VM is down already, and what its owner has said since is for the next repair. */
    wanted?: StillWanted | undefined;
  }): Progress<{ mark: VmMark | null; changes: VmChange[] }>;
  /** `still`: what an earlier look showed; the same after `least` service seconds means that it hangs. */
  diagnoseVm(input: { vm: VmFacts; still?: (Stillness & { least: number }) | undefined }): Diagnosis;
  /** What Azure itself reports for virtual machines in the VM's region. `unread` says why it could not be asked; empty = it could. */
  readServiceHealth(input: { vmId: string; location: string }): { issues: ServiceIssue[]; unread: string };
  planEvidence(input: { vm: VmFacts; policy: Policy }): EvidencePlan;
  /** Turns on boot diagnostics in storage that Azure manages, where they are off. `at` is when they were seen to be on. */
  ensureBootDiagnostics(input: { vmId: string }): Progress<{ at: string }>;
  /** `restartedAt`: when we restarted this VM for the same trouble before; null = not yet. */
  planRepair(input: {
    request: RepairRequest;
    policy: Policy;
    vm: VmFacts;
    finding: Finding;
    sight: Sight;
    /** Boots in the serial log that ended in the same stop before the present one. */
    earlierStops: number;
    restartedAt: string | null;
    /** What `force` passes. Absent = nothing. */
    passes?: string[];
  }): Plan;
  /** What speaks against what the plan would create or do, asked before anything is: policies by Azure's dry run, and permissions. */
  preflightPlan(input: { vm: VmFacts; plan: Plan }): { refusals: Refusal[] };
  ensureRepairGroup(input: { spec: RepairVmSpec }): Record<string, never>;
  ensureRepairNetwork(input: { spec: RepairVmSpec }): Progress<{ subnetId: string }>;
  ensureRepairVm(input: { spec: RepairVmSpec; size: string }): Progress<{ vmId: string; size: string }>;
  ensureScript(input: ScriptRun): Progress<ScriptEnd>;
  /** `expectedOsDiskId` null: a VM that this repair made, whatever it is on. */
  ensurePoweredOff(input: { vmId: string; skipShutdown: boolean; expectedOsDiskId: string | null }): Progress<{ at: string }>;
  ensureSnapshot(input: { snapshotId: string; diskId: string; location: string; expires: string }): Progress<{ snapshotId: string }>;
  ensureRepairDisk(input: { diskId: string; snapshotId: string; vm: VmFacts; expires: string }): Progress<{ diskId: string }>;
  ensureAttached(input: { vmId: string; diskId: string; lun: number }): Progress<{ lun: number }>;
  ensureDetached(input: { vmId: string; diskId: string }): Progress<Record<string, never>>;
  /** Points the stopped VM at a disk; refuses when it is neither on `from` nor on `to`, or not stopped. */
  ensureOsDisk(input: {
    vmId: string;
    from: OsDisk | { id: string; name: string };
    to: { id: string; name: string };
  }): Progress<{ osDiskId: string }>;
  /** `withAgent`: done only once its agent has answered since. */
  ensureStarted(input: { vmId: string; withAgent?: boolean }): Progress<{ at: string }>;
  /** `unless it answers`: the console is not read while the agent has been ready within the last minute. */
  observeBoot(input: { vm: VmFacts; startedAt: string; look: number; console?: 'always' | 'unless it answers' }): BootSight;
  /**
   * Sends one non-maskable interrupt to a VM that hangs on the repair disk, in the boot that began at `startedAt`: once for each boot,
   * however often this runs. A console that cannot be reached, or a VM that hangs no more, is an answer.
   */
  interruptVm(input: { vm: VmFacts; startedAt: string; osDiskId: string }): InterruptEnd;
  judgeProbe(input: { probe: ScriptEnd; finding: Finding; consents: string[]; playbook: string; planHash: string }): ProbeJudgement;
  ensureRepairVmDeleted(input: { vmId: string }): Progress<Record<string, never>>;
  ensureDiskDeleted(input: { diskId: string }): Progress<Record<string, never>>;
  ensureSnapshotDeleted(input: { snapshotId: string }): Progress<Record<string, never>>;
  /** Tags what stays with `bootmedic-repair` and `bootmedic-expires`. */
  tagLeftover(input: { resourceId: string; expires: string }): Record<string, never>;
  /** One orchestration for each webhook that wants the event; `started` counts them. */
  startNotification(input: { notice: Notice; afterSeconds: number }): { started: number };
  /** `onlyWhileWaiting`: a reminder is not sent of what has been decided. */
  sendNotification(input: { notice: Notice; webhook: number; onlyWhileWaiting: boolean }): { sent: boolean; why: string };
  /** `state` is the summary's: a report is also written while a person is asked, and before clean-up. */
  writeReport(input: { story: RepairStory; state: 'running' | 'waiting-approval' | 'ended' }): { blob: string };

  /** One page of the VMs in the sweep's scope: those that should run and do not answer. `token` null = the first page. */
  findSuspects(input: { token: string | null }): {
    looked: number;
    counts: Counts;
    suspects: Suspect[];
    passed: Passed[];
    next: string | null;
  };
  /** Starts a repair of each VM, or says why not: it is under repair, or a person has to look after an earlier one. Ids follow from who asks and the VM: twice is once. */
  startRepairs(input: { requestedBy: string; vms: IllVm[] }): { decided: Decided[] };
  /** One page of what bears our tag, judged. `token` null = the first page. */
  findLeftovers(input: { token: string | null }): { leftovers: LeftoverSeen[]; next: string | null };
  /** Judges once more, by the resource as it is now, and deletes only what is still due; `deleted` false = it stays, and `why`. */
  ensureLeftoverDeleted(input: { resourceId: string }): Progress<{ deleted: boolean; why: string }>;
  /** Removes histories of ended orchestrations that began longer ago than the settings keep them; what runs, and every record, stays. */
  purgeHistory(input: Record<string, never>): { purged: number };
  writeSweep(input: { report: SweepReport }): { blob: string };

  /** Starts a fleet's next repairs. Ids follow from the fleet and the VM: twice is once. A VM under repair counts with that repair. */
  startFleetRepairs(input: { fleetId: string; vmIds: string[]; mode: Mode | null; requestedBy: string; caller: Caller | null }): {
    started: { vmId: string; repairId: string }[];
  };
  /** Starts the repairs that an alert asks for. Ids follow from the alert and the VM: twice is once. */
  startAlertRepairs(input: AlertRequest): { begun: number };
  /** How repairs have ended; null = under way. One that ended without saying how counts as `unknown`. */
  /** `joinedTo`: the repair that does the work in its place. */
  readRepairs(input: { repairIds: string[] }): { repairs: { repairId: string; outcome: OutcomeKind | null; joinedTo: string | null }[] };
}
