/** A case of the table that scripts and their twins share. */
import type { ScriptMode } from '../../playbooks/types.ts';

export interface TableRun {
  mode: ScriptMode;
  outcome: string;
  code: string;
  parameters?: Record<string, string>;
  /** A finding that must be among what is found. */
  finds?: string;
}
export interface TableCase {
  name: string;
  script: string;
  windows?: object;
  damage?: object[];
  /** The Windows has no component store. */
  withoutStore?: boolean;
  /** Texts that lie on the Windows volume beside what it has, by path. */
  files?: Record<string, string>;
  runs: TableRun[];
}

export const run = (mode: ScriptMode, outcome: string, code: string, parameters?: Record<string, string>, finds?: string): TableRun => ({
  mode,
  outcome,
  code,
  ...(parameters && { parameters }),
  ...(finds !== undefined && { finds }),
});
export const detect = (code = 'would-change') => run('Detect', 'nothing-to-do', code);
/** Looked at, repaired, nothing left to repair, taken back, nothing left to take back. */
export const wholeLife = (done: string, again: string): TableRun[] => [
  detect(),
  run('Repair', 'fixed', done),
  run('Repair', 'nothing-to-do', again),
  run('Revert', 'reverted', 'reverted'),
  run('Revert', 'nothing-to-do', 'nothing-to-revert'),
];
