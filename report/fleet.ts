/** Many repairs on one page: a row a VM, those that need somebody first. */
import type { Summary } from '../records/index.ts';
import { list, type Report, type Section, strong, type Text, table, tag, text, time } from './document.ts';
import { type Badge, badgeFor, counted, secondsBetween, shortDuration } from './words.ts';

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
const badgeOf = (item: FleetItem): Badge => underWay[item.state] ?? badgeFor(item.outcome ?? 'unknown');
const nameOf = (vmId: string) => vmId.split('/').at(-1) || vmId;
const groupOf = (vmId: string) => vmId.split('/')[4] ?? '';

/** What has become of a VM is what its latest repair says. */
interface Row extends FleetItem {
  /** Repairs of the same VM before. */
  earlier: number;
}

function latest(items: FleetItem[]): Row[] {
  return [...Map.groupBy(items, ({ vmId }) => vmId.toLowerCase()).values()].map(all => {
    // One that joined another says nothing of the VM.
    const own = all.filter(({ outcome }) => outcome !== 'joined');
    const [newest, ...earlier] = (own.length > 0 ? own : all).toSorted((a, b) => b.requestedAt.localeCompare(a.requestedAt));
    return { ...(newest as FleetItem), earlier: earlier.length };
  });
}

/** @param at ISO time at which it was so */
export function fleetReport(items: FleetItem[], at: string): Report {
  const sorted = latest(items).toSorted((a, b) => order.indexOf(placeOf(a)) - order.indexOf(placeOf(b)) || a.vmId.localeCompare(b.vmId));
  const failed = sorted.filter(item => badgeOf(item).tone === 'bad');
  const asked = sorted.filter(item => badgeOf(item).tone === 'warn');
  const tone = failed.length > 0 ? 'bad' : asked.length > 0 ? 'warn' : 'good';
  const words = { bad: 'Not all repaired', warn: 'Not all certain', good: 'Nothing failed' };
  const icons = { bad: 'stop', warn: 'warning', good: 'check' } as const;
  return {
    repairId: null,
    title: `${words[tone]}: ${counted(sorted.length, 'VM')}`,
    badge: { word: words[tone], tone, icon: icons[tone] },
    headline: headline(sorted),
    notes: [],
    glance: [
      { name: 'VMs', value: [strong(sorted.length.toLocaleString('en'))] },
      { name: 'Repairs', value: [strong(items.length.toLocaleString('en'))] },
      { name: 'As it was', value: [time(at)] },
    ],
    sections: [needing([...failed, ...asked]), rows(sorted)],
  };
}

/** `12 VMs: 2 needs a person, 9 repaired, 1 under way.` */
function headline(items: FleetItem[]): string {
  const kinds = Map.groupBy(items, item => badgeOf(item).word.toLowerCase());
  const parts = [...kinds].map(([word, of]) => `${of.length.toLocaleString('en')} ${word}`);
  return items.length === 0 ? 'There are no repairs.' : `${counted(items.length, 'VM')}: ${parts.join(', ')}.`;
}

function needing(items: Row[]): Section {
  const lines = items.map((item): Text => [strong(nameOf(item.vmId)), ': ', item.headline]);
  return { id: 'next', title: 'What needs a person', blocks: lines.length === 0 ? [text('Nothing.')] : list(lines) };
}

function rows(items: Row[]): Section {
  const cells = items.map((item): Text[] => {
    const { word, tone } = badgeOf(item);
    const took = secondsBetween(item.requestedAt, item.endedAt);
    return [
      [strong(nameOf(item.vmId)), ' ', groupOf(item.vmId), ...(item.earlier === 0 ? [] : [` (earlier: ${item.earlier})`])],
      [tag(word, tone)],
      item.stopCode === null ? [] : [{ code: item.stopCode, whole: true }],
      [item.headline],
      [time(item.requestedAt)],
      took === null ? [] : [shortDuration(took)],
      [{ page: item.state === 'ended' ? `/api/repairs/${item.id}/report.html` : `/api/ui/repairs/${item.id}`, word: item.id }],
    ];
  });
  const caption = `${counted(items.length, 'VM')}, the failures first, each with its latest repair`;
  return {
    id: 'vms',
    title: 'Each VM',
    blocks: table(caption, ['VM', 'Outcome', 'Found', 'What happened', 'Asked for', 'Took', 'Repair'], cells),
  };
}
