/**
 * Codes and stop names in text that a machine has read. A misread one is put right only where one known code or name alone is
 * near; such a correction is told, so that it never counts as certain.
 */
import { type CatalogueEntry, knownCodes, knownNames, normaliseCode, shortCode } from './catalogue.ts';
import { distance } from './distance.ts';

export interface CodeMatch {
  /** Normal form, `0x000000EF`. */
  code: string;
  /** The record, when the code is known. */
  entry: CatalogueEntry | null;
  /** The digits stand there as they are (`Oxc000021a`: the prefix tells nothing of the code). */
  exact: boolean;
  /** As it stands in the text, and where. */
  text: string;
  at: number;
}

/** What OCR makes of digits: letters that no hexadecimal number has. */
const misreadDigits: Record<string, string> = {
  O: '0',
  Q: '0',
  U: '0',
  // Of `0x0000…`, whose zeros were letters by then.
  X: '0',
  I: '1',
  L: '1',
  '|': '1',
  '!': '1',
  S: '5',
  Z: '2',
  G: '6',
  T: '7',
  '¢': 'E',
  '€': 'E',
};
const digitsOf = (text: string) => [...text.toUpperCase()].map(letter => misreadDigits[letter] ?? letter).join('');

/** Codes shorter than this are never guessed at: too many others are near. */
const guessableDigits = 7;

