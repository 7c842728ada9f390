/** What is known of each failure, for somebody who holds a code or a name: `explain`, `catalogue`. */
import { knownCodes, knownNames, normaliseCode, shortCode } from '../diagnosis/catalogue.ts';
import { findCodes, findName } from '../diagnosis/codes.ts';
import { distance } from '../diagnosis/distance.ts';
import { type Article, articles, articlesOf } from '../playbooks/articles/index.ts';
import { playbookAnswering, playbookById } from '../playbooks/index.ts';
import type { Playbook } from '../playbooks/types.ts';
import { CliError, type ExitCode, exitCodes } from './errors.ts';
import { type Terminal, wrap } from './terminal.ts';
import { originWord } from './words.ts';

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
    // A code that shares only its prefix is not near.
    .filter(({ known, far }) => far < known.replace(/^0x/, '').length)
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
      (!playbook || answer(record) !== undefined) &&
      (wanted === undefined ||
        JSON.stringify([record.id, record.title, ...codesOf(record), record.stopNames, record.texts])
          .toLowerCase()
          .includes(wanted)),
  );
  if (json) terminal.write(`${JSON.stringify(found.map(withPlaybook), null, 2)}\n`);
  else terminal.write(found.length === 0 ? 'No record fits.\n' : listed(found, terminal));
  return exitCodes.done;
}

/** That of the record; of the code, where the record is what the code means without further conditions. */
function answer(record: Article): Playbook | undefined {
  const byCode = codesOf(record)
    .filter(code => articlesOf(code)[0]?.id === record.id)
    .flatMap(code => knownCodes.get(code)?.playbook ?? []);
  return playbookAnswering(record.id) ?? (byCode[0] === undefined ? undefined : playbookById(byCode[0]));
}

const withPlaybook = (record: Article) => ({ ...record, playbook: answer(record)?.id ?? null });
const codesOf = ({ stopCodes, statusCodes }: Article) => [...stopCodes, ...statusCodes];
const classes: Record<Article['safety'], string> = {
  auto_safe: 'read',
  auto_with_snapshot: 'auto',
  consent: 'consent',
  manual_only: 'person',
};

/** What a terminal shows without breaking lines. */
const WIDTH = 80;

/** Code, class, playbook, name and title; a record without a code under its id, which `explain` takes too. */
function listed(records: Article[], { paint }: Terminal): string {
  const repair = (record: Article) => answer(record)?.id ?? 'by hand';
  const playbookWidth = Math.max(...records.map(record => repair(record).length), 'playbook'.length);
  const widths = [CODE_WIDTH, CLASS_WIDTH, playbookWidth];
  const left = widths.reduce((sum, width) => sum + width + 2, 0);
  const row = (cells: string[], texts: string[], codes: string[] = []) =>
    texts.map((text, n) => {
      const heads = n === 0 ? cells : [codes[n] ?? ''];
      return `${widths.map((width, at) => (heads[at] ?? '').padEnd(width)).join('  ')}  ${text}`.trimEnd();
    });
  const head = row(['code', 'class', 'playbook'], ['what it is']).map(line => paint.dim(line));
  const body = records.flatMap(record => {
    const codes = codesOf(record).map(shortCode);
    const texts = [...record.stopNames.slice(0, 1), ...wrap(record.title, WIDTH - left)];
    const lines = row(
      [codes[0] ?? '—', classes[record.safety], repair(record)],
      [...texts, ...codes.slice(texts.length).map(() => '')],
      codes,
    );
    return codes.length > 0 ? lines : [...lines, `${' '.repeat(CODE_WIDTH)}  ${record.id}`];
  });
  return [
    ...head,
    ...body,
    '',
    `${records.length} records. Class: read = diagnosis only; auto = on a copy, with a snapshot;`,
    'consent = a person agrees; person = by hand.',
    'bootmedic explain <code, name or id> tells the rest.',
    '',
  ].join('\n');
}

const CODE_WIDTH = 10;
const CLASS_WIDTH = 7;

const safeties: Record<Article['safety'], string> = {
  auto_safe: 'reads only',
  auto_with_snapshot: 'runs unasked on a copy of the disk, with a snapshot',
  consent: 'needs consent',
  manual_only: 'done by a person only',
};

