/** Outcomes and figures in the words of someone on call. */
import type { OutcomeKind } from '../functions/activities/contract.ts';
import type { Item, Record } from './views.ts';

export type Tone = 'good' | 'warn' | 'bad';

const endings: { [O in OutcomeKind]: [string, Tone] } = {
  repaired: ['repaired', 'good'],
  'booted-unverified': ['booted, unverified', 'warn'],
  healthy: ['healthy, nothing done', 'good'],
  refused: ['refused, nothing changed', 'warn'],
  'rolled-back': ['rolled back', 'bad'],
  cancelled: ['cancelled', 'warn'],
  joined: ['joined another repair', 'good'],
  observed: ['observed, nothing done', 'good'],
  unknown: ['unknown, nothing done', 'warn'],
  'needs-person': ['needs a person', 'bad'],
};

export function ending(outcome: OutcomeKind | null): { words: string; tone: Tone } {
  if (outcome === null) return { words: 'under way', tone: 'warn' };
  const [words, tone] = endings[outcome];
  return { words, tone };
}

/** Where a step is from. */
export function originWord(origin: string): string {
  const words: { [origin: string]: string } = {
    doc: 'Microsoft',
    derived: 'derived',
    operator: 'your own',
    'operator-rule': 'operator rule',
  };
  return words[origin] ?? origin;
}

/** `2026-07-02 03:14`, of an ISO time. */
export const minute = (time: string) => time.slice(0, 16).replace('T', ' ');

/** What was tried, in order, and what came of it when the VM was started afterwards. */
export function attemptsInBrief({ story }: Record): string {
  const tried = story.attempts.map(({ title, boot }) => {
    if (boot === null) return title;
    return `${title} → ${came(boot)}`;
  });
  const restart = story.restart === null ? [] : [`Restart → ${came(story.restart)}`];
  return [...restart, ...tried].join('; ') || '—';
}

const came = ({ verdict }: { verdict: string }) => (verdict === 'failed' ? 'did not boot' : 'boots');

/** What stays in the subscription: `disk, snapshot until 2026-07-09`. */
export function leftBehind({ story }: Record): string {
  const kinds = story.leftovers.map(({ resourceId }) => kindOf(resourceId));
  const dates = story.leftovers.flatMap(({ expires }) => expires?.slice(0, 10) ?? []);
  if (kinds.length === 0) return 'nothing';
  const until = dates.length > 0 ? ` until ${dates.toSorted().at(-1)}` : '';
  return [...new Set(kinds)].join(', ') + until;
}

function kindOf(resourceId: string): string {
  const [type = '', name = ''] = resourceId.split('/').slice(-2);
  if (type === 'disks') return name.startsWith('bootmedic-') ? 'repair disk' : 'old OS disk';
  // A VM that is not ours stays in any case: what stays of a repair is what was turned on.
  const vm = name.startsWith('bootmedic-') ? 'repair VM' : 'boot diagnostics';
  const words: { [type: string]: string } = { snapshots: 'snapshot', virtualMachines: vm };
  return words[type] ?? `${type} ${name}`.trim();
}

/** Phases that wait for no operation of Azure, and what they do. */
const thinking: { [phase: string]: string } = {
  queued: 'waits for its turn',
  diagnose: 'reads the screenshot and the serial log',
  see: 'looks what can be known without boot diagnostics',
};
const LINE_WIDTH = 84;

/** What a running repair does now, in one short line; empty while it only goes from one step to the next. */
export function doing({ phase, awaiting }: Item): string {
  const text = awaiting || (thinking[phase] ?? '');
  return text.length > LINE_WIDTH ? `${text.slice(0, LINE_WIDTH - 1).trimEnd()}…` : text;
}

/** `4.2 s`, `3 min 05 s`. */
export function elapsed(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** The zone for reports, where none is asked for the terminal's own (`TZ`, else the system's); null = UTC, which they tell anyway. */
export function timeZone(asked: string | null = null): string | null {
  const zone = asked ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === 'UTC' ? null : zone;
}
