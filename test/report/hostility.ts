/** Records full of text that wants out of its place. */

import type { RepairRecord } from '../../records/index.ts';
import fc from '../fastCheck.ts';

const attacks = [
  '<script>globalThis.pwned=1</script>',
  '"><img src=x onerror=globalThis.pwned=1>',
  "' onmouseover='globalThis.pwned=1",
  '</pre></figure></style></title><svg onload=globalThis.pwned=1>',
  '<!-- ',
  ']]><![CDATA[',
  '&lt;b&gt; &#x3c;b>',
  '<%~ it.style %> $' + '{1} `',
  '[x](javascript:alert(1)) ![x](https://evil.example/p.png)',
  '```\n# not a heading\n```` `code` ``',
  '| a | b |\n| --- | --- |',
  '\n\n---\n- item\n1. item\n> quote\n    code',
  '**bold** __bold__ ~~gone~~ \\',
  'https://evil.example www.evil.example <https://evil.example>',
  '\u202Egnp.exe\u2066\u200F\u061C',
  '\u0000\u001B[31mred\u007F\u0085\u2028',
  'z\u0351\u0352\u0353\u0354\u0355\u0356\u0357algo',
  '\uD800 lone \uDFFF',
  'w'.repeat(300),
  'javascript:alert(1)',
  '__proto__',
];

export const hostileText = fc.oneof(
  fc.constantFrom(...attacks),
  fc
    .array(fc.oneof(fc.constantFrom(...attacks), fc.constantFrom(...'<>"\'`&;|*_[]()#-+=~\\\n\t/:.@!')), { maxLength: 8 })
    .map(parts => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

/** Fields that are not free text: words of a fixed choice, times, names of blobs that pictures are looked up by. */
const fixed = new Set(
  `outcome kind state verdict sight confidence harm safety origin mode script boot generation securityType power status fresh
  newest blob contentType capturedAt startedAt endedAt downFrom downUntil requestedAt powerChangedAt at from to expires schema`.split(
    /\s+/,
  ),
);

/** The record with another text in each free text field; equal texts stay equal, different ones different, empty ones empty. */
export function infest(record: RepairRecord, texts: string[]): RepairRecord {
  const changed = new Map<string, string>([['', '']]);
  const other = (text: string) => {
    const known = changed.get(text) ?? `${texts[changed.size % texts.length]}x${changed.size}`;
    changed.set(text, known);
    return known;
  };
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return fixed.has(key) ? value : other(value);
    if (Array.isArray(value)) return value.map(item => walk(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]));
  };
  return walk(record, '') as RepairRecord;
}
