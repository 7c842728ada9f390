import { describe, expect, test } from '@jest/globals';
import { visible } from '../../report/hostile.ts';
import { renderHtml, renderMarkdown } from '../../report/index.ts';
import { style } from '../../report/templates/style.ts';
import fc from '../fastCheck.ts';
import { hostileText, infest } from './hostility.ts';
import { images } from './sample/pictures.ts';
import { recordOf, repaired, stories } from './sample/stories.ts';

const pictures = images();
const harmless = ['a', 'b', 'c'];
const someTexts = fc.array(hostileText, { minLength: 3, maxLength: 6 });
const someOutcome = fc.constantFrom(...(Object.keys(stories) as (keyof typeof stories)[]));

describe('text made visible', () => {
  test.each([
    ['\u001B[31m', '␛[31m'],
    ['a\u0000b\u007F', 'a␀b␡'],
    ['a\r\nb\tc\rd', 'a\nb\tc␍d'],
    ['invoice\u202Efdp.exe', 'invoice⟨U+202E⟩fdp.exe'],
    ['pay\u200Bpal\u00AD', 'pay⟨U+200B⟩pal⟨U+00AD⟩'],
    ['tag\u{E0041}', 'tag⟨U+E0041⟩'],
    ['\uD800x', '\uFFFDx'],
    ['z\u0301\u0302\u0303\u0304\u0305', 'z\u0301\u0302\u0303'],
    ['fout — Größe — 記号 — שלום', 'fout — Größe — 記号 — שלום'],
  ])('%j', (text, shown) => expect(visible(text)).toBe(shown));

  test('cut, never inside a character', () => expect(visible('ab😀cd', 3)).toBe('ab … (4 more characters)'));

  test('nothing invisible is left, and the length has a bound', () =>
    fc.assert(
      fc.property(hostileText, text => {
        const shown = visible(text, 100);
        expect(shown).not.toMatch(/[^\P{C}\n\t]|[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u);
        expect(shown.length).toBeLessThan(100 * 10 + 40);
      }),
    ));
});

/** Tags with the names of their attributes, in order, by a grammar stricter than HTML's: what does not fit it throws. */
function skeleton(html: string): string[] {
  const tags: string[] = [];
  const rest = html
    .replace(`<style>${style}</style>`, '')
    .replace(/<(\/?[a-z][a-z0-9]*)((?: [a-zA-Z-]+[12]?="[^"<>]*")*)>/g, (_, name, attributes) => {
      tags.push([name, ...[...String(attributes).matchAll(/ ([a-zA-Z-]+[12]?)="/g)].map(match => match[1])].join(' '));
      return '';
    });
  expect(rest.replace('<!doctype html>', '')).not.toMatch(/[<>]/);
  return tags;
}

describe('HTML', () => {
  test('hostile text changes no tag and no attribute’s name', () =>
    fc.assert(
      fc.property(someOutcome, someTexts, (outcome, texts) => {
        const record = recordOf(stories[outcome]);
        expect(skeleton(renderHtml(infest(record, texts), pictures))).toEqual(skeleton(renderHtml(infest(record, harmless), pictures)));
      }),
      { numRuns: 60 },
    ));

  test('hostile text is shown, not swallowed', () => {
    const story = { ...repaired, outcome: 'refused' as const, headline: '<b>"bold"</b> & \u202E' };
    expect(renderHtml(recordOf(story), pictures)).toContain('&lt;b&gt;&quot;bold&quot;&lt;/b&gt; &amp; ⟨U+202E⟩');
  });

  test('only web addresses become links', () => {
    const page = (article: string) =>
      renderHtml(
        recordOf({ ...repaired, backup: null, plan: { ...repaired.plan!, playbook: { id: 'p', title: 't', article } } }),
        pictures,
      );
    expect(page('https://learn.microsoft.com/"onclick=x')).toContain('<a href="https://learn.microsoft.com/%22onclick=x"');
    for (const article of ['javascript:alert(1)', 'data:text/html,x', 'http://plain.example/', '//x', ''])
      expect(page(article)).not.toMatch(/<a href="[^#]/);
  });
});

/**
 * What is left of Markdown without code and escapes: the characters that make structure, line by line.
 * Follows CommonMark 0.31: backslash escapes (2.4), fenced code (4.5), code spans (6.1).
 */
function structure(markdown: string): string[] {
  const lines: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split('\n')) {
    if (fence !== null) {
      if (/^ {0,3}`+\s*$/.test(line) && line.trim().length >= fence.length) fence = null;
      continue;
    }
    fence = /^(`{3,})[^`]*$/.exec(line)?.[1] ?? null;
    if (fence !== null) continue;
    const bare = line.replace(/^ {0,3}/, '').replace(/\\[!-/:-@[-`{-~]|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|&(?:amp|lt|gt);/g, 'x');
    lines.push(`${/^[ \t]*([-+>#=]+|\d+\.)?/.exec(bare)?.[0]}${bare.replace(/[^`*_[\]<>|~!]/g, '').replaceAll('!', '')}`);
  }
  return lines;
}

describe('Markdown', () => {
  test('hostile text changes no structure', () =>
    fc.assert(
      fc.property(someOutcome, someTexts, (outcome, texts) => {
        const record = recordOf(stories[outcome]);
        expect(structure(renderMarkdown(infest(record, texts)))).toEqual(structure(renderMarkdown(infest(record, harmless))));
      }),
      { numRuns: 60 },
    ));

  test('no address of a stranger becomes a link', () => {
    const written = renderMarkdown(
      recordOf({ ...repaired, outcome: 'refused', headline: 'see https://evil.example or www.evil.example', faults: [] }),
    );
    expect(written).toContain('see https\\://evil.example or www\\.evil.example');
  });

  test('a code span holds whatever it is given', () => {
    const tail = 'a ``` b';
    const [first] = repaired.attempts;
    const written = renderMarkdown(
      recordOf({ ...repaired, attempts: [{ ...first!, scripts: [{ ...first!.scripts[0]!, result: null, tail, log: 'x`y' }] }] }),
    );
    expect(written).toContain('`` x`y ``');
    expect(written).toContain('````text\na ``` b\n````');
  });
});
