/**
 * What happened, in one sentence: which VM, what was wrong with it, what was done, how it ended. It is composed here and nowhere else, where
 * all of that is known; the list, the report, the live page, the notice and the command line show the story's `headline` as it is.
 */
import type { RepairStory } from '../functions/activities/contract.ts';

/** What the sentence says of the VM after its name and its finding. */
export interface Telling {
  /** Predicates of the VM, in order: `was not touched`, `has its original OS disk and power state again`. */
  did: string[];
  /** A clause that says why, which stands at the end; empty = none. Partly Azure's words, or a guest's. */
  why: string;
}

type Known = Pick<RepairStory, 'vm' | 'request' | 'diagnosis'>;

/** Longest name, finding and reason, in UTF-16 units: lists and notices have no room for more, and the report has it whole. */
const longest = { name: 90, finding: 160, reason: 400 };

/** The name that a person knows the VM by. */
const nameOfVm = ({ vm, request }: Pick<Known, 'vm' | 'request'>): string =>
  oneLine(vm?.name ?? request.vmId.split('/').at(-1) ?? request.vmId, longest.name);

export function sentence(story: Known, { did, why }: Telling): string {
  const predicates = listed([wrong(story), ...did].filter(part => part !== ''));
  const reason = oneClause(why);
  return `${nameOfVm(story)} ${predicates}${reason === '' ? '' : `: ${reason}`}.`;
}

/** “A”, “A” and “B”, …: what was tried, by its title. */
export function named(titles: string[]): string {
  return listed([...new Set(titles)].map(title => `“${oneLine(title, longest.name)}”`));
}

/** Empty where nothing was wrong, or nobody knows what. */
function wrong({ diagnosis }: Known): string {
  const found = diagnosis?.findings[0];
  if (found === undefined) return '';
  const name = oneLine([found.stopCode, found.stopName].filter(part => part !== '').join(' '), longest.finding);
  return found.stopCode === '' ? `did not boot (${name || oneLine(found.title, longest.finding)})` : `stopped at ${name}`;
}

function listed(parts: string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** Sentences become clauses of one. */
function oneClause(text: string): string {
  const line = oneLine(text, longest.reason).replace(/[.!]$/, '');
  return line.replace(/[.!] (?=\p{Lu})/gu, '; ');
}

/** Azure and guests write part of it: one line of bounded length. */
function oneLine(text: string, most: number): string {
  const line = text
    .slice(0, 4 * most)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
