/** What lies between the steps of a repair: a wait that was meant, or time of our own. */
import { millis, secondsBetween, shortDuration } from '../words.ts';
import { type Course, covered, type Span } from './stretches.ts';

/** Seconds below which a gap is no bar. */
const LEAST = 0.1;
/** Seconds from which the time before the first step is no start but a place in the queue, which is looked at four times a minute. */
const QUEUE = 5;
/** Steps that the runbook comes to by a timer: the look at a boot, and at what a VM does that was just left alone. */
const timed = ['observeBoot', 'watchVm'];

/** Between two steps, where no other is under way. */
export function gapsOf(story: Course['story'], spans: Span[]): Span[] {
  const gaps: Span[] = [];
  let last: Span | undefined;
  const start = millis(story.startedAt);
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const from = last?.to ?? start ?? span.from;
    const seconds = (span.from - from) / 1000;
    if (seconds >= LEAST) {
      const why = reason(story, last, span, seconds);
      const title = `${why ?? 'our own overhead'}: ${shortDuration(seconds)}`;
      gaps.push({ row: span.row, step: '', kind: why === null ? 'own' : 'wait', from, to: span.from, title });
    }
    if (last === undefined || span.to > last.to) last = span;
  }
  return gaps;
}

/** Why it was waited; null = for nothing. */
function reason({ decisions }: Course['story'], before: Span | undefined, after: Span, seconds: number): string | null {
  if (before === undefined) return seconds < QUEUE ? null : 'wait for its turn';
  const asked = (decisions ?? []).some(({ askedAt, at }) => {
    const [from, to] = [millis(askedAt), millis(at)];
    return from !== null && to !== null && from < after.from && to > before.to;
  });
  if (asked) return 'wait for a person';
  if (before.kind === 'fault') return 'wait before another try';
  if (before.step === 'measureScopes') return seconds < QUEUE ? null : 'wait for its turn';
  // The pauses of a step that acts are within it.
  return (before.step === after.step && !acts(after.step)) || timed.includes(after.step) ? 'wait' : null;
}

/** Seconds of a repair that has ended, each counted once; null where its times make no whole. */
export function shares(story: Course['story'], spans: Span[]): { whole: number; azure: number; looks: number; own: number } | null {
  const whole = secondsBetween(story.startedAt, story.endedAt);
  const busy = covered(spans);
  const waits = gapsOf(story, spans).filter(({ kind }) => kind === 'wait');
  const azure = spans.filter(({ step }) => acts(step));
  const both = covered([...azure, ...waits]);
  const looks = busy - covered(azure);
  if (whole === null || whole === 0 || whole < both + looks) return null;
  return { whole, azure: both, looks, own: whole - both - looks };
}

/** What has Azure or Windows do something and waits until it is done; the others look. */
const acts = (step: string) => /^ensure|^interrupt/.test(step);
