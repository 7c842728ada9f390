/** All repairs: who waits for a person first, then the newest. */
import type { Item } from '../../functions/triggers/views.ts';
import { cutTo, type Measure } from '../fit.ts';
import { afterName, type Badge, badgeFor, counted, moment, outcomeBadges } from '../words.ts';

export interface Query {
  /** A state, `open` for every state but ended, or an outcome. */
  state: string;
  subscription: string;
  finding: string;
  /** Part of the VM's name. */
  vm: string;
  /** Last repair of the page before. */
  after: string;
}

export interface Listing {
  /** Newest first. */
  all: Item[];
  query: Query;
}

const PAGE = 50;

const stateBadges: Record<Item['state'], Badge> = {
  queued: { word: 'Queued', tone: 'info', icon: 'info' },
  running: { word: 'Under way', tone: 'info', icon: 'info' },
  'waiting-approval': { word: 'Waits for a person', tone: 'warn', icon: 'warning' },
  ended: { word: 'Ended', tone: 'info', icon: 'info' },
};

export function badgeOfItem({ state, outcome }: Pick<Item, 'state' | 'outcome'>): Badge {
  return state === 'ended' && outcome !== null ? badgeFor(outcome) : stateBadges[state];
}

export const pathTo = (id: string) => `/api/ui/repairs/${id}`;
export const nameOf = (vmId: string) => vmId.split('/').at(-1) || '(VM not known)';
const subscriptionOf = (vmId: string) => vmId.split('/')[2]?.toLowerCase() ?? '';

/** In words, what a repair does or waits for now. */
export function doingNow({ state, awaiting, phase }: Pick<Item, 'state' | 'awaiting' | 'phase'>): string {
  if (state === 'queued') return awaiting || 'waits for its turn';
  return awaiting || (phase === 'diagnose' ? 'reads the screenshot and the serial log' : 'goes on to its next step');
}

/** In the box at the top: a page has to stay small when a whole fleet asks. */
const mostAsking = 20;
/** Bytes of one text in a row, and choices of a filter: more than these nobody reads in a list. */
const mostText = 600;
const mostChoices = 60;

export function listPage({ all, query }: Listing, measure: Measure) {
  const most = { rows: Math.min(PAGE, measure.rows), text: Math.min(mostText, measure.text), asking: Math.min(mostAsking, measure.rows) };
  const asking = all.filter(({ state }) => state === 'waiting-approval');
  const wanted = all.filter(item => fits(item, query));
  const start = query.after === '' ? 0 : wanted.findIndex(({ id }) => id === query.after) + 1;
  const shown = wanted.slice(start, start + most.rows);
  const last = start + most.rows < wanted.length ? shown.at(-1) : undefined;
  const filtered = [query.state, query.subscription, query.finding, query.vm].some(text => text !== '');
  return {
    counts: counts(all),
    waiting: asking.slice(0, most.asking).map(item => waiting(item, most.text)),
    alsoWaiting: Math.max(0, asking.length - most.asking),
    filters: filters(all, query),
    vm: query.vm,
    filtered,
    rows: shown.map(item => row(item, most.text)),
    caption: caption(shown.length, wanted.length, start),
    nothing: filtered ? nothingFits : nothingYet,
    first: start > 0 ? address({ ...query, after: '' }) : null,
    next: last ? address({ ...query, after: last.id }) : null,
  };
}

const nothingFits = { title: 'No repair fits', text: 'There are others.' };
const nothingYet = {
  title: 'No repairs yet',
  text: 'An alert, a call of POST /api/repairs or “bootmedic repair” starts one; it is shown here within seconds.',
};

function fits(item: Item, { state, subscription, finding, vm }: Query): boolean {
  const ofState = state === '' || item.state === state || item.outcome === state || (state === 'open' && item.state !== 'ended');
  return (
    ofState &&
    (subscription === '' || subscriptionOf(item.vmId) === subscription.toLowerCase()) &&
    (finding === '' || item.stopCode === finding) &&
    (vm === '' || nameOf(item.vmId).toLowerCase().includes(vm.toLowerCase()))
  );
}