/** `0x…`, also with the zero read as something round (text modes stroke it), or twice; and a bare NTSTATUS such as `c000021a`. */
const codePattern =
  /(?<![\p{L}\p{N}_])(?:[0OQo(689©]{1,2}[xX×]\s?([0-9A-Za-z|!¢€]{1,16})|([cC][0OQ]{2,4}[0-9A-Za-z|!]{3,5}))(?![\p{L}\p{N}_])/gu;

/** What a zero with a dot or stroke is read as, as text modes draw it. */
const strokedZero = /[0689DE]/;

/** The one known code whose zeros alone were misread, if no other is. */
function withZeros(digits: string): CatalogueEntry | undefined {
  const fits = (code: string) =>
    [...code.slice(2)].every((digit, at) => digit === digits[at] || (digit === '0' && strokedZero.test(digits[at] ?? '')));
  const found = digits.length === 8 ? [...knownCodes].filter(([code]) => /^0xC/.test(code) && fits(code)) : [];
  return found.length === 1 ? found[0]?.[1] : undefined;
}

/** The one known code an edit away, if no other is. */
function guess(digits: string): CatalogueEntry | undefined {
  const zeros = withZeros(digits);
  if (zeros !== undefined) return zeros;
  if (digits.length < guessableDigits || digits.length > 9) return undefined;
  const near = [...knownCodes].filter(([code]) => distance(code.slice(2), digits) === 1);
  return near.length === 1 ? near[0]?.[1] : undefined;
}

/** Whether another known code is one letter away: a misreading would be just as well-formed. */
export const hasSibling = (code: string): boolean => [...knownCodes.keys()].some(other => other !== code && distance(other, code) === 1);

/** Hexadecimal digits that OCR takes for each other. */
const lookAlikes = ['0D', '8B', '17', '56', '38', '6B'];
const alike = (a: string, b: string) => lookAlikes.some(pair => pair.includes(a) && pair.includes(b));

/** Whether `read` is `written` with one digit taken for its look-alike, lost, or read twice. */
function isOneMisreading(written: string, read: string): boolean {
  const at = [...written].findIndex((digit, index) => digit !== read[index]);
  if (at < 0) return read.length === written.length + 1 && read.at(-1) === written.at(-1);
  const rest = written.slice(at + 1);
  if (read.length === written.length) return alike(written.charAt(at), read.charAt(at)) && read.slice(at + 1) === rest;
  if (read.length === written.length - 1) return read.slice(at) === rest;
  return at > 0 && read.length === written.length + 1 && read[at] === written[at - 1] && read.slice(at + 1) === written.slice(at);
}

/** Whether another known code, in full or short, would stand in the text like this after one typical misreading. */
export function mayBeAnother({ code, text }: CodeMatch): boolean {
  const read = digitsOf(text.replace(/^.*?[xX×]/, ''));
  return [...knownCodes.keys()].some(
    other => other !== code && [other.slice(2), shortCode(other).slice(2)].some(written => isOneMisreading(written, read)),
  );
}

/** Every code in a line: known ones, ones put right, and well-formed ones nobody knows. */
export function findCodes(line: string): CodeMatch[] {
  return [...line.matchAll(codePattern)].flatMap((match): CodeMatch[] => {
    const digits = digitsOf(match[1] ?? match[2] ?? '');
    const asRead = /^[0-9a-f]+$/i.test(match[1] ?? match[2] ?? '');
    const place = { text: match[0], at: match.index };
    const code = normaliseCode(`0x${digits}`);
    const entry = code === undefined ? undefined : knownCodes.get(code);
    if (code !== undefined && entry !== undefined) return [{ ...place, code, entry, exact: asRead }];
    // One repair at a time: two misreadings in one code may make any code of any other.
    const guessed = (asRead ? guess(digits) : undefined) ?? withZeros(digits);
    if (guessed !== undefined) return [{ ...place, code: guessed.code, entry: guessed, exact: false }];
    return code !== undefined && /^0x[0-9a-f]+$/i.test(match[0]) ? [{ ...place, code, entry: null, exact: true }] : [];
  });
}

export interface NameMatch {
  entry: CatalogueEntry;
  exact: boolean;
  text: string;
  at: number;
}

/** Letters as OCR may confuse them, one for each group; separators (an underscore is easily lost) fall away. */
const folds: Record<string, string> = { '0': 'O', Q: 'O', '1': 'I', L: 'I', '|': 'I', '!': 'I', '5': 'S', '8': 'B', '2': 'Z', '6': 'G' };
const fold = (text: string) => [...text.toUpperCase()].map(letter => folds[letter] ?? letter).join('');
const isWord = (letter: string) => /[\p{L}\p{N}|!]/u.test(letter);

const foldedNames = [...knownNames]
  .filter(([name]) => name.length > 8)
  .map(([name, entry]) => ({ name, letters: name.replaceAll('_', ''), folded: fold(name.replaceAll('_', '')), entry }))
  // Longest first: IRQL_NOT_LESS_OR_EQUAL is part of another name.
  .toSorted((a, b) => b.folded.length - a.folded.length);

/** Stop names stand in capitals: the same words in a sentence are none. */
const inCapitals = (text: string) => {
  const small = text.match(/[a-z]/g)?.length ?? 0;
  return small * 5 <= text.length;
};

/** The known stop name in a line, with words apart by underscores, spaces or nothing; one edit in eight letters is put right. */
export function findName(line: string): NameMatch | undefined {
  const letters = [...line].flatMap((letter, at) => (isWord(letter) ? [{ letter, at }] : []));
  const joined = letters.map(({ letter }) => letter).join('');
  const folded = fold(joined);
  for (const { folded: name, letters: plain, entry } of foldedNames) {
    const start = folded.indexOf(name);
    const [first, last] = [letters[start], letters[start + name.length - 1]];
    if (start < 0 || first === undefined || last === undefined) continue;
    const text = line.slice(first.at, last.at + 1);
    if (inCapitals(text)) return { entry, exact: joined.slice(start, start + name.length) === plain, text, at: first.at };
  }
  return nearName(line);
}

/** The words in capitals at the end of a line, against every name: one alone within the tolerance. */
function nearName(line: string): NameMatch | undefined {
  const tail = /[A-Z0-9|!][A-Z0-9|!lo_ .-]{7,}[A-Z0-9|!.]?\s*$/.exec(line);
  if (tail === null) return undefined;
  const text = tail[0].trim();
  const read = fold([...text].filter(isWord).join(''));
  const near = foldedNames.filter(
    ({ folded }) => Math.abs(folded.length - read.length) <= 3 && distance(folded, read) <= folded.length / 8,
  );
  const [only] = near;
  return only !== undefined && new Set(near.map(({ entry }) => entry.code)).size === 1
    ? { entry: only.entry, exact: false, text, at: tail.index }
    : undefined;
}
