/** The timeline's geometry: from spans of time to places in a picture. */
import type { RepairRecord, TimelineEntry } from '../../records/index.ts';
import type { BarKind, Chart } from '../document.ts';
import { visible } from '../hostile.ts';
import { millis, moment, shortDuration } from '../words.ts';

/** What a timeline is drawn from: of a whole record, or of a repair that runs. */
export type Course = Pick<RepairRecord, 'timeline'> & {
  story: Pick<RepairRecord['story'], 'restart' | 'attempts' | 'downFrom' | 'downUntil' | 'startedAt' | 'endedAt'>;
};

/** A stretch of time in milliseconds since the epoch. */
interface Stretch {
  from: number;
  to: number;
}
export interface Span extends Stretch {
  row: string;
  kind: BarKind;
  title: string;
}

/** More bars than a picture has room for are not drawn; the table has them. */
const MOST = 600;
const ROW = 34;
const AXIS = 26;
const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

/** The steps that have a place in time. */
export function spansOf(entries: TimelineEntry[]): Span[] {
  return entries.slice(0, MOST).flatMap(({ from, to, phase, step, what, outcome }) => {
    const kind = outcome === 'fault' ? 'fault' : step === 'ensureScript' ? 'script' : 'step';
    return span(phase, kind, from, to, what || step);
  });
}

function span(row: string, kind: BarKind, from: string, to: string, what: string): Span[] {
  const [start, end] = [millis(from), millis(to)];
  if (start === null || end === null || end < start) return [];
  return [{ row, kind, from: start, to: end, title: `${what}: ${shortDuration((end - start) / 1000)}` }];
}

/** Seconds that at least one of the stretches covers. */
export function covered(stretches: Stretch[]): number {
  return merged(stretches).reduce((sum, { from, to }) => sum + to - from, 0) / 1000;
}

function merged(stretches: Stretch[]): Stretch[] {
  const whole: Stretch[] = [];
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else whole.push({ from, to });
  }
  return whole;
}

/** A row a phase, then the boots; the downtime lies behind all. */
export function drawChart({ story }: Course, spans: Span[]): Chart {
  const restart = story.restart;
  const boots = [
    ...(restart === null ? [] : span('boots', 'boot', restart.startedAt, restart.endedAt, `boot after the restart, ${restart.verdict}`)),
    ...story.attempts.flatMap(({ boot }, n) =>
      boot === null ? [] : span('boots', 'boot', boot.startedAt, boot.endedAt, `boot after attempt ${n + 1}, ${boot.verdict}`),
    ),
  ];
  const all = [...spans, ...waits(spans), ...boots];
  const down = story.downFrom === null ? [] : span('', 'wait', story.downFrom, story.downUntil ?? story.endedAt, '');
  const window = windowOf([...all, ...down, ...span('', 'wait', story.startedAt, story.endedAt, '')]);
  const rows = Map.groupBy(all, ({ row }) => row);
  const [shade] = down;
  return {
    title: 'Timeline of the repair',
    description: describe(rows, window),
    height: rows.size * ROW + AXIS,
    down: shade ? place(shade, window) : null,
    ticks: ticks(window),
    rows: [...rows].map(([label, bars], n) => ({
      label: `${brief(label)} · ${shortDuration(covered(bars))}`,
      y: n * ROW,
      bars: bars.map(bar => ({ kind: bar.kind, title: bar.title, ...place(bar, window) })),
    })),
    legend: legend(all, shade !== undefined),
  };
}

/** Between two steps of a phase that was not interrupted by another, what is not a step is a wait. */
function waits(spans: Span[]): Span[] {
  const gaps: Span[] = [];
  let last: Span | undefined;
  for (const span of spans) {
    if (last?.row === span.row && span.from > last.to) {
      const seconds = (span.from - last.to) / 1000;
      gaps.push({ row: span.row, kind: 'wait', from: last.to, to: span.from, title: `wait: ${shortDuration(seconds)}` });
    }
    if (last?.row !== span.row || span.to > last.to) last = span;
  }
  return gaps;
}

function windowOf(spans: Span[]): Stretch {
  const from = spans.reduce((least, span) => Math.min(least, span.from), Number.POSITIVE_INFINITY);
  const to = spans.reduce((most, span) => Math.max(most, span.to), Number.NEGATIVE_INFINITY);
  return { from, to: Math.max(to, from + 1000) };
}

function place(span: Stretch, window: Stretch): { x: string; width: string } {
  const share = (length: number) => `${((100 * length) / (window.to - window.from)).toFixed(2)}%`;
  return { x: share(span.from - window.from), width: share(span.to - span.from) };
}

/** Round times since the start, at most five. */
function ticks(window: Stretch): Chart['ticks'] {
  const whole = (window.to - window.from) / 1000;
  const step = TICKS.find(seconds => whole / seconds <= 4.5) ?? Math.ceil(whole / 4);
  return Array.from({ length: Math.floor(whole / step) + 1 }, (_, n) => {
    const share = (n * step) / whole;
    const anchor = n === 0 ? 'start' : share > 0.9 ? 'end' : 'middle';
    return { x: `${(100 * share).toFixed(2)}%`, label: n === 0 ? '0' : `+${shortDuration(n * step)}`, anchor };
  });
}

/** A label never outgrows the smallest screen. */
function brief(label: string): string {
  const characters = [...visible(label)];
  return characters.length > 16 ? `${characters.slice(0, 15).join('')}…` : label;
}

function describe(rows: Map<string, Span[]>, window: Stretch): string {
  const start = moment(new Date(window.from).toISOString()).text;
  const parts = [...rows].map(([label, bars]) => `${label} ${shortDuration(covered(bars))}`);
  return `Starts at ${start} and spans ${shortDuration((window.to - window.from) / 1000)}: ${parts.join(', ')}. The table below has every step.`;
}

const words: Record<BarKind, string> = { step: 'step', script: 'script', boot: 'boot', fault: 'fault', wait: 'wait' };

function legend(spans: Span[], down: boolean): Chart['legend'] {
  const kinds = (Object.keys(words) as BarKind[]).filter(kind => spans.some(span => span.kind === kind));
  const shown: Chart['legend'] = kinds.map(kind => ({ kind, word: words[kind] }));
  return down ? [...shown, { kind: 'down', word: 'VM down by us' }] : shown;
}
