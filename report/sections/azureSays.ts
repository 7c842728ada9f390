/** What Azure answered about a VM, which evidence keeps as JSON, in words: who reads a report at night is no parser. */
import { code, type Run, type Text, time } from '../document.ts';

/** Values told of one answer, and how deep they are looked for; the whole is in the evidence's blob. */
const most = { values: 40, depth: 4 };
const isTime = (text: string) => /^\d{4}-\d\d-\d\dT[\d:.]{5,20}Z$/.test(text);

/** `power running · agent status not-ready`; null = it is no JSON, or was cut, and is to be shown as it is. */
export function inWords(excerpt: string): Text | null {
  let answer: unknown;
  try {
    answer = JSON.parse(excerpt);
  } catch {
    return null;
  }
  if (typeof answer !== 'object' || answer === null) return null;
  const told = valuesOf(answer, '', 0);
  if (told.length === 0) return ['nothing'];
  const more = told.length > most.values ? [' · and more'] : [];
  // Two pieces a value: a page that is kept short cuts between values.
  const before = (name: string, n: number) => `${n === 0 ? '' : ' · '}${name === '' ? '' : `${name} `}`;
  return [...told.slice(0, most.values).flatMap(([name, value], n) => [before(name, n), value]), ...more];
}

/** Each value that is known, by its name. */
function valuesOf(value: unknown, name: string, depth: number): [name: string, value: Run][] {
  if (value === null || value === undefined || value === '' || depth > most.depth) return [];
  if (Array.isArray(value)) return value.slice(0, most.values).flatMap(each => valuesOf(each, name, depth + 1));
  if (typeof value === 'object')
    return Object.entries(value).flatMap(([key, each]) => valuesOf(each, `${name} ${inWordsOf(key)}`.trim(), depth + 1));
  if (typeof value === 'boolean') return [[name, code(value ? 'yes' : 'no')]];
  const text = String(value);
  return [[name, isTime(text) ? time(text) : code(text)]];
}

/** `power changed at` of `powerChangedAt`. */
const inWordsOf = (key: string) => key.replaceAll(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
