/**
 * The lines around a telling one -> the failure they tell of. A stop has the kernel's own form (HdlspSendBlueScreenInfo):
 * `BEL BEL BEL <?xml> BEL <BP> … <PROPERTY NAME="STOPCODE" TYPE="string"><VALUE>"0xEF"</VALUE></PROPERTY> … </BP> BEL`, then the
 * screen's text.
 */
import { type CatalogueEntry, knownCodes, normaliseCode, recordOf, unreadStop } from '../catalogue.ts';
import { findCodes, findName } from '../codes.ts';
import type { Failure } from '../failure.ts';
import { endsWithExactly, plain, saysExactly } from '../languages/index.ts';
import { Aftermath, isOwn } from './aftermath.ts';

/** A quote or tag must close the number: a cut one is another code. */
const block = /<PROPERTY NAME="STOPCODE"[^<>]{0,80}>\s{0,4}<VALUE>\s{0,4}"?(0x[0-9A-F]{1,8})\s{0,4}["<]/i;
/** Alone on its line, as the kernel writes it: an application that speaks of a stop has something before or after. */
const oldLine = /^\*\*\* STOP: (0x[0-9A-F]{8})(?:\s{0,4}\(([^()]{0,200})(?:\).{0,2})?)?$/i;
/** The form without a number's prefix, whose text follows in braces: `STOP: c000021a {Fatal System Error}`. */
const hardError = /^(?:\*\*\* )?STOP: (c[0-9a-f]{7}) \{[^{}]{1,80}\}/i;
const status = /^(\S[^:]{2,30}):\s{0,8}(0xC[0-9A-F]{7})$/i;

/** What a line may begin; the lines around it decide. Cheap: it is asked of every line. */
export function mayTell(line: string): 'block' | 'old-stop' | 'boot-status' | null {
  if (line.includes('"STOPCODE"')) return 'block';
  if (line.startsWith('*** STOP: ') || hardError.test(line)) return 'old-stop';
  const end = line.length - 10;
  return end >= 3 && end < 60 && line.charCodeAt(end) === 48 && status.test(line) ? 'boot-status' : null;
}

/** The code in a block that begins on the first of these lines; a tag may be broken over three, and another writer's line between. */
export function blockCode(lines: string[]): { code: string; text: string } | undefined {
  for (const text of [lines.slice(0, 1), lines.slice(0, 2), lines.slice(0, 3), [lines[0], lines[2]]].map(some => some.join(''))) {
    const match = block.exec(text);
    const code = normaliseCode(match?.[1] ?? '');
    if (match && code !== undefined) return { code, text: match[0] };
  }
  return undefined;
}

/** The code in an old stop's line; the list of its parameters may be broken at the terminal's width. */
export function oldStopCode(lines: string[]): { code: string; text: string; parameters: string[] } | undefined {
  const [line = '', next = ''] = lines;
  const isOpen = line.includes('(') && !line.includes(')');
  const match = oldLine.exec(isOpen ? `${line}${next}` : line) ?? oldLine.exec(line) ?? hardError.exec(line);
  const code = normaliseCode(match?.[1]?.replace(/^c/i, '0xC') ?? '');
  if (!match || code === undefined) return undefined;
  return { code, text: match[0], parameters: match[2]?.match(/0x[0-9A-F]{1,16}/gi)?.slice(0, 4) ?? [] };
}

/** Four numbers, one a line, as the text after the block has them. */
function parametersBelow(lines: string[]): string[] {
  const start = lines.findIndex((_, at) => [0, 1, 2, 3].every(step => /^0x[0-9A-F]{8,16}$/i.test(lines[at + step] ?? '')));
  return start < 0 ? [] : lines.slice(start, start + 4);
}

const blamedIn = (lines: string[]) => lines.find(line => /^[\w~.-]{1,60}\.(?:sys|exe|dll)$/i.test(line)) ?? null;

function stop(entry: CatalogueEntry, confidence: Failure['confidence'], lines: string[], basis: string[]): Failure {
  return { entry, confidence, parameters: parametersBelow(lines), whatFailed: blamedIn(lines), basis, contradictions: [] };
}

interface Named {
  entry: CatalogueEntry;
  exact: boolean;
  line: string;
}

const isNumber = (line = '') => /^0x[0-9A-F]{1,16}$/i.test(line);

/** The names that the text of a stop gives: on a line of its own, or after the label. */
function namesIn(lines: string[]): Named[] {
  return lines.flatMap(line => {
    const name = line.length > 200 ? undefined : findName(line);
    const isTold = name !== undefined && (name.text === line || endsWithExactly('stopCode', plain(line.slice(0, name.at))));
    return isTold ? [{ ...name, line }] : [];
  });
}

