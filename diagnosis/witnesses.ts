/** What the two witnesses of a console, its picture and its serial log, tell together. */
import { refined } from './advice.ts';
import { screenRecord, unreadStop } from './catalogue.ts';
import { type Failure, order, toFinding, weaker } from './failure.ts';
import type { Observation } from './observation.ts';
import { readConsole, type ScreenReading } from './screen.ts';
import type { SerialState } from './serial/signatures.ts';
import { readSerialLog, type SerialReading } from './serialLog.ts';
import type { Confidence, Diagnosis, Finding, Sight } from './types.ts';

export interface Witness<R> {
  reading: R;
  at: string;
  evidenceId: string;
}
export interface Seen {
  screen: Witness<ScreenReading> | null;
  serial: Witness<SerialReading> | null;
  /** Evidence there is, but from before the power event. */
  stale: string[];
}

export const later = (a: string, b: string) => Date.parse(a) > Date.parse(b);

/** Reads what is newer than the last power event; null = no such event is known, so nothing is known to be stale. */
export function see({ screenshot, serialLog }: Observation, since: string | null): Seen {
  const fresh = (at: string) => since === null || later(at, since);
  const stale = [
    ...(screenshot && !fresh(screenshot.at) ? [`the screenshot of ${screenshot.at}`] : []),
    ...(serialLog && !fresh(serialLog.at) ? [`the serial log of ${serialLog.at}`] : []),
  ];
  return {
    screen: screenshot && fresh(screenshot.at) ? { ...screenshot, reading: readConsole(screenshot.read) } : null,
    serial: serialLog && fresh(serialLog.at) ? { ...serialLog, reading: readSerialLog(serialLog.text) } : null,
    stale,
  };
}

/** Sights of a guest that is at work. */
const working: readonly Sight[] = ['sign-in', 'updating', 'undoing-changes', 'checking-disk', 'loading'];

export interface Told {
  failure: Failure;
  evidence: string[];
  at: string;
}

/** One of the two may have read only that there is a stop, not which. */
const sameFailure = (a: Failure, b: Failure): boolean =>
  a.entry.id === b.entry.id || [a, b].some(({ entry }, at) => entry.id === unreadStop.id && [b, a][at]?.entry.kind === 'stop');

function merged(seen: Failure, logged: Failure): Failure {
  const [best = logged] = [logged, seen]
    .filter(({ entry }) => entry.id !== unreadStop.id)
    .toSorted((a, b) => order.indexOf(a.confidence) - order.indexOf(b.confidence));
  return {
    ...best,
    parameters: logged.parameters.length > 0 ? logged.parameters : seen.parameters,
    whatFailed: logged.whatFailed ?? seen.whatFailed,
    basis: [...seen.basis.slice(0, 2), ...logged.basis.slice(0, 3)],
    contradictions: [...seen.contradictions, ...logged.contradictions],
  };
}

const doubt = (told: Told, confidence: Confidence, contradiction: string): Told => ({
  ...told,
  failure: {
    ...told.failure,
    confidence: weaker(told.failure.confidence, confidence),
    contradictions: [...told.failure.contradictions, contradiction],
  },
});

/** Two witnesses of one failure support each other; of two failures, each is doubted by the other. */
function tellTogether(seen: Told, logged: Told): Told[] {
  if (sameFailure(seen.failure, logged.failure)) {
    const at = later(seen.at, logged.at) ? seen.at : logged.at;
    return [{ failure: merged(seen.failure, logged.failure), evidence: [...seen.evidence, ...logged.evidence], at }];
  }
  return [
    doubt(seen, 'possible', `the serial log tells of ${logged.failure.entry.title}`),
    doubt(logged, 'possible', `the screen tells of ${seen.failure.entry.title}`),
  ];
}

/** Firmware that found nothing to boot says so without a code. */
function nothingToBoot({ state }: SerialReading): Failure | null {
  if (state?.state !== 'no-boot-device' && state?.state !== 'network-boot') return null;
  const entry = screenRecord({ id: 'eng-uefi-pxe', title: 'The firmware found nothing to boot' });
  return { entry, confidence: 'likely', parameters: [], whatFailed: null, basis: [state.text], contradictions: [] };
}

export function failuresOf({ screen, serial }: Seen): Told[] {
  const seen = screen?.reading.failure ? { failure: screen.reading.failure, evidence: [screen.evidenceId], at: screen.at } : null;
  const failure = serial && (serial.reading.failure ?? nothingToBoot(serial.reading));
  const logged = failure ? { failure, evidence: [serial.evidenceId], at: serial.at } : null;
  if (seen !== null && logged !== null) return tellTogether(seen, logged);
  if (logged === null) return seen === null ? [] : [seen];
  if (screen === null) return [logged];
  // The log goes on from boot to boot, and a guest at work is past the stop that it tells of.
  if (working.includes(screen.reading.sight)) return [];
  return [screen.reading.sight === 'black' ? doubt(logged, 'likely', 'the screen is black') : logged];
}

/** Whether a failure is seen, alone or beside the log, and not only logged. */
export const isOnScreen = ({ evidence }: Told, { screen }: Seen): boolean => screen !== null && evidence.includes(screen.evidenceId);

/** Best first. `build` of Windows, where the agent once told it, may choose between records of one code. */
export const ranked = (told: Told[], build: number | null): Finding[] =>
  told
    .map(({ failure, evidence }) =>
      toFinding({ ...failure, entry: refined(failure.entry, { whatFailed: failure.whatFailed, build }) }, evidence),
    )
    .toSorted((a, b) => order.indexOf(a.confidence) - order.indexOf(b.confidence));

/** What the log says that Windows is at work on, where the screen says nothing more. */
const loggedSights: Partial<Record<SerialState, Sight>> = {
  updating: 'updating',
  setup: 'updating',
  'undoing-changes': 'undoing-changes',
  'checking-disk': 'checking-disk',
  'linux-panic': 'linux-console',
  'linux-rescue': 'linux-console',
  'linux-login': 'linux-console',
};
/** A Setup that has given up says so in the same words in which it tells of its work. */
const loggedSight = (told: SerialReading['state']): Sight | undefined =>
  told?.state === 'setup' && /could not|cannot/i.test(told.text) ? 'setup-failed' : told === null ? undefined : loggedSights[told.state];
const mute: readonly Sight[] = ['black', 'blank', 'loading', 'unrecognised'];

export const sightOf = ({ screen, serial }: Seen): Sight => {
  const logged = loggedSight(serial?.reading.state ?? null);
  if (screen !== null) return logged && mute.includes(screen.reading.sight) ? logged : screen.reading.sight;
  const kind = serial?.reading.failure?.entry.kind;
  if (kind === undefined) return logged ?? 'nothing';
  return kind === 'boot-status' ? 'boot-manager-error' : 'stop-screen';
};

/** Boots that ended in the same stop before the present one. The log may lack the present one's: EMS says nothing of some stops. */
function earlierStops({ screen, serial }: Seen): number {
  if (serial === null) return 0;
  const { failure, stopsInARow, earlierStops: codes } = serial.reading;
  if (failure !== null) return Math.max(0, stopsInARow - 1);
  const shown = screen?.reading.failure?.entry.code;
  return shown !== undefined && shown === codes.at(-1) ? stopsInARow : 0;
}

/** How far Windows has come, and how often it has come to the same end. */
export const courseOf = (seen: Seen): Pick<Diagnosis, 'progress' | 'earlierStops'> => ({
  progress: seen.screen?.reading.progress ?? null,
  earlierStops: earlierStops(seen),
});
