/** Values in words a person reads: outcomes, times, durations, sizes, resource ids, commands. */
import type { OutcomeKind } from '../functions/activities/contract.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'info';
/** An outcome as a word, a colour and a symbol, each enough without the others. */
export interface Badge {
  word: string;
  tone: Tone;
  icon: 'check' | 'warning' | 'stop' | 'back' | 'info';
}

export const outcomeBadges: Record<OutcomeKind, Badge> = {
  repaired: { word: 'Repaired', tone: 'good', icon: 'check' },
  'booted-unverified': { word: 'Booted, not verified', tone: 'warn', icon: 'warning' },
  healthy: { word: 'Healthy', tone: 'good', icon: 'check' },
  refused: { word: 'Refused', tone: 'warn', icon: 'warning' },
  'rolled-back': { word: 'Rolled back', tone: 'bad', icon: 'back' },
  cancelled: { word: 'Cancelled', tone: 'info', icon: 'info' },
  joined: { word: 'Joined another repair', tone: 'info', icon: 'info' },
  observed: { word: 'Observed only', tone: 'info', icon: 'info' },
  unknown: { word: 'Unknown', tone: 'warn', icon: 'warning' },
  'needs-person': { word: 'Needs a person', tone: 'bad', icon: 'stop' },
};

/** Of an outcome that a later version wrote, its own word. */
export function badgeFor(outcome: string): Badge {
  const known: Partial<Record<string, Badge>> = outcomeBadges;
  return Object.hasOwn(outcomeBadges, outcome) && known[outcome]
    ? known[outcome]
    : { word: `Ended: ${outcome}`, tone: 'info', icon: 'info' };
}

/** `iso` is null when the text is not a time: then the text is what the record says. */
export interface Moment {
  iso: string | null;
  text: string;
  /** As the reader's clocks show it, where their zone is known (`zone.ts`). */
  local?: string;
}

/** `2026-07-02 03:14:07 UTC`. */
export function moment(at: string): Moment {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return { iso: null, text: at };
  const iso = date.toISOString();
  return { iso, text: `${iso.slice(0, 19).replace('T', ' ')} UTC` };
}

/** Milliseconds since the epoch; null when it is not a time. */
export function millis(at: string | null): number | null {
  const value = at === null ? Number.NaN : Date.parse(at);
  return Number.isNaN(value) ? null : value;
}

/** Seconds between two ISO times, at least 0; null when one is not a time. */
export function secondsBetween(from: string | null, to: string | null): number | null {
  const [start, end] = [millis(from), millis(to)];
  return start === null || end === null ? null : Math.max(0, (end - start) / 1000);
}

const UNITS = [
  { seconds: 86_400, word: 'day', short: 'd' },
  { seconds: 3600, word: 'hour', short: 'h' },
  { seconds: 60, word: 'minute', short: 'min' },
  { seconds: 1, word: 'second', short: 's' },
];

/** The two largest units: `6 minutes 12 seconds`. */
export function duration(seconds: number): string {
  return inUnits(seconds, (count, { word }) => `${count} ${word}${count === 1 ? '' : 's'}`) || 'less than a second';
}

/** The same, short, for pictures and tables: `6 min 12 s`. */
export function shortDuration(seconds: number): string {
  return inUnits(seconds, (count, { short }) => `${count} ${short}`) || '< 1 s';
}

function inUnits(seconds: number, say: (count: number, unit: (typeof UNITS)[number]) => string): string {
  let rest = Math.round(seconds);
  const largest = UNITS.findIndex(unit => rest >= unit.seconds);
  if (largest < 0) return '';
  const said: string[] = [];
  for (const unit of UNITS.slice(largest, largest + 2)) {
    const count = Math.floor(rest / unit.seconds);
    rest -= count * unit.seconds;
    if (count > 0) said.push(say(count, unit));
  }
  return said.join(' ');
}

/** Binary units: 1536 -> `1.5 KiB`. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${value.toFixed(value < 10 && !Number.isInteger(value) ? 1 : 0)} ${units[power]}`;
}

export function counted(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

/** What a repair's sentence says after the VM's name, which stands before it already; that of an earlier version may not begin with it. */
export function afterName(name: string, sentence: string): string {
  return sentence.startsWith(name) ? sentence.slice(name.length) : `: ${sentence}`;
}

/** `rg-app/virtualMachines/vm01` from a resource id; what is not one stays as it is. */
export function shortId(id: string): string {
  const match = /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/[^/]+\/(.+)$/i.exec(id);
  return match ? `${match[1]}/${match[2]}` : id;
}

/** `virtualMachines/start` of Azure's `Microsoft.Compute/virtualMachines/start/action`. */
export function shortOperation(operation: string): string {
  return operation.replace(/^Microsoft\.\w+\//, '').replace(/\/action$/, '');
}

/** An argument that a POSIX shell takes as one word, whatever it holds. */
export function quoted(argument: string): string {
  return /^[\w./:@-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