/** The codes that it gives: after the label, or on a line of its own and not in a list of numbers, as parameters are. */
function codesIn(lines: string[]): Named[] {
  return lines.flatMap((line, at) => {
    const [match] = line.length > 200 || line.startsWith('*** STOP') ? [] : findCodes(line);
    if (match?.entry?.kind !== 'stop' || !match.exact) return [];
    const isAlone = match.text === line && line.length <= 10 && !isNumber(lines[at - 1]) && !isNumber(lines[at + 1]);
    const isTold = isAlone || endsWithExactly('stopCode', plain(line.slice(0, match.at)));
    return isTold ? [{ entry: match.entry, exact: true, line }] : [];
  });
}

/** A stop by its code, with the name that its text gives; doubted where the text tells of another one. */
function stopByCode(code: string, around: string[], below: string[], text: string): Failure {
  const names = namesIn(around);
  const failure = stop(recordOf(code, 'stop'), 'certain', below, [text, ...(names[0] === undefined ? [] : [names[0].line])]);
  const isAnother = ({ entry }: Named) => entry.code !== code && entry.id !== failure.entry.id;
  const others = [
    ...names.filter(isAnother).map(({ entry }) => entry.name),
    ...codesIn(around)
      .filter(isAnother)
      .map(({ entry }) => entry.code),
  ];
  const contradictions = [...new Set(others)].slice(0, 3).map(other => `the text around it names ${other}`);
  return contradictions.length > 0 ? { ...failure, confidence: 'possible', contradictions } : failure;
}

/** @param below the telling line and those after it */
export function stopByBlock(below: string[]): Failure | undefined {
  const found = blockCode(below);
  return found && stopByCode(found.code, below, below, found.text);
}

/** The old form has its name above the line or below. */
const nameAbove = 6;

/** @param above the lines before the telling one */
export function stopByOldLine(above: string[], below: string[]): Failure | undefined {
  const found = oldStopCode(below);
  if (found === undefined) return undefined;
  const around = [...above.slice(-nameAbove), ...below];
  return { ...stopByCode(found.code, around, below, found.text), parameters: found.parameters };
}

/** A stop's sentence, in any language, on one line or broken over two; a stopped Windows writes nothing after its text, and `talk` is what follows. */
export function stopBySentence(tail: string[]): { failure: Failure; talk: string | null } | undefined {
  const sentence = tail.findLastIndex(
    (line, at) => line.length > 12 && line.length < 200 && saysExactly('stop', plain(`${line} ${tail[at + 1]?.slice(0, 200) ?? ''}`)),
  );
  if (sentence < 0) return undefined;
  const [told] = namesIn(tail.slice(Math.max(0, sentence - 12), sentence + 12));
  const failure =
    told === undefined
      ? stop(unreadStop, 'possible', tail.slice(sentence), tail.slice(sentence, sentence + 5))
      : stop(told.entry, told.exact ? 'likely' : 'possible', tail.slice(sentence), [told.line, tail[sentence] ?? '']);
  const aftermath = new Aftermath();
  for (const line of tail.slice(sentence + 1)) aftermath.add(line, isOwn(line));
  return { failure, talk: aftermath.talk };
}

/** What a line of a boot manager's page tells: its heading, or the file on the disk. */
export interface PageLine {
  isHeading: boolean;
  file: string | null;
}

/** Cut before it is read: lines are a terminal's, and hostile. */
export function pageLine(whole: string): PageLine {
  const line = whole.slice(0, 300);
  const file = /^[^:]{2,30}:\s{0,8}(\\\S.*)$/.exec(line)?.[1] ?? null;
  return { isHeading: saysExactly('bootManager', plain(line)), file };
}

/** The status that a line tells after its label. */
export function bootStatus(line: string): string | undefined {
  const match = status.exec(line);
  return match && endsWithExactly('bootStatus', plain(match[1] ?? '')) ? normaliseCode(match[2] ?? '') : undefined;
}

/** A boot manager's page: a status, below its heading or beside a path on the disk. */
export function bootError(code: string, page: string[], file: string | null): Failure {
  const confidence = knownCodes.has(code) ? 'certain' : 'likely';
  const basis = page.map(line => line.slice(0, 300));
  return { entry: recordOf(code, 'boot-status'), confidence, parameters: [], whatFailed: file, basis, contradictions: [] };
}
