/** Spans of a repair's time, before they have a place in a picture. */
import type { RepairRecord } from '../../records/index.ts';
import type { BarKind } from '../document.ts';

/** What a timeline is drawn from: of a whole record, or of a repair that runs. */
export type Course = Pick<RepairRecord, 'timeline'> & {
  story: Pick<RepairRecord['story'], 'restart' | 'attempts' | 'decisions' | 'downFrom' | 'downUntil' | 'startedAt' | 'endedAt'>;
};

/** A stretch of time in milliseconds since the epoch. */
export interface Stretch {
  from: number;
  to: number;
}
export interface Span extends Stretch {
  row: string;
  /** The activity; empty = none. */
  step: string;
  kind: BarKind;
  title: string;
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
