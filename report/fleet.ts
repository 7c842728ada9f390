/** Many repairs on one page: a row a VM, those that need somebody first. */
import type { Summary } from '../records/index.ts';
import { type Block, heading, link, list, type Report, type Section, strong, type Text, table, tag, text, time } from './document.ts';
import { cutTo, type Measure, whole } from './fit.ts';
import { afterName, type Badge, badgeFor, counted, secondsBetween, shortDuration } from './words.ts';

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

/**
 * @param at ISO time at which it was so
 * @param app address of the app that has the repairs; null = not known
 * @param measure where it has to fit a page: how many VMs have a row; the others are named
 */
export function fleetReport(items: FleetItem[], at: string, app: string | null, measure: Measure = whole): Report {
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
      ...(app === null ? [] : [{ name: 'Each repair is at', value: [link(`${app}/api/ui`)] }]),
    ],
    sections: [needing([...failed, ...asked], measure), rows(sorted, measure)],
  };
}

/** What is said of VMs: of one, of several. */
const predicates: Record<string, [one: string, many: string]> = {
  'waiting-approval': ['waits for a person', 'wait for a person'],
  running: ['is under way', 'are under way'],
  queued: ['is queued', 'are queued'],
  repaired: ['is repaired', 'are repaired'],
  'booted-unverified': ['boots and is not verified', 'boot and are not verified'],
  healthy: ['is healthy', 'are healthy'],
  refused: ['was refused', 'were refused'],
  'rolled-back': ['was rolled back', 'were rolled back'],
  cancelled: ['was cancelled', 'were cancelled'],
  joined: ['joined another repair', 'joined other repairs'],
  observed: ['was only observed', 'were only observed'],
  unknown: ['has an unknown trouble', 'have an unknown trouble'],
  'needs-person': ['needs a person', 'need a person'],
};

/** `Of 12 VMs 2 need a person, 1 is under way and 9 are repaired.` */
function headline(items: FleetItem[]): string {
  if (items.length === 0) return 'There are no repairs.';
  const parts = [...Map.groupBy(items, placeOf)].map(([place, of]) => {
    const [one, many] = predicates[place] ?? [`ended as ${place}`, `ended as ${place}`];
    return `${of.length.toLocaleString('en')} ${of.length === 1 ? one : many}`;
  });
  return `Of ${counted(items.length, 'VM')} ${new Intl.ListFormat('en-GB').format(parts)}.`;
}

function needing(items: Row[], { rows, text: most }: Measure): Section {
  const lines = items.slice(0, rows).map(item => told(item, most));
  const others = items.length > lines.length ? [text(`… and ${(items.length - lines.length).toLocaleString('en')} more, below.`)] : [];
  return { id: 'next', title: 'What needs a person', blocks: lines.length === 0 ? [text('Nothing.')] : [...list(lines), ...others] };
}

function told({ vmId, headline }: Row, most: number): Text {
  const [name, words] = [cutTo(nameOf(vmId), most), cutTo(headline, most)];
  return [strong(name), afterName(name, words)];
}

/** So many VMs at most are named beside those that have a row, each by so many bytes. */
const mostNamed = { vms: 600, bytes: 90 };

/** What has no row: the VMs by their outcome, each a link to its repair. */
function named(items: Row[]): Block[] {
  if (items.length === 0) return [];
  const groups = [...Map.groupBy(items.slice(0, mostNamed.vms), item => badgeOf(item).word)];
  const more = items.length - mostNamed.vms;
  return [
    heading(3, 'The others, by what became of them'),
    ...groups.map(([word, of]) =>
      text(
        strong(`${word}: `),
        ...of.flatMap((item): Text => [{ page: `/api/ui/repairs/${item.id}`, word: cutTo(nameOf(item.vmId), mostNamed.bytes) }, ' ']),
      ),
    ),
    ...(more > 0 ? [text(`… and ${more.toLocaleString('en')} more, in `, { page: '/api/ui', word: 'the list' }, '.')] : []),
  ];
}

function rows(items: Row[], measure: Measure): Section {
  const cells = items.slice(0, measure.rows).map((item): Text[] => {
    const { word, tone } = badgeOf(item);
    const took = secondsBetween(item.requestedAt, item.endedAt);
    return [
      [
        strong(cutTo(nameOf(item.vmId), measure.text)),
        ' ',
        cutTo(groupOf(item.vmId), measure.text),
        ...(item.earlier === 0 ? [] : [` (earlier: ${item.earlier})`]),
      ],
      [tag(word, tone), ...(item.stopCode === null ? [] : [' ', { code: cutTo(item.stopCode, measure.text), whole: true as const }])],
      [cutTo(item.headline, measure.text)],
      [time(item.requestedAt), took === null ? '' : `, took ${shortDuration(took)}`],
      [{ page: item.state === 'ended' ? `/api/repairs/${item.id}/report.html` : `/api/ui/repairs/${item.id}`, word: item.id }],
    ];
  });
  const caption = `${counted(cells.length, 'VM')}, the failures first, each with its latest repair`;
  return {
    id: 'vms',
    title: 'Each VM',
    blocks: [...table(caption, ['VM', 'Outcome', 'What happened', 'Asked for', 'Repair'], cells), ...named(items.slice(measure.rows))],
  };
}
