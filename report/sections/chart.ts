/** The timeline's geometry: from spans of time to places in a picture. */
import type { TimelineEntry } from '../../records/index.ts';
import type { BarKind, Chart } from '../document.ts';
import { visible } from '../hostile.ts';
import { millis, moment, shortDuration } from '../words.ts';
import { gapsOf } from './gaps.ts';
import { type Course, covered, type Span, type Stretch } from './stretches.ts';

/** More bars than a picture has room for are not drawn; the table has them. */
const MOST = 600;
const ROW = 34;
const AXIS = 26;
const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

/** The steps that have a place in time. */
export function spansOf(entries: TimelineEntry[]): Span[] {
  return entries.slice(0, MOST).flatMap(({ from, to, phase, step, what, outcome }) => {
    const kind = outcome === 'fault' ? 'fault' : step === 'ensureScript' ? 'script' : 'step';
    return span(phase, kind, from, to, what || step).map(each => ({ ...each, step }));
  });
}

function span(row: string, kind: BarKind, from: string, to: string, what: string): Span[] {
  const [start, end] = [millis(from), millis(to)];
  if (start === null || end === null || end < start) return [];
  return [{ row, step: '', kind, from: start, to: end, title: `${what}: ${shortDuration((end - start) / 1000)}` }];
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
  const all = [...spans, ...gapsOf(story, spans), ...boots];
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

const words: Record<BarKind, string> = {
  step: 'step',
  script: 'script',
  boot: 'boot',
  fault: 'fault',
  wait: 'wait',
  own: 'our own overhead',
};

function legend(spans: Span[], down: boolean): Chart['legend'] {
  const kinds = (Object.keys(words) as BarKind[]).filter(kind => spans.some(span => span.kind === kind));
  const shown: Chart['legend'] = kinds.map(kind => ({ kind, word: words[kind] }));
  return down ? [...shown, { kind: 'down', word: 'VM down by us' }] : shown;
}