/** Text after an indented head, broken at the terminal's width; commands are never broken. */
function flowed(head: string, text: string): string[] {
  const [first = '', ...more] = wrap(text, WIDTH - head.length);
  return [`${head}${first}`, ...more.map(line => `${' '.repeat(head.length)}${line}`)];
}

/** One record, whole: Microsoft's steps and ours told apart. */
function told(record: Article, { paint }: Terminal): string {
  const lines = [
    paint.bold(record.title),
    ...factsOf(record).flatMap(([name, text]) => (text === undefined || text === '' ? [] : flowed(`  ${name.padEnd(10)}  `, text))),
    `  article     ${articleOf(record)}`,
    '',
    ...remedyOf(record),
    ...record.pitfalls.slice(0, 1).flatMap(() => ['', '  Pitfalls, as we found them:']),
    ...record.pitfalls.flatMap(pitfall => flowed('    - ', pitfall)),
    ...legendFor(record),
  ];
  return `${lines.join('\n')}\n`;
}

const factsOf = (record: Article): [string, string | undefined][] => [
  ['record', record.id],
  ['code', [...codesOf(record).map(shortCode), ...record.stopNames].join(', ')],
  ['Windows', record.os],
  ['generation', record.generation],
  ['cause', record.cause],
  ['parameters', record.parameters],
  ['safety', `${safeties[record.safety]}: ${record.safetyReason}`],
];

function articleOf({ article }: Article): string {
  if (article === null) return 'none for Azure';
  return `${article.url ?? 'Microsoft has one, at an address we do not know'}${article.date === null ? '' : ` (${article.date})`}`;
}

/** What bootmedic does, in order, or what a person does; last what is left when nothing helps. */
function remedyOf(record: Article): string[] {
  const playbook = answer(record);
  const attempts = (playbook?.attempts ?? []).flatMap((attempt, n) => [
    `    ${n + 1}. ${attempt.title}`,
    ...attempt.scripts.map(step => `       ${step.script} (${originWord(step.origin)}, ${classes[step.safety]})`),
    ...(attempt.ifHung
      ? [`       if it hangs: ${attempt.ifHung.consent} (${originWord(attempt.ifHung.origin)}, ${classes[attempt.ifHung.safety]})`]
      : []),
  ]);
  const steps = record.steps.flatMap((step, n) => [
    `    ${n + 1}. ${step.do}  (${originWord(step.origin)}, ${classes[step.safety]})`,
    ...(step.note === undefined ? [] : flowed('       ', step.note)),
  ]);
  const byHand = playbook === undefined ? '  No safe automatic repair. Do this:' : '  The steps by hand:';
  const left = record.fallback.flatMap(text => flowed('    - ', `${text} (derived)`));
  return [
    ...(playbook === undefined ? [] : [`  bootmedic repairs it: playbook ${playbook.id}`, ...attempts]),
    ...(playbook !== undefined && steps.length > 0 ? [''] : []),
    ...(steps.length > 0 || playbook === undefined ? [byHand] : []),
    ...steps,
    ...(steps.length > 0 && left.length > 0 ? ['', '  If that does not help:'] : []),
    ...left,
  ];
}

const placeholders: Record<string, string> = {
  '<WIN>': 'letter of the broken disk’s Windows partition',
  '<BOOT>': 'letter of its System Reserved partition, or the same letter where there is none',
  '<ESP>': 'letter of its EFI system partition (Gen2)',
  '<BCD>': 'path of its boot configuration store',
  '<ID>': 'identifier of its Windows boot loader',
  '<CS>': 'its current control set, for example ControlSet001',
};

/** What the placeholders in the steps stand for. */
function legendFor(record: Article): string[] {
  const text = JSON.stringify([record.steps, record.fallback, record.pitfalls]);
  const used = Object.entries(placeholders).filter(([name]) => text.includes(name));
  return used.length === 0 ? [] : ['', ...used.flatMap(([name, meaning]) => flowed(`  ${name.padEnd(7)} `, meaning))];
}

function toldBare({ code, name }: Bare): string {
  return `${shortCode(code)} ${name}\n  Windows has this stop; Microsoft has no article on it for Azure, and no safe automatic repair is known.\n  Collect the memory dump, and restore the VM from its newest backup if it must be back soon.\n`;
}
