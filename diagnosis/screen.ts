/** Lines of a console picture -> what it shows, and the failure it tells of, if any. */
import type { ScreenLine, ScreenRead } from '../ocr/types.ts';
import { screenRecord } from './catalogue.ts';
import type { Failure } from './failure.ts';
import { firmwareScreens, waitingScreens } from './knownStops.ts';
import { plain, says, saysAny, type Topic } from './languages/index.ts';
import { basisOf, bootFailure, stopFailure } from './screenFailures.ts';
import type { Sight } from './types.ts';

export interface ScreenReading {
  sight: Sight;
  /** What is to be seen, as the end of "the screen shows …". */
  what: string;
  failure: Failure | null;
}

/** What is at work, by topic, in the order in which it is looked for. */
const atWork: readonly (readonly [Topic, Sight, string])[] = [
  ['undoing', 'undoing-changes', 'Windows undoing an update'],
  ['updating', 'updating', 'Windows updating or configuring itself'],
  ['checkingDisk', 'checking-disk', 'Windows checking a disk'],
  ['signIn', 'sign-in', 'the sign-in screen'],
  ['loading', 'loading', 'Windows starting'],
];

/** `35 %` of a screen that shows its progress. */
function progressOf(lines: ScreenLine[]): string {
  const percent = lines
    .map(({ text }) => /(?<!\d)(\d{1,3})\s?%/.exec(text)?.[1])
    .find(value => value !== undefined && Number(value) <= 100);
  return percent === undefined ? '' : ` (${percent} %)`;
}

function waitingFailure(text: string, lines: ScreenLine[], topics: readonly (keyof typeof waitingScreens)[]): Failure | undefined {
  const topic = topics.find(candidate => says(candidate, text));
  return topic && screenFailure(waitingScreens[topic], lines);
}

function firmwareFailure(text: string, lines: ScreenLine[]): Failure | undefined {
  const screen = firmwareScreens.find(({ phrases }) => saysAny(phrases, text));
  return screen && screenFailure(screen, lines);
}

const screenFailure = (record: { id: string; title: string }, lines: ScreenLine[]): Failure => ({
  entry: screenRecord(record),
  confidence: 'likely',
  parameters: [],
  whatFailed: null,
  basis: basisOf(lines),
  contradictions: [],
});

/** A lock screen has a clock and hardly anything else. */
const isLockScreen = (lines: ScreenLine[]) =>
  lines.length <= 4 && lines.some(({ text }) => /^\d{1,2}\s?[:.]\s?\d{2}(\s?[AP]M)?$/i.test(text));

const linuxSigns = /\blogin:|kernel panic|\bGNU GRUB\b|\bsystemd\b|\bdracut\b|\binitramfs\b|Linux version/i;

function readText(lines: ScreenLine[]): ScreenReading {
  const text = plain(lines.map(line => line.text).join(' '));
  const stop = stopFailure(lines, text);
  if (stop !== undefined) return { sight: 'stop-screen', what: 'a Windows stop screen', failure: stop };
  if (says('bootMenu', text)) return { sight: 'unrecognised', what: 'the boot menu, which waits for a choice', failure: null };
  const boot = bootFailure(lines, text) ?? firmwareFailure(text, lines);
  if (boot !== undefined) return { sight: 'boot-manager-error', what: 'an error before Windows was loaded', failure: boot };
  const waiting = waitingFailure(text, lines, ['bitLocker', 'setupFailed']);
  if (waiting !== undefined) return { sight: 'unrecognised', what: waiting.entry.title, failure: waiting };
  for (const [topic, sight, what] of atWork) {
    if (says(topic, text)) return { sight, what: `${what}${progressOf(lines)}`, failure: null };
  }
  const recovery = waitingFailure(text, lines, ['recovery']);
  if (recovery !== undefined) return { sight: 'unrecognised', what: recovery.entry.title, failure: recovery };
  if (isLockScreen(lines)) return { sight: 'sign-in', what: 'the lock screen', failure: null };
  const isLinux = lines.some(line => linuxSigns.test(line.text));
  return { sight: 'unrecognised', what: isLinux ? 'a Linux console' : 'a text that is not understood', failure: null };
}

/** What a picture shows. A text that is not understood is `unrecognised`, never a sign of health. */
export function readConsole(read: ScreenRead): ScreenReading {
  if (read.blank === 'black') return { sight: 'black', what: 'nothing: it is black', failure: null };
  if (read.blank === 'blank') return { sight: 'unrecognised', what: 'one colour and nothing on it', failure: null };
  // Something is drawn and none of it is text: a logo, as every boot shows it.
  return read.lines.length === 0 ? { sight: 'loading', what: 'a logo or picture without text', failure: null } : readText(read.lines);
}
