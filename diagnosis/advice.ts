/** What the catalogue's articles add to a failure once it is named: the record that fits the evidence, and what a person tries first. */
import { type Article, articleById, articlesOf } from '../playbooks/articles/index.ts';
import { signatures } from '../playbooks/catalogue.ts';
import type { CatalogueEntry } from './catalogue.ts';

/** What tells records of one code apart. */
export interface Circumstances {
  /** File or driver that is blamed. */
  whatFailed: string | null;
  /** Windows build, where the agent once told it. */
  build: number | null;
}

const answering = (record: string) => signatures.find(({ answers }) => answers.includes(record));

/**
 * The record of a code that fits what was seen, and the playbook that answers what is blamed; the entry itself where nothing tells
 * records apart. The playbook of the whole code stays where none is closer.
 */
export function refined(entry: CatalogueEntry, { whatFailed, build }: Circumstances): CatalogueEntry {
  if (entry.code === '') return entry;
  const path = whatFailed?.toLowerCase() ?? '';
  const blamed = articleById(entry.id)?.blaming.find(({ file }) => path.endsWith(file));
  const closer = blamed && answering(blamed.record);
  if (closer) return { ...entry, playbook: closer.playbook, harm: closer.harm };
  const file = path.split('\\').at(-1) ?? '';
  const driver = file.endsWith('.sys') ? signatures.find(({ whenDriverBlamed }) => whenDriverBlamed?.includes(entry.code)) : undefined;
  const special = articlesOf(entry.code).find(
    ({ when }) => when?.whatFailed?.includes(file) || (build !== null && when?.builds?.includes(build)),
  );
  if (special === undefined) return driver ? { ...entry, title: driver.title, playbook: driver.playbook, harm: driver.harm } : entry;
  const { playbook, harm } = answering(special.id) ?? driver ?? entry;
  return { ...entry, id: special.id, title: special.title, playbook, harm };
}

const origins = { doc: 'Microsoft', derived: 'derived' } as const;
const where = { 'repair-vm': 'on a repair VM', azure: 'in Azure', guest: 'in the VM' } as const;
const lines = 5;
const length = 200;

/** The mark is never what is cut. */
function marked(text: string, mark: string): string {
  const room = length - mark.length - 3;
  return `${text.length <= room ? text : `${text.slice(0, room - 1)}…`} (${mark})`;
}

/** `chkdsk <WIN>: /f (Microsoft, on a repair VM)`, with a word where it can lose something; of a record without steps, what is left to do. */
function adviceOf({ steps, fallback }: Article): string[] {
  const told = steps.map(step =>
    marked(step.do, `${origins[step.origin]}, ${where[step.where]}${step.safety === 'consent' ? ', with consent' : ''}`),
  );
  return (told.length > 0 ? told : fallback.map(text => marked(text, origins.derived))).slice(0, lines);
}

/** Article and advice for a finding; a playbook needs no advice. */
export function adviceFor({ id, playbook }: CatalogueEntry): { article: string | null; advice: string[] } {
  const record = articleById(id);
  return { article: record?.article?.url ?? null, advice: record === undefined || playbook !== null ? [] : adviceOf(record) };
}
