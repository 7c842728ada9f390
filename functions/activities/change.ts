/** Change under our feet, as data between activities and runbook. */
import type { RepairRequest } from './request.ts';
import type { Mode, PowerState } from './story.ts';

/** A VM as this repair left it. Tags and data disks as hashes: a mark goes through the durable history. */
export interface VmMark {
  /** ISO time of the look. */
  at: string;
  uniqueId: string;
  etag: string | null;
  /** ISO time at which the last operation on it ended, whatever it was. */
  operatedAt: string | null;
  power: PowerState;
  size: string;
  osDiskId: string | null;
  dataDisks: string;
  tags: string;
}

/** What somebody else has done to a VM since it was marked. */
export interface VmChange {
  code:
    | 'vm-gone'
    | 'group-being-deleted'
    | 'vm-recreated'
    | 'os-disk-changed'
    | 'second-repair'
    | 'original-disk-gone'
    | 'vm-started'
    | 'vm-stopped'
    | 'vm-was-operated'
    | 'vm-resized'
    | 'data-disks-changed'
    | 'vm-retagged'
    | 'opted-out'
    | 'mode-stricter';
  /** One sentence without its full stop. */
  what: string;
  /**
   * `nothing`: the repair goes on; `give-back`: it stops, and the VM gets its disk and power state back; `hands-off`: somebody else has
   * it now, and it is left as it is.
   */
  means: 'nothing' | 'give-back' | 'hands-off';
  remedy: string;
}

/** What the owner must still allow: not `bootmedic-mode=off`, and no mode that is stricter than `least`. */
export interface StillWanted {
  request: Pick<RepairRequest, 'vmId' | 'mode' | 'consents' | 'restartFirst'>;
  least: Mode;
}

/** `identity`: only whether it is still that VM, on one of its disks. */
export type Compare = 'all' | 'identity';
