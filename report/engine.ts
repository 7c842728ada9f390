/** Eta with the escaping of each form: nothing reaches a page but through `visible` and one of these. */
import { createHash } from 'node:crypto';
import { Eta } from 'eta/core';
import type { Report } from './document.ts';
import { visible } from './hostile.ts';
import { markdown, partials as markdownPartials } from './templates/markdown.ts';
import { page, partials as pagePartials } from './templates/page.ts';
import { style } from './templates/style.ts';
import type { Badge } from './words.ts';

/** Source expression of a content security policy for an inline text. */
export const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const policy = ["default-src 'none'", 'img-src data:', `style-src ${hashOf(style)}`, "base-uri 'none'", "form-action 'none'"].join('; ');

const html = htmlEngine({ page });
const md = engine(markdownText, { page: markdown, ...markdownPartials });

export function toHtml(report: Report): string {
  return html.render('@page', { report, policy, style });
}

const signs: Record<Badge['icon'], string> = { check: '✅', warning: '⚠️', stop: '⛔', back: '↩️', info: 'ℹ️' };

/** @param signed its title begins with the outcome's sign */
export function toMarkdown(report: Report, signed = true): string {
  const sign = signed ? `${signs[report.badge.icon]} ` : '';
  const written = md.render('@page', { report, sign, span, fence });
  return written.replace(/\n{3,}/g, '\n\n');
}

/** @param templates by name; they may include the report's partials, one for each kind of block */
export function htmlEngine(templates: Record<string, string>): Eta {
  return engine(htmlText, { ...pagePartials, ...templates });
}

function engine(escapeFunction: (value: unknown) => string, templates: Record<string, string>): Eta {
  const eta = new Eta({ escapeFunction, autoTrim: escapeFunction === htmlText ? [false, 'nl'] : false });
  for (const [name, template] of Object.entries(templates)) eta.loadTemplate(`@${name}`, template);
  return eta;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const entity = (character: string) => entities[character] ?? character;

/** As it stands in a page. */
export function htmlText(value: unknown): string {
  return visible(String(value)).replace(/[&<>"']/g, entity);
}

/** One line; what Markdown, or GitHub's autolinks, could take for more than text is escaped. */
function markdownText(value: unknown): string {
  return visible(String(value))
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]#|~]/g, '\\$&')
    .replace(/[&<>]/g, entity)
    .replace(/^( ?)([-+=])/, '$1\\$2')
    .replace(/^( ?\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/(?<=www)\./gi, '\\.');
}

/** A code span; its fence is longer than any in it. A bar would end a table's cell even there. */
function span(value: string): string {
  const line = visible(value).replace(/\s+/g, ' ').replaceAll('|', '¦').trim();
  if (line === '') return '(empty)';
  const longest = longestRun(line);
  const marks = '`'.repeat(longest + 1);
  return longest === 0 ? `${marks}${line}${marks}` : `${marks} ${line} ${marks}`;
}

function fence(value: string): string {
  const marks = '`'.repeat(Math.max(3, longestRun(visible(value)) + 1));
  return `${marks}text\n${visible(value).trimEnd()}\n${marks}`;
}

function longestRun(line: string): number {
  return Math.max(0, ...[...line.matchAll(/`+/g)].map(run => run[0].length));
}
