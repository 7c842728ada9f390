/** The phases of one repair as a row of steps: what is done, what is under way, what is still to come. */
import type { View } from '../../functions/triggers/views.ts';
import { spansOf } from '../sections/chart.ts';
import { covered } from '../sections/stretches.ts';
import { shortDuration } from '../words.ts';

/** In the runbook's order (`orchestrations/repairVm.ts`). With a `?`: not every repair comes there, so it is shown only where one has. */
const track = [
  ...['inspect', 'see?', 'consent?', 'diagnose', 'plan', 'restart?', 'verify?', 'provision'],
  // Mode review probes a copy before it asks; who was asked restarts the VM only then.
  ...['probe?', 'consent?', 'restart?', 'verify?', 'protect', 'probe', 'repair', 'swap', 'verify'],
  ...['roll back?', 'report?', 'clean up'],
].map(name => ({ name: name.replace('?', ''), occasional: name.endsWith('?') }));
const words = { done: 'done', now: 'under way', ahead: 'still to come' };
/** A later version may have phases of its own. */
const mostSteps = 40;

type Course = Pick<View, 'state' | 'phase' | 'timeline'>;

/** Each phase with what it has taken so far. A repair that has ended shows those that it went through. */
export function phasesOf({ state, phase: present, timeline }: Course) {
  const ended = state === 'ended';
  const { placeOf, farthest } = walk();
  const entries = timeline.filter(({ phase }) => phase !== 'queued').map(entry => ({ entry, place: placeOf(entry.phase) }));
  const now = ended || present === '' || present === 'queued' ? null : placeOf(present);
  const steps = track.map(({ name, occasional }, key) => ({ place: key as number | string, name, due: !occasional && key > farthest() }));
  const others = [...entries.map(({ place }) => place), now].filter(place => typeof place === 'string');
  const all = [...steps, ...[...new Set(others)].map(name => ({ place: name, name, due: false }))];
  return all.slice(0, mostSteps).flatMap(({ place, name, due }, key) => {
    const own = entries.filter(each => each.place === place).map(({ entry }) => entry);
    const stepState = place === now ? ('now' as const) : own.length > 0 ? ('done' as const) : ('ahead' as const);
    if (stepState === 'ahead' && (ended || !due)) return [];
    const took = covered(spansOf(own));
    return [{ key, name, state: stepState, words: words[stepState], took: took >= 1 ? shortDuration(took) : null }];
  });
}

/** Goes along the track, phase by phase: what comes again is where it was before, unless it is still due. A phase that the track lacks is its own name. */
function walk() {
  let at = -1;
  const placeOf = (phase: string): number | string => {
    if (track[at]?.name === phase) return at;
    const ahead = track.findIndex(({ name }, key) => key > at && name === phase);
    const behind = track.slice(0, Math.max(0, at)).findLastIndex(({ name }) => name === phase);
    // A report is written now and then, and says nothing of how far the repair is.
    if (phase === 'report') return ahead < 0 ? behind : ahead;
    if (ahead >= 0) at = ahead;
    return ahead >= 0 ? ahead : behind >= 0 ? behind : phase;
  };
  return { placeOf, farthest: () => at };
}
