/** The words that a request or a setting may name. */
import { playbooks } from '../playbooks/catalogue.ts';

export interface Known {
  playbooks: readonly string[];
  consents: readonly string[];
}

const steps = playbooks.flatMap(({ attempts, beforeBoot }) => [
  ...attempts.flatMap(({ scripts, ifHung }) => [...scripts, ...(ifHung ? [ifHung] : [])]),
  ...beforeBoot,
]);
/** What no step names: the probe asks for the first, the runbook itself for the others. */
const asked = ['domain-controller', 'act-on-uncertain-finding', 'enable-boot-diagnostics'];

export const known: Known = {
  playbooks: playbooks.map(({ id }) => id),
  consents: [...new Set([...steps.flatMap(({ consent }) => consent ?? []), ...asked])].sort(),
};
