import type { TimelineEntry } from '../../records/index.ts';
import { type Block, code, type Section, type Text, table, tag, text, time } from '../document.ts';
import { counted, duration, secondsBetween, shortDuration } from '../words.ts';
import { drawChart, spansOf } from './chart.ts';
import { shares } from './gaps.ts';
import type { Course, Span } from './stretches.ts';

/** The repair as a picture and as a table. @param whole it has ended, so that what was no step can be told */
export function timeline(record: Course, whole = true): Section | null {
  const entries = record.timeline.toSorted((a, b) => a.from.localeCompare(b.from));
  const spans = spansOf(entries);
  if (spans.length === 0) return null;
  return {
    id: 'timeline',
    title: 'Timeline',
    blocks: [
      { kind: 'chart', chart: drawChart(record, spans) },
      ...(whole ? overhead(record, spans) : []),
      ...table(
        `${counted(entries.length, 'step')}, in order`,
        ['From', 'Took', 'Phase', 'Step', 'What', 'Outcome'],
        entries.map(row),
        true,
      ),
    ],
  };
}

function overhead({ story }: Course, spans: Span[]): Block[] {
  const took = shares(story, spans);
  if (took === null) return [];
  const { whole, azure, looks, own } = took;
  const people = (story.decisions ?? []).length > 0 ? 'Azure, Windows and a person' : 'Azure and Windows';
  return [
    text(
      `Of ${duration(whole)}, ${duration(azure)} were waits for ${people}, ${duration(looks)} looks at them, and ${duration(own)} our own overhead.`,
    ),
  ];
}

function row(entry: TimelineEntry): Text[] {
  const took = secondsBetween(entry.from, entry.to);
  return [
    [time(entry.from)],
    [took === null ? 'not known' : shortDuration(took)],
    [entry.phase],
    [code(entry.step)],
    [entry.what, ...(entry.detail === '' || entry.detail === entry.what ? [] : [' — ', entry.detail])],
    [tag(entry.outcome, entry.outcome === 'done' ? 'good' : 'bad')],
  ];
}