function counts(all: Item[]) {
  const of = (wanted: (item: Item) => boolean) => all.filter(wanted).length.toLocaleString('en');
  return [
    { number: of(({ state }) => state === 'waiting-approval'), word: 'waiting for a person' },
    { number: of(({ state }) => state === 'running'), word: 'under way' },
    { number: of(({ state }) => state === 'queued'), word: 'queued' },
    { number: of(({ outcome }) => outcome === 'repaired'), word: 'repaired' },
    { number: of(({ outcome }) => outcome === 'needs-person' || outcome === 'rolled-back'), word: 'not repaired' },
  ];
}

/** The story's own sentence, as every report, list and notice has it. */
function waiting(item: Item, most: number) {
  const [vm, words] = [cutTo(nameOf(item.vmId), most), cutTo(item.headline, most)];
  return {
    id: item.id,
    path: pathTo(item.id),
    vm,
    what: afterName(vm, words),
    since: when(item.since),
  };
}

function row(item: Item, most: number) {
  const ended = item.state === 'ended';
  return {
    ...{
      id: item.id,
      path: pathTo(item.id),
      vm: cutTo(nameOf(item.vmId), most),
      badge: badgeOfItem(item),
      found: item.stopCode === null ? null : cutTo(item.stopCode, most),
      by: cutTo(whoAsked(item.requestedBy), most),
    },
    group: cutTo(item.vmId.split('/')[4] ?? '', most),
    phase: ended ? '' : item.phase,
    what: cutTo(ended || item.state === 'waiting-approval' ? item.headline : doingNow(item), most),
    since: ended ? null : when(item.since),
    asked: moment(item.requestedAt),
  };
}

/** An alert is called by its resource id: its name says enough in a list. */
function whoAsked(by: string): string {
  return by.replace(/(^|\s)\/subscriptions\/\S*\/([^/\s]+)/gi, '$1$2');
}

/** Null where it is no time. */
export function when(at: string | null) {
  const told = at === null ? null : moment(at);
  return told?.iso == null ? null : told;
}

function caption(shown: number, wanted: number, start: number): string {
  const all = `${counted(wanted, 'repair')}, newest first`;
  return shown === wanted ? all : `${start + 1} to ${start + shown} of ${all}`;
}

function filters(all: Item[], query: Query) {
  const every = (word: string) => ({ value: '', word });
  const distinct = (values: (string | null)[]) =>
    [...new Set(values.filter(value => value !== null && value !== '' && value.length <= 100))].slice(0, mostChoices).toSorted();
  const states = [
    { value: 'open', word: 'not ended' },
    { value: 'waiting-approval', word: 'waits for a person' },
    { value: 'running', word: 'under way' },
    { value: 'queued', word: 'queued' },
    { value: 'ended', word: 'ended' },
    ...Object.entries(outcomeBadges).map(([value, { word }]) => ({ value, word: `ended: ${word.toLowerCase()}` })),
  ];
  const named = (values: (string | null)[]) => values.map(value => ({ value: value ?? '', word: value ?? '' }));
  const list = [
    { name: 'state', label: 'State', chosen: query.state, options: [every('any'), ...states] },
    {
      ...{ name: 'subscription', label: 'Subscription', chosen: query.subscription.toLowerCase() },
      options: [every('any'), ...named(distinct(all.map(({ vmId }) => subscriptionOf(vmId))))],
    },
    {
      ...{ name: 'finding', label: 'Found', chosen: query.finding },
      options: [every('anything'), ...named(distinct(all.map(({ stopCode }) => stopCode)))],
    },
  ];
  // What the address asks for is what the list shows, also where nothing has it.
  return list.map(filter =>
    filter.options.some(({ value }) => value === filter.chosen)
      ? filter
      : { ...filter, options: [...filter.options, { value: filter.chosen, word: filter.chosen }] },
  );
}

function address(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  return given.length === 0 ? '/api/ui' : `/api/ui?${new URLSearchParams(given)}`;
}
