/** What is asked for: a repair, within which limits. */
import type { OperatorScript } from '../../playbooks/types.ts';

export type Mode = 'observe' | 'review' | 'auto';

/** A person or an app as Microsoft Entra ID knows it; `local`: the user of an embedded host. */
export interface Caller {
  /** Object id. */
  id: string;
  name: string;
  kind: 'person' | 'app' | 'local';
}

export interface RepairRequest {
  vmId: string;
  /** A request may only tighten what the scope's settings say; null = as they say. */
  mode: Mode | null;
  /** Playbook asked for by a person; null = by the finding. */
  playbook: string | null;
  /** The script that a person wants run instead of a playbook of ours; its text is in the blob. Absent in records of earlier versions. */
  script?: OperatorScript | null;
  /** Step kinds consented to in advance, for example `upload-dump`. */
  consents: string[];
  /** False = no restart before the repair, whatever the settings say. */
  restartFirst: boolean;
  /**
   * A VM that runs and answers is to be repaired too, by the playbook that is named, and one that the breaker, a burst or a fault of
   * Azure's own would hold; a person approves that in any mode. Absent in requests of earlier versions: false.
   */
  force?: boolean;
  /** Who or what asked: `http`, `alert <alert id>`, `cli <user>`. */
  requestedBy: string;
  /** Whose request it was, as far as one was checked; null = a schedule. Absent in records of earlier versions. */
  caller?: Caller | null;
  requestedAt: string;
  /** The settings name somebody who is to be told. Absent = nobody. */
  notify?: boolean;
  limits: Limits;
}
/** Seconds here are service time; the interpreter divides them by the rehearsal's time scale. */
export interface Limits {
  repairsPerVmAndDay: number;
  repairsAtOnce: number;
  bootsPerRepair: number;
  /** So many copies of the OS disk are worked on, one after another: a script that is cut off costs one. Absent in records of earlier versions: 3. */
  copiesPerRepair?: number;
  stabilitySeconds: number;
  silenceSeconds: number;
  /** So long without any change on a screen that shows no work, whatever was said before, means that a boot hangs. Absent in records of earlier versions: an hour. */
  hangSeconds?: number;
  /** The same for the one restart that is tried before a repair. */
  restartSilenceSeconds: number;
  /** How long Windows may update itself, or check its disk, before a person is asked. */
  patienceSeconds: number;
  approvalSeconds: number;
  /** How long a whole repair may take, without the queue, approvals and a Windows at work. Absent in records of earlier versions: 12 hours. */
  repairSeconds?: number;
  /** So many failed repairs in a row for one finding stop further ones. Absent in records of earlier versions: 3. */
  breakerFailures?: number;
  /** For how long; then one more is tried. Absent in records of earlier versions: 6 hours. */
  breakerSeconds?: number;
  /**
   * So many VMs with the same finding are too many to be repaired unseen: before one of them is well, two less than these (at least one) are
   * at work at once, and once one less than these have failed no other is touched. Absent in records of earlier versions: 3.
   */
  burstVms?: number;
  /** Within so long. Absent in records of earlier versions: 1 hour. */
  burstSeconds?: number;
  /** At most so many percent of a scope's VMs (at least one VM) are under repair at once. Absent in records of earlier versions: 20. */
  scopePercent?: number;
  keepDays: number;
}
/** What a VM is a part of, so that few of it are under repair at once: a resource group, an availability set, a tag. */
export interface Scope {
  /** The same for each of its VMs: `group /subscriptions/…`. */
  id: string;
  /** For a person: `resource group rg-shop`. */
  what: string;
  /** How many VMs it has; null = that may not be read. */
  size: number | null;
}
