/**
 * A page of bounded weight. Whatever a plan, a log or a fleet holds, a page that somebody opens on a phone at night stays below a limit: it
 * is drawn whole where that fits, else with fewer rows and shorter texts, step by step; what is left out is counted, and is behind a link.
 */

import { type Block, type Chart, note, type Run, type Section, type Text } from './document.ts';
import { htmlText } from './engine.ts';

/** The heaviest page that is sent, bytes. */
const HEAVIEST = 100_000;

/** How much of everything is drawn. Texts count in bytes as they stand in the page: a character that cannot be seen takes twelve. */
export interface Measure {
  /** Sections of a page, and blocks of a section. */
  sections: number;
  blocks: number;
  /** Rows of a table, items of a list, bars of a row of the timeline's picture. */
  rows: number;
  /** Longest running text, and longest quoted one. */
  text: number;
  quoted: number;
}

/** Nothing is left out. */
export const whole: Measure = { sections: Infinity, blocks: Infinity, rows: Infinity, text: Infinity, quoted: Infinity };
const measures: Measure[] = [
  whole,
  { sections: 20, blocks: 60, rows: 60, text: 600, quoted: 2500 },
  { sections: 20, blocks: 40, rows: 30, text: 300, quoted: 1000 },
  { sections: 20, blocks: 20, rows: 12, text: 150, quoted: 400 },
  { sections: 20, blocks: 8, rows: 4, text: 80, quoted: 200 },
  { sections: 0, blocks: 0, rows: 2, text: 80, quoted: 80 },
];

/** The page with as much as fits. The last measure draws so little that it always does. */
export function fitting(render: (measure: Measure) => string): string {
  let page = '';
  for (const measure of measures) {
    page = render(measure);
    if (Buffer.byteLength(page) <= HEAVIEST) return page;
  }
  return page;
}

const weight = (text: string) => Buffer.byteLength(htmlText(text));

/** The text, or its beginning, whose weight in the page is at most that. */
export function cutTo(text: string, most: number): string {
  if (text.length * 13 <= most || weight(text) <= most) return text;
  let end = Math.min(text.length, most);
  while (end > 0 && weight(text.slice(0, end)) > most) end = Math.floor(end * 0.7);
  return `${text.slice(0, end).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** @param rest where the whole is, as a link */
export function shortened(sections: Section[], measure: Measure, rest: Text): Section[] {
  if (measure === whole) return sections;
  const said = note('info', 'This page is kept short: ', ...rest);
  const shown = sections.slice(0, measure.sections).map(section => shorter(section, measure, said));
  return shown.length > 0 ? shown : [{ id: 'rest', title: 'More than fits here', blocks: [said] }];
}

function shorter({ blocks, ...section }: Section, measure: Measure, said: Block): Section {
  const shown = blocks.slice(0, measure.blocks).flatMap(block => shorterBlock(block, measure));
  return { ...section, blocks: JSON.stringify(shown) === JSON.stringify(blocks) ? blocks : [said, ...shown] };
}

function shorterBlock(block: Block, measure: Measure): Block[] {
  const cut = (text: Text) => shorterText(text, measure);
  switch (block.kind) {
    case 'heading':
    case 'text':
    case 'note':
      return [{ ...block, text: cut(block.text) }];
    case 'list':
      return [{ ...block, items: block.items.slice(0, measure.rows).map(cut) }, ...more(block.items.length, measure)];
    case 'facts':
      return [{ ...block, facts: block.facts.slice(0, 20).map(fact => ({ ...fact, value: cut(fact.value) })) }];
    case 'table':
      return [{ ...block, rows: block.rows.slice(0, measure.rows).map(row => row.map(cut)) }, ...more(block.rows.length, measure)];
    case 'pre':
      return [{ ...block, text: cutTo(block.text, measure.quoted) }];
    case 'pictures':
      return [{ ...block, pictures: block.pictures.map(picture => shorterPicture(picture, measure)) }];
    case 'chart':
      return [{ ...block, chart: shorterChart(block.chart, measure) }];
  }
}

type Picture = Extract<Block, { kind: 'pictures' }>['pictures'][number];

function shorterPicture(picture: Picture, measure: Measure): Picture {
  const { about, alt, read } = picture;
  return { ...picture, about: shorterText(about, measure), alt: cutTo(alt, measure.text), read: cutTo(read, measure.quoted) };
}

function shorterChart(chart: Chart, { rows, text }: Measure): Chart {
  const shown = chart.rows.slice(0, 20).map(row => ({
    ...{ ...row, label: cutTo(row.label, text) },
    bars: row.bars.slice(0, rows).map(bar => ({ ...bar, title: cutTo(bar.title, text) })),
  }));
  return { ...chart, rows: shown, description: cutTo(chart.description, text * 4) };
}

function more(count: number, { rows }: Measure): Block[] {
  return count > rows ? [{ kind: 'text', text: [`… and ${(count - rows).toLocaleString('en')} more.`] }] : [];
}

const mostPieces = 8;

/** A cell that a guest has filled with many pieces has few, and says so. */
function shorterText(text: Text, measure: Measure): Text {
  const shown = text.slice(0, mostPieces).map(run => shorterRun(run, measure.text));
  return text.length > mostPieces ? [...shown, ' …'] : shown;
}

function shorterRun(run: Run, most: number): Run {
  if (typeof run === 'string') return cutTo(run, most);
  if ('code' in run) return { ...run, code: cutTo(run.code, most) };
  if ('strong' in run) return { strong: cutTo(run.strong, most) };
  if ('tag' in run) return { ...run, tag: cutTo(run.tag, most) };
  // Half an address leads nowhere.
  if ('link' in run) return weight(run.link) > 4 * most ? cutTo(run.link, most) : run;
  return run;
}
