/**
 * What a failure mode is tried with, as data: `proof.ts` in its folder, beside its playbook. The tests collect it (`test/playbooks/proofs.ts`);
 * nothing that is deployed reads it. Disks and their damage are the simulator's words (`simulator/guests/damage.ts`).
 */
import type { ScriptId, ScriptMode } from './types.ts';

/** One run of a script and how it ends. */
export interface TableRun {
  mode: ScriptMode;
  outcome: string;
  code: string;
  parameters?: Record<string, string>;
  /** A finding that must be among what is found. */
  finds?: string;
}

/** A disk, and the runs of one script on it, one after the other. */
export interface TableCase {
  name: string;
  script: ScriptId;
  windows?: object;
  damage?: object[];
  /** The Windows has no component store. */
  withoutStore?: boolean;
  /** Texts that lie on the Windows volume beside what it has, by path. */
  files?: Record<string, string>;
  runs: TableRun[];
}

/** A disk that does not boot, and what the playbook's attempts make of it. */
export interface Ladder {
  playbook: string;
  /** What is wrong, in words. */
  wrong: string;
  windows?: object;
  damage: object[];
  consents?: string[];
  /** File that the screen blames. */
  blames?: string;
  /**
   * Id of the attempt after which it boots; `none` = none of them changed the disk; `unresolved` = some did, and it does not boot;
   * `failed` = a script says that it failed, and none that it fixed anything, so that no boot is tried.
   */
  ends: string;
}

/** A whole repair, from the disk to its end. */
export interface Row {
  playbook: string;
  name: 'repaired' | 'nothing to do' | 'not applicable' | 'failed' | 'reverted';
  windows?: object;
  damage: object[];
  /** Of the request, besides the VM. */
  asked: { playbook?: string; consents?: string[]; script?: { name: string; content: string } };
  /** Among what its scripts say, in this order. */
  says: string[];
  outcome: 'repaired' | 'rolled-back' | 'refused';
}

export interface Proof {
  /** Of the scripts in this folder. */
  cases: TableCase[];
  ladders: Omit<Ladder, 'playbook'>[];
  /** One for each end, where an attempt is booted `if-changed`; the playbook is asked for where `asked` names none. */
  rows: OwnRow[];
}

export type OwnRow = Omit<Row, 'playbook' | 'asked'> &
  Partial<Pick<Row, 'asked'>> & {
    /** The playbook is not asked for: the diagnosis names it. */
    diagnosed?: true;
  };

export const row = (
  name: Row['name'],
  damage: object[],
  says: string[],
  outcome: Row['outcome'],
  more: Pick<OwnRow, 'asked' | 'windows' | 'diagnosed'> = {},
): OwnRow => ({ name, damage, says, outcome, ...more });

// What more than one failure mode's disks have.
export const services = '\\Windows\\System32\\services.exe';
export const winlogon = '\\Windows\\System32\\winlogon.exe';
/** A stop that one playbook alone is for: the others find nothing to do. */
export const vendor = { kind: 'bad-driver', name: 'vendor.sys' };
/** A Windows that is repaired of one thing, and then never ends starting. */
export const hangs = { kind: 'bad-driver', name: 'stuck.sys', hangs: true };
/** No room for a backup, so nothing may be changed. */
export const full = { kind: 'little-space', freeMb: 0 };
export const pending = { kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken: true };
/** A file that servicing left behind, of another version than its Windows. */
export const otherVersion = { kind: 'mismatched-file', path: winlogon, version: '10.0.17763.6532', repairable: true };
export const corrupt = (path: string, repairable = true) => ({ kind: 'corrupt-file', path, repairable });

export const run = (mode: ScriptMode, outcome: string, code: string, parameters?: Record<string, string>, finds?: string): TableRun => ({
  mode,
  outcome,
  code,
  ...(parameters && { parameters }),
  ...(finds !== undefined && { finds }),
});

export const detect = (code = 'would-change'): TableRun => run('Detect', 'nothing-to-do', code);

/** Looked at, repaired, nothing left to repair, taken back, nothing left to take back. */
export const wholeLife = (done: string, again: string): TableRun[] => [
  detect(),
  run('Repair', 'fixed', done),
  run('Repair', 'nothing-to-do', again),
  run('Revert', 'reverted', 'reverted'),
  run('Revert', 'nothing-to-do', 'nothing-to-revert'),
];
