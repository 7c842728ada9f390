/** How repairs ended, for someone on call. */
import { type Terminal, table } from './terminal.ts';
import { type Item, nameOf, type Record } from './views.ts';
import { attemptsInBrief, elapsed, ending, leftBehind } from './words.ts';

export interface Ended {
  item: Item;
  /** Null = there is no report. */
  record: Record | null;
}

/** Seconds for which the repair kept the VM down; null = not at all. */
export function downSeconds({ story }: Record): number | null {
  if (story.downFrom === null) return null;
  const seconds = (Date.parse(story.downUntil ?? '') - Date.parse(story.downFrom)) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

export function summaryTable(repairs: Ended[], { paint }: Terminal): string {
  const tones = { good: paint.green, warn: paint.yellow, bad: paint.red };
  const rows = repairs.map(({ item, record }) => [
    nameOf(item.vmId),
    item.stopCode ?? '—',
    ending(item.outcome).words,
    record ? attemptsInBrief(record) : '—',
    downtime(record),
    record ? leftBehind(record) : '—',
  ]);
  return table(
    [['VM', 'found', 'ended', 'tried', 'down', 'left behind'], ...rows],
    [undefined, undefined, undefined, 40, undefined, 22],
    (cell, row, column) => {
      if (row === 0) return paint.dim(cell);
      if (column === 0) return paint.bold(cell);
      return column === 2 ? tones[ending(repairs[row - 1]?.item.outcome ?? null).tone](cell) : cell;
    },
  );
}

function downtime(record: Record | null): string {
  if (record === null || record.story.downFrom === null) return '—';
  const seconds = downSeconds(record);
  return seconds === null ? 'still' : elapsed(seconds);
}
