/** Many repairs on one page: a row a VM, those that need somebody first. */
import type { Summary } from '../records/index.ts';
import { code, list, type Report, type Section, strong, type Text, table, tag, text, time } from './document.ts';
import { type Badge, counted, outcomeBadges, secondsBetween, shortDuration } from './words.ts';

export type FleetItem = Omit<Summary, 'mode' | 'requestedBy'>;

/** From what needs a person most to what needs nobody. */
const order = [
  ...['needs-person', 'rolled-back', 'unknown', 'refused', 'waiting-approval', 'booted-unverified'],
  ...['running', 'queued', 'cancelled', 'observed', 'repaired', 'healthy', 'joined'],
];
const underWay: Record<string, Badge> = {
  'waiting-approval': { word: 'Waits for a person', tone: 'warn', icon: 'warning' },
  running: { word: 'Under way', tone: 'info', icon: 'info' },
  queued: { word: 'Queued', tone: 'info', icon: 'info' },
};

const placeOf = ({ state, outcome }: FleetItem) => (state === 'ended' ? (outcome ?? 'unknown') : state);
const badgeOf = (item: FleetItem): Badge => underWay[item.state] ?? outcomeBadges[item.outcome ?? 'unknown'];
const nameOf = (vmId: string) => vmId.split('/').at(-1) || vmId;
const groupOf = (vmId: string) => vmId.split('/')[4] ?? '';

/** @param at ISO time at which it was so */
export function fleetReport(items: FleetItem[], at: string): Report {
  const sorted = items.toSorted((a, b) => order.indexOf(placeOf(a)) - order.indexOf(placeOf(b)) || a.vmId.localeCompare(b.vmId));
  const failed = sorted.filter(item => badgeOf(item).tone === 'bad');
  const asked = sorted.filter(item => badgeOf(item).tone === 'warn');
  const tone = failed.length > 0 ? 'bad' : asked.length > 0 ? 'warn' : 'good';
  const words = { bad: 'Not all repaired', warn: 'Not all certain', good: 'Nothing failed' };
  const icons = { bad: 'stop', warn: 'warning', good: 'check' } as const;
  return {
    repairId: null,
    title: `${words[tone]}: ${counted(items.length, 'repair')}`,
    badge: { word: words[tone], tone, icon: icons[tone] },
    headline: headline(sorted),
    notes: [],
    glance: [
      { name: 'Repairs', value: [strong(items.length.toLocaleString('en'))] },
      { name: 'As it was', value: [time(at)] },
    ],
    sections: [needing([...failed, ...asked]), rows(sorted)],
  };
}

/** `12 repairs: 2 needs a person, 9 repaired, 1 under way.` */
function headline(items: FleetItem[]): string {
  const kinds = Map.groupBy(items, item => badgeOf(item).word.toLowerCase());
  const parts = [...kinds].map(([word, of]) => `${of.length.toLocaleString('en')} ${word}`);
  return items.length === 0 ? 'There are no repairs.' : `${counted(items.length, 'repair')}: ${parts.join(', ')}.`;
}

function needing(items: FleetItem[]): Section {
  const lines = items.map((item): Text => [strong(nameOf(item.vmId)), ': ', item.headline]);
  return { id: 'next', title: 'What needs a person', blocks: lines.length === 0 ? [text('Nothing.')] : list(lines) };
}

function rows(items: FleetItem[]): Section {
  const cells = items.map((item): Text[] => {
    const { word, tone } = badgeOf(item);
    const took = secondsBetween(item.requestedAt, item.endedAt);
    return [
      [strong(nameOf(item.vmId)), ' ', groupOf(item.vmId)],
      [tag(word, tone)],
      item.stopCode === null ? [] : [code(item.stopCode)],
      [item.headline],
      [time(item.requestedAt)],
      took === null ? [] : [shortDuration(took)],
      [code(item.id)],
    ];
  });
  const caption = `${counted(items.length, 'repair')}, the failures first`;
  return {
    id: 'vms',
    title: 'Each VM',
    blocks: table(caption, ['VM', 'Outcome', 'Found', 'What happened', 'Asked for', 'Took', 'Repair'], cells),
  };
}
