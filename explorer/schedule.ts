/** What goes wrong in one repair, as data and as the short text by which it is ordered again. */

/** What was run adds up by the texts of schedules: a new base comes last, so that those of the others stay as they are. */
export const bases = ['web-en-02', 'app-nl-01', 'old-bad-04', 'just-died', 'just-started', 'in-review'] as const;
/**
 * One attempt that succeeds, two with a swap back between, one that is rolled back, a VM whose agent still seems to be ready from the boot
 * before, one of which nothing but that is known yet, and one whose plan a person approves.
 */
export type Base = (typeof bases)[number];

export const callFaults = [
  ...['400', '403', '404', '409', '412', '429', '429-wait', '500', '503'],
  ...['reset-before', 'reset-after', 'late-before', 'late-after', 'die'],
  ...['fails', 'fails-after-effect', 'partial', 'endless', 'late-success'],
  ...['mute', 'silent', 'garbage', 'cut-short', 'forged'],
] as const;
export type CallFault = (typeof callFaults)[number];
export const activityFaults = ['die-before', 'die-after'] as const;
export type ActivityFault = (typeof activityFaults)[number];
export const acts = [
  ...['start', 'powerOff', 'deallocate', 'retag', 'resize', 'snapshot', 'swap-back', 'swap-own'],
  ...['delete-vm', 'delete-copy', 'delete-original', 'delete-repair-vm', 'delete-group'],
] as const;
/** What a person does to the VM meanwhile. */
export type Act = (typeof acts)[number];

export const moments = ['again', 'cancel', 'stop', 'sweep', 'other', 'neighbour', 'next'] as const;
/**
 * What comes at the n-th call: a second repair of the same VM is asked for, the first one is cancelled, the host is stopped and started (as
 * a deployment does it), a sweep begins (and another one when all is over and expired), a VM of another or of the same resource group is
 * to be repaired too. `next`: n more repairs of the same VM, one after the other.
 */
export type Moment = (typeof moments)[number];

export type Event =
  /** `lasting`: the same call fails again whenever it is made. */
  | { on: 'call'; n: number; fault: CallFault; lasting: boolean }
  | { on: 'activity'; n: number; fault: ActivityFault }
  | { on: 'person'; n: number; act: Act }
  | { on: Moment; n: number };

export interface Schedule {
  base: Base;
  seed: string;
  events: Event[];
  /** A guessed rule of the simulator that is turned round. */
  flip?: string;
}

export function eventText(event: Event): string {
  if (event.on === 'call') return `c${event.n}=${event.fault}${event.lasting ? '*' : ''}`;
  if (event.on === 'activity') return `a${event.n}=${event.fault}`;
  if (event.on === 'person') return `p${event.n}=${event.act}`;
  return `${event.on}@${event.n}`;
}

/**
 * `web-en-02/1/c17=429,a4=die-after`: base, seed, and what happens at which call (c), activity (a) or by whom (p), or else (a moment's name);
 * `/nic-name` behind it: with that rule flipped.
 */
export const textOf = ({ base, seed, events, flip }: Schedule): string =>
  `${base}/${seed}/${events.map(eventText).join(',')}${flip === undefined ? '' : `/${flip}`}`;

/** @throws Error that says which word is not understood */
export function parseSchedule(text: string): Schedule {
  const [base = '', seed = '', list = '', flip] = text.split('/');
  return { base: word(bases, base), seed, events: list.split(',').filter(Boolean).map(parseEvent), ...(flip && { flip }) };
}

function parseEvent(text: string): Event {
  const [, moment, at] = /^([a-z]+)@(\d+)$/.exec(text) ?? [];
  if (moment) return { on: word(moments, moment), n: Number(at) };
  const [, kind, n, what = ''] = /^([cap])(\d+)=([\w-]+\*?)$/.exec(text) ?? [];
  if (kind === 'c') return { on: 'call', n: Number(n), fault: word(callFaults, what.replace('*', '')), lasting: what.endsWith('*') };
  if (kind === 'a') return { on: 'activity', n: Number(n), fault: word(activityFaults, what) };
  if (kind === 'p') return { on: 'person', n: Number(n), act: word(acts, what) };
  throw new Error(`'${text}' is no event: c17=429, a4=die-after, p9=start, cancel@8`);
}

function word<T extends string>(words: readonly T[], text: string): T {
  const found = words.find(each => each === text);
  if (found === undefined) throw new Error(`'${text}' is none of ${words.join(', ')}`);
  return found;
}
