/** What a report is made of, as data: sections of blocks of text. The templates give it the form of HTML or Markdown. */
import { type Badge, type Moment, moment, type Tone } from './words.ts';

/** A piece of running text. Plain strings may be hostile like all others. */
export type Run =
  | string
  /** `whole`: never broken over lines, so short. */
  | { code: string; whole?: true }
  | { strong: string }
  | { time: Moment }
  | { tag: string; tone: Tone }
  | { link: string }
  /** A page of the same app, by its path; a short `word` is never broken over lines. */
  | { page: string; word: string };
export type Text = Run[];

export interface Fact {
  name: string;
  value: Text;
}

export interface Picture {
  /** `Before`, `After`. */
  label: string;
  about: Text;
  /** A `data:` address, or a path of ours. Null: there is none, and `about` says why. */
  image: { address: string } | null;
  alt: string;
  /** What was read from it; empty = nothing. */
  read: string;
}

/** Horizontal places are percentages (`12.5%`), vertical ones CSS pixels: the picture grows with the page, its text does not. */
export interface Chart {
  title: string;
  description: string;
  height: number;
  down: { x: string; width: string } | null;
  ticks: { x: string; label: string; anchor: 'start' | 'middle' | 'end' }[];
  rows: { label: string; y: number; bars: { kind: BarKind; x: string; width: string; title: string }[] }[];
  legend: { kind: BarKind | 'down'; word: string }[];
}
export type BarKind = 'step' | 'script' | 'boot' | 'fault' | 'wait' | 'own';

export type Block =
  | { kind: 'heading'; level: 3 | 4; text: Text }
  | { kind: 'text'; text: Text }
  | { kind: 'note'; tone: Tone; text: Text }
  | { kind: 'list'; ordered: boolean; items: Text[] }
  | { kind: 'facts'; facts: Fact[] }
  | { kind: 'table'; caption: string; folded: boolean; columns: string[]; rows: Text[][] }
  | { kind: 'pre'; label: string; text: string }
  | { kind: 'pictures'; pictures: Picture[] }
  | { kind: 'chart'; chart: Chart };

export interface Section {
  /** Fragment of its address, ours. */
  id: string;
  title: string;
  blocks: Block[];
}

export interface Report {
  /** Null: of several repairs. */
  repairId: string | null;
  title: string;
  /** Whose clocks its times show beside UTC. Absent = UTC alone. */
  timeZone?: string;
  badge: Badge;
  headline: string;
  notes: { tone: Tone; text: Text }[];
  glance: Fact[];
  /** Those with something to say, in the order a person on call wants them. */
  sections: Section[];
}

/** Rows and items shown of one list; the rest is counted, and is in the JSON form. */
const MOST = 400;

export const code = (text: string): Run => ({ code: text });
export const strong = (text: string): Run => ({ strong: text });
export const tag = (text: string, tone: Tone): Run => ({ tag: text, tone });

export function time(at: string): Run {
  const when = moment(at);
  return when.iso === null ? when.text : { time: when };
}

/** A link only where it leads to a web page; else the bare text. */
export function link(address: string): Run {
  const url = URL.parse(address);
  return url?.protocol === 'https:' ? { link: url.href } : address;
}

export const text = (...runs: Text): Block => ({ kind: 'text', text: runs });
export const note = (tone: Tone, ...runs: Text): Block => ({ kind: 'note', tone, text: runs });
export const heading = (level: 3 | 4, ...runs: Text): Block => ({ kind: 'heading', level, text: runs });

/** No block for an empty text. */
export function pre(label: string, content: string): Block[] {
  return content.trim() === '' ? [] : [{ kind: 'pre', label, text: content }];
}

/** Facts whose value is null are left out. */
export function facts(entries: Record<string, Text | null>): Block[] {
  const known = factList(entries);
  return known.length === 0 ? [] : [{ kind: 'facts', facts: known }];
}

export function factList(entries: Record<string, Text | null>): Fact[] {
  return Object.entries(entries).flatMap(([name, value]) => (value === null || value.length === 0 ? [] : [{ name, value }]));
}

/** No block for an empty list; what is more than anybody reads is counted. */
export function list(items: Text[], ordered = false): Block[] {
  return items.length === 0 ? [] : [{ kind: 'list', ordered, items: items.slice(0, MOST) }, ...more(items.length)];
}

/** No block for an empty table, no column without any content; `folded` tables are opened by the reader. */
export function table(caption: string, columns: string[], rows: Text[][], folded = false): Block[] {
  const filled = columns.map((_, n) => rows.some(row => (row[n] ?? []).length > 0));
  const kept = <T>(cells: T[]) => cells.filter((_, n) => filled[n]);
  const shown = rows.slice(0, MOST).map(kept);
  return rows.length === 0 ? [] : [{ kind: 'table', caption, folded, columns: kept(columns), rows: shown }, ...more(rows.length)];
}

function more(count: number): Block[] {
  return count > MOST ? [text(`… and ${count - MOST} more, in the JSON form of this report.`)] : [];
}
