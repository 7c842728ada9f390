/**
 * A VM that hangs shows nothing that could be read: no stop, no error, no agent, and a log that has fallen silent. That is seen only by
 * looking twice, and both looks must be of the present: pictures from after the power event, the second one taken after the first look.
 */
import { screenRecord } from './catalogue.ts';
import { type Failure, toFinding } from './failure.ts';
import type { Observation } from './observation.ts';
import type { Finding, Sight, Stillness } from './types.ts';
import { later, type Seen, sightOf } from './witnesses.ts';

/** Sights of a boot that goes on, or that hangs: only time can tell. Another one says what it is at. */
export const perhapsHanging: readonly Sight[] = ['black', 'blank', 'loading'];

/** A menu has a time after which it goes on, mostly half a minute; one that stays waits for a key that nobody can press. */
const perhapsWaiting: readonly Sight[] = [...perhapsHanging, 'boot-menu'];

/** What it is that was seen twice. A display that is switched off is black too. */
function recordOf(sight: Sight): Pick<Failure, 'entry' | 'confidence' | 'contradictions'> {
  if (sight === 'boot-menu') {
    const entry = screenRecord({ id: 'azure-bootmenu', title: 'The boot menu waits for a person' });
    return { entry, confidence: 'likely', contradictions: [] };
  }
  const entry = screenRecord({ id: 'seen-hang', title: 'Windows hangs: it neither stops nor comes up' });
  if (sight === 'loading') return { entry, confidence: 'likely', contradictions: [] };
  return { entry, confidence: 'possible', contradictions: ['a display that is switched off is black too'] };
}

/** Undefined where something is at work, or speaks of a failure; the caller knows that no agent answers. */
export function stillness({ vm, now }: Observation, seen: Seen): Stillness | undefined {
  const { screen, serial } = seen;
  const sight = sightOf(seen);
  if (vm.power !== 'running' || screen === null || !perhapsWaiting.includes(sight)) return undefined;
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
    ...recordOf(sight),
    ...{ parameters: [], whatFailed: null },
    basis: [
      `The screen showed ${what} at ${earlier.at} and at ${screen.at}`,
      log,
      `No agent has answered for ${Math.round(earlier.secondsAgo / 60)} minutes of watching`,
    ],
  };
  return toFinding(failure, [screen.evidenceId, ...(serial === null ? [] : [serial.evidenceId])]);
}
