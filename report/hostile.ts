/** Text from a guest, or from anything else that is not ours, made safe to look at. Escaping for HTML or Markdown comes after it. */

/** Longest text shown, in UTF-16 units; the JSON form of the report holds what the record has. */
const LONGEST = 4000;

/**
 * The same text, cut, with what cannot be seen made visible and what could reorder or hide its surroundings made harmless:
 * control characters become control pictures (`␛`), other invisible ones (bidirectional controls, zero-width characters, tags,
 * private use) their code point (`⟨U+202E⟩`). Line feeds and tabs stay.
 */
export function visible(text: string, longest = LONGEST): string {
  return cut(text, longest)
    .toWellFormed()
    .replace(/\r\n/g, '\n')
    .replace(/[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, picture)
    .replace(/(\p{M}{3})\p{M}+/gu, '$1');
}

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const head = text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '');
  return `${head} … (${(text.length - head.length).toLocaleString('en')} more characters)`;
}

function picture(character: string): string {
  if (character === '\n' || character === '\t') return character;
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x20) return String.fromCodePoint(0x2400 + point);
  if (point === 0x7f) return '\u2421';
  return `⟨U+${point.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
