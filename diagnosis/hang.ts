/**
 * A VM that hangs shows nothing that could be read: no stop, no error, no agent, and a log that has fallen silent. That is seen only by
 * looking twice, and both looks must be of the present: pictures from after the power event, the second one taken after the first look.
 */
import { screenRecord } from './catalogue.ts';
import { toFinding } from './failure.ts';
import type { Observation } from './observation.ts';
import type { Finding, Sight, Stillness } from './types.ts';
import { later, type Seen, sightOf } from './witnesses.ts';

/** Sights of a boot that goes on, or that hangs: only time can tell. Another one says what it is at. */
export const perhapsHanging: readonly Sight[] = ['black', 'blank', 'loading'];

/** Undefined where something is at work, or speaks of a failure; the caller knows that no agent answers. */
export function stillness({ vm, now }: Observation, seen: Seen): Stillness | undefined {
  const { screen, serial } = seen;
  const sight = sightOf(seen);
  if (vm.power !== 'running' || screen === null || !perhapsHanging.includes(sight)) return undefined;
  if (serial?.reading.failure || serial?.reading.progress === 'services') return undefined;
  return { at: now, trace: `${sight} ${screen.reading.progress ?? ''} ${serial?.evidenceId ?? ''}`.trim() };
}

/** Undefined until the same was seen long enough ago, and a picture was taken since. */
export function hangSince({ earlier }: Observation, seen: Seen, still: Stillness): Finding | undefined {
  const { screen, serial } = seen;
  if (earlier === undefined || screen === null || earlier.trace !== still.trace) return undefined;
  if (earlier.secondsAgo < earlier.least || !later(screen.at, earlier.at)) return undefined;
  const { sight, what } = screen.reading;
  const log =
    serial === null
      ? 'COM1 has said nothing'
      : `the serial log has not gone on, and ends with Windows ${serial.reading.progress === 'none' ? 'not yet starting' : 'starting'}`;
  const failure = {
    entry: screenRecord({ id: 'seen-hang', title: 'Windows hangs: it neither stops nor comes up' }),
    // A display that is switched off is black too.
    confidence: sight === 'loading' ? ('likely' as const) : ('possible' as const),
    ...{ parameters: [], whatFailed: null },
    basis: [
      `The screen showed ${what} at ${earlier.at} and at ${screen.at}`,
      log,
      `No agent has answered for ${Math.round(earlier.secondsAgo / 60)} minutes of watching`,
    ],
    contradictions: sight === 'loading' ? [] : ['a display that is switched off is black too'],
  };
  return toFinding(failure, [screen.evidenceId, ...(serial === null ? [] : [serial.evidenceId])]);
}
