/** The playbooks: what lies in the folders beside this file, by their names. Nothing names them here. */
import { collected } from './collected.ts';
import type { Playbook, Signature } from './types.ts';

export const playbooks: readonly Playbook[] = collected.map(({ playbook }) => playbook);
export const signatures: readonly Signature[] = collected.map(({ signature }) => signature);

/** The playbook that answers a record of the catalogue. */
export function playbookAnswering(record: string): Playbook | undefined {
  return playbooks.find(({ answers }) => answers.includes(record));
}

/** Undefined when there is no such playbook. */
export function playbookById(id: string): Playbook | undefined {
  return playbooks.find(playbook => playbook.id === id);
}
