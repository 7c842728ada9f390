/** What is known of each failure, for somebody who holds a code or a name: `explain`, `catalogue`. */

import { knownCodes, knownNames, normaliseCode, shortCode } from '../diagnosis/catalogue.ts';
import { findCodes, findName } from '../diagnosis/codes.ts';
import { distance } from '../diagnosis/distance.ts';
import { type Article, articles, articlesOf } from '../playbooks/articles/index.ts';
import { playbookAnswering } from '../playbooks/index.ts';
import type { Playbook } from '../playbooks/types.ts';
import { CliError, type ExitCode, exitCodes } from './errors.ts';
import { type Terminal, table } from './terminal.ts';

export interface CatalogueOptions {
  json?: boolean;
  search?: string;
  playbook?: boolean;
}

/** A code or name that Windows has and Microsoft's Azure articles do not. */
interface Bare {
  code: string;
  name: string;
}

export function explain(asked: string, { json }: { json?: boolean }, terminal: Terminal): ExitCode {
  const { records, bare } = lookUp(asked);
  if (json) terminal.write(`${JSON.stringify(records.map(withPlaybook), null, 2)}\n`);
  else if (bare) terminal.write(toldBare(bare));
  else terminal.write(records.map(record => told(record, terminal)).join('\n'));
  return exitCodes.done;
}

/** By record id, code, name (words apart by underscores or spaces), or a code as OCR or a person misspells it. */
function lookUp(asked: string): { records: Article[]; bare?: Bare } {
  const word = asked.trim();
  const byId = articles().find(({ id }) => id === word.toLowerCase());
  if (byId) return { records: [byId] };
  const code = codeIn(word);
  if (code !== undefined) {
    const records = articlesOf(code);
    const entry = knownCodes.get(code);
    if (records.length > 0) return { records };
    if (entry !== undefined) return { records: [], bare: { code, name: entry.name } };
  }
  throw new CliError(`nothing is known of ${JSON.stringify(word)}`, remedyFor(word), exitCodes.wrongUse);
}

function codeIn(word: string): string | undefined {
  const hex = /^(?:0x)?([0-9a-f]{1,10})$/i.exec(word)?.[1];
  const code = hex === undefined ? undefined : normaliseCode(`0x${hex}`);
  if (code !== undefined && knownCodes.has(code)) return code;
  const name = word.toUpperCase().replace(/[\s-]+/g, '_');
  return knownNames.get(name)?.code ?? findCodes(word)[0]?.entry?.code ?? findName(word.toUpperCase())?.entry.code;
}

function remedyFor(word: string): string {
  const wanted = word.toUpperCase();
  const near = [...[...knownCodes.keys()].map(shortCode), ...knownNames.keys(), ...articles().map(({ id }) => id)]
    .map(known => ({ known, far: distance(known.toUpperCase(), wanted) }))
    .filter(({ known, far }) => far <= Math.max(1, known.length / 4) || (wanted.length >= 8 && known.startsWith(wanted.slice(0, 8))))
    .toSorted((a, b) => a.far - b.far)
    .slice(0, 3);
  const list = 'bootmedic catalogue lists all';
  return near.length === 0
    ? `give a stop code, a status, a name or a record's id; ${list}`
    : `did you mean ${near.map(({ known }) => known).join(', ')}? ${list}`;
}

export function catalogue({ json, search, playbook }: CatalogueOptions, terminal: Terminal): ExitCode {
  const wanted = search?.toLowerCase();
  const found = articles().filter(
    record =>
      (!playbook || playbookAnswering(record.id) !== undefined) &&
      (wanted === undefined ||
        JSON.stringify([record.id, record.title, ...codesOf(record), record.stopNames, record.texts])
          .toLowerCase()
          .includes(wanted)),
  );
  if (json) terminal.write(`${JSON.stringify(found.map(withPlaybook), null, 2)}\n`);
  else terminal.write(found.length === 0 ? 'No record fits.\n' : listed(found, terminal));
  return exitCodes.done;
}

const withPlaybook = (record: Article) => ({ ...record, playbook: playbookAnswering(record.id)?.id ?? null });
const codesOf = ({ stopCodes, statusCodes }: Article) => [...stopCodes, ...statusCodes];
const classes: Record<Article['safety'], string> = {
  auto_safe: 'read',
  auto_with_snapshot: 'auto',
  consent: 'consent',
  manual_only: 'person',
};

function listed(records: Article[], { paint }: Terminal): string {
  const heads = ['code', 'class', 'playbook', 'record', 'what it is'];
  const rows = records.map(record => [
    codesOf(record).map(shortCode).join(' ') || '—',
    classes[record.safety],
    playbookAnswering(record.id)?.id ?? 'by hand',
    record.id,
    record.title,
  ]);
  const body = table([heads, ...rows], [12, undefined, 20, 26, 44], (cell, row) => (row === 0 ? paint.dim(cell) : cell));
  return `${body}\n${records.length} records. Class: read = diagnosis only; auto = on a copy, with a snapshot; consent = a person agrees; person = by hand.\nbootmedic explain <code> tells the rest.\n`;
}

const safeties: Record<Article['safety'], string> = {
  auto_safe: 'reads only',
  auto_with_snapshot: 'runs unasked on a copy of the disk, with a snapshot',
  consent: 'needs consent',
  manual_only: 'done by a person only',
};
const origins = { doc: 'Microsoft', derived: 'derived' } as const;

/** One record, whole: Microsoft's steps and ours told apart. */
function told(record: Article, { paint }: Terminal): string {
  const playbook: Playbook | undefined = playbookAnswering(record.id);
  const codes = [...codesOf(record).map(shortCode), ...record.stopNames].join(', ');
  const lines = [
    paint.bold(record.title),
    `  record      ${record.id}`,
    codes === '' ? false : `  code        ${codes}`,
    record.os !== undefined && `  Windows     ${record.os}`,
    record.generation !== undefined && `  generation  ${record.generation}`,
    `  cause       ${record.cause}`,
    record.parameters !== undefined && `  parameters  ${record.parameters}`,
    `  safety      ${safeties[record.safety]}: ${record.safetyReason}`,
    `  article     ${record.article === null ? 'none for Azure' : `${record.article.url}${record.article.date === null ? '' : ` (${record.article.date})`}`}`,
    '',
    playbook === undefined ? '  No safe automatic repair. Do this:' : `  bootmedic repairs it: playbook ${playbook.id}`,
    ...(playbook?.attempts ?? []).flatMap((attempt, n) => [
      `    ${n + 1}. ${attempt.title}`,
      ...attempt.scripts.map(step => `       ${step.script} (${origins[step.origin]}, ${classes[step.safety]})`),
    ]),
    ...(playbook === undefined ? [] : ['', '  The steps by hand:']),
    ...record.steps.map(
      (step, n) =>
        `    ${n + 1}. ${step.do}  (${origins[step.origin]}, ${classes[step.safety]})${step.note ? `\n       ${step.note}` : ''}`,
    ),
    record.fallback !== undefined && `\n  If that fails: ${record.fallback}`,
    record.pitfalls.length > 0 && `\n  Pitfalls:\n${record.pitfalls.map(pitfall => `    - ${pitfall}`).join('\n')}`,
  ];
  return `${lines.filter(line => typeof line === 'string').join('\n')}\n`;
}

function toldBare({ code, name }: Bare): string {
  return `${shortCode(code)} ${name}\n  Windows has this stop; Microsoft has no article on it for Azure, and no safe automatic repair is known.\n  Collect the memory dump, and restore the VM from its newest backup if it must be back soon.\n`;
}
