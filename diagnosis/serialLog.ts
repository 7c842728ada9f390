/**
 * COM1 as text -> how the last boot in it went. Windows writes there only what EMS is told to: the Special Administration Console,
 * and a stop as an XML block and plain text. The block's form is the kernel's own (HdlspSendBlueScreenInfo):
 * `BEL BEL BEL <?xml> BEL <BP> … <PROPERTY NAME="STOPCODE" TYPE="string"><VALUE>"0xEF"</VALUE></PROPERTY> … </BP> BEL`.
 */
import { type CatalogueEntry, knownCodes, normaliseCode, recordOf, unreadStop } from './catalogue.ts';
import { findName } from './codes.ts';
import type { Failure } from './failure.ts';
import { endsWithLabel, plain, says } from './languages/index.ts';

export interface SerialReading {
  failure: Failure | null;
  /** How far the last boot got, as the log tells it. `services`: the service control manager runs. */
  progress: 'none' | 'started' | 'services';
  system: 'windows' | 'linux' | null;
  /** Stop codes of earlier boots in the same log, oldest first. They say nothing of the present. */
  earlierStops: string[];
  /** The last lines that are not blank. */
  tail: string[];
}

/** The end of a log is enough; boots follow each other in minutes. */
const readLength = 4 * 1024 * 1024;

/** A computer that starts says one of these first. */
const bootMarkers =
  /Computer is booting, SAC started and initialized|^\s*Windows Boot Manager\s*$|\bBdsDxe: loading Boot|\bLinux version \d|^\s*GNU GRUB /gm;

const stopBlock = /<PROPERTY NAME="STOPCODE"[^>]{0,80}>\s{0,4}<VALUE>\s{0,4}"?(0x[0-9A-F]{1,8})"?/gi;

const escapeSequence = new RegExp(`${String.fromCharCode(27)}\\[[0-?]*[ -/]*([@-~])`, 'g');
const controls = /(?![\t\n])\p{Cc}/gu;

/** Without colours and control characters; a cursor move stands where a line ends on a real terminal. */
const cleaned = (text: string) =>
  text
    .slice(-readLength)
    .replace(escapeSequence, (_, final: string) => (final === 'm' ? '' : '\n'))
    .replaceAll('\r', '\n')
    .replace(controls, '');

function lastBoot(text: string): { boot: string; earlier: string } {
  const start = [...text.matchAll(bootMarkers)].at(-1)?.index ?? 0;
  return { boot: text.slice(start), earlier: text.slice(0, start) };
}

const stopCodesIn = (text: string) => [...text.matchAll(stopBlock)].flatMap(match => normaliseCode(match[1] ?? '') ?? []);

/** Four numbers, one a line, as the text after the block has them. */
function parametersBelow(lines: string[]): string[] {
  const start = lines.findIndex((_, at) => [0, 1, 2, 3].every(step => /^0x[0-9A-F]{8,16}$/i.test(lines[at + step] ?? '')));
  return start < 0 ? [] : lines.slice(start, start + 4);
}

const blamedIn = (lines: string[]) => lines.find(line => /^[\w~.-]{1,60}\.(?:sys|exe|dll)$/i.test(line)) ?? null;

function stop(entry: CatalogueEntry, confidence: Failure['confidence'], lines: string[], basis: string[]): Failure {
  return { entry, confidence, parameters: parametersBelow(lines), whatFailed: blamedIn(lines), basis, contradictions: [] };
}

/** The name that the text of a stop gives: on a line of its own, or after its label. */
function nameIn(lines: string[]): { entry: CatalogueEntry; exact: boolean; line: string } | undefined {
  for (const line of lines) {
    const name = findName(line);
    if (name !== undefined && (name.text === line || endsWithLabel('stopCode', plain(line.slice(0, name.at))))) return { ...name, line };
  }
  return undefined;
}

