/** What the catalogue's articles add to a failure once it is named: the record that fits the evidence, and what a person tries first. */
import { type Article, articleById, articlesOf } from '../playbooks/articles/index.ts';
import type { CatalogueEntry } from './catalogue.ts';

/** What tells records of one code apart. */
export interface Circumstances {
  /** File or driver that is blamed. */
  whatFailed: string | null;
  /** Windows build, where the agent once told it. */
  build: number | null;
}

/** The record of a code that fits what was seen; the entry itself where there is none. A playbook stays what it is. */
export function refined(entry: CatalogueEntry, { whatFailed, build }: Circumstances): CatalogueEntry {
  if (entry.code === '') return entry;
  const file = whatFailed?.toLowerCase().split('\\').at(-1);
  const special = articlesOf(entry.code).find(
    ({ when }) => (file !== undefined && when?.whatFailed?.includes(file)) || (build !== null && when?.builds?.includes(build)),
  );
  return special === undefined ? entry : { ...entry, id: special.id, title: special.title };
}

const origins = { doc: 'Microsoft', derived: 'derived' } as const;
const lines = 5;
const length = 200;
const cut = (text: string) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

/** `chkdsk <WIN>: /f (Microsoft, on a repair VM)` */
function adviceOf({ steps }: Article): string[] {
  const where = { 'repair-vm': 'on a repair VM', azure: 'in Azure', guest: 'in the VM' } as const;
  return steps.slice(0, lines).map(step => cut(`${step.do} (${origins[step.origin]}, ${where[step.where]})`));
}

/** Article and advice for a finding; a playbook needs no advice. */
export function adviceFor({ id, playbook }: CatalogueEntry): { article: string | null; advice: string[] } {
  const record = articleById(id);
  return { article: record?.article?.url ?? null, advice: record === undefined || playbook !== null ? [] : adviceOf(record) };
}
