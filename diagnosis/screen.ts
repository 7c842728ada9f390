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
  /** Percent, where it shows how far Windows has come. */
  progress: number | null;
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

/** 35 of a screen that says `35 %`. */
function progressOf(lines: ScreenLine[]): number | null {
  const percent = lines
    .map(({ text }) => /(?<!\d)(\d{1,3})\s?%/.exec(text)?.[1])
    .find(value => value !== undefined && Number(value) <= 100);
  return percent === undefined ? null : Number(percent);
}

function firmwareFailure(text: string, lines: ScreenLine[]): Failure | undefined {
  const screen = firmwareScreens.find(({ phrases }) => saysAny(phrases, text));
  return screen && screenFailure(screen, lines);
}

const waitingSights: { [topic in keyof typeof waitingScreens]: Sight } = {
  bitLocker: 'key-prompt',
  recovery: 'recovery-environment',
  setupFailed: 'setup-failed',
};

const screenFailure = (record: { id: string; title: string }, lines: ScreenLine[]): Failure => ({
  entry: screenRecord(record),
  confidence: 'likely',
  parameters: [],
  whatFailed: null,
  basis: basisOf(lines).map(({ text }) => text),
  regions: basisOf(lines).map(({ box }) => box),
  contradictions: [],
});

/** A lock screen has a clock and hardly anything else. */
const isLockScreen = (lines: ScreenLine[]) =>
  lines.length <= 4 && lines.some(({ text }) => /^\d{1,2}\s?[:.]\s?\d{2}(\s?[AP]M)?$/i.test(text));

const linuxSigns =
  /\blogin:\s*_?$|kernel panic|\bGNU GRUB\b|\bgrub rescue>|\bsystemd\b|\bdracut\b|\binitramfs\b|Linux version|emergency mode|Give root password/i;

const shows = (sight: Sight, what: string, failure: Failure | null = null, progress: number | null = null): ScreenReading => ({
  ...{ sight, what, progress, failure },
});

function readText(lines: ScreenLine[]): ScreenReading {
  const text = plain(lines.map(line => line.text).join(' '));
  // A Windows at work may name an error code beside its percentage; cutting its power would be the harm.
  const alone = !says('stop', text) && !says('bootManager', text);
  const calm = alone ? (atWorkOnDisk(text, lines) ?? linux(lines)) : undefined;
  if (calm !== undefined) return calm;
  const stop = stopFailure(lines, text);
  if (stop !== undefined) return shows('stop-screen', 'a Windows stop screen', stop, progressOf(lines));
  if (says('bootMenu', text)) return shows('boot-menu', 'the boot menu, which waits for a choice');
  const boot = bootFailure(lines, text) ?? firmwareFailure(text, lines);
  if (boot !== undefined) return shows('boot-manager-error', 'an error before Windows was loaded', boot);
  return waiting(text, lines, ['bitLocker', 'setupFailed']) ?? working(text, lines) ?? waiting(text, lines, ['recovery']) ?? other(lines);
}

function waiting(text: string, lines: ScreenLine[], topics: readonly (keyof typeof waitingScreens)[]): ScreenReading | undefined {
  const topic = topics.find(candidate => says(candidate, text));
  if (topic === undefined) return undefined;
  const failure = screenFailure(waitingScreens[topic], lines);
  return shows(waitingSights[topic], failure.entry.title, failure);
}

/** What must not be disturbed: an update, its undoing, a check of the disk. */
const disturbable: readonly Topic[] = ['signIn', 'loading'];
const atWorkOnDisk = (text: string, lines: ScreenLine[]) =>
  working(
    text,
    lines,
    atWork.filter(([topic]) => !disturbable.includes(topic)),
  );

function working(text: string, lines: ScreenLine[], topics = atWork): ScreenReading | undefined {
  const found = topics.find(([topic]) => says(topic, text));
  if (found === undefined) return undefined;
  const [, sight, what] = found;
  const progress = progressOf(lines);
  return shows(sight, progress === null ? what : `${what} (${progress} %)`, null, progress);
}

const linux = (lines: ScreenLine[]) =>
  lines.some(line => linuxSigns.test(line.text)) ? shows('linux-console', 'a Linux console') : undefined;

function other(lines: ScreenLine[]): ScreenReading {
  if (isLockScreen(lines)) return shows('sign-in', 'the lock screen');
  return linux(lines) ?? shows('unrecognised', 'a text that is not understood');
}

/** More text than any console shows at once (a text screen of 1024 x 768 has 6,144 characters): what is beyond it is not read, for searching it takes minutes. */
const most = { ofLine: 300, inAll: 8000 };

function bounded(lines: ScreenLine[]): ScreenLine[] {
  let left = most.inAll;
  return lines.flatMap(line => {
    const text = line.text.slice(0, Math.min(most.ofLine, left));
    left -= text.length;
    return text === '' ? [] : [{ ...line, text }];
  });
}

/** What a picture shows. A text that is not understood is `unrecognised`, never a sign of health. */
export function readConsole(read: ScreenRead): ScreenReading {
  if (read.blank === 'black') return shows('black', 'nothing: it is black');
  if (read.blank === 'blank') return shows('blank', 'one colour and nothing on it');
  // Something is drawn and none of it is text: a logo, as every boot shows it.
  return read.lines.length === 0 ? shows('loading', 'a logo or picture without text') : readText(bounded(read.lines));
}