/** The last stop: its XML block, the old `*** STOP:` line, or the text alone. */
function stopIn(boot: string): Failure | undefined {
  const block = [...boot.matchAll(stopBlock)].at(-1);
  const code = normaliseCode(block?.[1] ?? '');
  if (block !== undefined && code !== undefined) {
    const lines = linesOf(boot.slice(block.index));
    const told = nameIn(lines);
    const failure = stop(recordOf(code, 'stop'), 'certain', lines, [block[0], ...(told === undefined ? [] : [told.line])]);
    const differs = told !== undefined && told.entry.code !== code && told.entry.id !== failure.entry.id;
    return differs ? { ...failure, confidence: 'likely', contradictions: [`the text below the block names ${told.entry.name}`] } : failure;
  }
  const lines = linesOf(boot);
  const old = lines.map(line => /\*\*\* STOP: (0x[0-9A-F]{1,8})(?:\s*\(([^)]*)\))?/i.exec(line)).findLast(match => match !== null);
  const oldCode = normaliseCode(old?.[1] ?? '');
  if (old && oldCode !== undefined) {
    const parameters = old[2]?.match(/0x[0-9A-F]+/gi)?.slice(0, 4) ?? [];
    return { ...stop(recordOf(oldCode, 'stop'), 'certain', lines, [old[0]]), parameters };
  }
  const sentence = lines.findLastIndex(line => says('stop', plain(line)));
  if (sentence < 0) return undefined;
  const told = nameIn(lines.slice(Math.max(0, sentence - 12), sentence + 12));
  return told === undefined
    ? stop(unreadStop, 'possible', lines.slice(sentence), lines.slice(sentence, sentence + 5))
    : stop(told.entry, told.exact ? 'likely' : 'possible', lines.slice(sentence), [told.line, lines[sentence] ?? '']);
}

/** A boot manager's page: a status after its label, and below its heading or beside a path on the disk. */
function bootErrorIn(lines: string[]): Failure | undefined {
  const at = lines.findLastIndex(
    line => /^\S[^:]{2,30}:\s*0xC[0-9A-F]{7}$/i.test(line) && endsWithLabel('bootStatus', plain(line.slice(0, line.indexOf(':')))),
  );
  const code = normaliseCode(/0xC[0-9A-F]{7}$/i.exec(lines[at] ?? '')?.[0] ?? '');
  if (code === undefined) return undefined;
  const page = lines.slice(Math.max(0, at - 20), at + 6);
  const file = page.map(line => /:\s*(\\\S.*)$/.exec(line)?.[1]).find(path => path !== undefined) ?? null;
  if (file === null && !page.some(line => says('bootManager', plain(line)))) return undefined;
  const confidence = knownCodes.has(code) ? 'certain' : 'likely';
  return { entry: recordOf(code, 'boot-status'), confidence, parameters: [], whatFailed: file, basis: page, contradictions: [] };
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .map(line => line.replace(/^!?SAC>/, '').trim())
    .filter(line => line !== '');

function progressOf(boot: string): Pick<SerialReading, 'progress' | 'system'> {
  if (/Linux version \d|\blogin:\s*$|systemd\[1\]/m.test(boot))
    return { progress: /\blogin:\s*$/m.test(boot) ? 'services' : 'started', system: 'linux' };
  if (/The CMD command is now available|Microsoft Azure VM Health Report/.test(boot)) return { progress: 'services', system: 'windows' };
  if (/SAC started and initialized|Windows Boot Manager/.test(boot)) return { progress: 'started', system: 'windows' };
  return { progress: 'none', system: null };
}

/** Reads the last boot of a log. Any text is accepted; only its last 4 MB are read. */
export function readSerialLog(text: string): SerialReading {
  const { boot, earlier } = lastBoot(cleaned(text));
  const lines = linesOf(boot);
  return {
    failure: stopIn(boot) ?? bootErrorIn(lines) ?? null,
    ...progressOf(boot),
    earlierStops: stopCodesIn(earlier),
    tail: lines.slice(-5),
  };
}
